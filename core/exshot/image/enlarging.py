"""Small maps over parts of a large picture, without ever making the whole large map."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from exshot.image.geometry import Box, Placement
from exshot.image.sampling import Map

_ALIGNED: Final = 1 / 64  # map pixels; less than `cv2.warpAffine` can tell


def enlarged(values: Map, place: Placement, box: Box, *, repeated: bool) -> Map:
    """Bilinear values of a map over a box of a large picture, ``(box.height, box.width, ...)``.

    Args:
        values: ``(h, w)`` or ``(h, w, k)``.
        place: from pixels of the large picture to pixels of the map.
        box: of the large picture.
        repeated: whether the map's border continues outside it; else all is 0 there.
    """
    # A tenth of what one affine map costs: a small window, moved by a fraction of a pixel of the
    # large picture so that its pixels fall in with the box's, and resized.
    first_x, skip_x, width, shift_x = _window(place.scale, place.x, box.x0, box.x1)
    first_y, skip_y, height, shift_y = _window(place.scale, place.y, box.y0, box.y1)
    window = values[max(first_y, 0) : first_y + height, max(first_x, 0) : first_x + width]
    moved = max(abs(shift_x), abs(shift_y)) > _ALIGNED
    if moved or window.shape[:2] != (height, width):
        matrix = np.array([[1.0, 0, first_x + shift_x], [0, 1.0, first_y + shift_y]])
        window = cv2.warpAffine(
            values,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if repeated else cv2.BORDER_CONSTANT,
        )
    ratio = 1 / place.scale
    large = cv2.resize(window, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_LINEAR)
    part = large[skip_y : skip_y + box.height, skip_x : skip_x + box.width]
    return part.astype(np.float32, copy=False)


def _window(scale: float, offset: float, start: int, stop: int) -> tuple[int, int, int, float]:
    """Where along one axis pixels ``start … stop - 1`` read a map at ``p * scale + offset``.

    Returns:
        First pixel of the window; how many pixels of the resized window come before ``start``; the
        window's length; by how many pixels of the map it has to be moved for that to be exact.
    """
    first = math.floor(scale * start + offset) - 1
    # Pixel j of the resized window reads the map at first + (j + 0.5) * scale - 0.5.
    exact = start + (offset - first + 0.5) / scale - 0.5
    skip = round(exact)
    length = math.ceil((skip + stop - start + 1) * scale) + 1
    return first, skip, length, (exact - skip) * scale
