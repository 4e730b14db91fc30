"""The surface that is drawn: the face mesh, its openings, and a ring around the face oval."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.topology import (
    CANONICAL_VERTICES,
    FACE_OVAL,
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_EYE,
    RIGHT_IRIS,
    load_topology,
)

_EYES: Final = ((LEFT_EYE, LEFT_IRIS[0]), (RIGHT_EYE, RIGHT_IRIS[0]))
RING_SHARES: Final = (0.4, 1.0)
"""Where the inner rings around the face oval lie, as shares of what is told as their reach."""
OUTERMOST: Final = 0.55
"""How far the last ring lies outside the oval, in radii of the oval."""
RINGS: Final = len(RING_SHARES) + 1
_REACH: Final = 0.30  # of the inner rings where nothing else is wanted

_IRIS_REACH: Final = 0.6  # the iris stays within this share of the way to the eye's rim


@dataclass(frozen=True)
class Surface:
    """Fixed triangles over 478 mesh vertices followed by the rings.

    Attributes:
        triangles: ``(t, 3)`` int32: first the face, then the ring.
        face_triangles: how many of them lie inside the face oval.
        vertices: number of vertices, rings included.
    """

    triangles: NDArray[np.int32]
    face_triangles: int
    vertices: int


@lru_cache(maxsize=1)
def surface() -> Surface:
    """Build the triangles once.

    The canonical triangles cover the mouth opening; those over the eyes are replaced by a fan
    around the iris, so that moving the iris moves the gaze.
    """
    topology = load_topology()
    triangles = topology.triangles
    keep = ~(topology.inside(LEFT_EYE) | topology.inside(RIGHT_EYE))
    face = [triangles[keep]]
    for ring, iris in _EYES:
        following = np.roll(ring, -1)
        face.append(np.stack([ring, np.full(len(ring), iris), following], axis=1))
    face_triangles = sum(len(part) for part in face)

    around = np.arange(len(FACE_OVAL))
    rings = [np.array(FACE_OVAL)]
    rings += [MESH_VERTICES + step * len(around) + around for step in range(RINGS)]
    outside = []
    for inner, outer in zip(rings, rings[1:], strict=False):
        inner_next, outer_next = np.roll(inner, -1), np.roll(outer, -1)
        outside.append(np.stack([inner, outer, outer_next], axis=1))
        outside.append(np.stack([inner, outer_next, inner_next], axis=1))
    every = np.concatenate([*face, *outside]).astype(np.int32)
    every.flags.writeable = False
    return Surface(every, face_triangles, MESH_VERTICES + RINGS * len(FACE_OVAL))


def with_rings(
    mesh: NDArray[np.floating], reach: float | NDArray[np.floating] = _REACH
) -> NDArray[np.float64]:
    """Mesh vertices followed by the rings around its face oval, ``(vertices, 3)``.

    Rings lie on rays from the oval's centre in the picture plane and step back from the viewer,
    so that the face hides them where they overlap. The inner ones lie within ``reach`` radii of the
    oval, a number or one for each of its vertices, less than `OUTERMOST`. The irises are pulled
    into the eye opening where the fit put them on or beyond a lid.
    """
    mesh = mesh.astype(np.float64)
    for ring, iris in _EYES:
        mesh[iris] = _inside_opening(mesh[list(ring)], mesh[iris])
    oval = mesh[list(FACE_OVAL)]
    centre = oval.mean(axis=0)
    depth = np.ptp(mesh[:CANONICAL_VERTICES, 0])
    rings = []
    inner = np.broadcast_to(np.asarray(reach, np.float64), len(oval))
    for beyond in (*(share * inner for share in RING_SHARES), np.full(len(oval), OUTERMOST)):
        ring = centre + (1 + beyond)[:, None] * (oval - centre)
        ring[:, 2] = oval[:, 2] + beyond * depth
        rings.append(ring)
    return np.concatenate([mesh, *rings])


def _inside_opening(ring: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pull a point toward the ring's middle until it lies well inside the opening."""
    middle = ring.mean(axis=0)
    offset = (point - middle)[:2]
    distance = float(np.hypot(*offset))
    if distance < 1e-6:
        return middle
    # Largest step along the offset that stays left of every edge of the (nearly convex) ring.
    edges = np.roll(ring, -1, axis=0)[:, :2] - ring[:, :2]
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
    gap = ((ring[:, :2] - middle[:2]) * normals).sum(axis=1)
    normals *= np.sign(gap)[:, None]
    speed = normals @ offset
    steps = np.abs(gap)[speed > 1e-9] / speed[speed > 1e-9]
    reach = min(1.0, _IRIS_REACH * float(steps.min())) if len(steps) else 1.0
    out = middle.copy()
    out[:2] += reach * offset
    return out
