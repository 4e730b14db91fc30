"""A picture and its halves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from exshot.face.region import Region
from exshot.image.geometry import Crop
from exshot.image.pyramid import Pyramid


def smooth_picture(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(0).random((height, width, 3), np.float32)
    calm = cv2.GaussianBlur(noise, (0, 0), 30)
    return (255 * (calm - calm.min()) / np.ptp(calm)).astype(np.uint8)


PICTURE = smooth_picture(901, 1203)


def test_a_half_holds_the_means_and_is_made_once() -> None:
    pyramid = Pyramid(PICTURE)
    assert pyramid.level(0) is PICTURE
    blocks = PICTURE[:900, :1200].reshape(225, 4, 300, 4, 3).mean((1, 3))
    assert pyramid.level(2).shape == (225, 300, 3)
    assert np.abs(pyramid.level(2) - blocks).max() < 1.5  # rounded twice
    assert pyramid.level(2) is pyramid.level(2)


def test_a_side_is_at_least_one_pixel_long() -> None:
    assert Pyramid(PICTURE[:2]).level(3).shape == (1, 150, 3)


@pytest.mark.parametrize(
    "crop", [Crop(130.3, 60.7, 717.4, 64), Crop(-80.5, 300.2, 700, 100), Crop(500, 300, 90, 128)]
)
def test_a_crop_of_a_half_shows_what_a_crop_of_the_picture_does(crop: Crop) -> None:
    difference = crop.sample(Pyramid(PICTURE)).astype(int) - crop.sample(PICTURE)
    assert np.abs(difference).mean() < 0.7
    assert np.abs(difference).max() <= 4


@pytest.mark.parametrize("size", [900.0, 300.0, 100.0])
def test_so_does_a_region(size: int) -> None:
    region = Region(600.3, 450.8, size, 0.3)
    difference = region.crop(Pyramid(PICTURE), 64).astype(int) - region.crop(PICTURE, 64)
    assert np.abs(difference).mean() < 0.7
    assert np.abs(difference).max() <= 4
