"""A face's colours, unfolded and small: what tells light and things in front of the face.

The same cell shows the same spot of the face in every photo of a person, so that photos can be
compared cell by cell whatever the head's pose.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import LIPS_OUTER, load_topology
from exshot.identity.likeness import unfold

Skin = NDArray[np.float32]
"""``(24, 24, 3)`` CIE Lab, the unfolded face's mean colours; forehead at the top."""

_SIDE: Final = 24
_INNER: Final = (0.2, 0.8, 0.14, 0.9)  # left, right, top, bottom of what a turned head still shows
_EXPOSURE: Final = 0.3  # weight of brightness alone, which an edit matches easily
_FOREIGN: Final = 18.0  # Lab units beyond which a spot is something else than this face
_FOREIGN_OF_TWO: Final = 24.0  # the same where there is but one other photo
_FEWEST: Final = 3  # photos of which the middle one is taken for the face as it is


def skin_of(picture: NDArray[np.uint8], mesh: NDArray[np.float32]) -> Skin:
    """Skin of a face in a small picture, ``(h, w, 3)`` sRGB, with its mesh in that picture."""
    face = unfold(picture, mesh).astype(np.float32) / 255
    small = cv2.resize(face, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)


def light_between(one: Skin, other: Skin) -> float:
    """How differently two photos of a person are lit, Lab units; 0 for the same light.

    What grows across the face, from side to side and from chin to forehead, is light from another
    direction; hues are another white balance.
    """
    middle, aside, upward = _trend(other - one)
    exposure, *hue = middle
    return float(np.linalg.norm([_EXPOSURE * exposure, *hue, aside[0], upward[0]]))


def covered_shares(skins: Sequence[Skin]) -> tuple[float, ...]:
    """For each photo of one person, the share of the face that something covers, in [0, 1].

    Covered is what differs from the person's other photos by more than light does. Of two photos
    nobody knows which one is as usual: there a spot must be unlike the same face's other spots too.
    """
    if len(skins) < 2:
        return (0.0,) * len(skins)
    usual = np.median(np.stack(skins), axis=0) if len(skins) >= _FEWEST else None
    shares = []
    for number, skin in enumerate(skins):
        reference = skins[1 - number] if usual is None else usual
        foreign = _foreign(skin - reference, _FOREIGN if usual is not None else _FOREIGN_OF_TWO)
        if usual is None:
            own = np.median(skin[_cells()], axis=0)
            foreign &= _foreign(skin - own, _FOREIGN_OF_TWO)
        shares.append(float(foreign.mean()))
    return tuple(shares)


def _foreign(change: NDArray[np.floating], most: float) -> NDArray[np.bool_]:
    """Which cells, ``(n,)``, change otherwise than light changes a face."""
    middle, aside, upward = _trend(change)
    x, y = _places()
    smooth = middle + x[:, None] * aside + y[:, None] * upward
    return np.linalg.norm(change[_cells()] - smooth, axis=1) > most


def _trend(change: NDArray[np.floating]) -> tuple[NDArray[np.floating], ...]:
    """Middle, and growth from the middle to the side and to the top, each ``(3,)``; robust."""
    x, y = _places()
    basis = np.stack([np.ones_like(x), x, y], axis=1)
    values = change[_cells()]
    weight = np.ones(len(values))
    found = np.zeros((3, 3))
    for _ in range(4):  # reweighted: what covers a part must not pass for light
        found = np.linalg.lstsq(basis * weight[:, None], values * weight[:, None], rcond=None)[0]
        off = np.linalg.norm(values - basis @ found, axis=1)
        weight = 1 / np.maximum(off / max(float(np.median(off)), 1.0), 1.0)
    return found[0], found[1], found[2]


@lru_cache(maxsize=1)
def _cells() -> NDArray[np.bool_]:
    """``(24, 24)`` cells of skin, eyes and brows; a mouth opens and closes."""
    left, right, top, bottom = _INNER
    u, v = np.meshgrid(*[(np.arange(_SIDE) + 0.5) / _SIDE] * 2)
    lips = load_topology().uv[list(LIPS_OUTER)]
    (x0, y0), (x1, y1) = lips.min(axis=0) - 0.02, lips.max(axis=0) + 0.04
    mouth = (u > x0) & (u < x1) & (v > y0) & (v < y1)
    return (u > left) & (u < right) & (v > top) & (v < bottom) & ~mouth


@lru_cache(maxsize=1)
def _places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the cells lie, -1 to 1 from left to right and from bottom to top, each ``(n,)``."""
    v, u = np.nonzero(_cells())
    return (u + 0.5) / _SIDE * 2 - 1, 1 - (v + 0.5) / _SIDE * 2
