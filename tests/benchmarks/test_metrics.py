"""Scores have the values that their definitions say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.lpips import Lpips
from benchmarks.metrics import expression_error, pixel_scores, psnr, rotation_error, ssim_map

EVERYWHERE = {"all": np.ones((96, 128), bool)}


def about_y(degrees: float) -> NDArray[np.float32]:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)


def test_identical_pictures_score_best(photo_array: NDArray[np.uint8]) -> None:
    scores = pixel_scores(photo_array, photo_array, EVERYWHERE)["all"]
    assert (scores.mae, scores.mse, scores.psnr) == (0.0, 0.0, 100.0)
    assert scores.ssim == pytest.approx(1.0)


def test_a_constant_offset_has_its_textbook_error() -> None:
    dark = np.full((96, 128, 3), 100, np.uint8)
    scores = pixel_scores(dark, dark + np.uint8(51), EVERYWHERE)["all"]
    assert scores.mae == pytest.approx(0.2)
    assert scores.mse == pytest.approx(0.04)
    assert scores.psnr == pytest.approx(13.9794, abs=1e-4)


def test_ssim_of_flat_pictures_is_the_luminance_term() -> None:
    a, b = 0.2, 0.6
    flat = [np.full((64, 64, 3), round(value * 255), np.uint8) for value in (a, b)]
    c1 = 0.01**2
    expected = (2 * a * b + c1) / (a * a + b * b + c1)
    assert ssim_map(*flat) == pytest.approx(expected, abs=1e-9)


def test_a_mask_confines_the_scores(photo_array: NDArray[np.uint8]) -> None:
    broken = photo_array.copy()
    broken[:, 64:] = 0
    left = np.zeros((96, 128), bool)
    left[:, :40] = True
    scores = pixel_scores(broken, photo_array, {"left": left, **EVERYWHERE})
    assert scores["left"].mae == 0.0
    assert scores["all"].mae > 0.1


def test_an_empty_mask_is_refused(photo_array: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="empty"):
        pixel_scores(photo_array, photo_array, {"none": np.zeros((96, 128), bool)})


def test_pictures_of_different_size_are_refused(photo_array: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="differ"):
        pixel_scores(photo_array[1:], photo_array, EVERYWHERE)


def test_psnr_of_a_known_error() -> None:
    assert psnr(0.001) == pytest.approx(30.0)


def test_expression_error_is_the_mean_absolute_difference() -> None:
    open_jaw = np.zeros(52)
    open_jaw[25] = 0.52
    assert expression_error(np.zeros(52), open_jaw) == pytest.approx(0.01)


@pytest.mark.parametrize("degrees", [0.0, 0.01, 20.0, 90.0, 179.0])
def test_rotation_error_is_the_angle_between_head_poses(degrees: float) -> None:
    start = about_y(13.0)
    assert rotation_error(start, start @ about_y(degrees)) == pytest.approx(degrees, abs=2e-3)


@pytest.fixture(scope="module")
def lpips(shared_data: Path) -> Lpips:
    pytest.importorskip("torch", reason="torch is not installed")
    return Lpips(shared_data, threads=1)


def test_lpips_agrees_with_another_implementation(
    lpips: Lpips, photo_array: NDArray[np.uint8]
) -> None:
    # 0.518791 comes from a separate AlexNet with the same weights, written after the paper.
    features = lpips.features(photo_array), lpips.features(photo_array[:, ::-1])
    assert lpips.distance(*features) == pytest.approx(0.518791, abs=1e-4)


def test_lpips_of_identical_pictures_is_zero(lpips: Lpips, photo_array: NDArray[np.uint8]) -> None:
    features = lpips.features(photo_array)
    assert lpips.distance(features, features) == 0.0


def test_lpips_under_a_mask_of_ones_is_the_plain_metric(
    lpips: Lpips, photo_array: NDArray[np.uint8]
) -> None:
    features = lpips.features(photo_array), lpips.features(photo_array[::-1])
    masked = lpips.distance(*features, np.ones((96, 128), bool))
    assert masked == pytest.approx(lpips.distance(*features), rel=1e-5)
