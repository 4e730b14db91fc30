"""Drawing the patch: exact where nothing changes, sharp where it does."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.maps import DrawingMaps
from exshot.draw.patch import View, draw_patch, patch_box
from exshot.errors import Cancelled
from exshot.image.geometry import Box, Crop
from exshot.progress import Checkpoint

SIZE = 128


def maps(blend: float = 1.0) -> DrawingMaps:
    """A disc in the middle that reads both photos where they are."""
    y, x = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    disc = np.clip((40 - np.hypot(x, y)) / 4, 0, 1).astype(np.float32)
    flow = identity_flow(SIZE)
    gain = np.ones((SIZE, SIZE, 3), np.float32)
    return DrawingMaps(flow, flow, gain, None, blend * disc, disc, 0.0, 0.0)


def noise(seed: int, dtype: type = np.uint8) -> NDArray:
    top = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, top + 1, (300, 400, 3), dtype=dtype)


def draw(pose: NDArray, expression: NDArray, what: DrawingMaps, crop: Crop):
    box = patch_box(what.mask, crop, pose.shape[1], pose.shape[0])
    views = View(pose, crop), View(expression, crop)
    return box, *draw_patch(*views, what, box, lambda share: None)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_identity_flow_hands_over_the_expression_photos_own_pixels(dtype: type) -> None:
    pose, expression = noise(0, dtype), noise(1, dtype)
    box, layer, mask = draw(pose, expression, maps(), Crop(100, 50, 200, SIZE))
    there = mask == 255
    assert there.sum() > 5000
    step = np.iinfo(dtype).max // 255
    difference = layer[there].astype(int) - expression[box.slices][there].astype(int)
    assert np.abs(difference).max() <= step
    assert layer.dtype == dtype


def test_a_shrunk_photo_lies_where_it_was_whatever_its_proportions() -> None:
    pose = np.zeros((300, 400, 3), np.uint8)
    tall = np.zeros((9000, 2000, 3), np.uint8)
    tall[4400:4500] = 255
    crop = Crop(400, 3850, 1200, SIZE)
    views = View(pose, Crop(100, 50, 200, SIZE)), View(tall, crop)
    layer, _ = draw_patch(*views, maps(), Box(195, 100, 205, 200), lambda share: None)
    lit = layer[..., 0].mean(axis=1)
    middle = 100 + float((lit * np.arange(len(lit))).sum() / lit.sum())
    assert middle == pytest.approx(50 + (4450 - 3850) / 6 - 0.5, abs=0.15)


def test_under_an_empty_mask_lie_the_pose_photos_own_pixels() -> None:
    pose = noise(0)
    box, layer, mask = draw(pose, noise(1), maps(), Crop(100, 50, 200, SIZE))
    assert (mask == 0).any()
    assert np.array_equal(layer[mask == 0], pose[box.slices][mask == 0])


def test_a_face_at_the_photos_edge_is_cut_off_there() -> None:
    box, layer, mask = draw(noise(0), noise(1), maps(), Crop(-90, 180, 200, SIZE))
    assert box.x0 == 0
    assert box.y1 == 300
    assert layer.shape[:2] == mask.shape == (box.height, box.width)


def test_a_much_larger_expression_photo_is_averaged_not_aliased() -> None:
    stripes = np.zeros((1200, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    pose = np.zeros((300, 400, 3), np.uint8)
    small = View(pose, Crop(100, 50, 200, SIZE))
    large = View(stripes, Crop(0, 0, 1200, SIZE))
    box = Box(150, 100, 250, 200)
    layer, mask = draw_patch(small, large, maps(), box, lambda share: None)
    assert np.abs(layer[mask == 255].astype(int) - 127).max() < 12


def test_a_larger_expression_photo_stays_as_sharp_as_a_photo_of_the_pose_photos_size() -> None:
    ratio, period = 3, 2.6  # pixels of the larger photo for each that is drawn; of the drawn one
    x = np.arange(600, dtype=np.float32)
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * x / (ratio * period))
    fine = np.repeat(np.tile(np.round(255 * wave), (600, 1))[..., None], 3, axis=2).astype(np.uint8)
    pose = np.zeros((300, 400, 3), np.uint8)
    views = View(pose, Crop(100, 50, 200, SIZE)), View(fine, Crop(1.5, 1.5, 600, SIZE))
    layer, mask = draw_patch(*views, maps(), Box(150, 100, 250, 200), lambda share: None)
    seen = layer[mask == 255].astype(float)
    assert seen.std() > 0.8 * 255 * 0.4 / np.sqrt(2)


def test_cancel_stops_between_tiles() -> None:
    stop = threading.Event()
    stop.set()
    checkpoint = Checkpoint(cancel=stop)
    view = View(noise(0), Crop(100, 50, 200, SIZE))
    with pytest.raises(Cancelled):
        draw_patch(view, view, maps(), Box(0, 0, 400, 300), lambda share: checkpoint(share, "x"))
