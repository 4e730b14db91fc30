"""Where the pose photo's own skin stays."""

from __future__ import annotations

import numpy as np
import pytest

from exshot.align.flow import identity_flow
from exshot.draw.own_skin import own_skin, strain
from exshot.image.sampling import Map

SIZE, WORK = 128, 64
FACE_WIDTH = 60.0


def kept(log_gain: float, features: Map | None = None, squeeze: float = 0.0) -> Map:
    fine = np.full((SIZE, SIZE, 3), log_gain, np.float32)
    if features is None:
        features = np.zeros((SIZE, SIZE), np.float32)
    flow = identity_flow(SIZE).copy()
    flow[..., 0] += squeeze * (flow[..., 0] - SIZE / 2)
    return own_skin(fine, features, flow, FACE_WIDTH, WORK)


def test_light_that_was_matched_leaves_all_to_the_expression_photo() -> None:
    np.testing.assert_array_equal(kept(0.015), 0)


@pytest.mark.parametrize("sign", [-1, 1])
def test_skin_whose_light_had_to_be_redrawn_stays(sign: int) -> None:
    np.testing.assert_allclose(kept(sign * 0.1), 1, atol=1e-5)


def test_eyes_and_mouth_are_the_expression_photos_in_any_light() -> None:
    features = np.zeros((SIZE, SIZE), np.float32)
    features[40:60, 40:90] = 1
    share = kept(0.3, features)
    assert share[42:58, 42:88].max() < 0.01
    assert share[80:, :].min() > 0.99


def test_skin_that_folds_is_the_expression_photos() -> None:
    assert kept(0.05, squeeze=0.1).min() > 0.4
    assert kept(0.05, squeeze=-0.4)[20:-20, 20:-20].max() < 0.01


def test_under_a_hard_light_no_fold_is_told_from_a_shadow() -> None:
    assert kept(0.3, squeeze=-0.25).min() > 0.99
    assert kept(0.05, squeeze=-0.25).max() < 0.2


def test_a_lid_that_opens_is_no_fold() -> None:
    assert kept(0.3, squeeze=2.0)[20:-20, 20:-20].max() < 0.01


def test_strain_of_a_shift_and_of_a_stretch() -> None:
    grid = identity_flow(SIZE)
    np.testing.assert_allclose(strain(np.full_like(grid, 7.5), 2.0), 0, atol=1e-6)
    inside = strain(0.2 * grid, 2.0)[20:-20, 20:-20]
    np.testing.assert_allclose(inside, 0.2 * np.sqrt(2), rtol=1e-4)
