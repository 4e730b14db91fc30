"""The canonical geometry that every later stage indexes into."""

from __future__ import annotations

import numpy as np
import pytest

from exshot.face import topology
from exshot.face.topology import load_topology


def test_canonical_model_has_the_documented_shapes_and_cannot_be_changed():
    model = load_topology()
    assert model.vertices.shape == (468, 3)
    assert model.vertices.dtype == np.float32
    assert model.triangles.shape == (898, 3)
    assert model.triangles.dtype == np.int32
    assert model.uv.shape == (468, 2)
    assert model.procrustes_indices.shape == model.procrustes_weights.shape == (33,)
    assert model.triangles.max() == 467
    with pytest.raises(ValueError, match="read-only"):
        model.vertices[0] = 0
    assert load_topology() is model


def boundary_loops(triangles: np.ndarray) -> list[frozenset[int]]:
    """Vertex sets of the borders: edges that belong to one triangle only."""
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    unique, counts = np.unique(edges, axis=0, return_counts=True)
    parent = {int(v): int(v) for v in unique[counts == 1].ravel()}

    def root(vertex: int) -> int:
        while parent[vertex] != vertex:
            vertex = parent[vertex]
        return vertex

    for a, b in unique[counts == 1]:
        parent[root(int(a))] = root(int(b))
    groups: dict[int, set[int]] = {}
    for vertex in parent:
        groups.setdefault(root(vertex), set()).add(vertex)
    return [frozenset(group) for group in groups.values()]


def test_mesh_fills_the_face_oval_without_a_hole():
    assert boundary_loops(load_topology().triangles) == [frozenset(topology.FACE_OVAL)]


@pytest.mark.parametrize("name", ["LIPS_INNER", "LEFT_EYE", "RIGHT_EYE"])
def test_openings_of_eyes_and_mouth_are_filled_from_rim_to_rim(name: str):
    ring = getattr(topology, name)
    model = load_topology()
    filling = model.triangles[model.inside(ring)]
    assert len(filling) == len(ring) - 2
    assert boundary_loops(filling) == [frozenset(ring)]


@pytest.mark.parametrize(
    "name",
    [
        *("FACE_OVAL", "LIPS_OUTER", "LIPS_INNER"),
        *("LEFT_EYE", "RIGHT_EYE", "LEFT_BROW", "RIGHT_BROW"),
    ],
)
def test_rings_run_clockwise_in_the_picture_without_repeats(name: str):
    ring = list(getattr(topology, name))
    assert len(set(ring)) == len(ring)
    x, y = load_topology().vertices[ring, 0], -load_topology().vertices[ring, 1]
    doubled_area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    assert doubled_area > 0  # positive is clockwise where y points down


@pytest.mark.parametrize("name", ["FACE_OVAL", "LIPS_OUTER", "LIPS_INNER", "LEFT_EYE", "RIGHT_EYE"])
def test_neighbours_in_a_ring_share_an_edge_of_the_mesh(name: str):
    ring = getattr(topology, name)
    triangles = load_topology().triangles
    edges = {frozenset(map(int, pair)) for t in triangles for pair in (t[:2], t[1:], t[[0, 2]])}
    pairs = zip(ring, (*ring[1:], ring[0]))
    assert all(frozenset(pair) in edges for pair in pairs)


def test_left_and_right_are_the_persons_own():
    x = load_topology().vertices[:, 0]
    assert x[list(topology.LEFT_EYE)].min() > 0 > x[list(topology.RIGHT_EYE)].max()
    assert x[list(topology.LEFT_BROW)].min() > 0 > x[list(topology.RIGHT_BROW)].max()


def test_there_are_52_distinct_blendshape_names():
    assert len(set(topology.BLENDSHAPE_NAMES)) == 52
