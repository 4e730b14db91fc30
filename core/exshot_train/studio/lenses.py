"""What lenses do to the picture behind them: tint, refraction, reflections (after `relight`)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.lights import Pixels, blurred, look_up
from exshot_train.studio.rig import Camera
from exshot_train.studio.wear import Glass

_BARE_GLASS = 0.085  # reflected at right angles by both faces of a lens
_SHARPNESS = 1.0  # degrees by which a lens blurs what it mirrors


def reflection(lenses: Pixels, camera: Camera, light: Pixels, glass: Glass) -> Pixels:
    """Linear radiance that lenses mirror, ``(h, w, 3)``, without the lenses' coverage.

    Args:
        lenses: ``(h, w, 4)`` of `raster.Rasteriser.lenses`.
    """
    length = np.linalg.norm(lenses[..., :3], axis=2, keepdims=True)
    normal = lenses[..., :3] / np.maximum(length, 1e-6)
    rays = camera.rays()
    facing = np.clip(np.abs((rays * normal).sum(-1, keepdims=True)), 0, 1)
    mirrored = rays + 2 * facing * normal
    share = glass.coating * (_BARE_GLASS + (1 - _BARE_GLASS) * (1 - facing) ** 5)
    seen = look_up(blurred(light, _SHARPNESS), mirrored.astype(np.float32))
    return (np.minimum(share, 1) * seen).astype(np.float32)


def through(picture: Pixels, lenses: Pixels, glass: Glass) -> Pixels:
    """The linear picture ``(h, w, 3)`` seen through the lenses, reflections not included.

    Each lens enlarges about its own middle.
    """
    cover = lenses[..., 3]
    height, width = cover.shape
    count, labels, boxes, middles = cv2.connectedComponentsWithStats((cover > 0.5).astype(np.uint8))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height))
    x, y = columns.copy(), rows.astype(np.float32)
    darker = np.ones((height, width), np.float32)
    for k in range(1, count):
        inside = labels == k
        top, tall = boxes[k, cv2.CC_STAT_TOP], boxes[k, cv2.CC_STAT_HEIGHT]
        x[inside] -= glass.power * (columns[inside] - middles[k][0])
        y[inside] -= glass.power * (rows[inside] - middles[k][1])
        down = (rows[inside] - top) / max(tall, 1)
        darker[inside] = 1 - glass.gradient * (1 - down)
    bent = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    passed = bent * np.array(glass.tint, np.float32) * darker[..., None]
    return (picture + cover[..., None] * (passed - picture)).astype(np.float32)


def glaze(picture: Pixels, lenses: Pixels, camera: Camera, light: Pixels, glass: Glass) -> Pixels:
    """A relit picture ``(h, w, 3)``, linear, with its lenses."""
    mirrored = reflection(lenses, camera, light, glass)
    seen = through(picture, lenses, glass) + lenses[..., 3:] * mirrored
    return seen.astype(np.float32, copy=False)


def random_glass(rng: np.random.Generator) -> tuple[Glass, bool]:
    """Lenses as people wear them, and whether they hide the eyes."""
    kind = rng.random()
    power = float(np.clip(rng.normal(0, 0.06), -0.14, 0.12))
    if kind < 0.66:
        clear = float(rng.uniform(0.86, 0.98))
        warm = float(rng.normal(0, 0.012))
        tint = (clear + warm, clear, clear - warm)
        return Glass(tint, 0.0, power, float(rng.choice([0.35, 0.8, 1.2]))), False
    if kind < 0.76:  # tinted, the eyes still show
        low = rng.uniform(0.35, 0.7)
        tint = low * np.exp(rng.normal(0, 0.12, 3))
        return Glass(_color(tint), float(rng.uniform(0, 0.4)), power, 1.0), False
    tint = rng.uniform(0.005, 0.10) * np.exp(rng.normal(0, 0.25, 3))
    mirror = float(rng.choice([0.8, 1.2, 4.0], p=[0.5, 0.35, 0.15]))
    return Glass(_color(tint), float(rng.uniform(0, 0.6)), 0.0, mirror), True


def _color(values: NDArray[np.floating]) -> tuple[float, float, float]:
    red, green, blue = (float(v) for v in np.clip(values, 0, 1))
    return red, green, blue
