"""A picture and its halves, for all who read it at a smaller size."""

from __future__ import annotations

from typing import Final

import cv2
from numpy.typing import NDArray


class Pyramid:
    """A picture, and the same picture halved again and again.

    Each pixel of a half is the mean of 2 x 2 pixels. Halves are made when they are first asked for
    and kept: searching a photo, fitting its face and cropping it all begin with them.
    """

    def __init__(self, pixels: NDArray) -> None:
        """Of an ``(H, W, C)`` picture."""
        self.pixels: Final = pixels
        self._levels = [pixels]

    @classmethod
    def of(cls, picture: NDArray | Pyramid) -> Pyramid:
        """The pyramid itself, or a picture's."""
        return picture if isinstance(picture, Pyramid) else cls(picture)

    def level(self, times: int) -> NDArray:
        """The picture halved so many times: pixel ``i`` shows ``i * 2**times`` and those after it.

        Rows and columns that make no whole pixel are left out; a side is at least one pixel long.
        """
        while len(self._levels) <= times:
            last = self._levels[-1]
            height, width = (max(1, length // 2) for length in last.shape[:2])
            even = last[: 2 * height, : 2 * width]
            self._levels.append(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA))
        return self._levels[times]
