"""Drawing the patch at the pose photo's own resolution."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.draw.maps import DrawingMaps
from exshot.draw.texture import smoothed
from exshot.draw.tile import Tile, TilePlan, View
from exshot.image.geometry import Box, Crop
from exshot.image.pixels import Pixels

__all__ = ["View", "crop_view", "draw_patch", "patch_box"]

_TILE: Final = 384  # pixels a side: calls cost little, and a core's own memory holds most of it
_OVERSAMPLED: Final = 1.4  # source pixels per target pixel beyond which sampling would alias
_SHARPEST_UP_TO: Final = 1_000_000  # pixels of the patch
_MASK_NOTHING: Final = 0.5 / 255


def crop_view(pixels: Pixels) -> View:
    """A crop's own pixels, which are the square."""
    size = len(pixels)
    return View(pixels, Crop(0, 0, size, size))


def patch_box(mask: NDArray[np.float32], crop: Crop, width: int, height: int) -> Box:
    """Smallest box of the photo that holds every pixel the mask touches; empty if none.

    Args:
        mask: ``(h, h)`` over the crop, at any resolution.
        crop: where it lies in the photo of ``width`` x ``height`` pixels.
    """
    rows, columns = np.nonzero(mask > _MASK_NOTHING)
    if len(rows) == 0:
        return Box(0, 0, 0, 0)
    corners = np.array(
        [[columns.min() - 1, rows.min() - 1], [columns.max() + 1, rows.max() + 1]], np.float32
    )
    (x0, y0), (x1, y1) = crop.resized(len(mask)).to_photo(corners)
    box = Box(int(np.floor(x0)), int(np.floor(y0)), int(np.ceil(x1)) + 1, int(np.ceil(y1)) + 1)
    return box.clipped(width, height)


def draw_patch(
    pose: View,
    expression: View,
    maps: DrawingMaps,
    box: Box,
    checkpoint: Callable[[float], None],
    *,
    quick: bool = False,
) -> tuple[Pixels, NDArray[np.uint8]]:
    """Layer and mask over ``box`` of the pose photo.

    Args:
        pose: the photo that is edited; its crop is the one that ``maps.flow_pose`` reads.
        expression: the other photo; its crop is the one that ``maps.flow_expression`` reads.
        maps: what to draw.
        box: rectangle of ``pose.pixels``, not empty.
        checkpoint: called with a share in [0, 1]; may raise to stop.
        quick: for previews. Else small patches are sampled with the sharpest kernel, which costs
            five times the bicubic one that is as good where a face has a thousand pixels.

    Returns:
        ``(h, w, 3)`` pixels in the dtype of the pose photo and an ``(h, w)`` uint8 mask. Where the
        mask is 0 the layer holds the pose photo's own pixels.
    """
    small = box.width * box.height <= _SHARPEST_UP_TO
    interpolation = cv2.INTER_LANCZOS4 if small and not quick else cv2.INTER_CUBIC
    read = _without_aliasing(_smoothed(expression, maps), pose)
    plan = TilePlan.of(pose, read, maps, interpolation)
    layer: Pixels = np.empty((box.height, box.width, 3), pose.pixels.dtype)
    mask: NDArray[np.uint8] = np.empty((box.height, box.width), np.uint8)

    def draw(tile: Box) -> None:
        place = tile.moved(-box.x0, -box.y0).slices
        layer[place] = pose.pixels[tile.slices]
        drawn = Tile(plan, tile)
        mask[place] = drawn.mask
        if mask[place].any():
            cv2.copyTo(drawn.pixels(), drawn.mask, layer[place])

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(draw, tile) for tile in box.tiles(_TILE)]
        try:
            for done, job in enumerate(jobs):
                checkpoint(done / len(jobs))
                job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return layer, mask


def _smoothed(expression: View, maps: DrawingMaps) -> View:
    """The part of the expression photo that the crop shows, without blocks and softened."""
    texture, crop = maps.texture, expression.crop
    if texture.soften == 0 and texture.blocks == 0:
        return expression
    height, width = expression.pixels.shape[:2]
    box = crop.box.clipped(width, height)
    if box.empty:
        return expression
    to_expression = crop.side / texture.pose_side
    pixels = smoothed(expression.pixels[box.slices], texture.blocks, texture.soften * to_expression)
    return View(pixels, replace(crop, left=crop.left - box.x0, top=crop.top - box.y0))


def _without_aliasing(view: View, pose: View) -> View:
    """Shrink a view by area where it has many more pixels than the pose photo will show.

    To as many as do not alias and no less: averaged down to the pose photo's own size and then
    read between its pixels, a face is a tenth softer than a photo of that size.
    """
    ratio = view.crop.side / pose.crop.side / _OVERSAMPLED
    if ratio < 1:
        return view
    # By the factor, not to a size: rounded to whole pixels, the two axes would differ in scale.
    pixels = cv2.resize(view.pixels, None, fx=1 / ratio, fy=1 / ratio, interpolation=cv2.INTER_AREA)
    pixels, crop = pixels.astype(view.pixels.dtype, copy=False), view.crop
    return View(pixels, Crop(crop.left / ratio, crop.top / ratio, crop.side / ratio, crop.size))
