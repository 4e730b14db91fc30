"""Where a beard grows, on the skins' texture."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.assets import Polygons

_SIZE: Final = 512
_LIPS: Final = (6.615, 0.29, 0.105)  # height of the middle, half width, half height; decimetres
_NOSE: Final = 6.81  # height of its base
_NECK: Final = (5.95, 6.2)  # from no beard to all of it
_BACK: Final = (0.25, 0.5)  # z: the same behind the jaw
_SOFT: Final = 0.06  # decimetres over which a border fades


def beard_region(base: Polygons) -> NDArray[np.float32]:
    """Share of skin that bears hair, ``(512, 512)`` in [0, 1], top row first.

    Upper lip, chin, jaw and cheeks up to a line from the mouth's corners to the ears.
    """
    share = _grown(base.vertices)
    skin = (np.array(base.groups) == "body") & (share[base.corners].max(1) > 0)
    region = np.zeros((_SIZE, _SIZE), np.float32)
    for corners, uv_corners in zip(base.corners[skin], base.uv_corners[skin], strict=True):
        place = base.uv[uv_corners] * [1, -1] + [0, 1]
        polygon = np.round(place * _SIZE - 0.5).astype(np.int32)
        cv2.fillPoly(region, [polygon], (float(share[corners].mean()),))
    return np.asarray(cv2.GaussianBlur(region, (0, 0), 2.0), np.float32)


def _grown(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = np.abs(vertices[:, 0]), vertices[:, 1], vertices[:, 2]
    middle, wide, tall = _LIPS
    line = np.where(x < wide, _NOSE, middle + 0.12 + 0.55 * (x - wide))
    below = _rise((line - y) / _SOFT + 0.5)
    lips = np.hypot(x / wide, (y - middle) / tall)
    off_lips = np.where(z > 1.2, _rise((lips - 1) * tall / _SOFT + 0.5), 1.0)
    neck = _rise((y - _NECK[0]) / (_NECK[1] - _NECK[0]))
    front = _rise((z - _BACK[0]) / (_BACK[1] - _BACK[0]))
    return below * off_lips * neck * front


def _rise(t: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
