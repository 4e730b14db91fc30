"""What belongs where on a face: soft weights per mesh vertex, and their maps over the target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.regions import vertex_weights
from exshot.face.face import MESH_VERTICES
from exshot.face.nearness import nearness
from exshot.face.topology import (
    LEFT_BROW,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_BROW,
    RIGHT_EYE,
    load_topology,
)
from exshot.image.sampling import Map, ramp
from exshot.options import EditOptions

_FOREHEAD_MIDDLE: Final = 10
_FOREHEAD_FADE: Final = (0.25, 0.75)  # of the way from the brows to the hairline


@dataclass(frozen=True, eq=False)
class VertexFields:
    """Vertex weights spread over the target, each ``(h, w)`` float32 in [0, 1]; 0 off the face.

    Attributes:
        features: eyes and mouth, see `feature_weights`.
        openings: the mouth's opening, see `opening_weights`.
        skin: surely bare skin, see `skin_weights`.
        below_hairline: see `below_hairline`.
        wanted: how much of the expression the user's choice of regions takes.
    """

    features: Map
    openings: Map
    skin: Map
    below_hairline: Map
    wanted: Map

    @classmethod
    def named(cls, fields: NDArray[np.float32]) -> VertexFields:
        """The maps of `vertex_fields`, ``(h, w, 5)``, by name."""
        return cls(*(np.ascontiguousarray(field) for field in np.moveaxis(fields, 2, 0)))


def vertex_fields(options: EditOptions) -> NDArray[np.float32]:
    """The weights of every vertex in the order of `VertexFields`, ``(478, 5)``."""
    wanted = vertex_weights(options.regions)
    return np.stack(
        [feature_weights(), opening_weights(), skin_weights(), below_hairline(), wanted], axis=1
    )


@lru_cache(maxsize=1)
def feature_weights() -> NDArray[np.float32]:
    """How much a vertex belongs to the eyes or the mouth, ``(478,)`` in [0, 1].

    There the two photos are expected to differ: that is the expression.
    """
    eyes = nearness((*LEFT_EYE, *RIGHT_EYE), 0.55)
    mouth = nearness((*LIPS_OUTER, *LIPS_INNER), 0.9)
    return _of_all(np.maximum(eyes, mouth), irises=1.0)


@lru_cache(maxsize=1)
def opening_weights() -> NDArray[np.float32]:
    """1 on the rim of the mouth opening, 0 on every other vertex, ``(478,)``."""
    weights = np.zeros(MESH_VERTICES, np.float32)
    weights[list(LIPS_INNER)] = 1
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=1)
def skin_weights() -> NDArray[np.float32]:
    """How surely a vertex shows bare skin, ``(478,)`` in [0, 1]: no eyes, brows, lips."""
    features = np.maximum(
        nearness((*LEFT_EYE, *RIGHT_EYE, *LEFT_BROW, *RIGHT_BROW), 0.5),
        nearness((*LIPS_OUTER, *LIPS_INNER), 0.6),
    )
    return _of_all(np.clip(1 - 1.5 * features, 0, 1), irises=0.0)


@lru_cache(maxsize=1)
def below_hairline() -> NDArray[np.float32]:
    """1 up to just above the brows, fading to 0 below the hairline, ``(478,)``.

    A forehead shows little expression but often a fringe, which must not be carried over.
    """
    height = load_topology().vertices[:, 1]
    brows = height[[*LEFT_BROW, *RIGHT_BROW]].max()
    above = (height - brows) / (height[_FOREHEAD_MIDDLE] - brows)
    return _of_all(1 - ramp(above, *_FOREHEAD_FADE), irises=1.0)


def _of_all(canonical: NDArray[np.floating], irises: float) -> NDArray[np.float32]:
    """Weights of the canonical vertices together with the one that all irises have."""
    weights = np.full(MESH_VERTICES, irises, np.float32)
    weights[: len(canonical)] = canonical
    weights.flags.writeable = False
    return weights
