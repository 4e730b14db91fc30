"""Head pose: known turns of the canonical model come back as the angles that made them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exshot.face.head_pose import FRONTAL, head_pose_of, rotation_of
from exshot.face.topology import NOSE_TIP, load_topology


def posed(yaw: float, pitch: float, roll: float, scale: float = 20.0) -> np.ndarray:
    """The canonical model as a mesh in a photo."""
    turned = load_topology().vertices @ rotation_of(yaw, pitch, roll).T * scale
    return (turned + np.array([300.0, 200.0, 5.0])).astype(np.float32)


def test_a_frontal_face_has_no_angles():
    pose = head_pose_of(posed(0, 0, 0))
    np.testing.assert_allclose([pose.yaw, pose.pitch, pose.roll], 0, atol=1e-3)
    np.testing.assert_allclose(pose.rotation, FRONTAL, atol=1e-5)
    np.testing.assert_allclose(pose.translation, [300, 200, 5], atol=1e-2)
    assert pose.scale == pytest.approx(20, rel=1e-4)


@settings(deadline=None)
@given(yaw=st.floats(-80, 80), pitch=st.floats(-70, 70), roll=st.floats(-170, 170))
def test_known_turns_are_recovered(yaw: float, pitch: float, roll: float):
    mesh = posed(yaw, pitch, roll)
    pose = head_pose_of(mesh)
    np.testing.assert_allclose([pose.yaw, pose.pitch, pose.roll], [yaw, pitch, roll], atol=0.02)
    laid_on = pose.scale * load_topology().vertices @ pose.rotation.T + pose.translation
    np.testing.assert_allclose(laid_on, mesh, atol=0.02)


def nose_offset(mesh: np.ndarray) -> np.ndarray:
    return mesh[NOSE_TIP] - mesh.mean(axis=0)


def test_positive_yaw_faces_the_right_of_the_picture():
    assert nose_offset(posed(30, 0, 0))[0] > nose_offset(posed(0, 0, 0))[0] + 20


def test_positive_pitch_looks_up():
    assert nose_offset(posed(0, 30, 0))[1] < nose_offset(posed(0, 0, 0))[1] - 20


def test_positive_roll_tilts_clockwise():
    mesh = posed(0, 0, 30)
    left_eye, right_eye = mesh[263], mesh[33]
    assert left_eye[0] > right_eye[0]
    assert left_eye[1] > right_eye[1]  # y points down


def test_a_mesh_without_extent_gives_a_finite_pose():
    pose = head_pose_of(np.zeros((478, 3), np.float32))
    assert pose.scale > 0
    assert np.isfinite(pose.rotation).all()
    assert np.isfinite([pose.yaw, pose.pitch, pose.roll]).all()


def test_a_moved_expression_hardly_moves_the_head_pose():
    mesh = posed(20, -10, 5)
    mesh[[13, 14, 17, 152, 199]] += [0, 25, 0]  # the jaw drops
    pose = head_pose_of(mesh)
    np.testing.assert_allclose([pose.yaw, pose.pitch, pose.roll], [20, -10, 5], atol=0.5)
