"""All parts of a head as one list of triangles: what is drawn, stored and followed by flow.

The order of triangles and vertices depends only on which part files a person wears, so two heads
of one person share it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.head import KINDS, Head, Part

_LENS_RADIUS = 0.9  # decimetres, of a usual lens


@dataclass(frozen=True)
class Soup:
    """Triangles of a head.

    Attributes:
        vertices: ``(n, 3)`` float32, decimetres, studio frame.
        normals: ``(n, 3)`` float32 unit vectors; on eyeballs they point out of the ball's centre.
        triangles: ``(m, 3)`` int32.
        uv: ``(m, 3, 2)`` float32, origin lower left.
        kinds: ``(m,)`` uint8 index into ``KINDS``.
        part_triangles: half-open range of triangles of every part, in the head's order.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    triangles: NDArray[np.int32]
    uv: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    part_triangles: tuple[tuple[int, int], ...]


def triangulate(head: Head) -> Soup:
    """Join the parts; every quad becomes two triangles along its first diagonal."""
    vertices, normals, triangles, uv, kinds, ranges = [], [], [], [], [], []
    first_vertex = first_triangle = 0
    for part in head.parts:
        order = np.array([[0, 1, 2], [0, 2, 3]])
        corners = part.corners[:, order].reshape(-1, 3)
        uv_corners = part.uv_corners[:, order].reshape(-1, 3)
        real = corners[:, 1] != corners[:, 2]  # a triangle's second half is empty
        corners, uv_corners = corners[real], uv_corners[real]
        vertices.append(part.vertices)
        normals.append(_normals(part))
        triangles.append(corners + first_vertex)
        uv.append(part.uv[uv_corners])
        kinds.append(np.full(len(corners), KINDS.index(part.kind), np.uint8))
        ranges.append((first_triangle, first_triangle + len(corners)))
        first_vertex += len(part.vertices)
        first_triangle += len(corners)
    return Soup(
        np.concatenate(vertices).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(uv).astype(np.float32),
        np.concatenate(kinds),
        tuple(ranges),
    )


def _normals(part: Part) -> NDArray[np.float64]:
    """A ball's normals stand in for the cornea's, which is clear and not drawn."""
    vertices = part.vertices
    if part.kind == "lens":
        return _bulging(vertices, part.normals())
    if part.kind != "eye":
        return part.normals()
    outward = vertices.copy()
    middle = vertices[:, 0].mean()
    for side in (vertices[:, 0] > middle, vertices[:, 0] <= middle):
        outward[side] -= vertices[side].mean(0)
    return outward / np.linalg.norm(outward, axis=1, keepdims=True)


def _bulging(vertices: NDArray[np.float64], normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normals of lenses, each bent as a sphere is: the meshes are nearly flat.

    ``vertices`` are those of both lenses; a head leans too little for them to change sides.
    """
    bent = normals * np.where((normals * normals.mean(0)).sum(1, keepdims=True) < 0, -1, 1)
    middle = vertices[:, 0].mean()
    for side in (vertices[:, 0] > middle, vertices[:, 0] <= middle):
        away = vertices[side] - vertices[side].mean(0)
        away -= (away * bent[side]).sum(1, keepdims=True) * bent[side]
        bent[side] += away / _LENS_RADIUS
    return bent / np.linalg.norm(bent, axis=1, keepdims=True)
