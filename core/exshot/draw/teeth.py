"""Teeth keep the pose photo's own brightness and colour, where it shows any."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.draw.light import OFFSET
from exshot.image.sampling import Map, channel_mean

_INSIDE: Final = 0.7  # of `exshot.align.fields.opening_weights`
_LESS_RED: Final = 1.1  # green over red, against the skin's: lips and gums are redder
_BRIGHT: Final = 0.6  # brightness, against the skin's: the dark of the mouth is not teeth
_LEAST_SHARE: Final = 0.2  # of the opening
_LEAST_OPENING: Final = 50  # pixels
_LEAST_SKIN: Final = 100  # pixels
_LIMIT: Final = 0.35  # log gain
_SOME: Final = np.s_[::2, ::2]  # of the skin: they tell its colour as well as all


def match_teeth(
    reference: NDArray[np.float32], source: NDArray[np.float32], openings: Map, skin: Map
) -> NDArray[np.float32]:
    """Log gain ``(3,)`` that gives the teeth of ``source`` the colour that ``reference`` shows.

    A gain measured on skin carries the difference of the skins, a tan or a blush, over to the
    teeth. Both photos are of one person: where both show teeth, those are compared. All zero where
    one of them does not.

    Args:
        reference: ``(h, w, 3)`` float32 in [0, 1], the pose photo on the target mesh.
        source: ``(h, w, 3)`` float32 in [0, 1], the expression photo on it, after its gain.
        openings: ``(h, w)`` in [0, 1], see `exshot.align.fields.opening_weights`.
        skin: ``(h, w)`` in [0, 1], where both show skin.
    """
    inside, bare = openings > _INSIDE, skin > 0.5
    if inside.sum() < _LEAST_OPENING or bare.sum() < _LEAST_SKIN:
        return np.zeros(3, np.float32)
    skin_of = [pixels[_SOME][bare[_SOME]] for pixels in (reference, source)]
    return tooth_ratio(reference[inside], source[inside], *skin_of)


def tooth_ratio(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    reference_skin: NDArray[np.float32],
    source_skin: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Log ratio ``(3,)`` of the teeth among the pixels ``(n, 3)`` of two mouths.

    Zero where one of them shows none; ``reference_skin`` and ``source_skin`` say what is brighter
    and paler than skin.
    """
    if min(len(reference), len(source)) < 1 or min(len(reference_skin), len(source_skin)) < 1:
        return np.zeros(3, np.float32)
    wanted, found = _teeth(reference, reference_skin), _teeth(source, source_skin)
    if wanted is None or found is None:
        return np.zeros(3, np.float32)
    ratio = np.log((wanted + OFFSET) / (found + OFFSET))
    return np.clip(ratio, -_LIMIT, _LIMIT).astype(np.float32)


def _teeth(inside: NDArray[np.float32], skin: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Mean colour of the brighter half of the teeth among ``(n, 3)`` pixels of a mouth."""
    bright, paleness = channel_mean(inside), _green_over_red(inside)
    teeth = (paleness > _LESS_RED * np.median(_green_over_red(skin))) & (
        bright > _BRIGHT * np.median(channel_mean(skin))
    )
    if teeth.mean() < _LEAST_SHARE:
        return None
    brighter = teeth & (bright >= np.median(bright[teeth]))
    return inside[brighter].mean(axis=0)


def _green_over_red(pixels: NDArray[np.float32]) -> NDArray[np.floating]:
    return pixels[:, 1] / np.maximum(pixels[:, 0], np.float32(0.02))
