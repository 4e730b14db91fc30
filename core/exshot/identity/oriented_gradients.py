"""Histograms of oriented gradients (HOG; Dalal and Triggs, 2005) of a small grey picture.

As OpenCV 4 computed them; version 5 has no `HOGDescriptor` any more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

BLOCK: Final = (24, 32)
"""Rows and columns of the squares whose histograms are normalised together."""

_CELL: Final = (12, 16)
_DIRECTIONS: Final = 8  # over half a turn: dark-to-bright counts as bright-to-dark
_CLIPPED: Final = 0.2
_REGULAR: Final = (0.1, 1e-3)  # of the two normalisations; the first one per value


def oriented_gradients(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The descriptor, ``(blocks, 4 * 8)`` float32, each row of about unit length.

    Blocks go down the columns, as do the four cells of each; neighbours overlap by half.

    Args:
        grey: ``(h, w)``; ``h`` is a multiple of 12, ``w`` of 16.
    """
    windows = sliding_window_view(_directions(grey), BLOCK, axis=(0, 1))
    windows = windows[:: _CELL[0], :: _CELL[1]]  # (y, x, direction, row, column)
    # Block by block: a product of all would be shared among threads, and wait for them.
    flat = windows.reshape(*windows.shape[:3], -1)
    cells = flat @ _shares().reshape(-1, 4)  # (y, x, direction, cell)
    blocks = cells.transpose(1, 0, 3, 2).reshape(-1, 4 * _DIRECTIONS)
    first, second = _REGULAR
    length = np.sqrt((blocks**2).sum(axis=1, keepdims=True))
    clipped = np.minimum(blocks / (length + first * blocks.shape[1]), _CLIPPED)
    length = np.sqrt((clipped**2).sum(axis=1, keepdims=True))
    return (clipped / (length + second)).astype(np.float32)


def _directions(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How steep each pixel is toward each direction, ``(h, w, 8)``; two neighbours share."""
    wide = np.pad(grey, 1, mode="reflect").astype(np.float32)
    across = wide[1:-1, 2:] - wide[1:-1, :-2]
    down = wide[2:, 1:-1] - wide[:-2, 1:-1]
    steepness = np.hypot(across, down)
    place = np.mod(np.arctan2(down, across), np.pi) * np.float32(_DIRECTIONS / np.pi) - 0.5
    lower = np.floor(place).astype(np.intp)
    share = place - lower
    planes = np.zeros((*grey.shape, _DIRECTIONS), np.float32)
    rows, columns = np.indices(grey.shape)
    planes[rows, columns, lower % _DIRECTIONS] = steepness * (1 - share)
    planes[rows, columns, (lower + 1) % _DIRECTIONS] += steepness * share
    return planes


@lru_cache(maxsize=1)
def _shares() -> NDArray[np.float32]:
    """How far a pixel of a block counts for each of its four cells, ``(24, 32, 4)``."""
    sigma = sum(BLOCK) / 8
    rows, columns = (np.arange(size) for size in BLOCK)
    near = [np.exp(-((k - len(k) / 2) ** 2) / (2 * sigma**2)) for k in (rows, columns)]
    # Bilinear between the middles of the cells; outside of them all the weight is the nearer's.
    parts = []
    for k, cell in ((rows, _CELL[0]), (columns, _CELL[1])):
        place = (k + 0.5) / cell - 0.5
        parts.append(np.stack([1 - np.abs(place - c) for c in (0, 1)], axis=1).clip(0, None))
    weights = np.einsum("i,j,iy,jx->ijxy", near[0], near[1], parts[0], parts[1])
    return weights.reshape(*BLOCK, 4).astype(np.float32)
