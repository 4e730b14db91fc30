"""The crop that the cover network reads: tighter than the editor's, so that rims have pixels."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import CANONICAL_VERTICES
from exshot.image.geometry import Crop

COVER_SIZE: Final = 256
_MARGIN: Final = 1.45  # side of the crop over the larger side of the mesh's box


def cover_crop(mesh: NDArray[np.floating], size: int = COVER_SIZE) -> Crop:
    """Square around a mesh ``(478, 3)`` in photo pixels; may leave the photo."""
    points = mesh[:CANONICAL_VERTICES, :2].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) * _MARGIN
    left, top = (low + high) / 2 - side / 2
    return Crop(float(left), float(top), side, size)
