"""Boxes and crops in pixel coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Box:
    """Half-open pixel rectangle: columns ``x0 … x1 - 1``, rows ``y0 … y1 - 1``."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def clipped(self, width: int, height: int) -> Box:
        """The part of the box inside a ``width`` x ``height`` picture (may be empty)."""
        x0, y0 = min(max(self.x0, 0), width), min(max(self.y0, 0), height)
        x1, y1 = max(x0, min(self.x1, width)), max(y0, min(self.y1, height))
        return Box(x0, y0, x1, y1)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Row and column slices, to index an ``(H, W, ...)`` array."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)


@dataclass(frozen=True)
class Crop:
    """A square of a photo, resampled to ``size`` x ``size`` pixels.

    ``left``, ``top`` and ``side`` are in pixels of the photo: the square covers the area from the
    outer edge of the first pixel to that of the last, so that a photo point ``p`` (pixel centres at
    integers) lies at ``(p - (left, top) + 0.5) * size / side - 0.5`` in the crop.
    """

    left: float
    top: float
    side: float
    size: int

    @property
    def scale(self) -> float:
        """Crop pixels per photo pixel."""
        return self.size / self.side

    def to_crop(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Carry ``(n, 2)`` or ``(n, 3)`` photo points into the crop; z only scales."""
        out = (points * np.float32(self.scale)).astype(np.float32, copy=False)
        out[:, 0] += (0.5 - self.left) * self.scale - 0.5
        out[:, 1] += (0.5 - self.top) * self.scale - 0.5
        return out

    def to_photo(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Inverse of `to_crop`, for any array whose last axis starts with x, y."""
        out = (points / np.float32(self.scale)).astype(np.float32, copy=False)
        out[..., 0] += self.left - 0.5 + 0.5 / self.scale
        out[..., 1] += self.top - 0.5 + 0.5 / self.scale
        return out

    def resized(self, size: int) -> Crop:
        """The same square at another resolution."""
        return Crop(self.left, self.top, self.side, size)

    def sample(self, pixels: NDArray, border: int = cv2.BORDER_REPLICATE) -> NDArray:
        """The crop of an ``(H, W, C)`` picture; area-averaged where it gets smaller."""
        matrix = np.array(
            [
                [1 / self.scale, 0, self.left - 0.5 + 0.5 / self.scale],
                [0, 1 / self.scale, self.top - 0.5 + 0.5 / self.scale],
            ]
        )
        if self.scale >= 0.75:
            return cv2.warpAffine(
                pixels,
                matrix,
                (self.size, self.size),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=border,
            )
        # Shrink the covered part by area first, then place it exactly.
        height, width = pixels.shape[:2]
        x0, y0 = int(np.floor(self.left)) - 2, int(np.floor(self.top)) - 2
        x1, y1 = int(np.ceil(self.left + self.side)) + 2, int(np.ceil(self.top + self.side)) + 2
        box = Box(x0, y0, x1, y1).clipped(width, height)
        part = pixels[box.slices]
        if part.size == 0:
            return np.zeros((self.size, self.size, *pixels.shape[2:]), pixels.dtype)
        small_w = max(1, round(part.shape[1] * self.scale))
        small_h = max(1, round(part.shape[0] * self.scale))
        small = cv2.resize(part, (small_w, small_h), interpolation=cv2.INTER_AREA)
        step_x, step_y = part.shape[1] / small_w, part.shape[0] / small_h
        # small pixel u covers photo x = box.x0 + (u + 0.5) * step_x - 0.5
        place = np.array(
            [
                [matrix[0, 0] / step_x, 0, (matrix[0, 2] - box.x0 + 0.5) / step_x - 0.5],
                [0, matrix[1, 1] / step_y, (matrix[1, 2] - box.y0 + 0.5) / step_y - 0.5],
            ]
        )
        return cv2.warpAffine(
            small,
            place,
            (self.size, self.size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )
