"""Teeth belong to the skull: they stay as they are while lips close and open over them.

The mesh knows of lips only. It would squeeze what is between lips that close, and make teeth as
much longer as lips part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.openings import Mesh, fill
from exshot.face.topology import LIPS_INNER
from exshot.image.geometry import Box, within
from exshot.image.sampling import Map, blur, channel_mean, ramp_of, sample_at, spread

_SOFTNESS: Final = 0.006  # of the face width
_WITHIN: Final = (0.88, 0.94)  # share of the opening that lies in the pose photo's own: it closes
_CORNERS: Final = (0, len(LIPS_INNER) // 2)
_UPPER: Final = list(LIPS_INNER[: _CORNERS[1] + 1])
_LOWER: Final = [LIPS_INNER[0], *LIPS_INNER[: _CORNERS[1] - 1 : -1]]
_COLUMNS: Final = 33
_DEPTHS: Final = np.linspace(0.08, 0.96, 24)  # of the way from the upper lip to the lower one
_STEEPEST: Final = 2  # depths that the gap below the teeth falls by from one column to the next
_TOOTH: Final = 0.9  # quantile of brightness between the lips
_LONGER: Final = (1.5, 1.8)  # times, from which on stretched teeth are seen
_BRIGHTER: Final = 0.8  # quantile of brightness along the gap
_DARK: Final = (0.64, 0.76)  # brightness over that of teeth: no tooth, and maybe one
_LEAST_KEPT: Final = 0.6  # of the teeth's length, under an upper lip that comes down


def with_still_teeth(
    flow_pose: Map, pixels: Map, pose: Mesh, target: Mesh, face_width: float
) -> Map:
    """The pose photo's flow with teeth that stay what they are under lips that move.

    Of a mouth that closes, less of its teeth is seen. One that opens shows what the photo does not
    hold: there the dark below its teeth is drawn longer, and teeth only where nothing is dark.

    Args:
        flow_pose: ``(h, h, 2)`` of `exshot.align.flow.WarpMaps`.
        pixels: ``(h, h, 3)`` in [0, 1], crop of the pose photo.
        pose, target: ``(478, 3)`` meshes, pixels of the maps.
        face_width: of the target mesh, pixels of the maps.
    """
    return _closed(_opened(flow_pose, pixels, pose, target), pose, target, face_width)


def _closed(flow_pose: Map, pose: Mesh, target: Mesh, face_width: float) -> Map:
    """Lips that close come down on teeth that stay where they are."""
    size, ring = len(flow_pose), list(LIPS_INNER)
    aside = np.array([(target[ring, 0] - pose[ring, 0]).mean(), 0], np.float32)
    moved = pose[:, :2] + aside
    own, inside = fill(moved, LIPS_INNER, size), fill(target, LIPS_INNER, size)
    shown = own * inside
    closes = ramp_of(float(shown.sum() / max(float(inside.sum()), 1.0)), *_WITHIN)
    if closes == 0:
        return flow_pose
    soft = _SOFTNESS * face_width
    box, rim = within(shown > 0), math.ceil(3 * soft)
    part = Box(box.x0 - rim, box.y0 - rim, box.x1 + rim, box.y1 + rim).clipped(size, size).slices
    share = np.float32(closes) * blur(shown[part], soft)
    out = flow_pose.copy()
    out[part] += spread(share, 2) * (identity_flow(size)[part] - aside - out[part])
    return out


@dataclass(frozen=True)
class _Columns:
    """A mouth in columns from one corner to the other.

    Attributes:
        upper, lower: ``(k, 2)``, the lips' inner edges, pixels.
    """

    upper: NDArray[np.floating]
    lower: NDArray[np.floating]

    @classmethod
    def of(cls, mesh: Mesh) -> _Columns:
        at = np.linspace(0, len(_UPPER) - 1, _COLUMNS)
        upper, lower = (
            np.stack([np.interp(at, range(len(ring)), mesh[ring, axis]) for axis in (0, 1)], 1)
            for ring in (_UPPER, _LOWER)
        )
        return cls(upper, lower)

    @property
    def across(self) -> NDArray[np.floating]:
        """``(k, 2)``, from the upper lip to the lower one, pixels."""
        return self.lower - self.upper

    @property
    def axes(self) -> NDArray[np.floating]:
        """``(2, 2)`` columns of length 1: along the mouth, and down."""
        along = self.upper[-1] - self.upper[0]
        along = along / max(float(np.linalg.norm(along)), 1e-6)
        return np.array([[along[0], -along[1]], [along[1], along[0]]])


def _opened(flow_pose: Map, pixels: Map, pose: Mesh, target: Mesh) -> Map:
    """Lips that part draw the dark below the teeth longer, not the teeth."""
    own, new = _Columns.of(pose), _Columns.of(target)
    axes = new.axes
    height, open_to = own.across @ axes[:, 1], new.across @ axes[:, 1]
    longer = float(open_to.max() / max(float(height.max()), 1e-3))
    share = ramp_of(longer, *_LONGER)
    if share == 0:
        return flow_pose
    gap, brightness = _gap(pixels, own)
    share *= 1 - ramp_of(brightness, *_DARK)
    if share == 0:
        return flow_pose
    raised = (own.upper - new.upper) @ axes[:, 1]
    size = len(flow_pose)
    box, rim = within(fill(target, LIPS_INNER, size) > 0), 1
    box = Box(box.x0 - rim, box.y0 - rim, box.x1 + rim, box.y1 + rim).clipped(size, size)
    at = identity_flow(size)[box.slices] @ axes.astype(np.float32)
    places = (new.upper + new.lower) / 2 @ axes[:, 0]

    def along(values: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.interp(at[..., 0], places, values)

    depth = at[..., 1] - along(new.upper @ axes[:, 1])
    teeth = np.clip(gap * height + raised, _LEAST_KEPT * gap * height, gap * open_to)
    tall, wide, teeth, gap_at = along(height), along(open_to), along(teeth), along(gap)
    lip = (1 - gap_at) * tall
    even = depth / np.maximum(wide, 1e-3)
    kept = np.where(
        depth < teeth,
        depth / np.maximum(teeth, 1e-3) * gap_at,
        np.maximum(gap_at, 1 - (wide - depth) / np.maximum(tall, 1e-3)),
    )
    inside = (depth > 0) & (depth < wide) & (teeth + lip < wide)
    change = np.where(inside, np.float32(share) * (kept - even), 0)
    out = flow_pose.copy()
    across = np.stack([along(own.across[:, axis]) for axis in (0, 1)], axis=2)
    out[box.slices] += (change[..., None] * across).astype(np.float32)
    return out


def _gap(pixels: Map, mouth: _Columns) -> tuple[NDArray[np.floating], float]:
    """Where a mouth is dark below its teeth, ``(k,)`` of the way to the lower lip; its brightness.

    The darkest path from corner to corner, which does not jump from tooth to tooth.
    """
    points = (mouth.upper + _DEPTHS[:, None, None] * mouth.across).astype(np.float32)
    bright = sample_at(channel_mean(pixels), points)
    bright = bright / max(float(np.quantile(bright, _TOOTH)), 1e-3)
    cost, came = bright[:, 0], np.zeros(bright.shape, np.intp)
    steps = np.arange(-_STEEPEST, _STEEPEST + 1)
    for column in range(1, bright.shape[1]):
        before = np.pad(cost, _STEEPEST, constant_values=np.inf)
        choices = np.stack([before[_STEEPEST + step :][: len(cost)] for step in steps])
        came[:, column] = np.arange(len(cost)) + steps[choices.argmin(axis=0)]
        cost = bright[:, column] + choices.min(axis=0)
    path = np.empty(bright.shape[1], np.intp)
    path[-1] = int(cost.argmin())
    for column in range(len(path) - 1, 0, -1):
        path[column - 1] = came[path[column], column]
    found = bright[path, np.arange(len(path))]
    return _DEPTHS[path], float(np.quantile(found, _BRIGHTER))
