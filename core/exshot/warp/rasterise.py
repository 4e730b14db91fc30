"""Triangle rasteriser: an index map by painter's order, then one affine map per triangle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)

_SUBPIXEL_BITS: Final = 4
_SLIVER_HEIGHT: Final = 2.0  # pixels


@dataclass(frozen=True)
class Raster:
    """Which triangle is seen at each covered pixel.

    Attributes:
        size: ``(height, width)`` of the picture.
        pixels: ``(n,)`` flat positions of the covered pixels, row by row.
        seen: ``(n,)`` the triangle seen at each of them.
        sliver: ``(triangles,)`` True for triangles hardly a pixel high.
        to_plane: ``(triangles, 3, 3)`` inverse of each triangle's ``[x y 1]`` rows; times the
            corner values of an attribute it gives the attribute's plane over the picture.
        triangles: ``(triangles, 3)`` vertex indices.
        step: pixels of the drawing per pixel of this raster; see `every_other`.
    """

    size: tuple[int, int]
    pixels: NDArray[np.int64]
    seen: NDArray[np.int32]
    sliver: NDArray[np.bool_]
    to_plane: NDArray[np.float64]
    triangles: NDArray[np.int32]
    step: int = 1

    @property
    def covered(self) -> NDArray[np.bool_]:
        """``(h, w)`` True where the mesh is seen."""
        return self.spread(np.ones((len(self.pixels), 1), np.bool_))[..., 0]

    def spread(self, values: NDArray[_Scalar], fill: float = 0) -> NDArray[_Scalar]:
        """Values ``(n, k)`` of the covered pixels as a picture, ``(h, w, k)``."""
        height, width = self.size
        out = np.full((height * width, values.shape[1]), fill, values.dtype)
        out[self.pixels] = values
        return out.reshape(height, width, values.shape[1])

    def every_other(self) -> Raster:
        """Every second row and column of the drawing: a quarter of the work for smooth values."""
        height, width = self.size
        row, column = np.divmod(self.pixels, width)
        kept = ((row | column) & 1) == 0
        size = ((height + 1) // 2, (width + 1) // 2)
        pixels = (row[kept] >> 1) * size[1] + (column[kept] >> 1)
        return replace(self, size=size, pixels=pixels, seen=self.seen[kept], step=2 * self.step)

    def interpolate(self, values: NDArray[np.floating], fill: float = 0.0) -> NDArray[np.float32]:
        """Attributes ``(vertices, k)`` over the picture, ``(h, w, k)`` float32."""
        return self.spread(self.at_covered(values), fill)

    def at_covered(
        self, values: NDArray[np.floating], slack: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Attributes ``(vertices, k)`` at the covered pixels, ``(n, k)`` float32.

        ``slack`` says, per attribute, how far beyond its corners' values a sliver may go: a pixel
        is drawn up to half a pixel outside a triangle.
        """
        corners = values[self.triangles]
        planes = (self.to_plane @ corners).astype(np.float32)  # (triangles, 3, k)
        row, column = np.divmod(self.pixels, self.size[1])
        if self.step != 1:
            row, column = row * self.step, column * self.step
        out, b, c = (np.take(planes[:, i], self.seen, axis=0) for i in range(3))
        out *= column.astype(np.float32)[:, None]
        b *= row.astype(np.float32)[:, None]
        out += b
        out += c
        # A sliver's plane is steep: half a pixel beyond its edge it already shoots far out.
        at_sliver = self.sliver[self.seen]
        owner = self.seen[at_sliver]
        low, high = corners.min(axis=1) - slack, corners.max(axis=1) + slack
        out[at_sliver] = np.clip(out[at_sliver], low[owner], high[owner])
        return out


def rasterise(
    vertices: NDArray[np.floating], triangles: NDArray[np.int32], size: tuple[int, int]
) -> Raster:
    """Draw triangles far to near.

    Args:
        vertices: ``(v, 3)`` x, y in pixels (centres at integers), z growing away from the viewer.
        triangles: ``(t, 3)`` vertex indices. Triangles without area are not drawn.
        size: ``(height, width)`` of the picture.
    """
    corners = vertices[triangles].astype(np.float64)  # (t, 3, 3)
    rows = np.concatenate([corners[..., :2], np.ones((len(triangles), 3, 1))], axis=2)
    area = np.linalg.det(rows)
    solid = np.abs(area) > 1e-3
    rows[~solid] = np.eye(3)
    to_plane = np.linalg.inv(rows).astype(np.float64)

    order = np.argsort(-corners[..., 2].mean(axis=1), kind="stable")
    fixed = np.round(corners[..., :2] * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    index = np.full(size, -1, np.int32)
    inside = (
        (corners[..., 0].max(1) >= 0)
        & (corners[..., 1].max(1) >= 0)
        & (corners[..., 0].min(1) <= size[1] - 1)
        & (corners[..., 1].min(1) <= size[0] - 1)
    )
    for i in order[(solid & inside)[order]].tolist():
        cv2.fillConvexPoly(index, fixed[i], i, cv2.LINE_8, _SUBPIXEL_BITS)
    pixels = np.flatnonzero(index >= 0)
    longest = np.linalg.norm(np.roll(corners, 1, axis=1) - corners, axis=2).max(axis=1)
    sliver = np.abs(area) < _SLIVER_HEIGHT * longest
    return Raster(size, pixels, index.ravel()[pixels], sliver, to_plane, triangles)
