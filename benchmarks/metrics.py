"""How far a result is from the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

MSE_FLOOR = 1e-10  # identical pictures score 100 dB, so that averages stay finite


@dataclass(frozen=True)
class PixelScores:
    """Errors of 8-bit pictures scaled to [0, 1], averaged over pixels of a mask and channels.

    ``psnr`` is in decibels with a peak of 1, at most 100; ``ssim`` is in [-1, 1].
    """

    mae: float
    mse: float
    psnr: float
    ssim: float


def psnr(mse: float) -> float:
    """Peak signal-to-noise ratio in decibels of a mean squared error on a [0, 1] scale."""
    return float(-10.0 * np.log10(max(mse, MSE_FLOOR)))


def ssim_map(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Structural similarity per pixel and channel, shape of the inputs ``(h, w, 3)``.

    Gaussian window of sigma 1.5 as in Wang et al. 2004, population covariance.
    """
    scored = structural_similarity(
        a / 255.0,
        b / 255.0,
        channel_axis=2,
        data_range=1.0,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return np.asarray(scored[1], np.float64)  # type: ignore[index]  # (mean, map) with full=True


def pixel_scores(
    result: NDArray[np.uint8], truth: NDArray[np.uint8], masks: dict[str, NDArray[np.bool_]]
) -> dict[str, PixelScores]:
    """Scores of one ``(h, w, 3)`` picture over several ``(h, w)`` masks, by the masks' names.

    Raises:
        ValueError: a mask is empty, or the pictures differ in shape.
    """
    if result.shape != truth.shape:
        raise ValueError(f"result {result.shape} and truth {truth.shape} differ in shape")
    difference = result / 255.0 - truth / 255.0
    similarity = ssim_map(result, truth)
    scores = {}
    for name, mask in masks.items():
        if not mask.any():
            raise ValueError(f"the mask {name} is empty")
        inside = difference[mask]
        mse = float(np.mean(inside**2))
        scores[name] = PixelScores(
            mae=float(np.mean(np.abs(inside))),
            mse=mse,
            psnr=psnr(mse),
            ssim=float(similarity[mask].mean()),
        )
    return scores


def expression_error(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Mean absolute difference of two blendshape vectors ``(52,)``, each score in [0, 1]."""
    if a.shape != b.shape:
        raise ValueError(f"blendshapes of {a.shape} and {b.shape} cannot be compared")
    return float(np.mean(np.abs(a.astype(np.float64) - b)))


def rotation_error(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Angle in degrees, in [0, 180], of the rotation that takes ``(3, 3)`` rotation a to b."""
    # atan2 of the sine and cosine: arccos alone loses all precision below 0.1 degree in float32.
    turn = a.astype(np.float64).T @ b.astype(np.float64)
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    sine, cosine = np.linalg.norm(axis) / 2, (np.trace(turn) - 1) / 2
    return float(np.degrees(np.arctan2(sine, cosine)))
