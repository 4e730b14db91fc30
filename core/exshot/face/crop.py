"""The square crops in which faces are edited (paper section 4.1: 512 x 512 around the face)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import CANONICAL_VERTICES
from exshot.image.geometry import Crop

CROP_SIZE: Final = 512
PLAN_SIZE: Final = 256
"""Side of the crops on which an edit is decided: nothing that is measured there is finer."""

_MARGIN: Final = 1.8  # side of the crop over the larger side of the mesh's box
_CHIN_ROOM: Final = 0.05  # moved down by this share of the side, for a jaw that opens


def face_crop(mesh: NDArray[np.floating], size: int = CROP_SIZE) -> Crop:
    """Crop around a mesh, with room for the ring and for an opening jaw; may leave the photo."""
    points = mesh[:CANONICAL_VERTICES, :2].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) * _MARGIN
    left, top = (low + high) / 2 - side / 2
    return Crop(float(left), float(top) + _CHIN_ROOM * side, side, size)
