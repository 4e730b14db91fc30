"""Similarities between two sets of points: turned, scaled and moved, but not bent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Similarity:
    """``q = scale * rotation @ p + translation``, in three dimensions."""

    scale: float
    rotation: NDArray[np.float64]  # (3, 3)
    translation: NDArray[np.float64]  # (3,)

    def __call__(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Carry ``(n, 3)`` points."""
        return self.scale * points @ self.rotation.T + self.translation


def fit_similarity(
    source: NDArray[np.floating], target: NDArray[np.floating], weights: NDArray[np.floating]
) -> Similarity:
    """Weighted least-squares similarity (Umeyama, 1991) from ``source`` to ``target``.

    Both are ``(n, 3)``. Nothing is mirrored; a target without extent gives the smallest positive
    scale instead of a failure.
    """
    w = (weights / weights.sum())[:, None]
    mean_source, mean_target = (w * source).sum(0), (w * target).sum(0)
    a, b = source - mean_source, target - mean_target
    u, singular, vt = np.linalg.svd((w * b).T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt)) or 1.0])
    rotation = (u * sign) @ vt
    scale = float((singular * sign).sum() / (w * a * a).sum())
    scale = max(scale, float(np.finfo(np.float32).tiny))
    return Similarity(scale, rotation, mean_target - scale * rotation @ mean_source)
