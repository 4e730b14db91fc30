"""Triangle rasteriser: an index map by painter's order, then one affine map per triangle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cache import kept_property

_SUBPIXEL_BITS: Final = 4
_SLIVER_HEIGHT: Final = 2.0  # pixels


@dataclass(frozen=True)
class Raster:
    """Which triangle is seen at each pixel, and what its corners' values are there.

    Attributes:
        seen: ``(h, w)`` index of the triangle seen; the number of triangles where there is none.
        sliver: ``(triangles,)`` True for triangles hardly a pixel high.
        to_plane: ``(triangles, 3, 3)`` inverse of each triangle's ``[x y 1]`` rows; times the
            corner values of an attribute it gives the attribute's plane over the picture.
        triangles: ``(triangles, 3)`` vertex indices.
        x, y: ``(w,)`` and ``(h,)`` where columns and rows lie in the vertices' picture.
    """

    seen: NDArray[np.intp]
    sliver: NDArray[np.bool_]
    to_plane: NDArray[np.float64]
    triangles: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]

    @property
    def covered(self) -> NDArray[np.bool_]:
        """``(h, w)`` True where the mesh is seen."""
        return self.seen < len(self.triangles)

    def part(self, rows: slice, columns: slice) -> Raster:
        """A rectangle of it."""
        seen = np.ascontiguousarray(self.seen[rows, columns])
        return replace(self, seen=seen, x=self.x[columns], y=self.y[rows])

    def interpolate(
        self,
        values: NDArray[np.floating],
        outside: NDArray[np.floating] | float = 0.0,
        slack: NDArray[np.floating] | float = 0.0,
    ) -> NDArray[np.float32]:
        """Attributes of the vertices over the picture.

        Args:
            values: ``(vertices, k)``.
            outside: what is drawn beside the mesh, ``(3, k)`` planes (the factors of x and y, and
                a constant) or one number for all.
            slack: for each attribute, how far beyond its corners' values a sliver may go: a pixel
                is drawn up to half a pixel outside a triangle.

        Returns:
            ``(h, w, k)`` float32.
        """
        planes = self.planes(values, outside, slack)
        return np.asarray(cv2.merge(list(planes)), np.float32).reshape(*self.seen.shape, -1)

    def planes(
        self,
        values: NDArray[np.floating],
        outside: NDArray[np.floating] | float = 0.0,
        slack: NDArray[np.floating] | float = 0.0,
    ) -> NDArray[np.float32]:
        """As `interpolate`, one attribute after the other, ``(k, h, w)``."""
        corners = values[self.triangles]
        planes = np.zeros((3, values.shape[1], len(self.triangles) + 1), np.float32)
        planes[..., :-1] = np.moveaxis(self.to_plane @ corners, 0, 2)
        planes[2 if np.ndim(outside) == 0 else slice(None), :, -1] = outside
        y = self.y[:, None]
        out = np.empty((values.shape[1], *self.seen.shape), np.float32)
        along_y, constant = (np.empty(self.seen.shape, np.float32) for _ in range(2))
        for k, along_x in enumerate(out):
            for plane, read in zip(planes, (along_x, along_y, constant), strict=True):
                plane[k].take(self.seen, out=read, mode="clip")  # unlike "raise", unbuffered
            along_x *= self.x
            along_y *= y
            along_x += along_y
            along_x += constant
        self._hold_slivers(out, corners, slack)
        return out

    def _hold_slivers(
        self,
        out: NDArray[np.float32],
        corners: NDArray[np.floating],
        slack: NDArray[np.floating] | float,
    ) -> None:
        """A sliver's plane is steep: half a pixel beyond its edge it already shoots far out."""
        pixels = self._on_slivers
        if not pixels.size:
            return
        first, second, third = np.moveaxis(corners, 1, 0)
        low = np.minimum(np.minimum(first, second), third) - slack
        high = np.maximum(np.maximum(first, second), third) + slack
        seen = self.seen.ravel()[pixels]
        flat = out.reshape(len(out), -1)
        flat[:, pixels] = np.clip(flat[:, pixels], low[seen].T, high[seen].T)

    @kept_property
    def _on_slivers(self) -> NDArray[np.intp]:
        """Pixels where one is seen, by their places in the flat picture."""
        return np.flatnonzero(np.append(self.sliver, False).take(self.seen))


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
    x, y = corners[..., 0], corners[..., 1]
    # The inverse of the rows [x y 1], by cofactors: edges opposite to each corner.
    next_x, next_y = np.roll(x, -1, axis=1), np.roll(y, -1, axis=1)
    last_x, last_y = np.roll(x, 1, axis=1), np.roll(y, 1, axis=1)
    to_plane = np.stack([next_y - last_y, last_x - next_x, next_x * last_y - last_x * next_y], 1)
    area = to_plane[:, 2].sum(axis=1)
    solid = np.abs(area) > 1e-3
    to_plane /= np.where(solid, area, np.inf)[:, None, None]

    order = np.argsort(-corners[..., 2].mean(axis=1), kind="stable")
    fixed = np.round(corners[..., :2] * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    index = np.full(size, len(triangles), np.int32)
    inside = (
        (x.max(1) >= 0) & (y.max(1) >= 0) & (x.min(1) <= size[1] - 1) & (y.min(1) <= size[0] - 1)
    )
    for i in order[(solid & inside)[order]].tolist():
        cv2.fillConvexPoly(index, fixed[i], i, cv2.LINE_8, _SUBPIXEL_BITS)
    longest = np.hypot(next_x - x, next_y - y).max(axis=1)
    sliver = np.abs(area) < _SLIVER_HEIGHT * longest
    columns, rows = (np.arange(side, dtype=np.float32) for side in size[::-1])
    return Raster(index.astype(np.intp), sliver, to_plane, triangles, columns, rows)


def fill_hull(points: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    """The convex hull of points as a mask ``(size, size)`` of 0 and 1.

    Args:
        points: ``(n, 2)``, pixels of the mask.
        size: side of the mask.
    """
    mask = np.zeros((size, size), np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), (1.0,))
    return mask
