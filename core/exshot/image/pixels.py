"""Pixels as photos have them, 8 or 16 bits deep."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8 | np.uint16]
_Depth = TypeVar("_Depth", np.uint8, np.uint16, np.uint8 | np.uint16)


def to_8_bit(array: Pixels) -> NDArray[np.uint8]:
    """uint16 scaled to uint8, rounded to nearest; uint8 as it is."""
    if array.dtype == np.uint8:
        return array  # type: ignore[return-value]
    return cv2.convertScaleAbs(array, alpha=1 / 257)  # type: ignore[return-value]


def read_only(array: NDArray[_Depth]) -> NDArray[_Depth]:
    """The same array, marked read-only, C-contiguous."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
