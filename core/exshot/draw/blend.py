"""Which photo each pixel of the patch is drawn from, and where the patch ends."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import WarpMaps, identity_flow
from exshot.image.sampling import (
    Map,
    blur,
    channel_mean,
    distance_inside,
    lengths,
    odd,
    ramp,
    smoothstep,
)

_DISAGREEMENT: Final = (0.15, 0.30)  # mean difference of sRGB values, after colour matching
_MOTION: Final = (2e-4, 1e-3)  # of the crop's side by which the pose photo moves to be re-drawn
_MOTION_SIGMA: Final = 0.004  # of the crop's side
_SEEN: Final = 30.0  # inverse of the shading, a log ratio, that the mask has to hold wholly
_RIM: Final = 0.012  # of the crop's side, inside the outermost ring, where the mask ends


def disagreement(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    features: NDArray[np.float32],
    face_width: float,
) -> NDArray[np.float32]:
    """Where the photos show different things in front of the face, ``(h, w)`` in [0, 1].

    Both photos lie on the target mesh and under one light, so skin agrees with skin; a fringe, a
    spectacle frame or a hand in only one of them does not. What an expression moves is left out:
    ``features``, ``(h, w)`` in [0, 1], says where that is.
    """
    width = face_width
    difference = channel_mean(np.abs(blur(reference - source, 0.012 * width)))
    found = ramp(difference, *_DISAGREEMENT) * (1 - smoothstep(1.6 * features))
    # Creases and moles are small: only what has some size counts.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (odd(0.025 * width),) * 2)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, kernel)
    grown = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (odd(0.05 * width),) * 2)
    return blur(cv2.dilate(found, grown).astype(np.float32), 0.015 * width)


def edge_fade(face: NDArray[np.bool_], feather: float) -> NDArray[np.float32]:
    """0 at the rim of the face rising to 1 at ``feather`` pixels inside, ``(h, w)``."""
    return smoothstep(distance_inside(face) / max(feather, 1e-3))


def patch_mask(blend: Map, maps: WarpMaps, shading: Map | None = None) -> Map:
    """Mask of the patch, ``(h, h)`` in [0, 1]: what is drawn anew, and nothing else.

    It covers the expression pixels and, around them, the skin of the pose photo that had to move
    (paper's old-chin problem: a jaw that closes leaves its old outline behind), and its skin that
    ``shading`` makes lighter or darker (`exshot.draw.maps.DrawingMaps`).
    """
    size = len(blend)
    apart = maps.flow_pose - identity_flow(size)
    moved = lengths(apart) / size
    motion = blur(ramp(moved, *_MOTION) * maps.reach, _MOTION_SIGMA * size)
    inside = smoothstep(distance_inside(maps.reach) / (_RIM * size))
    mask = np.maximum(smoothstep(6 * blend), motion) * inside
    if shading is None:
        return mask
    shaded = np.clip(np.float32(_SEEN) * np.abs(shading), 0, 1) * maps.face
    return np.maximum(mask, shaded).astype(np.float32, copy=False)
