"""Lips and teeth of the expression photo in the colours that the pose photo's own have."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.light import OFFSET
from exshot.draw.openings import Mesh, fill
from exshot.draw.teeth import tooth_ratio
from exshot.face.topology import LIPS_INNER, LIPS_OUTER
from exshot.image.geometry import Box, within
from exshot.image.sampling import Map, blur, ramp_of, spread

_LIP_LIMIT: Final = 0.6  # log gain: lipstick of one day on the bare lips of another
_EVEN: Final = 0.7  # share of the lips' differences in hue that goes: half of it is the other light
_HUE_LIMIT: Final = 0.25  # log ratio of a channel to brightness; beyond it is no lip
_LEAST_LIPS: Final = 20  # pixels
_LIP_SOFTNESS: Final = 0.010  # of the face width
_INSIDE_SOFTNESS: Final = 0.006
_WITHIN: Final = (0.88, 0.94)  # share of the opening that lies in the pose photo's own: it closes


def match_mouth(
    pose: Map,
    pose_mesh: Mesh,
    drawn: Map,
    target: Mesh,
    log_gain: Map,
    skin: tuple[NDArray[np.float32], NDArray[np.float32]],
    face_width: float,
) -> NDArray[np.float32]:
    """Change of the log gain ``(h, w, 3)`` over lips and mouth.

    Lips get the pose photo's lip colour on average, and nearly one hue. Between the lips one gain
    serves all, so that teeth are not half bright and half grey: the mean of what the skin's light
    asks for there, and the pose photo's tooth colour where both photos show teeth.

    Args:
        pose: ``(h, h, 3)`` crop of the pose photo in [0, 1].
        pose_mesh: ``(478, 3)``, pixels of it.
        drawn: ``(h, h, 3)``, the expression photo on the target mesh, after its gain.
        target: ``(478, 3)`` mesh of the result, the same pixels.
        log_gain: ``(h, h, 3)``, that gain.
        skin: ``(n, 3)`` and ``(m, 3)`` pixels of bare skin of both.
        face_width: of the target mesh, pixels of the maps.
    """
    size = len(drawn)
    own_inside, inside = fill(pose_mesh, LIPS_INNER, size), fill(target, LIPS_INNER, size)
    own_lips, lips = (
        fill(mesh, LIPS_OUTER, size) * (1 - opened)
        for mesh, opened in ((pose_mesh, own_inside), (target, inside))
    )
    change = np.zeros_like(drawn)
    if min((own_lips > 0.5).sum(), (lips > 0.5).sum()) >= _LEAST_LIPS:
        ratio = _log(pose[own_lips > 0.5].mean(axis=0)) - _log(drawn[lips > 0.5].mean(axis=0))
        soft = blur(lips.astype(np.float32), _LIP_SOFTNESS * face_width)[..., None]
        change += soft * np.clip(ratio, -_LIP_LIMIT, _LIP_LIMIT)
        hue = _log(blur(drawn, _LIP_SOFTNESS * face_width))
        hue -= hue.mean(axis=2, keepdims=True)
        uneven = np.clip(hue - hue[lips > 0.5].mean(axis=0), -_HUE_LIMIT, _HUE_LIMIT)
        change -= soft * np.float32(_EVEN) * uneven
    within = inside > 0.5
    if within.any():
        even = log_gain[within].mean(axis=0)
        evened = drawn[within] * np.exp(even - log_gain[within])
        even += tooth_ratio(pose[own_inside > 0.5], evened, *skin)
        soft = blur(inside, _INSIDE_SOFTNESS * face_width)[..., None]
        change += soft * (even - log_gain - change)
    return change.astype(np.float32)


def with_still_teeth(flow_pose: Map, pose: Mesh, target: Mesh, face_width: float) -> Map:
    """The pose photo's flow with teeth that stay where they are while lips close over them.

    The mesh knows of lips only, and would squeeze what is between them. Teeth belong to the skull:
    of a mouth that closes, less of them is seen. One that opens shows what the photo does not
    hold; there the inside is stretched, as the mesh says.

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
    soft = _INSIDE_SOFTNESS * face_width
    box, rim = within(shown > 0), math.ceil(3 * soft)
    part = Box(box.x0 - rim, box.y0 - rim, box.x1 + rim, box.y1 + rim).clipped(size, size).slices
    share = np.float32(closes) * blur(shown[part], soft)
    out = flow_pose.copy()
    out[part] += spread(share, 2) * (identity_flow(size)[part] - aside - out[part])
    return out


def _log(color: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log(color + np.float32(OFFSET))
