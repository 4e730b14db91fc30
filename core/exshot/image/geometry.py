"""Boxes and crops in pixel coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.image.pyramid import Pyramid


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

    def moved(self, x: int, y: int) -> Box:
        """The box ``x`` pixels further right and ``y`` further down."""
        return Box(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)

    @property
    def sides(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First column and the one after the last; the same of the rows."""
        return (self.x0, self.x1), (self.y0, self.y1)

    def tiles(self, longest: int) -> Iterator[Box]:
        """The box cut into rectangles of about one size, row by row, no side above ``longest``."""
        columns, rows = (_cuts(start, end, longest) for start, end in self.sides)
        for y0, y1 in zip(rows, rows[1:], strict=False):
            for x0, x1 in zip(columns, columns[1:], strict=False):
                yield Box(x0, y0, x1, y1)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Row and column slices, to index an ``(H, W, ...)`` array."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)


def _cuts(start: int, end: int, longest: int) -> list[int]:
    """Where to cut a side into even parts, its ends included."""
    parts = max(1, math.ceil((end - start) / longest))
    return [start + (end - start) * part // parts for part in range(parts + 1)]


def within(marked: NDArray[np.bool_]) -> Box:
    """The smallest box that holds all that is marked, ``(h, w)``; empty if nothing is."""
    x, y, width, height = cv2.boundingRect(marked.view(np.uint8))
    return Box(x, y, x + width, y + height)


def first_centre(step: float, edge: float) -> float:
    """Where the first of pixels ``step`` long has its centre, which begins at an edge.

    Centres lie at integers and edges count like pixels: pixel 0 begins at edge 0, and its centre
    is at 0 as well.
    """
    return edge - 0.5 + 0.5 * step


@dataclass(frozen=True)
class Placement:
    """Where pixels of one picture lie in another: ``p * scale + (x, y)``, centres at integers."""

    scale: float
    x: float
    y: float

    @classmethod
    def of_pixels(cls, step: float, left: float, top: float) -> Placement:
        """Of pixels ``step`` long that begin at the edges ``(left, top)``, see `first_centre`."""
        return cls(step, first_centre(step, left), first_centre(step, top))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """``(2, 3)``, as OpenCV has it."""
        return np.array([[self.scale, 0, self.x], [0, self.scale, self.y]])

    @property
    def inverse(self) -> Placement:
        """From the other picture to the one."""
        return Placement(1 / self.scale, -self.x / self.scale, -self.y / self.scale)


def rescaled(points: NDArray[np.floating], scale: float) -> NDArray[np.floating]:
    """Points ``(n, 2)`` or ``(n, 3)`` of a picture in the same picture ``scale`` times as large."""
    out = points * scale
    out[:, :2] += first_centre(scale, 0)
    return out


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

    @property
    def in_photo(self) -> Placement:
        """From pixels of the crop to pixels of the photo."""
        return Placement.of_pixels(1 / self.scale, self.left, self.top)

    def within(self, other: Crop) -> Placement:
        """From pixels of this crop to pixels of another one of the same photo."""
        left, top = (self.left - other.left) * other.scale, (self.top - other.top) * other.scale
        return Placement.of_pixels(other.scale / self.scale, left, top)

    def to_crop(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Carry ``(n, 2)`` or ``(n, 3)`` photo points into the crop; z only scales."""
        out = (points * np.float32(self.scale)).astype(np.float32, copy=False)
        out[:, 0] += (0.5 - self.left) * self.scale - 0.5
        out[:, 1] += (0.5 - self.top) * self.scale - 0.5
        return out

    def to_photo(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Inverse of `to_crop`, for any array whose last axis starts with x, y."""
        out = (points / np.float32(self.scale)).astype(np.float32, copy=False)
        out[..., 0] += self.in_photo.x
        out[..., 1] += self.in_photo.y
        return out

    @property
    def box(self) -> Box:
        """Pixels of the photo that the square touches, and a few around; multiples of 8 a side."""
        x0, y0 = int(np.floor(self.left)) - 2, int(np.floor(self.top)) - 2
        side = 8 * int(np.ceil((self.side + 5) / 8))
        return Box(x0, y0, x0 + side, y0 + side)

    def resized(self, size: int) -> Crop:
        """The same square at another resolution."""
        return Crop(self.left, self.top, self.side, size)

    def sample(self, pixels: NDArray | Pyramid, border: int = cv2.BORDER_REPLICATE) -> NDArray:
        """The crop of an ``(H, W, C)`` picture; area-averaged where it gets smaller."""
        if isinstance(pixels, Pyramid):
            # From the half that is still more than twice as fine.
            factor = 2 ** max(0, math.floor(math.log2(0.5 / self.scale)))
            there = Crop(self.left / factor, self.top / factor, self.side / factor, self.size)
            return there.sample(pixels.level(factor.bit_length() - 1), border)
        matrix = self.in_photo.matrix
        if self.scale >= 0.75:
            return cv2.warpAffine(
                pixels,
                matrix,
                (self.size, self.size),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=border,
            )
        # Shrink the covered part by area first, then place it exactly.
        box, part = self.box, _part(pixels, self.box, border)
        if part.size == 0:
            return np.zeros((self.size, self.size, *pixels.shape[2:]), pixels.dtype)
        small_w = max(1, round(part.shape[1] * self.scale))
        small_h = max(1, round(part.shape[0] * self.scale))
        small = part
        # Averaging 2 x 2 pixels costs a fraction of reaching the size in one step.
        while min(small.shape[1] / small_w, small.shape[0] / small_h) >= 4 and not (
            small.shape[0] % 2 or small.shape[1] % 2
        ):
            half = small.shape[1] // 2, small.shape[0] // 2
            small = cv2.resize(small, half, interpolation=cv2.INTER_AREA)
        small = cv2.resize(small, (small_w, small_h), interpolation=cv2.INTER_AREA)
        step_x, step_y = part.shape[1] / small_w, part.shape[0] / small_h
        x, y = first_centre(step_x, box.x0), first_centre(step_y, box.y0)
        place = np.array(
            [
                [matrix[0, 0] / step_x, 0, (matrix[0, 2] - x) / step_x],
                [0, matrix[1, 1] / step_y, (matrix[1, 2] - y) / step_y],
            ]
        )
        return cv2.warpAffine(
            small,
            place,
            (self.size, self.size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )


def _part(pixels: NDArray, box: Box, border: int) -> NDArray:
    """The pixels of a box, continued where it leaves the picture; empty where it lies outside."""
    height, width = pixels.shape[:2]
    inside = box.clipped(width, height)
    part = pixels[inside.slices]
    if inside == box or inside.empty:
        return part
    around = (inside.y0 - box.y0, box.y1 - inside.y1, inside.x0 - box.x0, box.x1 - inside.x1)
    return cv2.copyMakeBorder(part, *around, border)
