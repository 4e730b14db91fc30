"""The square crop and the face hull that scores are taken on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

CROP_SIZE = 512
CROP_MARGIN = 1.8  # side of the crop over the longer side of the mesh


def crop_matrix(
    mesh: NDArray[np.floating], size: int = CROP_SIZE, margin: float = CROP_MARGIN
) -> NDArray[np.float64]:
    """Affine ``(2, 3)`` from photo pixels to a square crop around the mesh's bounding box.

    The crop's side is ``margin`` times the longer side of the box around the ``(n, 2…3)`` mesh.
    """
    low, high = mesh[:, :2].min(0), mesh[:, :2].max(0)
    centre, scale = (low + high) / 2, size / (float((high - low).max()) * margin)
    return np.array(
        [
            [scale, 0.0, size / 2 - centre[0] * scale],
            [0.0, scale, size / 2 - centre[1] * scale],
        ]
    )


def crop(
    image: NDArray[np.uint8], matrix: NDArray[np.floating], size: int = CROP_SIZE
) -> NDArray[np.uint8]:
    """The ``(size, size, ...)`` crop, bilinear, the photo's border repeated outside of it."""
    out = cv2.warpAffine(
        image,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(out, np.uint8)


def to_crop(points: NDArray[np.floating], matrix: NDArray[np.floating]) -> NDArray[np.float32]:
    """Photo points ``(n, 2…3)`` as ``(n, 2)`` crop pixels."""
    return np.asarray(points[:, :2] @ matrix[:, :2].T + matrix[:, 2], np.float32)


def face_hull(points: NDArray[np.floating], size: int = CROP_SIZE) -> NDArray[np.bool_]:
    """``(size, size)`` mask of the convex hull of crop points ``(n, 2)``."""
    mask = np.zeros((size, size), np.uint8)
    outline = cv2.convexHull(np.round(points).astype(np.int32))
    cv2.fillConvexPoly(mask, outline, (255,))
    return mask > 0
