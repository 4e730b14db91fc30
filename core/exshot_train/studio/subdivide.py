"""Catmull-Clark subdivision as a sparse matrix, made once per topology and applied to any shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Matrix = Any  # scipy.sparse.csr_matrix; its stubs do not follow products


@dataclass(frozen=True)
class Subdivision:
    """One level of smoothing: ``fine = matrix @ coarse``.

    Attributes:
        matrix: ``(n_fine, n_coarse)`` sparse weights; rows sum to 1.
        corners: fine polygons, ``(4f, 4)``; half of a split triangle's polygons stay quads.
        parents: coarse polygon of every fine one, ``(4f,)``.
    """

    matrix: Matrix
    corners: Ints
    parents: Ints


def subdivide(corners: Ints, count: int, smooth: bool = True) -> Subdivision:
    """Split every polygon at its middle and its edges' middles.

    Args:
        corners: ``(f, 4)`` vertex indices; a triangle repeats its last corner.
        count: number of coarse vertices.
        smooth: False keeps coarse vertices in place (texture coordinates, flat parts).
    """
    triangle = corners[:, 2] == corners[:, 3]
    following = np.roll(corners, -1, axis=1)
    real = corners != following  # the repeated corner of a triangle has no edge
    edges = np.sort(np.stack([corners[real], following[real]], 1), 1)
    unique, inverse, uses = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    edge_of = np.full(corners.shape, -1, np.int64)
    edge_of[real] = count + inverse.ravel()
    edge_of[triangle, 2] = edge_of[triangle, 3]  # the edge from corner 2 back to corner 0
    middle = count + len(unique) + np.arange(len(corners))

    face_mean = _face_means(corners, triangle, count)
    ends: Matrix = sparse.csr_matrix(
        (np.full(2 * len(unique), 0.5), (np.repeat(np.arange(len(unique)), 2), unique.ravel())),
        (len(unique), count),
    )
    points: Matrix = sparse.identity(count, format="csr")
    edge_points = ends
    if smooth:
        face_of_edge = np.nonzero(real)[0]
        points, edge_points = _smoothed(face_mean, ends, unique, inverse, uses, face_of_edge)
    fine = _split(corners, triangle, edge_of, middle)
    parents = np.tile(np.arange(len(corners)), 4)
    keep = fine[:, 0] >= 0
    matrix: Matrix = sparse.vstack([points, edge_points, face_mean])
    return Subdivision(matrix.tocsr(), fine[keep], parents[keep])


def _face_means(corners: Ints, triangle: NDArray[np.bool_], count: int) -> Matrix:
    weights = np.where(triangle[:, None], [1 / 3, 1 / 3, 1 / 3, 0], [0.25] * 4)
    rows = np.repeat(np.arange(len(corners)), 4)
    return sparse.csr_matrix((weights.ravel(), (rows, corners.ravel())), (len(corners), count))


def _smoothed(
    face_mean: Matrix,
    ends: Matrix,
    unique: Ints,
    inverse: Ints,
    uses: Ints,
    face_of_edge: Ints,
) -> tuple[Matrix, Matrix]:
    """Catmull and Clark's rules for coarse and edge points, with their border rules."""
    count = ends.shape[1]
    inner = uses == 2
    faces_at_edge = sparse.csr_matrix(
        (np.ones(len(face_of_edge)), (inverse.ravel(), face_of_edge)),
        (len(unique), face_mean.shape[0]),
    )
    edge_points: Matrix = sparse.diags(np.where(inner, 0.5, 1.0)) @ ends + sparse.diags(
        np.where(inner, 0.25, 0.0)
    ) @ (faces_at_edge @ face_mean)

    edges_at = sparse.csr_matrix(
        (np.ones(2 * len(unique)), (unique.ravel(), np.repeat(np.arange(len(unique)), 2))),
        (count, len(unique)),
    )
    faces_at = (face_mean.T > 0).astype(float)
    degree = np.maximum(np.asarray(edges_at.sum(1)).ravel(), 1)
    face_degree = np.maximum(np.asarray(faces_at.sum(1)).ravel(), 1)
    borders_at = edges_at @ sparse.diags((~inner).astype(float))
    border_degree = np.asarray(borders_at.sum(1)).ravel()
    alone = np.asarray(faces_at.sum(1)).ravel() == 0
    on_border = border_degree > 0
    smooth = (
        sparse.diags(1 / (degree * face_degree)) @ (faces_at @ face_mean)
        + sparse.diags(2 / degree**2) @ (edges_at @ ends)
        + sparse.diags((degree - 3) / degree)
    )
    border = 0.5 * sparse.identity(count) + sparse.diags(0.5 / np.maximum(border_degree, 1)) @ (
        borders_at @ ends
    )
    points: Matrix = (
        sparse.diags((~on_border & ~alone).astype(float)) @ smooth
        + sparse.diags((on_border & ~alone).astype(float)) @ border
        + sparse.diags(alone.astype(float))
    )
    return points.tocsr(), edge_points.tocsr()


def _split(corners: Ints, triangle: NDArray[np.bool_], edge_of: Ints, middle: Ints) -> Ints:
    """Four (for triangles three) quads around each polygon's middle; absent ones are -1."""
    quads = []
    for k in range(4):
        before = edge_of[:, k - 1].copy()
        if k == 0:
            before[triangle] = edge_of[triangle, 2]
        quad = np.stack([corners[:, k], edge_of[:, k], middle, before], 1)
        if k == 3:
            quad[triangle] = -1
        quads.append(quad)
    return np.concatenate(quads)
