"""Boxes and crops in pixel coordinates."""

from __future__ import annotations

from dataclasses import dataclass


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
