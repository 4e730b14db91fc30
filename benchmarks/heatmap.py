"""Where on a face the errors are: mean error on a generic face, after figure 6b of the paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluate import Row
from benchmarks.generic_face import SIZE, generic_raster, generic_regions, generic_vertices
from exshot.face.topology import (
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    NOSE_BASE,
    RIGHT_BROW,
    RIGHT_EYE,
)

_SCALE = 2  # output pixels per pixel of the generic face
_FULL = 0.15  # error drawn in the hottest colour
_RINGS = (FACE_OVAL, LIPS_OUTER, LIPS_INNER, RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW)


def mean_error_map(rows: Sequence[Row]) -> NDArray[np.float32]:
    """Mean of the rows' error maps ``(SIZE, SIZE)``, NaN outside the generic face.

    Raises:
        ValueError: no row has a map.
    """
    maps = [row.error_map for row in rows if row.error_map is not None]
    if not maps:
        raise ValueError("no row has an error map")
    return np.asarray(np.mean(maps, axis=0, dtype=np.float64), np.float32)


def draw(
    error_map: NDArray[np.float32], title: str, full: float = _FULL, unit: str = "MAE"
) -> NDArray[np.uint8]:
    """The map in colours with the features drawn on, a scale bar and the means by region.

    Returns ``(h, w, 3)`` RGB. ``full`` is drawn in the hottest colour.
    """
    side = SIZE * _SCALE
    filled = np.nan_to_num(np.clip(error_map / full, 0, 1), nan=0.0)
    levels = cv2.resize(filled, (side, side), interpolation=cv2.INTER_LINEAR)
    coloured = cv2.applyColorMap(np.round(levels * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    inside = cv2.resize(generic_raster().covered.astype(np.uint8), (side, side)) > 0
    face = np.where(inside[..., None], coloured, 255).astype(np.uint8)
    points = generic_vertices()[:, :2] * _SCALE
    for ring in _RINGS:
        outline = np.round(points[list(ring)]).astype(np.int32)
        cv2.polylines(face, [outline], True, (200, 200, 200), 1, cv2.LINE_AA)
    nose = np.round(points[list(NOSE_BASE)]).astype(np.int32)
    cv2.polylines(face, [nose], False, (200, 200, 200), 1, cv2.LINE_AA)
    page = np.full((side + 40, side + 190, 3), 255, np.uint8)
    page[40:, :side] = face
    _write(page, title, (10, 26))
    _write_legend(page, error_map, side, full, unit)
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2RGB), np.uint8)


def _write_legend(
    page: NDArray[np.uint8], error_map: NDArray[np.float32], left: int, full: float, unit: str
) -> None:
    bar = np.linspace(255, 0, 180).astype(np.uint8)[:, None].repeat(22, axis=1)
    page[60:240, left + 10 : left + 32] = cv2.applyColorMap(bar, cv2.COLORMAP_INFERNO)
    _write(page, f"{full:.2f}", (left + 40, 70))
    _write(page, f"0 {unit}", (left + 40, 240))
    for line, (name, mask) in enumerate(generic_regions().items()):
        value = float(np.nanmean(error_map[mask]))
        _write(page, f"{name:9s}{value:.4f}", (left + 10, 290 + 24 * line))


def _write(page: NDArray[np.uint8], text: str, place: tuple[int, int]) -> None:
    cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)


def write_heat_map(rows: Sequence[Row], folder: Path) -> list[Path]:
    """One PNG for each set and method, and the maps themselves as ``error_maps.npz``."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.error_map is not None:
            groups.setdefault((row.set_name, row.method), []).append(row)
    folder.mkdir(parents=True, exist_ok=True)
    written, maps = [], {}
    for (set_name, method), group in groups.items():
        error_map = maps[f"{set_name}-{method}"] = mean_error_map(group)
        picture = draw(error_map, f"{method} on {set_name}, {len(group)} cases")
        file = folder / f"{set_name}-{method}.png"
        cv2.imwrite(str(file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        written.append(file)
    if maps:
        np.savez_compressed(folder / "error_maps.npz", **maps)
    return written
