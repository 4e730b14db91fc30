"""Soft weights of the face regions per mesh vertex."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.nearness import distance_to, nearness
from exshot.face.topology import (
    CANONICAL_VERTICES,
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    NOSE,
    RIGHT_BROW,
    RIGHT_EYE,
    load_topology,
)
from exshot.image.sampling import smoothstep
from exshot.options import REGIONS, RegionWeights

# Landmarks at the heart of each region; every other vertex belongs to the regions near it.
_SEEDS: Final = {
    "eyes": (*LEFT_EYE, *RIGHT_EYE, 130, 359, 23, 253, 27, 257),
    "brows": (*LEFT_BROW, *RIGHT_BROW, 9, 151, 108, 337, 69, 299, 10, 67, 297, 104, 333, 54, 284),
    "nose": (*NOSE,),
    "mouth": (*LIPS_OUTER, *LIPS_INNER, 164, 18, 92, 322, 106, 335),
    "cheeks": (
        *(50, 280, 205, 425, 187, 411, 123, 352, 117, 346, 101, 330, 36, 266, 147, 376),
        *(234, 454, 127, 356, 93, 323),
    ),
    "jaw": (
        *(152, 148, 377, 176, 400, 149, 378, 150, 379, 136, 365, 172, 397, 58, 288),
        *(199, 175, 171, 396, 140, 369, 170, 395, 169, 394),
    ),
}
_SOFTNESS_CM: Final = 1.2
_NOSE_BASE: Final = 2
_STILL_RIM_CM: Final = 4.0

# Vertices that move least with the expression: bridge of the nose, forehead, temples, eye corners.
RIGID: Final = (
    *(6, 197, 195, 168, 8, 9, 151, 10, 193, 417, 122, 351, 196, 419, 3, 248),
    *(108, 337, 69, 299, 104, 333, 68, 298, 67, 297, 109, 338, 103, 332),
    *(54, 284, 21, 251, 162, 389, 127, 356, 234, 454, 133, 362, 33, 263),
)


@lru_cache(maxsize=1)
def region_basis() -> NDArray[np.float32]:
    """Share of each region in each vertex, ``(478, 6)`` in `REGIONS` order; rows sum to one.

    A vertex's share of a region falls with a Gaussian of its distance (canonical model,
    centimetres) to the region's nearest seed landmark. Irises belong to the eyes.
    """
    basis = np.zeros((MESH_VERTICES, len(REGIONS)), np.float32)
    for column, name in enumerate(REGIONS):
        basis[:CANONICAL_VERTICES, column] = nearness(_SEEDS[name], _SOFTNESS_CM) + 1e-6
    basis[CANONICAL_VERTICES:, REGIONS.index("eyes")] = 1.0
    basis /= basis.sum(axis=1, keepdims=True)
    basis.flags.writeable = False
    return basis


@lru_cache(maxsize=1)
def mobility() -> NDArray[np.float32]:
    """How far an expression can move a vertex at all, ``(478,)`` in [0, 1].

    Hairline, temples and the rim in front of the ears do not move with the expression: what two
    fits say apart there is noise, and moving it would drag hair and ears along.
    """
    vertices = load_topology().vertices
    still = [i for i in FACE_OVAL if vertices[i, 1] > vertices[_NOSE_BASE, 1]]
    weights = np.ones(MESH_VERTICES, np.float32)
    weights[:CANONICAL_VERTICES] = smoothstep(distance_to(still) / _STILL_RIM_CM)
    weights.flags.writeable = False
    return weights


def vertex_weights(regions: RegionWeights) -> NDArray[np.float32]:
    """How much each vertex follows the expression, ``(478,)`` in [0, 1]."""
    return region_basis() @ np.array([getattr(regions, name) for name in REGIONS], np.float32)
