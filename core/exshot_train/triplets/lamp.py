"""A hard lamp on a photo: shadows with edges and highlights, which no irradiance has.

Second-order harmonics (`exshot_train.triplets.light`) explain soft light. A flash or the sun also
throws the shadow of the nose and shines on forehead and cheeks; both photos of an edit seldom have
them in the same place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import vertex_normals
from exshot.align.surface import surface, with_rings
from exshot.face.topology import CANONICAL_VERTICES
from exshot.image.rasterise import rasterise
from exshot.image.sampling import blur, sample_at
from exshot_train.studio.lights import to_linear
from exshot_train.triplets.light import developed

_WORK_SIZE: Final = 128
_SHADOW_SIZE: Final = 96
_SHADOW_SLACK: Final = 0.03  # of the face width, by which a surface does not shade itself
_RAYS: Final = 5  # directions that stand for the lamp's width
_CARRIED: Final = (2.0, 5.0, 12.0, 30.0)  # sigmas, working pixels, of what lies beside the face


@dataclass(frozen=True)
class Lamp:
    """A lamp far away; angles in degrees as seen from the sitter's front.

    Attributes:
        side, height: where it stands, to the picture's right and up.
        width: standard deviation of the directions its light comes from.
        share: of the whole light, in [0, 1].
        shine: brightness of the highlight, of paper white.
        gloss: exponent of the highlight (Blinn 1977).
    """

    side: float
    height: float
    width: float
    share: float
    shine: float
    gloss: float


def random_lamp(rng: np.random.Generator) -> Lamp:
    """From a flash at the camera to the low sun."""
    return Lamp(
        side=float(rng.uniform(-65, 65)),
        height=float(rng.uniform(-5, 60)),
        width=float(rng.uniform(0.5, 5)),
        share=float(rng.uniform(0.25, 0.75)),
        shine=float(rng.uniform(0, 0.35) * rng.random()),
        gloss=float(np.exp(rng.uniform(np.log(6), np.log(40)))),
    )


def strike(
    photo: NDArray[np.uint8],
    mesh: NDArray[np.floating],
    lamp: Lamp,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The photo as if a lamp had taken over a share of its light.

    The mean brightness of the face stays, but for the highlight.

    Args:
        photo: ``(h, w, 3)`` sRGB.
        mesh: ``(478, 3)`` pixels of it.
    """
    height, width = photo.shape[:2]
    scale = _WORK_SIZE / max(height, width)
    vertices = with_rings(mesh * scale)
    normals = np.zeros((len(vertices), 3))
    normals[:CANONICAL_VERTICES] = vertex_normals(mesh)
    normals[CANONICAL_VERTICES:] = (0, 0, -1)
    diffuse, shine = np.zeros(len(vertices)), np.zeros(len(vertices))
    for _ in range(_RAYS):
        away = rng.normal(0, lamp.width, 2)
        towards = _direction(lamp.side + away[0], lamp.height + away[1])
        lit = _lit(vertices, towards)
        half = towards + np.array([0.0, 0.0, -1.0])
        half /= np.linalg.norm(half)
        diffuse += lit * np.maximum(normals @ towards, 0) / _RAYS
        shine += lit * np.maximum(normals @ half, 0) ** lamp.gloss / _RAYS
    shape = surface()
    raster = rasterise(vertices, shape.triangles[: shape.face_triangles], (_WORK_SIZE, _WORK_SIZE))
    values = raster.interpolate(np.stack([diffuse, shine], axis=1))
    face = raster.covered.astype(np.float32)
    mean = max(float((values[..., 0] * face).sum() / max(face.sum(), 1)), 0.05)
    ratio = 1 - lamp.share + lamp.share * values[..., :1] / mean
    both = np.concatenate([ratio, lamp.shine * values[..., 1:]], axis=2)
    both = _carried(both, face)
    high, wide = round(height * scale), round(width * scale)
    full = cv2.resize(both[:high, :wide], (width, height), interpolation=cv2.INTER_CUBIC)
    linear = to_linear(photo.astype(np.float32) / 255)
    return developed(linear * np.maximum(full[..., :1], 0.02) + np.maximum(full[..., 1:], 0))


def _direction(side: float, height: float) -> NDArray[np.float64]:
    """Unit vector to the lamp; pictures have y down and z away from the viewer."""
    a, b = np.radians(side), np.radians(height)
    return np.array([np.cos(b) * np.sin(a), -np.sin(b), -np.cos(b) * np.cos(a)])


def _lit(vertices: NDArray[np.floating], towards: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for every vertex that the lamp reaches, else 0: a shadow map (Williams 1978)."""
    x_axis = np.cross([0.0, 1.0, 0.0], -towards)
    x_axis /= np.linalg.norm(x_axis)
    rotation = np.stack([x_axis, np.cross(-towards, x_axis), -towards])
    seen = vertices @ rotation.T
    low = seen[:, :2].min(axis=0)
    extent = float(np.ptp(seen[:, :2], axis=0).max())
    seen = (seen - np.append(low, 0)) * ((_SHADOW_SIZE - 1) / extent)
    shape = surface()
    raster = rasterise(seen, shape.triangles[: shape.face_triangles], (_SHADOW_SIZE, _SHADOW_SIZE))
    depth = raster.interpolate(seen[:, 2:], outside=1e6)
    nearest = sample_at(depth, seen[None, :, :2].astype(np.float32)).reshape(-1)
    slack = _SHADOW_SLACK * float(np.ptp(vertices[:CANONICAL_VERTICES, 0]))
    return (seen[:, 2] <= nearest + slack * (_SHADOW_SIZE - 1) / extent).astype(np.float64)


def _carried(values: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Continued beyond the face: neck and hair stand in about the same light."""
    inside = values * known[..., None]
    total, share = np.zeros_like(values), np.zeros_like(known)
    for power, sigma in enumerate(_CARRIED):
        total += 0.05**power * blur(inside, sigma)
        share += np.float32(0.05**power) * blur(known, sigma)
    return np.where(known[..., None] > 0, values, total / np.maximum(share, 1e-9)[..., None])
