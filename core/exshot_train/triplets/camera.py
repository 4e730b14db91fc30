"""What another camera does to a picture: white balance, exposure, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def random_camera(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture as another camera might have delivered it; same geometry."""
    values = (picture / np.float32(255)).astype(np.float32)
    if rng.random() < 0.6:
        gain = np.exp(rng.normal(0, 0.05, 3) + rng.normal(0, 0.10))
        values = ((values * gain - 0.5) * rng.uniform(0.88, 1.12) + 0.5).astype(np.float32)
    if rng.random() < 0.35:
        values = _blur(values, rng)
    if rng.random() < 0.6:
        values = _noise(values, rng)
    out = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return recompress(out, int(rng.integers(45, 96))) if rng.random() < 0.7 else out


def faint_noise(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The noise and compression that even a good photo has."""
    values = _noise((picture / np.float32(255)).astype(np.float32), rng, most=0.008)
    out = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return recompress(out, int(rng.integers(88, 99)))


def recompress(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Through JPEG and back."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("OpenCV wrote no JPEG")
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _blur(values: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Out of focus, or a shaking hand."""
    unit = values.shape[1] / 512
    if rng.random() < 0.6:
        sigma = float(rng.uniform(0.4, 1.6)) * unit
        return cv2.GaussianBlur(values, (0, 0), sigma).astype(np.float32)
    length = max(3, 2 * round(float(rng.uniform(1, 4)) * unit) + 1)
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length // 2, length // 2), float(rng.uniform(0, 180)), 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return cv2.filter2D(values, -1, kernel / kernel.sum()).astype(np.float32)


def _noise(
    values: NDArray[np.float32], rng: np.random.Generator, most: float = 0.03
) -> NDArray[np.float32]:
    """Shot and read noise, as strong in the shadows of sRGB as cameras show it."""
    amount = rng.uniform(0.1, 1.0) * most
    strength = amount * np.sqrt(np.clip(values, 0, 1) * 0.6 + 0.4)
    grain = rng.standard_normal(values.shape, np.float32)
    if rng.random() < 0.5:
        grain = (cv2.GaussianBlur(grain, (0, 0), 0.7) * 2).astype(np.float32)
    return (values + strength * grain).astype(np.float32)
