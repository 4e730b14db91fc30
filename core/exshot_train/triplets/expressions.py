"""Changes of expression as mesh deltas, and a photo redrawn with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import compute_maps, seen_surface
from exshot.align.retarget import rigid_fit
from exshot.face.face import MESH_VERTICES, Face
from exshot.face.topology import (
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
    load_topology,
)

_EYES: Final = ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS))
_BROWS: Final = (LEFT_BROW, RIGHT_BROW)
_LOWER_LIP: Final = (*LIPS_OUTER[11:], *LIPS_INNER[11:])
_CHIN: Final = (152, 148, 377, 176, 400, 149, 378, 150, 379, 199, 175, 18, 200, 17)
_NO_FIELDS: Final = np.zeros((MESH_VERTICES, 0))


def measured_delta(neutral: Face, other: Face) -> NDArray[np.float64]:
    """How an expression moves a face, ``(478, 3)`` in canonical axes and face scales.

    Both are fits of one person. Pixels of another face follow by `apply_delta`.
    """
    moved = rigid_fit(other.mesh, neutral.mesh)(other.mesh) - neutral.mesh
    pose = neutral.head_pose
    return (moved @ pose.rotation) / pose.scale


def apply_delta(face: Face, delta: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mesh of a face after a change of expression, ``(478, 3)`` pixels."""
    pose = face.head_pose
    return face.mesh + pose.scale * (delta @ pose.rotation.T)


def random_delta(
    rng: np.random.Generator, measured: Sequence[NDArray[np.floating]]
) -> NDArray[np.float64]:
    """A random expression as a delta: smiles of real people, mixed with single movements."""
    delta = np.zeros((MESH_VERTICES, 3))
    if measured and rng.random() < 0.75:
        delta += measured[int(rng.integers(len(measured)))] * rng.uniform(-0.9, 1.25)
    if rng.random() < 0.5:
        delta += open_jaw(float(rng.uniform(-0.4, 2.4)))
    if rng.random() < 0.5:
        both = rng.random() < 0.7
        amounts = np.full(2, rng.uniform(-0.35, 0.8)) if both else rng.uniform(-0.35, 0.8, 2)
        delta += raise_brows(float(amounts[0]), float(amounts[1]))
    if rng.random() < 0.45:
        delta += widen_mouth(float(rng.uniform(-0.5, 0.35)), float(rng.uniform(-0.25, 0.25)))
    if rng.random() < 0.45:
        both = rng.random() < 0.8
        amounts = np.full(2, rng.uniform(-0.3, 0.8)) if both else rng.uniform(-0.3, 0.9, 2)
        delta += close_eyes(float(amounts[0]), float(amounts[1]))
    return delta


def open_jaw(centimetres: float) -> NDArray[np.float64]:
    """Lower lip, chin and jaw move down by this much at the chin."""
    delta = np.zeros((MESH_VERTICES, 3))
    delta[:, 1] = -centimetres * np.maximum(_near(_CHIN, 2.2), _near(_LOWER_LIP, 0.9))
    # The upper lip holds still, however near it lies to the lower one.
    upper = (*LIPS_OUTER[:11], *LIPS_INNER[:11])
    delta[list(upper), 1] = 0
    return delta


def raise_brows(left: float, right: float) -> NDArray[np.float64]:
    """Brows move up by centimetres."""
    delta = np.zeros((MESH_VERTICES, 3))
    for amount, brow in zip((left, right), _BROWS, strict=True):
        delta[:, 1] += amount * _near(brow, 1.3)
    return delta


def widen_mouth(centimetres: float, sideways: float) -> NDArray[np.float64]:
    """Corners of the mouth move apart by twice this much, the whole mouth sideways."""
    weight = _near((*LIPS_OUTER, *LIPS_INNER), 1.4)
    across = np.clip(_points()[:, 0] / 2.5, -1.2, 1.2)
    delta = np.zeros((MESH_VERTICES, 3))
    delta[:, 0] = weight * (centimetres * across + sideways)
    return delta


def close_eyes(left: float, right: float) -> NDArray[np.float64]:
    """Lids move together by this share of the opening; negative opens wider. Irises stay."""
    points = _points()
    delta = np.zeros((MESH_VERTICES, 3))
    for amount, (ring, iris) in zip((left, right), _EYES, strict=True):
        middle = points[list(ring), 1].mean()
        weight = _near(ring, 0.7)
        delta[:, 1] -= amount * weight * np.clip(points[:, 1] - middle, -0.8, 0.8)
        delta[list(iris)] = 0
    return delta


def redraw(
    photo: NDArray[np.uint8], mesh: NDArray[np.floating], target: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """The photo with its mesh moved to ``target``: one head pose, another expression."""
    height, width = photo.shape[:2]
    size = max(height, width)
    maps, _ = compute_maps(target, mesh, seen_surface(mesh, size), _NO_FIELDS, size)
    flow = maps.flow_pose[:height, :width]
    return cv2.remap(
        photo, flow[..., 0], flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def _points() -> NDArray[np.float64]:
    """Canonical vertices; irises lie at the middle of their eyes."""
    vertices = load_topology().vertices
    points = np.zeros((MESH_VERTICES, 3))
    points[: len(vertices)] = vertices
    for ring, iris in _EYES:
        points[list(iris)] = vertices[list(ring)].mean(axis=0)
    return points


def _near(seeds: Sequence[int], softness: float) -> NDArray[np.float64]:
    """Gaussian of the distance to the nearest seed, centimetres, ``(478,)``; irises included."""
    points = _points()
    apart = np.linalg.norm(points[:, None] - points[list(seeds)][None], axis=2).min(axis=1)
    return np.exp(-((apart / softness) ** 2))
