"""Geometry of the studio on plain shapes: cameras, smoothing, exact flow."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the studio's optional dependencies are not installed")

from exshot_train.studio.flow import ViewGeometry, depth_map, exact_flow
from exshot_train.studio.rig import Camera, look_at
from exshot_train.studio.subdivide import subdivide

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
CUBE_QUADS = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
# Two squares facing the camera, the second in front of the first's right half.
SQUARES = np.array(
    [[-2, -2, 0], [2, -2, 0], [2, 2, 0], [-2, 2, 0], [0, -2, 2], [2, -2, 2], [2, 2, 2], [0, 2, 2]],
    np.float32,
)
TRIANGLES = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], np.int32)


def front(x: float = 0.0, yaw: float = 0.0) -> Camera:
    return look_at(np.array([x, 0.0, 0.0]), yaw, 0, 50, 12, (64, 64))


def drawn(camera: Camera, vertices: np.ndarray) -> ViewGeometry:
    """What a z-buffer would draw, by casting a ray through every pixel at every triangle."""
    rays = camera.rays().reshape(-1, 3)
    nearest = np.full(len(rays), np.inf)
    numbers = np.full(len(rays), -1, np.int32)
    for number, (a, b, c) in enumerate(vertices[TRIANGLES].astype(float)):
        for k, ray in enumerate(rays):
            solved = np.linalg.solve(np.stack([b - a, c - a, -ray], 1), camera.position - a)
            u, v, t = solved
            if u >= 0 and v >= 0 and u + v <= 1 and 0 < t < nearest[k]:
                nearest[k], numbers[k] = t, number
    return ViewGeometry(vertices, numbers.reshape(camera.height, camera.width), camera)


def test_the_target_of_a_camera_is_seen_in_the_middle_at_the_asked_size() -> None:
    camera = look_at(np.array([0.3, 7.0, 1.0]), 25, -8, 35, 150, (512, 512))
    x, y, depth = camera.project(np.array([[0.3, 7.0, 1.0]]))[0]
    assert (x, y) == pytest.approx((255.5, 255.5))
    assert camera.focal / depth == pytest.approx(150)


def test_a_camera_to_the_sitters_left_stands_there() -> None:
    assert look_at(np.zeros(3), 30, 0, 50, 100, (64, 64)).position[0] > 0


def test_rays_pass_through_the_pixels_they_belong_to() -> None:
    camera = look_at(np.array([0.0, 7.0, 1.0]), -20, 5, 35, 20, (64, 48), (0.1, 0.05), 4)
    point = camera.position + 9 * camera.rays()[10, 50]
    assert camera.project(point[None])[0, :2] == pytest.approx((50, 10))


def test_smoothing_keeps_a_cube_closed_and_rounds_it() -> None:
    fine = subdivide(CUBE_QUADS, len(CUBE))
    vertices = fine.matrix @ CUBE
    assert np.asarray(fine.matrix.sum(1)).ravel() == pytest.approx(np.ones(26))
    assert len(fine.corners) == 24
    assert np.linalg.norm(vertices[:8], axis=1) == pytest.approx(np.full(8, 5 / 9 * 3**0.5))
    edges = np.sort(np.stack([fine.corners, np.roll(fine.corners, -1, 1)], -1).reshape(-1, 2), 1)
    assert set(np.unique(edges, axis=0, return_counts=True)[1]) == {2}


def test_smoothing_leaves_flat_borders_straight() -> None:
    square = np.array([[0.0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]])
    quads = np.array([[0, 1, 2, 3]])
    vertices = subdivide(quads, 4, smooth=False).matrix @ square
    assert vertices[:4] == pytest.approx(square)
    assert vertices[4] == pytest.approx([1, 0, 0])


def test_a_triangle_becomes_three_quads() -> None:
    fine = subdivide(np.array([[0, 1, 2, 2]]), 3)
    assert len(fine.corners) == 3
    assert fine.corners.min() >= 0


def test_flow_between_two_equal_views_is_the_identity() -> None:
    view = drawn(front(), SQUARES)
    flow, visible = exact_flow(view, view, TRIANGLES)
    grid = np.stack(np.meshgrid(np.arange(64), np.arange(64)), -1)
    shown = view.numbers >= 0
    assert np.abs(flow - grid)[shown].max() < 1e-3
    assert visible[shown].all()
    assert not visible[~shown].any()


def test_flow_follows_a_sideways_step_of_the_camera() -> None:
    target, source = drawn(front(), SQUARES), drawn(front(0.5), SQUARES)
    flow, _ = exact_flow(target, source, TRIANGLES)
    back = (target.numbers >= 0) & (target.numbers < 2)
    columns = np.broadcast_to(np.arange(64), (64, 64))
    assert (flow[..., 0] - columns)[back] == pytest.approx(-6.0, abs=1e-3)


def test_what_the_source_hides_is_not_visible() -> None:
    # From the sitter's left the nearer square hides more of the farther one.
    target, source = drawn(front(), SQUARES), drawn(front(yaw=20), SQUARES)
    _, visible = exact_flow(target, source, TRIANGLES)
    back = (target.numbers >= 0) & (target.numbers < 2)
    front_square = target.numbers >= 2
    assert 0.3 < visible[back].mean() < 0.7
    assert visible[front_square].mean() > 0.95


def test_depth_is_measured_along_the_cameras_axis() -> None:
    view = drawn(front(), SQUARES)
    depth = depth_map(view, TRIANGLES)
    distance = np.linalg.norm(view.camera.position)
    assert depth[view.numbers >= 2] == pytest.approx(distance - 2)
    assert depth[view.numbers < 0].max() == 0


def test_flow_follows_the_shape_from_one_expression_to_another() -> None:
    moved = SQUARES.copy()
    moved[4:, 1] += 0.5  # the nearer square rises
    target, source = drawn(front(), SQUARES), drawn(front(), moved)
    flow, _ = exact_flow(target, source, TRIANGLES)
    near = target.numbers >= 2
    rows = np.broadcast_to(np.arange(64)[:, None], (64, 64))
    assert ((flow[..., 1] - rows)[near] < -5).all()
