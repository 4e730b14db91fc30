"""Reading, resizing and smoothing maps: OpenCV with the types and borders used throughout."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.image.geometry import Box, within

Map = NDArray[np.float32]
"""``(h, w)`` or ``(h, w, k)`` float32 values over a picture."""


def blur(values: Map, sigma: float) -> Map:
    """Gaussian blur, ``sigma`` in pixels; the border's values continue outside."""
    return _map(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def wide_blur(values: Map, sigma: float) -> Map:
    """`blur` of a square map, made at a size at which ``sigma`` is 4 to 8 pixels."""
    size, factor = len(values), 2 ** max(0, math.floor(math.log2(sigma / 4)))
    if factor == 1 or size % factor:
        return blur(values, sigma)
    return enlarge(blur(shrink(values, size // factor), sigma / factor), size, size)


def shrink(values: Map, size: int) -> Map:
    """Square map at a smaller ``size`` by area averaging."""
    return _map(cv2.resize(values, (size, size), interpolation=cv2.INTER_AREA))


def enlarge(values: Map, width: int, height: int) -> Map:
    """Bilinear enlargement to ``width`` x ``height``."""
    return _map(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR))


def sample_at(values: Map, flow: Map) -> Map:
    """Bilinear samples at absolute positions ``(h, w, 2)``; the border's values continue."""
    x, y = np.ascontiguousarray(flow[..., 0]), np.ascontiguousarray(flow[..., 1])
    return _map(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def distance_inside(region: NDArray[np.bool_]) -> Map:
    """Distance of each pixel of a region to its rim, pixels; 0 outside."""
    box = within(region)
    # With a rim of what lies outside, but no more of that, which takes time as well.
    place = Box(box.x0 - 1, box.y0 - 1, box.x1 + 1, box.y1 + 1).clipped(*region.shape[::-1]).slices
    out = np.zeros(region.shape, np.float32)
    if not box.empty:
        inside = np.ascontiguousarray(region[place]).view(np.uint8)
        out[place] = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    return out


def smoothstep(t: NDArray[np.floating]) -> Map:
    """Smooth rise from 0 at t = 0 to 1 at t = 1, constant outside."""
    t = np.clip(t, 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def ramp(values: NDArray[np.floating], low: float, high: float) -> Map:
    """0 below ``low``, 1 above ``high``, a smooth step between."""
    return smoothstep((values - low) / (high - low))


def ramp_of(value: float, low: float, high: float) -> float:
    """`ramp` of one number."""
    return float(ramp(np.array(value), low, high))


def channel_mean(values: Map) -> Map:
    """Mean over the last axis of three; numpy's own takes fifteen times as long."""
    return _map((values[..., 0] + values[..., 1] + values[..., 2]) / np.float32(3))


def channel_max(values: Map) -> Map:
    """Largest over the last axis of three; numpy's own takes thirty times as long."""
    return np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])


def lengths(values: Map) -> Map:
    """Euclidean length over a last axis of two or three; numpy's own takes ten times as long."""
    return _map(np.sqrt(sum(values[..., k] ** 2 for k in range(values.shape[-1]))))


def spread(values: Map, channels: int) -> Map:
    """A map ``(h, w)`` once for each channel, ``(h, w, channels)``.

    Left to numpy's broadcasting, arithmetic with such a last axis takes four times as long.
    """
    return _map(cv2.merge([values] * channels))


def interleaved(planes: NDArray[np.float32]) -> Map:
    """Planes ``(k, h, w)`` as ``(h, w, k)``; ``(h, w)`` of a single one."""
    return _map(cv2.merge(list(planes)))


def odd(length: float) -> int:
    """A length in pixels as the odd one that kernels need; at least 3."""
    return max(3, 2 * round(length / 2) + 1)


def to_float(pixels: NDArray[np.uint8 | np.uint16]) -> Map:
    """8- or 16-bit pixels as float32 in [0, 1]."""
    return _map(pixels / np.float32(np.iinfo(pixels.dtype).max))


def _map(values: NDArray) -> Map:
    return values.astype(np.float32, copy=False)
