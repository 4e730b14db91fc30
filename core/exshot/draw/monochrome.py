"""Monochrome photos, also toned ones and those that are stored as RGB."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.image.sampling import Map

_LEVELS: Final = 64  # of brightness, in which colours are compared
_LEAST_PIXELS: Final = 50  # of a level
_ONE_COLOR: Final = 0.012  # standard deviation of the colours of one brightness
_LUMA: Final = (np.float32(0.299), np.float32(0.587), np.float32(0.114))


def tone_of(pixels: Map) -> NDArray[np.float32] | None:
    """The colour that each brightness has, ``(256, 3)`` in [0, 1], or None for a colour photo.

    A monochrome photo, grey or toned, has one colour for each brightness; a colour photo has many.

    Args:
        pixels: ``(h, w, 3)`` in [0, 1], sRGB-encoded.
    """
    values = pixels.reshape(-1, 3)
    brightness = _luma(values)
    level = np.clip((brightness * _LEVELS).astype(np.intp), 0, _LEVELS - 1)
    counts = np.bincount(level, minlength=_LEVELS)
    used = counts >= _LEAST_PIXELS
    if not used.any():
        return None
    chroma = values - brightness[:, None]
    mean = _by_level(chroma, level) / np.maximum(counts, 1)[:, None]
    spread = _by_level(chroma**2, level) / np.maximum(counts, 1)[:, None] - mean**2
    weight = counts * used
    deviation = np.sqrt((np.maximum(spread, 0) * weight[:, None]).sum(axis=0) / weight.sum())
    if float(deviation.max()) > _ONE_COLOR:
        return None
    middles = (np.flatnonzero(used) + 0.5) / _LEVELS
    at = np.arange(256) / 255
    tint = np.stack([np.interp(at, middles, mean[used, k]) for k in range(3)], axis=1)
    return np.clip(at[:, None] + tint, 0, 1).astype(np.float32)


def toned(pixels: Map, tone: NDArray[np.float32]) -> Map:
    """The pixels ``(h, w, 3)`` in [0, 1] in the colours of a tone, by their brightness."""
    at = np.clip(_luma(pixels), 0, 1) * np.float32(255)
    below = np.minimum(at.astype(np.intp), 254)
    share = (at - below)[..., None]
    return (tone[below] + share * (tone[below + 1] - tone[below])).astype(np.float32, copy=False)


def _luma(pixels: Map) -> Map:
    """Brightness of ``(..., 3)`` pixels; see `LikenessMeter` for why not by ``@``."""
    return sum(share * pixels[..., k] for k, share in enumerate(_LUMA))  # type: ignore[return-value]


def _by_level(values: NDArray[np.floating], level: NDArray[np.intp]) -> NDArray[np.float64]:
    sums = np.zeros((_LEVELS, 3))
    for k in range(3):
        sums[:, k] = np.bincount(level, values[:, k], minlength=_LEVELS)
    return sums
