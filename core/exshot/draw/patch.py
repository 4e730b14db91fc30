"""Drawing the patch at the pose photo's own resolution."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.folds import FOLD_COLOR
from exshot.draw.light import bend_highlights
from exshot.draw.maps import DrawingMaps
from exshot.draw.monochrome import toned
from exshot.draw.texture import grain, smoothed
from exshot.image.enlarging import enlarged
from exshot.image.geometry import Box, Crop
from exshot.image.pixels import Pixels
from exshot.image.sampling import Map, to_float

_TILE: Final = 128  # pixels a side: what is worked on stays in a core's own memory
_SHRINK_FROM: Final = 1.4  # source pixels per target pixel beyond which sampling would alias
_SHARPEST_UP_TO: Final = 1_000_000  # pixels of the patch
_MASK_NOTHING: Final = 0.5 / 255
_UNSEEN: Final = 1 / 512  # share of a photo that changes no 8-bit value


@dataclass(frozen=True)
class View:
    """Pixels together with the square of them that a face is edited in; its size means nothing."""

    pixels: Pixels
    crop: Crop


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
    sources = (
        _Source.read_by(maps.flow_pose, pose),
        _Source.read_by(maps.flow_expression, _without_aliasing(_smoothed(expression, maps), pose)),
    )
    layer: Pixels = np.empty((box.height, box.width, 3), pose.pixels.dtype)
    mask: NDArray[np.uint8] = np.empty((box.height, box.width), np.uint8)

    def draw(tile: Box) -> None:
        drawn = _Tile(*sources, maps, tile, interpolation)
        place = Box(tile.x0 - box.x0, tile.y0 - box.y0, tile.x1 - box.x0, tile.y1 - box.y0).slices
        mask[place] = drawn.mask()
        layer[place] = drawn.layer(mask[place])

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


@dataclass(frozen=True)
class _Source:
    """A view and how far beside its own place each pixel of the crop is read from it.

    ``move`` is ``(h, h, 2)``, pixels of the view. Moves, not positions, are carried up to the
    photo's resolution: they are smooth.
    """

    view: View
    move: Map

    @classmethod
    def read_by(cls, flow: Map, view: View) -> _Source:
        """Of a flow that reads the view's square at its own size."""
        size = len(flow)
        step = np.float32(view.crop.resized(size).in_photo.scale)
        return cls(view, (flow - identity_flow(size)) * step)


@dataclass(frozen=True)
class _Tile:
    """A part of the patch, small enough to be drawn in one go."""

    pose: _Source
    expression: _Source
    maps: DrawingMaps
    box: Box
    interpolation: int

    def mask(self) -> NDArray[np.uint8]:
        """``(h, w)``."""
        return np.rint(self._enlarged(self.maps.mask, repeated=False) * 255).astype(np.uint8)

    def layer(self, mask: NDArray[np.uint8]) -> Pixels:
        """``(h, w, 3)``; the pose photo's own pixels where ``mask`` is 0."""
        original = self.pose.view.pixels[self.box.slices]
        if not mask.any():
            return original
        blend = self._enlarged(self.maps.blend, repeated=False)
        if float(blend.max()) < _UNSEEN:
            drawn = self._pose()
        elif float(blend.min()) > 1 - _UNSEEN:
            drawn = self._expression()
        else:
            drawn = np.asarray(
                cv2.blendLinear(self._expression(), self._pose(), blend, 1 - blend), np.float32
            )
        white = float(np.iinfo(original.dtype).max)
        # Rounds and saturates at once.
        depth = cv2.CV_8U if original.dtype == np.uint8 else cv2.CV_16U
        out = np.asarray(cv2.addWeighted(drawn, white, drawn, 0, 0, dtype=depth), original.dtype)
        return np.where(mask[..., None] > 0, out, original) if mask.min() == 0 else out

    def _pose(self) -> Map:
        out = to_float(self._read(self.pose))
        if self.maps.shading is not None:
            shading = self._enlarged(self.maps.shading, repeated=False)
            if shading.any():
                factor = np.exp(shading)
                for channel, strength in enumerate(FOLD_COLOR):
                    # exp(strength * shading), for shadings that are small
                    out[..., channel] *= factor * (1 + np.float32(strength - 1) * shading)
        return out

    def _expression(self) -> Map:
        pixels = self._read(self.expression)
        gain = self._enlarged(self.maps.gain, repeated=True)
        out = np.multiply(pixels, gain * np.float32(1 / np.iinfo(pixels.dtype).max))
        bend_highlights(out, gain)
        if self.maps.residual is not None:
            out += self._enlarged(self.maps.residual, repeated=True)
        if self.maps.tone is not None:
            out = toned(out, self.maps.tone)
        if self.maps.texture.grain > 0:
            # Shrunk for a preview, grain fades as its pixels are averaged.
            fading = min(1.0, self.pose.view.crop.side / self.maps.texture.pose_side)
            out += grain(self.box, fading * self.maps.texture.grain)[..., None]
        return out

    def _enlarged(self, values: Map, *, repeated: bool) -> Map:
        place = self.pose.view.crop.resized(len(values)).in_photo.inverse
        return enlarged(values, place, self.box, repeated=repeated)

    def _read(self, source: _Source) -> Pixels:
        at = self._enlarged(source.move, repeated=True)
        if source is self.pose and not at.any():
            return source.view.pixels[self.box.slices]
        # Where the tile's own pixels lie in the source: by way of the crop, at any size.
        size = len(source.move)
        here = self.pose.view.crop.resized(size).in_photo.inverse
        there = source.view.crop.resized(size).in_photo
        x, y = (np.arange(*side, dtype=np.float64) for side in self.box.sides)
        x = ((x * here.scale + here.x) * there.scale + there.x).astype(np.float32)
        y = ((y * here.scale + here.y) * there.scale + there.y).astype(np.float32)
        return _remap(
            source.view.pixels, at[..., 0] + x, at[..., 1] + y[:, None], self.interpolation
        )


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


def _without_aliasing(view: View, pose: View) -> View:
    """Shrink a view by area where it has many more pixels than the pose photo will show."""
    ratio = view.crop.side / pose.crop.side
    if ratio < _SHRINK_FROM:
        return view
    height, width = view.pixels.shape[:2]
    small = (max(1, round(width / ratio)), max(1, round(height / ratio)))
    pixels = cv2.resize(view.pixels, small, interpolation=cv2.INTER_AREA)
    pixels = pixels.astype(view.pixels.dtype, copy=False)
    step, crop = width / small[0], view.crop
    return View(pixels, Crop(crop.left / step, crop.top / step, crop.side / step, crop.size))
