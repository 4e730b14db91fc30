"""Between the protocol's bytes and the library's arrays."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.image.geometry import Box, Placement
from exshot.photo import Photo
from exshot_contract.messages import CHANNELS, PutPhoto

_TO_RGB = {"rgba": cv2.COLOR_RGBA2RGB, "bgra": cv2.COLOR_BGRA2RGB}
_FROM_RGB = {"rgba": cv2.COLOR_RGB2RGBA, "bgra": cv2.COLOR_RGB2BGRA}


def to_photo(message: PutPhoto) -> Photo:
    """The photo of a message; alpha is dropped where it is opaque everywhere."""
    kind = np.dtype("<u2" if message.depth == 16 else np.uint8)
    shape = (message.height, message.width, CHANNELS[message.order])
    samples = np.frombuffer(message.pixels, kind).reshape(shape)
    if not kind.isnative:
        samples = samples.astype(np.uint16)
    if message.order == "rgb":
        return Photo.from_array(_read_only(samples))
    alpha = np.ascontiguousarray(samples[..., 3])
    opaque = int(alpha.min()) == np.iinfo(alpha.dtype).max
    rgb = cv2.cvtColor(samples, _TO_RGB[message.order])
    return Photo.from_array(_read_only(rgb), None if opaque else _read_only(alpha))


def to_mask(message: PutPhoto) -> NDArray[np.uint8]:
    """The ``(h, w)`` mask of a message."""
    return np.frombuffer(message.pixels, np.uint8).reshape(message.height, message.width)


def ordered(layer: NDArray[np.generic], order: str) -> NDArray[np.generic]:
    """An RGB layer in another order of samples; alpha that is added is opaque."""
    if layer.size == 0:  # which OpenCV refuses
        return layer
    return layer if order == "rgb" else cv2.cvtColor(layer, _FROM_RGB[order])  # type: ignore


def to_bytes(array: NDArray[np.generic]) -> memoryview:
    """The array's samples as the protocol wants them: packed, little-endian."""
    if array.dtype.itemsize > 1:
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def within_selection(
    mask: NDArray[np.uint8], box: Box, selection: NDArray[np.uint8], x: int, y: int
) -> NDArray[np.uint8]:
    """A patch's mask times a selection that begins at ``(x, y)`` of the photo, 0 outside of it."""
    height, width = selection.shape
    inside = Box(max(box.x0, x), max(box.y0, y), min(box.x1, x + width), min(box.y1, y + height))
    result = np.zeros_like(mask)
    if not inside.empty:
        here = Box(inside.x0 - box.x0, inside.y0 - box.y0, inside.x1 - box.x0, inside.y1 - box.y0)
        there = Box(inside.x0 - x, inside.y0 - y, inside.x1 - x, inside.y1 - y)
        product = cv2.multiply(mask[here.slices], selection[there.slices], scale=1 / 255)
        result[here.slices] = product
    return result


def resampled_selection(
    selection: NDArray[np.uint8], x: int, y: int, shown: Box, size: int
) -> NDArray[np.float32]:
    """The selection as a preview of ``size`` pixels sees it, ``(size, size, 1)`` in [0, 1].

    ``shown`` is the square of the photo that the preview shows.
    """
    place = Placement.of_pixels(shown.width / size, shown.x0 - x, shown.y0 - y)
    drawn = cv2.warpAffine(
        selection, place.matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.float32(1 / 255) * drawn[..., None].astype(np.float32)  # type: ignore[return-value]


def within_alpha(
    mask: NDArray[np.uint8], box: Box, alpha: NDArray[np.uint8 | np.uint16] | None
) -> NDArray[np.uint8]:
    """A patch's mask times the pose photo's alpha: a patch must not fill what is transparent."""
    if alpha is None:
        return mask
    scale = 1.0 / float(np.iinfo(alpha.dtype).max)
    return np.rint(mask * (alpha[box.slices].astype(np.float32) * scale)).astype(np.uint8)


def tight_box(mask: NDArray[np.uint8]) -> Box:
    """The smallest box of the mask's array that holds all that is not 0; empty where all is."""
    x, y, width, height = cv2.boundingRect(mask)
    return Box(x, y, x + width, y + height)


def thumbnail(pixels: NDArray[np.uint8], box: Box, size: int) -> NDArray[np.uint8]:
    """``(size, size, 3)``: a square a little larger than a face's box, black outside the photo."""
    side = max(2, round(1.25 * max(box.width, box.height)))
    left, top = (box.x0 + box.x1 - side) // 2, (box.y0 + box.y1 - side) // 2
    square = np.zeros((side, side, 3), np.uint8)
    inside = Box(left, top, left + side, top + side).clipped(pixels.shape[1], pixels.shape[0])
    if not inside.empty:
        rows, columns = inside.slices
        square[inside.y0 - top : inside.y1 - top, inside.x0 - left : inside.x1 - left] = pixels[
            rows, columns
        ]
    return cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _read_only(array: NDArray[np.generic]) -> NDArray:
    array.flags.writeable = False
    return array
