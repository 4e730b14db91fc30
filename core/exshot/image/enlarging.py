"""Small maps over parts of a large picture, without ever making the whole large map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.image.geometry import Box, Placement, first_centre
from exshot.image.sampling import Map

_FRAME: Final = 4  # pixels: a window of a box that touches the map reaches no further beyond it

_SOFT: Final = 1 / 16  # of how much a map bends at a pixel: what the move may take of a steep edge


def framed(values: Map, *, repeated: bool) -> Map:
    """A map with a few more pixels on each side, for `Window.of`: its border again, or 0."""
    kind = cv2.BORDER_REPLICATE if repeated else cv2.BORDER_CONSTANT  # a constant of 0
    return _map(cv2.copyMakeBorder(values, _FRAME, _FRAME, _FRAME, _FRAME, kind))


def under(box: Box, values: Map, place: Placement) -> Map:
    """What a box of a large picture shows of a map that is `framed`, bilinear, ``(h, w, ...)``.

    Args:
        box: of the large picture.
        values: ``(h, w)`` or ``(h, w, k)``. Beyond the map its frame goes on.
        place: from pixels of the large picture to pixels of the map.
    """
    x, y = (
        place.scale * start + offset + _FRAME
        for start, offset in ((box.x0, place.x), (box.y0, place.y))
    )
    return _map(
        cv2.warpAffine(
            values,
            Placement(place.scale, x, y).matrix,
            (box.width, box.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


@dataclass(frozen=True)
class Window:
    """The small part of a map that lies under a box of a large picture.

    Moved by a fraction of a pixel of the large picture, its pixels fall in with the box's, and
    resizing it carries them there: a tenth of what an affine map of the box (`under`) costs.

    Attributes:
        x, y: where in the map its first pixel lies; the others follow in steps of one.
        width, height: pixels of the map.
        ratio: pixels of the large picture for one of the map.
        part: what of the resized window is the box.
    """

    x: float
    y: float
    width: int
    height: int
    ratio: float
    part: tuple[slice, slice]

    @classmethod
    def under(cls, place: Placement, box: Box) -> Window:
        """The window under a box.

        Args:
            place: from pixels of the large picture to pixels of the map.
            box: of the large picture.
        """
        x, width, skip_x = _along(place.scale, place.x, box.x0, box.x1)
        y, height, skip_y = _along(place.scale, place.y, box.y0, box.y1)
        part = slice(skip_y, skip_y + box.height), slice(skip_x, skip_x + box.width)
        return cls(x, y, width, height, 1 / place.scale, part)

    def of(self, values: Map) -> Map:
        """The window's values in a map that is `framed`, bilinear, ``(height, width, ...)``.

        ``values`` is ``(h, w)`` or ``(h, w, k)``. Beyond the map its frame goes on.
        """
        first_x, first_y = math.floor(self.x), math.floor(self.y)
        # One pixel more than the window has, to interpolate.
        size = self.width + 1, self.height + 1
        there = _part(values, first_x + _FRAME, first_y + _FRAME, *size)
        beyond_x, beyond_y = np.float32(self.x - first_x), np.float32(self.y - first_y)
        if beyond_y:
            there = there[:-1] + beyond_y * (there[1:] - there[:-1])
        if beyond_x:
            there = there[:, :-1] + beyond_x * (there[:, 1:] - there[:, :-1])
        return there[: self.height, : self.width]

    @property
    def soft(self) -> bool:
        """Whether steep edges of a map lose by the window's move: one that is hardly enlarged."""
        beyond = (self.x % 1, self.y % 1)
        return max(share * (1 - share) for share in beyond) > _SOFT

    def enlarged(self, values: Map) -> Map:
        """Values of the window as the box shows them, ``(box.height, box.width, ...)``."""
        large = cv2.resize(
            values, None, fx=self.ratio, fy=self.ratio, interpolation=cv2.INTER_LINEAR
        )
        return _map(large)[self.part]


def _along(scale: float, offset: float, start: int, stop: int) -> tuple[float, int, int]:
    """Where along one axis pixels ``start … stop - 1`` read a map at ``p * scale + offset``.

    Returns:
        Where in the map the window begins; the window's length; how many pixels of the resized
        window come before ``start``.
    """
    first = math.floor(scale * start + offset) - 1
    # Pixel j of the resized window reads the map at j * scale + first_centre(scale, first).
    exact = start + (offset - first_centre(scale, first)) / scale
    skip = round(exact)
    length = math.ceil((skip + stop - start + 1) * scale) + 1
    return first + (exact - skip) * scale, length, skip


def _part(values: Map, x: int, y: int, width: int, height: int) -> Map:
    """The rectangle of a map that begins at ``(x, y)``; beyond the map its border goes on."""
    if min(x, y) >= 0 and x + width <= values.shape[1] and y + height <= values.shape[0]:
        return values[y : y + height, x : x + width]
    columns = np.arange(x, x + width).clip(0, values.shape[1] - 1)
    rows = np.arange(y, y + height).clip(0, values.shape[0] - 1)
    return values[rows[:, None], columns]


def _map(values: NDArray) -> Map:
    return values.astype(np.float32, copy=False)
