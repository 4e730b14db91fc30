"""A photo under another head pose: face and rings turn, the photo's far surroundings stay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.align.surface import surface, with_rings
from exshot.face.face import MESH_VERTICES
from exshot.face.head_pose import FRONTAL, rotation_of
from exshot.face.topology import CANONICAL_VERTICES, FACE_OVAL
from exshot.image.rasterise import rasterise

_OUTER: Final = ((1.9, 0.8), (2.6, 0.35), (6.0, 0.0))
"""Rings outside those of the warp: radius in face ovals, share of the turn that they follow."""

_CENTRE_DEPTH: Final = 0.45  # of the face width behind the middle of the mesh: the neck's axis
_RING: Final = len(FACE_OVAL)


@dataclass(frozen=True)
class Turn:
    """Change of a head pose: degrees, a factor, and pixels as a share of the face width."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    scale: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0


def random_turn(rng: np.random.Generator, yaw: float = 20.0) -> Turn:
    """A turn that still looks photographic: up to ``yaw`` degrees, half of it up and down."""
    return Turn(
        yaw=float(rng.uniform(-yaw, yaw)),
        pitch=float(rng.uniform(-yaw / 2, yaw / 2)),
        roll=float(rng.uniform(-14, 14)),
        scale=float(rng.uniform(0.92, 1.08)),
        shift_x=float(rng.uniform(-0.06, 0.06)),
        shift_y=float(rng.uniform(-0.06, 0.06)),
    )


def turn_mesh(mesh: NDArray[np.floating], turn: Turn) -> NDArray[np.float64]:
    """The mesh after a turn about the neck's axis, ``(478, 3)``."""
    return _turned(mesh.astype(np.float64), mesh, turn)


def repose(
    photo: NDArray[np.uint8], mesh: NDArray[np.floating], target: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """Draw the photo so that its mesh lies at ``target``, a rigidly moved copy of it.

    Args:
        photo: ``(h, w, 3)``; the result has the same shape.
        mesh, target: ``(478, 3)`` pixels.
    """
    source = _with_surroundings(mesh)
    aim = _with_surroundings(target)
    first = MESH_VERTICES
    aim[first:] = source[first:] + _shares()[:, None] * (aim[first:] - source[first:])
    height, width = photo.shape[:2]
    size = max(height, width)
    raster = rasterise(aim, _triangles(), (size, size))
    flow = raster.interpolate(source[:, :2])
    still = ~raster.covered
    flow[still] = identity_flow(size)[still]
    flow = flow[:height, :width]
    return cv2.remap(
        photo, flow[..., 0], flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def _turned(
    points: NDArray[np.float64], mesh: NDArray[np.floating], turn: Turn
) -> NDArray[np.float64]:
    width = float(np.ptp(mesh[:CANONICAL_VERTICES, 0]))
    centre = mesh[:CANONICAL_VERTICES].mean(axis=0)
    centre[2] += _CENTRE_DEPTH * width
    rotation = rotation_of(turn.yaw, turn.pitch, turn.roll) @ FRONTAL
    moved = turn.scale * (points - centre) @ rotation.T + centre
    moved[:, :2] += np.array([turn.shift_x, turn.shift_y]) * width
    return moved


def _with_surroundings(mesh: NDArray[np.floating]) -> NDArray[np.float64]:
    inner = with_rings(mesh)
    oval = mesh[list(FACE_OVAL)].astype(np.float64)
    centre = oval.mean(axis=0)
    depth = float(np.ptp(mesh[:CANONICAL_VERTICES, 0]))
    rings = [inner]
    for scale, _ in _OUTER:
        ring = centre + scale * (oval - centre)
        ring[:, 2] = oval[:, 2] + (scale - 1) * depth
        rings.append(ring)
    return np.concatenate(rings)


@lru_cache(maxsize=1)
def _shares() -> NDArray[np.float64]:
    """How far every vertex beyond the mesh follows the turn."""
    inner = surface().vertices - MESH_VERTICES
    outer = [np.full(_RING, share) for _, share in _OUTER]
    return np.concatenate([np.ones(inner), *outer])


@lru_cache(maxsize=1)
def _triangles() -> NDArray[np.int32]:
    shape = surface()
    parts: list[NDArray[np.integer]] = [shape.triangles]
    start = shape.vertices - _RING
    for _ in _OUTER:
        inner = start + np.arange(_RING)
        outer = inner + _RING
        parts.append(np.stack([inner, outer, np.roll(outer, -1)], axis=1))
        parts.append(np.stack([inner, np.roll(outer, -1), np.roll(inner, -1)], axis=1))
        start += _RING
    return np.concatenate(parts).astype(np.int32)
