"""Teeth belong to the skull: they stay where they are while lips close over them."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from exshot.align.flow import identity_flow
from exshot.draw.openings import INSIDE_SOFTNESS, Mesh, fill
from exshot.face.topology import LIPS_INNER
from exshot.image.geometry import Box, within
from exshot.image.sampling import Map, blur, ramp_of, spread

_WITHIN: Final = (0.88, 0.94)  # share of the opening that lies in the pose photo's own: it closes


def with_still_teeth(flow_pose: Map, pose: Mesh, target: Mesh, face_width: float) -> Map:
    """The pose photo's flow with teeth that stay where they are while lips close over them.

    The mesh knows of lips only, and would squeeze what is between them. Teeth belong to the skull:
    of a mouth that closes, less of them is seen. One that opens shows what the photo does not
    hold; a little further the inside is stretched, as the mesh says, and beyond that it is another
    photo's (`exshot.draw.openings.needed`).

    Args:
        flow_pose: ``(h, h, 2)`` of `exshot.align.flow.WarpMaps`.
        pose, target: ``(478, 3)`` meshes, pixels of the maps.
        face_width: of the target mesh, pixels of the maps.
    """
    size, ring = len(flow_pose), list(LIPS_INNER)
    aside = np.array([(target[ring, 0] - pose[ring, 0]).mean(), 0], np.float32)
    moved = pose[:, :2] + aside
    own, inside = fill(moved, LIPS_INNER, size), fill(target, LIPS_INNER, size)
    shown = own * inside
    closes = ramp_of(float(shown.sum() / max(float(inside.sum()), 1.0)), *_WITHIN)
    if closes == 0:
        return flow_pose
    soft = INSIDE_SOFTNESS * face_width
    box, rim = within(shown > 0), math.ceil(3 * soft)
    part = Box(box.x0 - rim, box.y0 - rim, box.x1 + rim, box.y1 + rim).clipped(size, size).slices
    share = np.float32(closes) * blur(shown[part], soft)
    out = flow_pose.copy()
    out[part] += spread(share, 2) * (identity_flow(size)[part] - aside - out[part])
    return out
