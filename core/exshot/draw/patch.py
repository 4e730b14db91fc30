"""Drawing the patch at the pose photo's own resolution."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.draw.light import apply_gain
from exshot.draw.maps import DrawingMaps
from exshot.draw.monochrome import toned
from exshot.draw.texture import grain, smoothed
from exshot.image.geometry import Box, Crop
from exshot.image.pixels import Pixels
from exshot.image.sampling import Map, to_float

_STRIP_ROWS: Final = 256
_SHRINK_FROM: Final = 1.4  # source pixels per target pixel beyond which sampling would alias
_SHARPEST_UP_TO: Final = 1_000_000  # pixels of the patch
_MASK_NOTHING: Final = 0.5 / 255


@dataclass(frozen=True)
class View:
    """Pixels together with where they lie in a crop.

    ``(x, y)`` of the crop is ``(x, y) * scale + (left, top)`` of ``pixels``.
    """

    pixels: Pixels
    scale: float
    left: float
    top: float


def photo_view(pixels: Pixels, crop: Crop) -> View:
    """The whole photo, as the crop sees it. No pixels are copied."""
    step = 1 / crop.scale
    return View(pixels, step, crop.left - 0.5 + 0.5 * step, crop.top - 0.5 + 0.5 * step)


def patch_box(mask: NDArray[np.float32], crop: Crop, width: int, height: int) -> Box:
    """Smallest box of the photo that holds every pixel the mask touches; empty if none."""
    rows, columns = np.nonzero(mask > _MASK_NOTHING)
    if len(rows) == 0:
        return Box(0, 0, 0, 0)
    corners = np.array(
        [[columns.min() - 1, rows.min() - 1], [columns.max() + 1, rows.max() + 1]], np.float32
    )
    (x0, y0), (x1, y1) = crop.to_photo(corners)
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
        pose: the photo that is edited, seen from the crop of ``maps.flow_pose``.
        expression: the other photo, seen from the crop that ``maps.flow_expression`` reads.
        maps: what to draw.
        box: rectangle of ``pose.pixels``, not empty.
        checkpoint: called with a share in [0, 1]; may raise to stop.
        quick: for previews. Else small patches are sampled with the sharpest kernel, which costs
            five times the bicubic one that is as good where a face has a thousand pixels.

    Returns:
        ``(h, w, 3)`` pixels in the dtype of the pose photo and an ``(h, w)`` uint8 mask. Where the
        mask is 0 the layer holds the pose photo's own pixels.
    """
    expression = _without_aliasing(_smoothed(expression, pose, maps), pose.scale)
    small = box.width * box.height <= _SHARPEST_UP_TO
    interpolation = cv2.INTER_LANCZOS4 if small and not quick else cv2.INTER_CUBIC
    layer: Pixels = np.empty((box.height, box.width, 3), pose.pixels.dtype)
    mask: NDArray[np.uint8] = np.empty((box.height, box.width), np.uint8)
    starts = range(box.y0, box.y1, _STRIP_ROWS)

    def draw(start: int) -> None:
        strip = Box(box.x0, start, box.x1, min(start + _STRIP_ROWS, box.y1))
        rows = slice(start - box.y0, strip.y1 - box.y0)
        layer[rows], mask[rows] = _draw_strip(pose, expression, maps, strip, interpolation)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(draw, start) for start in starts]
        try:
            for done, job in enumerate(jobs):
                checkpoint(done / len(jobs))
                job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return layer, mask


def _smoothed(expression: View, pose: View, maps: DrawingMaps) -> View:
    """The part of the expression photo that the crop shows, without blocks and softened."""
    texture = maps.texture
    if texture.soften == 0 and texture.blocks == 0:
        return expression
    height, width = expression.pixels.shape[:2]
    side = len(maps.mask) * expression.scale
    box = Box(
        int(expression.left) - 1,
        int(expression.top) - 1,
        int(expression.left + side) + 2,
        int(expression.top + side) + 2,
    ).clipped(width, height)
    if box.empty:
        return expression
    to_expression = expression.scale / texture.pose_scale
    part = expression.pixels[box.slices]
    pixels = smoothed(part, texture.blocks, texture.soften * to_expression)
    left, top = expression.left - box.x0, expression.top - box.y0
    return View(pixels, expression.scale, left, top)


