"""How near vertices of the face lie to some of its landmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import load_topology


def distance_to(seeds: Sequence[int]) -> NDArray[np.float32]:
    """From every canonical vertex to the nearest of some, ``(468,)``, centimetres."""
    vertices = load_topology().vertices
    return np.linalg.norm(vertices[:, None] - vertices[list(seeds)][None], axis=2).min(axis=1)


def nearness(seeds: Sequence[int], softness: float) -> NDArray[np.float32]:
    """Gaussian of the distance to the nearest seed, ``(468,)`` in [0, 1].

    Args:
        seeds: vertices of the canonical model.
        softness: distance at which it has fallen to 1/e, centimetres.
    """
    return np.exp(-((distance_to(seeds) / softness) ** 2))
