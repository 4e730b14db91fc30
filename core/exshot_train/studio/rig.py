"""Cameras of the studio: five around the sitter, synchronised, pinhole without distortion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SENSOR_MM = 36.0


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    ``pixel = focal * (x / z, y / z) + centre`` with ``(x, y, z) = rotation @ (p - position)``:
    camera axes right, down, forward. Pixel centres are integers.

    Attributes:
        position: ``(3,)`` decimetres, studio frame.
        rotation: ``(3, 3)``, rows are the camera's right, down and forward directions.
        focal: focal length in pixels.
        width, height: of the picture, pixels.
    """

    position: Floats
    rotation: Floats
    focal: float
    width: int
    height: int

    @property
    def centre(self) -> tuple[float, float]:
        return (self.width - 1) / 2, (self.height - 1) / 2

    def project(self, points: Floats) -> Floats:
        """Pixels and depth, ``(n, 3)``: x, y, distance along the camera's axis in decimetres."""
        local = (points - self.position) @ self.rotation.T
        centre = np.array(self.centre)
        return np.concatenate([local[:, :2] / local[:, 2:] * self.focal + centre, local[:, 2:]], 1)

    def rays(self) -> Floats:
        """Unit directions through every pixel's centre, ``(height, width, 3)``, studio frame."""
        x, y = np.meshgrid(np.arange(self.width), np.arange(self.height))
        cx, cy = self.centre
        local = np.stack([x - cx, y - cy, np.full_like(x, self.focal, float)], -1)
        rays = local @ self.rotation
        return rays / np.linalg.norm(rays, axis=-1, keepdims=True)


def look_at(
    target: Floats,
    yaw: float,
    pitch: float,
    lens_mm: float,
    face_px: float,
    size: tuple[int, int],
    shift: tuple[float, float] = (0.0, 0.0),
    roll: float = 0.0,
) -> Camera:
    """A camera on a sphere around the face.

    Args:
        target: ``(3,)`` point between the eyes.
        yaw: degrees around the sitter, positive toward the sitter's left.
        pitch: degrees above the eyes.
        lens_mm: focal length on a 36 mm wide square sensor; shorter stands nearer.
        face_px: pixels that one decimetre at the target takes.
        size: width and height, pixels.
        shift: where the target lies from the middle, as a share of the shorter side (right, down).
        roll: degrees that the camera leans.
    """
    a, b, c = np.radians([yaw, pitch, roll])
    outward = np.array([np.sin(a) * np.cos(b), np.sin(b), np.cos(a) * np.cos(b)])
    side = min(size)
    focal = lens_mm / SENSOR_MM * side
    right = np.array([np.cos(a), 0.0, -np.sin(a)])
    down = np.cross(-outward, right)
    axes = np.stack([np.cos(c) * right + np.sin(c) * down, np.cos(c) * down - np.sin(c) * right])
    rotation = np.concatenate([axes, -outward[None]])
    distance = focal / face_px
    offset = (axes * np.array(shift)[:, None] * side / face_px).sum(0)
    return Camera(target + outward * distance - offset, rotation, focal, *size)
