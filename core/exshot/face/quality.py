"""How good the pixels of a face are: blur, noise and compression blocks, measured on the photo.

All three are measured at the photo's own resolution, for resampling would smooth away what is
looked for. Blur: the gradients of the sharpest edges before and after a known blur (Zhuo and Sim,
"Defocus map estimation from a single image", 2011). Noise: the median of Immerkaer's mask ("Fast
noise variance estimation", 1996), which lines and slopes do not answer to. Blocks: how much larger
steps are between columns and rows that lie eight apart than elsewhere (after Wang, Bovik and Evans,
"Blind measurement of blocking artifacts in images", 2000).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import CANONICAL_VERTICES
from exshot.image.geometry import Box
from exshot.result import FaceQuality

_BLOCK: Final = 8  # pixels, of JPEG
_LARGEST: Final = 768  # pixels a side that are looked at: bounds the time, and is plenty
_SMALLEST: Final = 24
_LARGEST_STEP: Final = 0.15  # between two blocks; what steps more is an edge of the picture
_REBLUR: Final = 0.015  # of the face width
_SHARPEST_EDGES: Final = 0.02  # share of the pixels that the blur is read from
_MOST_BLUR: Final = 0.1  # of the face width; beyond that nothing is left to measure
_MEDIAN_TO_SIGMA: Final = 1 / (6 * 0.6745)  # Immerkaer's mask has the norm 6


def face_quality(pixels: NDArray[np.uint8 | np.uint16], mesh: NDArray[np.floating]) -> FaceQuality:
    """Measure one face.

    Args:
        pixels: ``(H, W, 3)`` sRGB-encoded photo.
        mesh: ``(478, 3)`` in its pixels.
    """
    points = mesh[:CANONICAL_VERTICES, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    width = float(high[0] - low[0])
    box = _middle(low, high).clipped(pixels.shape[1], pixels.shape[0])
    if min(box.width, box.height) < _SMALLEST:
        return FaceQuality(0.0, 0.0, 0.0, width)
    white = 65535 if pixels.dtype == np.uint16 else 255
    part = np.ascontiguousarray(pixels[box.slices]).astype(np.float32) / white
    luma = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.float32)
    noise = _noise(luma)
    return FaceQuality(_blur(luma, width, noise), noise, _blockiness(luma), width)


def _middle(low: NDArray[np.floating], high: NDArray[np.floating]) -> Box:
    """The face's box, no larger than `_LARGEST`: then its middle with eyes, nose and mouth."""
    centre = (low + high) / 2
    half = np.minimum((high - low) / 2, _LARGEST / 2)
    x0, y0 = np.floor(centre - half).astype(int)
    x1, y1 = np.ceil(centre + half).astype(int)
    return Box(int(x0), int(y0), int(x1), int(y1))


def _noise(luma: NDArray[np.float32]) -> float:
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = np.abs(cv2.filter2D(luma, cv2.CV_32F, mask))
    return float(np.median(answer)) * _MEDIAN_TO_SIGMA


def _blur(luma: NDArray[np.float32], width: float, noise: float) -> float:
    again = max(1.0, _REBLUR * width)
    first = 1.0  # pixels: a blur against noise and blocks, taken off again below
    calm = _blurred(luma, first)
    before, after = _gradient(calm), _gradient(_blurred(calm, again))
    # Noise that is left has gradients of its own; edges must stand well out of them.
    edges = before > max(np.quantile(before, 1 - _SHARPEST_EDGES), 2 * noise)
    if edges.sum() < 16:
        return 0.0
    ratio = float(np.quantile(before[edges] / np.maximum(after[edges], 1e-6), 0.75))
    most = _MOST_BLUR * width
    if ratio**2 <= 1 + (again / most) ** 2:
        return most
    return float(np.sqrt(max(again**2 / (ratio**2 - 1) - first**2, 0.0)))


def _gradient(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    dx = cv2.Sobel(luma, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    dy = cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(cv2.magnitude(dx, dy), np.float32)


def _blurred(luma: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), sigma), np.float32)


def _blockiness(luma: NDArray[np.float32]) -> float:
    return (_steps(luma) + _steps(np.ascontiguousarray(luma.T))) / 2


def _steps(luma: NDArray[np.float32]) -> float:
    """How much the steps between columns that lie eight apart exceed the other columns' steps."""
    between = np.abs(np.diff(luma, axis=1))
    # A step beyond what its two neighbours lead one to expect: slopes do not count.
    step = between[:, 1:-1] - (between[:, :-2] + between[:, 2:]) / 2
    columns = np.mean(np.minimum(step, _LARGEST_STEP), axis=0)
    whole = columns[: len(columns) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    phases = np.median(whole, axis=0)
    highest = int(np.argmax(phases))
    return float(max(0.0, phases[highest] - np.median(np.delete(phases, highest))))
