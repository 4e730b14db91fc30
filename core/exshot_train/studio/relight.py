"""Shades stored passes under any light map: harmonics for the diffuse part, lobes for gloss."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.lights import (
    Pixels,
    blurred,
    directions,
    harmonics,
    look_up,
    solid_angles,
)
from exshot_train.studio.passes import Passes
from exshot_train.studio.rig import Camera


def light_harmonics(light: Pixels) -> NDArray[np.float64]:
    """Coefficients of a light map's radiance, ``(9, 3)``."""
    small = cv2.resize(light, (128, 64), interpolation=cv2.INTER_AREA)
    basis = harmonics(directions(64, 128)) * solid_angles(64, 128)[..., None]
    coefficients = np.einsum("hwk,hwc->kc", basis, small.astype(np.float64))
    coefficients[4:] *= 0.75  # a window against ringing: else sunless sides turn negative
    return coefficients


def relight(passes: Passes, camera: Camera, light: Pixels) -> Pixels:
    """Linear radiance of the head under a light map.

    Args:
        light: ``(256, 512, 3)`` linear radiance, see `lights.read_light`.

    Returns:
        ``(h, w, 3)``, multiplied by coverage: add the background times ``1 - coverage``.
    """
    return reflected(passes, light) + _gloss(passes, camera, light)


def reflected(passes: Passes, light: Pixels) -> Pixels:
    """The diffuse part of `relight`: the same from wherever it is seen."""
    openness = _openness(passes)
    diffuse = passes.transfer @ light_harmonics(light).astype(np.float32)
    albedo = passes.albedo / np.maximum(passes.coverage, 1e-3)[..., None]
    # Light that bounced inside a hollow takes the skin's colour.
    bounced = 1 + 0.45 * albedo * (1 - openness)
    return (albedo * _above_floor(diffuse, passes, light) * bounced).astype(np.float32)


def _above_floor(diffuse: Pixels, passes: Passes, light: Pixels) -> Pixels:
    """Keeps the shaded side of a sunlit head from turning black or speckled.

    There the bands cancel almost to nothing, and what remains is their error; a small share of
    the even part of the light is the least that arrives, met by a smooth bend.
    """
    even = np.maximum(passes.transfer[..., :1] * light_harmonics(light)[0], 0)
    over = diffuse - 0.14 * even
    return 0.14 * even + 0.5 * (over + np.sqrt(over**2 + (0.12 * even) ** 2))


def _openness(passes: Passes) -> Pixels:
    """Share of the sky that a place sees, about: ``(h, w, 1)`` in [0, 1]."""
    return np.clip(passes.transfer[..., :1] / 0.282095, 0, 1)


def _gloss(passes: Passes, camera: Camera, light: Pixels) -> Pixels:
    """Three lobes of reflected surroundings: broad and narrow on skin, sharp on eyes."""
    length = np.linalg.norm(passes.normal, axis=2, keepdims=True)
    normal = passes.normal / np.maximum(length, 1e-6)
    rays = camera.rays()
    facing = np.clip(-(rays * normal).sum(-1, keepdims=True), 0, 1)
    mirrored = rays + 2 * facing * normal
    grazing = (1 - facing) ** 5
    broad, narrow = look_up(blurred(light, 22), mirrored), look_up(blurred(light, 9), mirrored)
    sharp = look_up(blurred(light, 1.2), mirrored)
    hidden = np.minimum(1, _openness(passes) * 1.6)
    skin = (0.025 + 0.16 * grazing) * (0.7 * broad + 0.3 * narrow) * passes.skin[..., None]
    strand = passes.albedo.mean(2, keepdims=True)
    hair = (0.02 + 0.35 * strand) * 0.5 * broad * passes.hair[..., None]
    eye = (0.028 + 0.5 * grazing) * sharp * passes.eye[..., None]
    return (hidden * np.minimum(skin + hair, 0.6) + np.minimum(eye, 1.5)).astype(np.float32)
