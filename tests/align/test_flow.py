"""Warp maps against cases that can be worked out by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from align.meshes import posed_mesh

from exshot.align.flow import compute_maps, identity_flow, seen_surface, vertex_normals
from exshot.face.topology import FACE_OVAL
from exshot.image.sampling import ramp

SIZE = 512
NO_FIELDS = np.zeros((478, 0), np.float32)


def test_identity_in_identity_out() -> None:
    mesh = posed_mesh()
    maps, _ = compute_maps(mesh, mesh, seen_surface(mesh, SIZE), NO_FIELDS, SIZE)
    grid = identity_flow(SIZE)
    assert np.abs(maps.flow_pose - grid).max() < 0.05
    assert np.abs(maps.flow_expression - grid)[maps.reach].max() < 0.05


def test_a_turn_in_the_picture_plane_is_the_analytic_flow() -> None:
    pose, expression = posed_mesh(), posed_mesh(roll=20, width=240, centre=270)
    maps, _ = compute_maps(pose, pose, seen_surface(expression, SIZE), NO_FIELDS, SIZE)
    angle, scale = np.radians(20), 240 / 200
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = (identity_flow(SIZE) - 256) @ turn.T + 270
    assert np.abs(maps.flow_expression - expected)[maps.face].max() < 0.05


@pytest.mark.parametrize("yaw", [55, -55])
def test_a_half_profile_hides_the_far_cheek(yaw: float) -> None:
    pose = posed_mesh()
    expression = posed_mesh(yaw)
    near, far = (454, 234) if expression[454, 2] < expression[234, 2] else (234, 454)
    maps, _ = compute_maps(pose, pose, seen_surface(expression, SIZE), NO_FIELDS, SIZE)
    middle = pose[4, :2]

    def seen(share: float, vertex: int) -> float:
        x, y = (middle + share * (pose[vertex, :2] - middle)).round().astype(int)
        return float(maps.visibility[y - 3 : y + 4, x - 3 : x + 4].mean())

    assert seen(0.9, far) < 0.2
    assert seen(0.7, near) > 0.9


def test_outside_the_rings_the_pose_photo_stays_put() -> None:
    pose, target = posed_mesh(), posed_mesh()
    target[list(FACE_OVAL), 1] += 10
    maps, _ = compute_maps(target, pose, seen_surface(pose, SIZE), NO_FIELDS, SIZE)
    still = ~maps.reach
    assert np.array_equal(maps.flow_pose[still], identity_flow(SIZE)[still])
    assert np.isfinite(maps.flow_expression).all()


def test_what_lies_beside_a_face_bends_no_further_than_its_contour_moves() -> None:
    pose = posed_mesh()
    target = pose.copy()
    step = 0.02 * float(np.ptp(pose[:, 1]))
    target[:, 1] += step * ramp(pose[:, 1], *np.quantile(pose[:, 1], (0.6, 0.9)))
    maps, _ = compute_maps(target, pose, seen_surface(pose, SIZE), NO_FIELDS, SIZE)
    moved = np.abs(maps.flow_pose - identity_flow(SIZE)).max(axis=2)
    chin = round(float(target[152, 1]))
    below = moved[chin:, SIZE // 2]
    assert below[0] > 0.5 * step
    assert below[round(4 * step) :].max() < 0.1


@pytest.mark.parametrize("yaw", [28, -28])
def test_the_far_contour_of_a_turned_head_does_not_tear(yaw: float) -> None:
    pose = posed_mesh(yaw)
    target = pose.copy()
    target[:, 1] += 20 * ramp(pose[:, 1], *np.quantile(pose[:, 1], (0.6, 0.9)))
    maps, _ = compute_maps(target, pose, seen_surface(pose, SIZE), NO_FIELDS, SIZE)
    move = maps.flow_pose - identity_flow(SIZE)
    assert move.min() < -18
    assert np.abs(np.diff(move, axis=1)).max() < 3  # 5 where it tears


def test_normals_of_a_frontal_face_look_at_the_camera() -> None:
    normals = vertex_normals(posed_mesh())
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-3)
    assert normals[4, 2] < -0.7  # tip of the nose
    assert normals[234, 0] < 0 < normals[454, 0]  # cheeks look outward


def test_fields_are_spread_over_the_face_only() -> None:
    mesh = posed_mesh()
    maps, fields = compute_maps(
        mesh, mesh, seen_surface(mesh, SIZE), np.ones((478, 2), np.float32), SIZE
    )
    inside = cv2.erode(maps.face.astype(np.uint8), np.ones((5, 5))) > 0
    np.testing.assert_allclose(fields[inside], 1, atol=1e-4)
    outside = cv2.dilate(maps.face.astype(np.uint8), np.ones((5, 5))) == 0
    assert not fields[outside].any()
