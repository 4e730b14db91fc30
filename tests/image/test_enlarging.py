"""Small maps over parts of a large picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from exshot.image.enlarging import Window, framed, under
from exshot.image.geometry import Box, Crop, Placement

PHOTO = Box(0, 0, 900, 700)


def smooth_map(size: int) -> np.ndarray:
    noise = np.random.default_rng(0).random((size, size, 3), np.float32)
    return cv2.GaussianBlur(noise, (0, 0), size / 20)


def enlarged(values: np.ndarray, place: Placement, box: Box, *, repeated: bool) -> np.ndarray:
    window = Window.under(place, box)
    return window.enlarged(window.of(framed(values, repeated=repeated)))


@pytest.mark.parametrize("crop", [Crop(130.3, 60.7, 517.4, 128), Crop(10, 20, 128, 128)])
@pytest.mark.parametrize("box", [Box(200, 150, 328, 278), Box(333, 211, 340, 300)])
def test_every_pixel_has_the_value_of_its_place_in_the_map(crop: Crop, box: Box) -> None:
    values = smooth_map(crop.size)
    x, y = np.meshgrid(np.arange(box.x0, box.x1), np.arange(box.y0, box.y1))
    points = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
    at = crop.to_crop(points).reshape(box.height, box.width, 2)
    wanted = cv2.remap(
        values, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    found = enlarged(values, crop.in_photo.inverse, box, repeated=True)
    np.testing.assert_allclose(found, wanted, atol=0.01)


def test_tiles_fit_together_without_a_seam() -> None:
    crop = Crop(130.3, 60.7, 517.4, 128)
    values, place = smooth_map(128), crop.in_photo.inverse
    whole = enlarged(values, place, PHOTO, repeated=True)
    for tile in PHOTO.tiles(96):
        part = enlarged(values, place, tile, repeated=True)
        np.testing.assert_allclose(part, whole[tile.slices], atol=0.005)


@pytest.mark.parametrize("repeated", [True, False])
def test_beyond_the_map_its_border_goes_on_or_nothing_is(repeated: bool) -> None:
    crop = Crop(300, 300, 128, 64)
    found = enlarged(np.ones((64, 64), np.float32), crop.in_photo.inverse, PHOTO, repeated=repeated)
    assert found[350, 350] == pytest.approx(1)
    assert found[0, 0] == pytest.approx(float(repeated))
    assert found.shape == (700, 900)


def test_tiles_cover_a_box_once() -> None:
    count = np.zeros((700, 900), int)
    for tile in PHOTO.tiles(128):
        count[tile.slices] += 1
    assert (count == 1).all()


def test_an_edge_that_is_hardly_enlarged_is_as_steep_in_every_tile() -> None:
    crop = Crop(130.3, 60.7, 317.4, 128)
    values, place = np.zeros((128, 128), np.float32), crop.in_photo.inverse
    values[40:90, 50:80] = 1
    whole = under(PHOTO, framed(values, repeated=False), place)
    tiles = [(tile, Window.under(place, tile)) for tile in PHOTO.tiles(96)]
    assert any(window.soft for _, window in tiles)
    for tile, window in tiles:
        if window.soft:
            part = under(tile, framed(values, repeated=False), place)
        else:
            part = window.enlarged(window.of(framed(values, repeated=False)))
        np.testing.assert_allclose(part, whole[tile.slices], atol=0.1)
