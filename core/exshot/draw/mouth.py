"""Lips and teeth of the expression photo in the colours and the light of the pose photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.draw.light import OFFSET
from exshot.draw.openings import INSIDE_SOFTNESS, Mesh, fill, inside_mask
from exshot.draw.teeth import tooth_ratio
from exshot.face.topology import LIPS_INNER, LIPS_OUTER
from exshot.image.sampling import Map, blur, channel_mean, spread

_LIP_LIMIT: Final = 0.6  # log gain: lipstick of one day on the bare lips of another
_EVEN: Final = 0.7  # share of the lips' differences in hue that goes: half of it is the other light
_HUE_LIMIT: Final = 0.25  # log ratio of a channel to brightness; beyond it is no lip
_FLATTEST: Final = 0.6  # contrast of a mouth over that of its photo
_EVEN_SKIN: Final = 0.02  # deviation of log brightness on skin that any light leaves
_SHADE: Final = np.float32(0.5)  # of that for what is darker: a mouth is, in any light
_LEAST_LIPS: Final = 20  # pixels
_LIP_SOFTNESS: Final = 0.010  # of the face width


@dataclass(frozen=True)
class BareSkin:
    """Pixels in [0, 1] of the skin that both photos show.

    Attributes:
        own: ``(n, 3)``, of the pose photo.
        drawn: ``(n, 3)``, of the expression photo after its gain.
        before: ``(n, 3)``, the same before it.
    """

    own: NDArray[np.float32]
    drawn: NDArray[np.float32]
    before: NDArray[np.float32]

    @property
    def contrast(self) -> np.float32:
        """How much flatter the light of the pose photo is, as a mouth follows it; at most 1."""
        if not len(self.own):
            return np.float32(1)
        own, other = (
            float(np.log(channel_mean(skin) + OFFSET).std()) for skin in (self.own, self.before)
        )
        return np.float32(np.clip((own + _EVEN_SKIN) / (other + _EVEN_SKIN), _FLATTEST, 1))


def match_mouth(
    pose: Map,
    pose_mesh: Mesh,
    drawn: Map,
    target: Mesh,
    log_gain: Map,
    skin: BareSkin,
    face_width: float,
) -> NDArray[np.float32]:
    """Change of the log gain ``(h, w, 3)`` over lips and mouth.

    Lips get the pose photo's lip colour on average, and nearly one hue. Between the lips one gain
    serves all, so that teeth are not half bright and half grey: the mean of what the skin's light
    asks for there, and the pose photo's tooth colour where both photos show teeth. In a light
    flatter than the expression photo's lips glisten less, and teeth of unknown colour are less
    white.

    Args:
        pose: ``(h, h, 3)`` crop of the pose photo in [0, 1].
        pose_mesh: ``(478, 3)``, pixels of it.
        drawn: ``(h, h, 3)``, the expression photo on the target mesh, after its gain.
        target: ``(478, 3)`` mesh of the result, the same pixels.
        log_gain: ``(h, h, 3)``, that gain.
        skin: of both photos.
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
    within, flatter = inside > 0.5, np.maximum(lips, inside)
    if within.any():
        even = log_gain[within].mean(axis=0)
        evened = drawn[within] * np.exp(even - log_gain[within])
        teeth = tooth_ratio(pose[own_inside > 0.5], evened, skin.own, skin.drawn)
        even += teeth
        flatter = lips if teeth.any() else flatter
        soft = inside_mask(target, size, face_width)[..., None]
        change += soft * (even - log_gain - change)
    contrast = skin.contrast
    if contrast < 1:
        share = (1 - contrast) * blur(flatter, INSIDE_SOFTNESS * face_width)
        change -= spread(share, 3) * _beyond(drawn * np.exp(change), lips, inside, skin.own)
    return change.astype(np.float32)


def _beyond(drawn: Map, lips: Map, inside: Map, skin: NDArray[np.float32]) -> Map:
    """By how much lips are brighter than lips are on average, and teeth than skin, log ratio."""
    tone = _log(drawn)
    of_lips = tone[lips > 0.5].mean(axis=0) if (lips > 0.5).any() else tone.mean(axis=(0, 1))
    of_skin = np.log(np.median(channel_mean(skin)) + np.float32(OFFSET))
    beyond = tone - (of_lips + spread(inside, 3) * (of_skin - of_lips))
    return (beyond * np.where(beyond < 0, _SHADE, np.float32(1))).astype(np.float32)


def _log(color: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log(color + np.float32(OFFSET))
