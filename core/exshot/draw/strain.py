"""How much the mesh stretches, shears or turns what it moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exshot.image.sampling import Map, blur


def strain(displacement: NDArray[np.float32], sigma: float) -> Map:
    """How much a displacement stretches, shears or turns what it moves, ``(h, w)``.

    Frobenius norm of its gradient, 0 for a shift; 0.2 is a fifth longer or shorter.

    Args:
        displacement: ``(h, w, 2)``, pixels.
        sigma: of the smoothing before and after, pixels.
    """
    smooth = blur(displacement, sigma)
    down, right = np.gradient(smooth, axis=(0, 1))
    return blur(np.sqrt((down**2 + right**2).sum(axis=2)).astype(np.float32), sigma)
