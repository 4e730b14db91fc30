"""Errors carried onto one generic face, to average them over people and to split by region."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import (
    CANONICAL_VERTICES,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_OUTER,
    RIGHT_BROW,
    RIGHT_EYE,
    load_topology,
)
from exshot.image.rasterise import Raster, rasterise

SIZE = 256  # pixels of the generic face's square
_MARGIN = 1.06
_NOSE = (168, 193, 245, 128, 114, 217, 198, 64, 98, 2, 327, 294, 420, 437, 343, 357, 465, 417)


@lru_cache(maxsize=1)
def generic_vertices() -> NDArray[np.float32]:
    """The canonical model from the front, ``(468, 3)``, x and y pixels of the generic square."""
    vertices = load_topology().vertices * np.array([1, -1, -1], np.float32)
    low, high = vertices[:, :2].min(0), vertices[:, :2].max(0)
    scale = (SIZE - 1) / (float((high - low).max()) * _MARGIN)
    placed = vertices * scale
    placed[:, :2] += (SIZE - 1) / 2 - (low + high) / 2 * scale
    return placed


@lru_cache(maxsize=1)
def generic_raster() -> Raster:
    """The generic face's triangles, drawn at `SIZE`."""
    return rasterise(generic_vertices(), load_topology().triangles, (SIZE, SIZE))


def error_on_generic_face(
    result: NDArray[np.uint8], truth: NDArray[np.uint8], mesh: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Absolute error ``(SIZE, SIZE)`` in [0, 1] on the generic face, NaN outside of it.

    Args:
        result, truth: ``(h, w, 3)`` crops.
        mesh: ``(478, 2)`` vertices of the truth in the crop's pixels.
    """
    error = np.abs(result.astype(np.float32) - truth).mean(axis=2) / 255
    raster = generic_raster()
    flow = raster.interpolate(mesh[:CANONICAL_VERTICES, :2])
    carried = cv2.remap(error, flow[..., 0], flow[..., 1], cv2.INTER_LINEAR)
    return np.where(raster.covered, carried, np.nan).astype(np.float32)


def _polygon(ring: tuple[int, ...], grow: int) -> NDArray[np.bool_]:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    points = np.round(generic_vertices()[list(ring), :2]).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), (255,))
    if grow:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
        mask = cv2.dilate(mask, kernel)
    return np.asarray(mask) > 0


@lru_cache(maxsize=1)
def generic_regions() -> Mapping[str, NDArray[np.bool_]]:
    """Masks ``(SIZE, SIZE)`` that split the generic face: each pixel of it is in one region."""
    brow_line = generic_vertices()[[55, 285], 1].min()
    mouth_corner = generic_vertices()[[61, 291], 1].mean()
    rows = np.arange(SIZE)[:, None]
    left = generic_raster().covered
    regions: dict[str, NDArray[np.bool_]] = {}
    wanted = {
        "mouth": _polygon(LIPS_OUTER, 5),
        "eyes": _polygon(RIGHT_EYE, 4) | _polygon(LEFT_EYE, 4),
        "brows": _polygon(RIGHT_BROW, 2) | _polygon(LEFT_BROW, 2),
        "nose": _polygon(_NOSE, 1),
        "forehead": np.broadcast_to(rows < brow_line, (SIZE, SIZE)),
        "jaw": np.broadcast_to(rows > mouth_corner, (SIZE, SIZE)),
        "cheeks": np.ones((SIZE, SIZE), bool),
    }
    for name, mask in wanted.items():
        regions[name] = left & mask
        left = left & ~mask
    return regions


def region_errors(error_map: NDArray[np.floating]) -> dict[str, float]:
    """Mean of an `error_on_generic_face` map over each region."""
    return {name: float(np.nanmean(error_map[mask])) for name, mask in generic_regions().items()}