def _draw_strip(
    pose: View, expression: View, maps: DrawingMaps, strip: Box, interpolation: int
) -> tuple[Pixels, NDArray[np.uint8]]:
    size = len(maps.mask)
    scale = 1 / pose.scale
    # Where each pixel of the strip lies in the crop.
    x = ((np.arange(strip.x0, strip.x1, dtype=np.float32)) - pose.left) * np.float32(scale)
    y = ((np.arange(strip.y0, strip.y1, dtype=np.float32)) - pose.top) * np.float32(scale)
    matrix = np.array([[scale, 0, x[0]], [0, scale, y[0]]])

    def enlarge(values: Map, border: int) -> Map:
        return cv2.warpAffine(
            values,
            matrix,
            (strip.width, strip.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        ).astype(np.float32, copy=False)

    line = np.arange(size, dtype=np.float32)
    share = enlarge(maps.mask, cv2.BORDER_CONSTANT)
    mask: NDArray[np.uint8] = np.round(share * 255).astype(np.uint8)
    original = pose.pixels[strip.slices]
    if not mask.any():
        return original, mask
    blend = enlarge(maps.blend, cv2.BORDER_CONSTANT)[..., None]

    def read(view: View, flow: Map) -> Map:
        # Displacements, not positions, are carried up: they are smooth.
        at_x = enlarge(flow[..., 0] - line[None, :], cv2.BORDER_REPLICATE)
        at_x += x[None, :]
        at_x *= np.float32(view.scale)
        at_x += np.float32(view.left)
        at_y = enlarge(flow[..., 1] - line[:, None], cv2.BORDER_REPLICATE)
        at_y += y[:, None]
        at_y *= np.float32(view.scale)
        at_y += np.float32(view.top)
        return to_float(_remap(view.pixels, at_x, at_y, interpolation))

    limit = np.float32(np.iinfo(original.dtype).max)
    moved = read(pose, maps.flow_pose)
    if maps.shading is not None:
        moved *= np.exp(enlarge(maps.shading, cv2.BORDER_CONSTANT))[..., None]
    if blend.any():
        gain = enlarge(maps.gain, cv2.BORDER_REPLICATE)
        drawn = apply_gain(read(expression, maps.flow_expression), gain)
        if maps.residual is not None:
            drawn += enlarge(maps.residual, cv2.BORDER_REPLICATE)
        if maps.tone is not None:
            drawn = toned(drawn, maps.tone)
        if maps.texture.grain > 0:
            # Shrunk for a preview, grain fades as its pixels are averaged.
            fading = min(1.0, pose.scale / maps.texture.pose_scale)
            drawn += grain(strip, fading * maps.texture.grain)[..., None]
        moved += blend * (drawn - moved)
    layer: Pixels = np.round(np.clip(moved, 0, 1) * limit).astype(original.dtype)
    layer[mask == 0] = original[mask == 0]
    return layer, mask


def _remap(pixels: Pixels, x: Map, y: Map, interpolation: int) -> Pixels:
    """Sample the part that is needed: OpenCV addresses at most 32767 pixels a side."""
    height, width = pixels.shape[:2]
    x0, y0 = int(np.floor(x.min())) - 4, int(np.floor(y.min())) - 4
    x1, y1 = int(np.ceil(x.max())) + 5, int(np.ceil(y.max())) + 5
    box = Box(x0, y0, x1, y1).clipped(width, height)
    if box.empty:  # wholly outside: the nearest pixels are all there is
        column, row = min(max(x0, 0), width - 1), min(max(y0, 0), height - 1)
        box = Box(column, row, column + 1, row + 1)
    x -= np.float32(box.x0)
    y -= np.float32(box.y0)
    part = pixels[box.slices]
    sampled = cv2.remap(part, x, y, interpolation, borderMode=cv2.BORDER_REPLICATE)
    return sampled.astype(pixels.dtype, copy=False)


def _without_aliasing(view: View, target_scale: float) -> View:
    """Shrink a view by area where it has many more pixels than the target will show."""
    ratio = view.scale / target_scale
    if ratio < _SHRINK_FROM:
        return view
    height, width = view.pixels.shape[:2]
    small = (max(1, round(width / ratio)), max(1, round(height / ratio)))
    pixels = cv2.resize(view.pixels, small, interpolation=cv2.INTER_AREA)
    pixels = pixels.astype(view.pixels.dtype, copy=False)
    step = width / small[0]
    return View(
        pixels, view.scale / step, (view.left + 0.5) / step - 0.5, (view.top + 0.5) / step - 0.5
    )
