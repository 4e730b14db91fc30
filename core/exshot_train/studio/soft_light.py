"""The studio's own light: two large soft boxes, a ceiling panel and grey walls, one for all views.

The paper's rig stands in one such light, and only training relights it. A light map in code needs
no file, and being so soft, it looks alike in both renderers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.assets import Assets
from exshot_train.studio.lights import Pixels, directions, normalised, read_light

SOFT_STUDIO = "soft_studio"
"""Stands for this light wherever a light map's name does."""

_SIZE = (256, 512)
# Azimuth toward the sitter's left from straight ahead, height, half width, half height (degrees),
# radiance against walls of about 0.4.
_PANELS = (
    (42.0, 24.0, 32.0, 30.0, 4.2),  # key
    (-48.0, 12.0, 34.0, 32.0, 2.5),  # fill
    (0.0, 82.0, 60.0, 22.0, 2.2),  # ceiling
    (112.0, 15.0, 13.0, 34.0, 1.6),  # rim, far to the side
)
_SOFT_EDGE = 9.0  # degrees over which a panel fades
_WALL, _FLOOR = 0.42, 0.20


def soft_studio() -> Pixels:
    """Linear radiance ``(256, 512, 3)``, with the exposure of every light map."""
    rays = directions(*_SIZE)
    azimuth = np.degrees(np.arctan2(rays[..., 0], rays[..., 2]))
    height = np.degrees(np.arcsin(rays[..., 1]))
    wall = _FLOOR + (_WALL - _FLOOR) * _step((height + 35) / 50)
    radiance = np.repeat(wall[..., None], 3, axis=2)
    for where, up, wide, tall, bright in _PANELS:
        across = (azimuth - where + 180) % 360 - 180
        # On the sphere a panel near the zenith spans more azimuth than its width.
        across = across * np.cos(np.radians(np.clip(height, -89, 89))) / np.cos(np.radians(up))
        inside = _edge(across, wide) * _edge(height - up, tall)
        radiance += bright * inside[..., None]
    return normalised((radiance * np.array([1.0, 0.985, 0.96])).astype(np.float32))


def read_room(assets: Assets, name: str, turn: float = 0.0) -> Pixels:
    """A light map of the assets turned by so many degrees, or `SOFT_STUDIO`, which stands still."""
    return soft_studio() if name == SOFT_STUDIO else read_light(assets.light(name), turn)


def _edge(offset: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    return _step((half - np.abs(offset)) / _SOFT_EDGE + 0.5)


def _step(share: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip(share, 0, 1)
    return t * t * (3 - 2 * t)
