"""Sharpness, grain and compression: the expression photo's pixels made like the pose photo's.

What is drawn from a sharper photo is softened, what comes from a smoother one gets grain, and
blocks of compression are smoothed before anything is read from them. A softer or noisier photo is
left as it is: what it lacks cannot be had, and what it has too much of belongs to its drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from exshot.image.geometry import Box
from exshot.image.pixels import Pixels
from exshot.image.sampling import Map, blur
from exshot.result import FaceQuality

_SHARPER: Final = 1.5  # pixels of the pose photo; less is not seen, and not measured that well
_TIMES_SHARPER: Final = 1.7
_MOST_SOFTENED: Final = 6.0  # pixels
_SMOOTHER: Final = 1.5 / 255  # brightness noise; less is not seen
_MOST_GRAIN: Final = 30 / 255
_BLOCKS: Final = 2 / 255  # steps between blocks from which on they are smoothed
_BLOCK_REACH: Final = 3.0  # pixels, sigma in space
_BLOCK_STEPS: Final = 3.0  # sigma in brightness, in steps between blocks
_TILE: Final = 512
_GRAIN_SIZE: Final = 0.55  # pixels: a camera's grain is not finer than its pixels


@dataclass(frozen=True)
class Texture:
    """What is done to the expression photo's pixels.

    Attributes:
        soften: sigma, pixels of the pose photo.
        grain: standard deviation of the brightness to add at the pose photo's own resolution.
        blocks: step between blocks of compression to smooth, sRGB-encoded, white is 1.
        pose_side: side of the crop in pixels of the pose photo.
    """

    soften: float = 0.0
    grain: float = 0.0
    blocks: float = 0.0
    pose_side: float = 1.0


def match_texture(pose: FaceQuality, expression: FaceQuality, pose_side: float) -> Texture:
    """What makes the one photo's pixels like the other's, as far as that can be done."""
    soften = _softening(pose, expression)
    # Enlarged or shrunk, noise keeps about its strength; softened, little of it is left.
    left = expression.noise / (1 + soften)
    grain = float(np.sqrt(max(pose.noise**2 - left**2, 0.0)))
    return Texture(
        soften=min(soften, _MOST_SOFTENED),
        grain=min(grain, _MOST_GRAIN) if grain >= _SMOOTHER else 0.0,
        blocks=expression.blockiness if expression.blockiness >= _BLOCKS else 0.0,
        pose_side=pose_side,
    )


def _softening(pose: FaceQuality, expression: FaceQuality) -> float:
    """Sigma that makes the expression photo as soft, pixels of the pose photo; 0 if it is not
    plainly sharper, or nobody can tell."""
    if pose.blur is None or expression.blur is None:
        return 0.0
    own, other = pose.blur, expression.blur * pose.width / max(expression.width, 1e-6)
    soften = float(np.sqrt(max(own**2 - other**2, 0.0)))
    return soften if soften >= _SHARPER and own > _TIMES_SHARPER * other else 0.0


def smoothed(pixels: Pixels, blocks: float, soften: float) -> Pixels:
    """The pixels without blocks, softened by a sigma in their own pixels; edges stay edges."""
    out = pixels
    if blocks > 0:
        white = np.float32(np.iinfo(pixels.dtype).max)
        values = pixels.astype(np.float32) / white
        values = cv2.bilateralFilter(values, -1, _BLOCK_STEPS * blocks, _BLOCK_REACH)
        out = np.round(np.clip(values, 0, 1) * white).astype(pixels.dtype)
    if soften > 0.3:
        out = cv2.GaussianBlur(out, (0, 0), soften, borderType=cv2.BORDER_REPLICATE)
    return out.astype(pixels.dtype, copy=False)


def grain(strip: Box, deviation: float) -> Map:
    """Noise ``(h, w)`` of a standard deviation for a part of the photo, the same every time."""
    rows = np.arange(strip.y0, strip.y1) % _TILE
    columns = np.arange(strip.x0, strip.x1) % _TILE
    return np.float32(deviation) * _tile()[np.ix_(rows, columns)]


@lru_cache(maxsize=1)
def _tile() -> Map:
    noise = np.random.default_rng(1).standard_normal((_TILE, _TILE)).astype(np.float32)
    noise = blur(noise, _GRAIN_SIZE)
    noise /= noise.std()
    noise.flags.writeable = False
    return noise
