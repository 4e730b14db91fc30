"""Retargeting moves the expression and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh
from hypothesis import given, settings
from hypothesis import strategies as st

from exshot.align.regions import mobility, region_basis
from exshot.align.retarget import EYES, opening, retarget, rigid_fit
from exshot.face.similarity import fit_similarity
from exshot.face.topology import FACE_OVAL, LIPS_INNER, LIPS_OUTER, RIGHT_IRIS
from exshot.options import REGIONS, EditOptions, RegionWeights

LIPS = list({*LIPS_INNER, *LIPS_OUTER})


def smiling(mesh: np.ndarray, amount: float = 8) -> np.ndarray:
    """Corners of the mouth up, the lower lip down."""
    out = mesh.copy()
    out[[61, 291, 78, 308], 1] -= amount
    out[[17, 14, 87, 317], 1] += amount
    return out


@given(
    yaw=st.floats(-40, 40),
    pitch=st.floats(-25, 25),
    roll=st.floats(-60, 60),
    width=st.floats(60, 400),
)
@settings(max_examples=30, deadline=None)
def test_another_head_pose_alone_changes_nothing(
    yaw: float, pitch: float, roll: float, width: float
) -> None:
    pose, expression = posed_mesh(), posed_mesh(yaw, pitch, roll, width=width, centre=300)
    target = retarget(pose, expression, EditOptions())
    np.testing.assert_allclose(target[:468], pose[:468], atol=0.05)


def test_strength_zero_is_the_pose_mesh_and_one_carries_the_mouth() -> None:
    pose = posed_mesh()
    expression = smiling(posed_mesh(20, 5, 8))
    none = retarget(pose, expression, EditOptions(strength=0))
    np.testing.assert_allclose(none, pose, atol=1e-4)
    half = retarget(pose, expression, EditOptions(strength=0.5))
    whole = retarget(pose, expression, EditOptions(strength=1.0))
    np.testing.assert_allclose(half - pose, (whole - pose) / 2, atol=1e-3)
    assert np.abs(whole[LIPS] - pose[LIPS]).max() > 4


def test_a_raised_brow_does_not_tilt_the_head() -> None:
    pose = posed_mesh()
    expression = posed_mesh(10)
    expression[[105, 334, 66, 296, 104, 333], 1] -= 12
    moved = rigid_fit(expression, pose)(expression)
    assert np.abs(moved[[6, 168, 33, 263]] - pose[[6, 168, 33, 263]]).max() < 3


def test_only_the_chosen_region_moves() -> None:
    pose = posed_mesh()
    expression = smiling(posed_mesh())
    expression[[159, 386], 1] += 5  # lids
    nothing = dict.fromkeys(REGIONS, 0.0)
    only_eyes = retarget(
        pose, expression, EditOptions(regions=RegionWeights(**{**nothing, "eyes": 1.0}))
    )
    assert np.abs(only_eyes[[17, 14]] - pose[[17, 14]]).max() < 0.5
    assert np.abs(only_eyes[[159, 386]] - pose[[159, 386]]).max() > 3


def test_hair_and_ears_stay_where_they_are() -> None:
    pose = posed_mesh()
    expression = posed_mesh(15) + np.random.default_rng(0).normal(0, 2, (478, 3)).astype(np.float32)
    moved = np.abs(retarget(pose, expression, EditOptions()) - pose)
    upper_oval = [v for v in FACE_OVAL if mobility()[v] == 0]
    assert len(upper_oval) > 10
    assert moved[upper_oval].max() == 0


def test_gaze_from_the_pose_photo_keeps_the_iris_in_place() -> None:
    pose, expression = posed_mesh(), posed_mesh(12)
    pose[list(RIGHT_IRIS), 0] += 4  # looks aside
    kept = retarget(pose, expression, EditOptions(gaze="pose"))
    taken = retarget(pose, expression, EditOptions(gaze="expression"))
    assert abs(kept[RIGHT_IRIS[0], 0] - pose[RIGHT_IRIS[0], 0]) < 0.3
    assert abs(taken[RIGHT_IRIS[0], 0] - pose[RIGHT_IRIS[0], 0]) > 3


def test_region_shares_of_a_vertex_add_up_to_one() -> None:
    basis = region_basis()
    np.testing.assert_allclose(basis.sum(axis=1), 1, atol=1e-5)
    assert basis.min() >= 0


def test_a_mirror_image_is_never_fitted() -> None:
    points = np.random.default_rng(1).normal(size=(20, 3))
    similarity = fit_similarity(points, points * [-1, 1, 1], np.ones(20))
    assert np.linalg.det(similarity.rotation) == pytest.approx(1)


@pytest.mark.parametrize(
    ("before", "after", "meant"),
    [
        (0.13, 0.11, 0.0),  # what two fits of one squint differ by
        (0.13, 0.02, 1.0),  # shuts
        (0.25, 0.18, 1.0),  # an open eye
        (0.11, 0.13, 1.0),  # opens
    ],
)
def test_a_narrow_eye_is_made_narrower_only_where_it_shuts(
    before: float, after: float, meant: float
) -> None:
    pose, expression = with_eyes(before), with_eyes(after)
    start, wanted = mean_opening(pose), mean_opening(expression)
    found = mean_opening(retarget(pose, expression, EditOptions()))
    assert abs((found - start) / (wanted - start) - meant) < 0.15


def mean_opening(mesh: np.ndarray) -> float:
    return float(np.mean([opening(mesh, ring) for ring, _ in EYES]))


def with_eyes(wanted: float) -> np.ndarray:
    """A face whose eyes have this opening."""
    mesh = posed_mesh()
    for ring, _ in EYES:
        lids = mesh[list(ring)]
        middle = lids[[0, len(ring) // 2], 1].mean()
        mesh[list(ring), 1] = middle + (lids[:, 1] - middle) * wanted / opening(mesh, ring)
    return mesh
