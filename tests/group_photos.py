"""Three shots of three people side by side, made of the demo's rendered heads: nobody's photos.

In each shot one of them laughs and the other two blink, so that whatever shot one starts from, two
faces are better in another shot each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from shared_data import CHECKOUT

DEMO = CHECKOUT / "core/exshot/demo"
_HEIGHT = 560
_COLLAR = 0.55  # share of the height above which there is no shirt
_SHIRT_HUES = (90, 130)  # of OpenCV's 180
_SHIRTS = (108, 0, 70)
_GAMMAS = ((1.0, 1.0, 1.0), (0.85, 0.88, 0.82), (1.25, 1.2, 1.15))  # blue, green, red


def write_group(folder: Path) -> tuple[Path, ...]:
    """Write the shots as ``shot0.png``, ``shot1.png``, ``shot2.png``; person N laughs in shot N."""
    blinking, laughing = (_demo(name) for name in ("pose", "expression"))
    paths = []
    for shot in range(3):
        tiles = [_person(laughing if who == shot else blinking, who) for who in range(3)]
        paths.append(folder / f"shot{shot}.png")
        cv2.imwrite(str(paths[-1]), np.hstack(tiles))
    return tuple(paths)


def _demo(name: str) -> NDArray[Any]:
    picture = cv2.imread(str(DEMO / f"{name}.jpg"))
    assert picture is not None
    height, width = picture.shape[:2]
    scale = _HEIGHT / (0.85 * height)
    part = picture[round(0.15 * height) :, round(0.04 * width) : round(0.96 * width)]
    return cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _person(picture: NDArray[Any], who: int) -> NDArray[Any]:
    """The demo's person as somebody else: another shirt and complexion; the second one mirrored."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
    low, high = _SHIRT_HUES
    shirt = (hsv[..., 0] > low) & (hsv[..., 0] < high) & (hsv[..., 1] > 45)
    shirt[: round(_COLLAR * len(shirt))] = False
    hsv[..., 0][shirt] = _SHIRTS[who]
    shown = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR).astype(np.float32) / 255
    shown = np.rint(255 * shown ** np.array(_GAMMAS[who])).astype(np.uint8)
    return shown[:, ::-1] if who == 1 else shown
