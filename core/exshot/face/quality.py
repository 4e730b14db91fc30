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
_LEAST_BLOCKS: Final = 5  # side by side; of fewer the median is some edge of the face
_LARGEST_STEP: Final = 0.15  # between two blocks; what steps more is an edge of the picture
_REBLUR: Final = 0.015  # of the face width
_SOME: Final = 2  # every so many rows and columns tell a median as well as all
_LEAST_SIGMA: Final = 3.0  # pixels, of a picture in which a blur is done
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
        return FaceQuality(None, 0.0, 0.0, width)
    white = 65535 if pixels.dtype == np.uint16 else 255
    part = pixels[box.slices].astype(np.float32)
    luma = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY) / white, np.float32)
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
    answer = np.abs(cv2.filter2D(luma, cv2.CV_32F, mask)[::_SOME, ::_SOME])
    return float(np.median(answer)) * _MEDIAN_TO_SIGMA


def _blur(luma: NDArray[np.float32], width: float, noise: float) -> float | None:
    again = max(1.0, _REBLUR * width)
    first = 1.0  # pixels: a blur against noise and blocks, taken off again below
    calm = _blurred(luma, first)
    before, after = _gradient(calm), _blurred_gradient(calm, again)
    # Noise that is left has gradients of its own; edges must stand well out of them.
    steepest = float(np.quantile(before[::_SOME, ::_SOME], 1 - _SHARPEST_EDGES))
    edges = before > max(steepest, 2 * noise)
    if edges.sum() < 16:
        return None
    ratio = float(np.quantile(before[edges] / np.maximum(after[edges], 1e-6), 0.75))
    most = _MOST_BLUR * width
    if ratio**2 <= 1 + (again / most) ** 2:
        return most
    return float(np.sqrt(max(again**2 / (ratio**2 - 1) - first**2, 0.0)))


def _gradient(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    dx = cv2.Sobel(luma, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    dy = cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(cv2.magnitude(dx, dy), np.float32)


def _blurred_gradient(luma: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gradient after a blur that may be wide: as small as still holds it, then enlarged."""
    step = max(1, int(sigma / _LEAST_SIGMA))
    height, width = luma.shape
    size = round(width / step), round(height / step)
    small = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32)
    # Averaging by area is a blur of its own, of a box's standard deviation.
    left = np.sqrt(sigma**2 / step**2 - (step**2 - 1) / (12 * step**2))
    gradient = _gradient(_blurred(small, float(left))) / step
    return np.asarray(cv2.resize(gradient, (width, height)), np.float32)


def _blurred(luma: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), sigma), np.float32)


def _blockiness(luma: NDArray[np.float32]) -> float:
    return (_steps(luma) + _steps(np.ascontiguousarray(luma.T))) / 2


def _steps(luma: NDArray[np.float32]) -> float:
    """How much the steps between columns that lie eight apart exceed the other columns' steps."""
    between = cv2.absdiff(luma[:, 1:], luma[:, :-1])
    # A step beyond what its two neighbours lead one to expect: slopes do not count.
    around = cv2.addWeighted(between[:, :-2], 0.5, between[:, 2:], 0.5, 0)
    step = cv2.subtract(between[:, 1:-1], around)
    step = np.minimum(step, np.float32(_LARGEST_STEP))
    columns = np.asarray(cv2.reduce(step, 0, cv2.REDUCE_AVG), np.float32)[0]
    whole = columns[: len(columns) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    if len(whole) < _LEAST_BLOCKS:
        return 0.0
    phases = np.median(whole, axis=0)
    highest = int(np.argmax(phases))
    return float(max(0.0, phases[highest] - np.median(np.delete(phases, highest))))
