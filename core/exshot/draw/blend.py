"""Which photo each pixel of the patch is drawn from, and where the patch ends."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.topology import (
    LEFT_BROW,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_BROW,
    RIGHT_EYE,
    load_topology,
)
from exshot.image.sampling import blur, distance_inside, enlarge, ramp, shrink, smoothstep

_FOREHEAD_MIDDLE: Final = 10
_FOREHEAD_FADE: Final = (0.25, 0.75)  # of the way from the brows to the hairline
_DISAGREEMENT: Final = (0.15, 0.30)  # mean difference of sRGB values, after colour matching
_MOTION: Final = (0.1, 0.5)  # crop pixels by which the pose photo has to move to be re-drawn


@lru_cache(maxsize=1)
def feature_weights() -> NDArray[np.float32]:
    """How much a vertex belongs to the eyes or the mouth, ``(478,)`` in [0, 1].

    There the two photos are expected to differ: that is the expression.
    """
    eyes = _near((*LEFT_EYE, *RIGHT_EYE), 0.55)
    mouth = _near((*LIPS_OUTER, *LIPS_INNER), 0.9)
    weights = np.ones(MESH_VERTICES, np.float32)
    weights[: len(eyes)] = np.maximum(eyes, mouth)
    weights.flags.writeable = False
    return weights


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
        _near((*LEFT_EYE, *RIGHT_EYE, *LEFT_BROW, *RIGHT_BROW), 0.5),
        _near((*LIPS_OUTER, *LIPS_INNER), 0.6),
    )
    weights = np.zeros(MESH_VERTICES, np.float32)
    weights[: len(features)] = np.clip(1 - 1.5 * features, 0, 1)
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=1)
def below_hairline() -> NDArray[np.float32]:
    """1 up to just above the brows, fading to 0 below the hairline, ``(478,)``.

    A forehead shows little expression but often a fringe, which must not be carried over.
    """
    height = load_topology().vertices[:, 1]
    brows = height[[*LEFT_BROW, *RIGHT_BROW]].max()
    above = (height - brows) / (height[_FOREHEAD_MIDDLE] - brows)
    low, high = _FOREHEAD_FADE
    weights = np.ones(MESH_VERTICES, np.float32)
    weights[: len(height)] = 1 - ramp(above, low, high)
    weights.flags.writeable = False
    return weights


def disagreement(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    features: NDArray[np.float32],
    face_width: float,
) -> NDArray[np.float32]:
    """Where the photos show different things in front of the face, ``(h, w)`` in [0, 1].

    Both photos lie on the target mesh and under one light, so skin agrees with skin; a fringe, a
    spectacle frame or a hand in only one of them does not. Eyes and mouth are left out.
    """
    full, small = len(features), len(features) // 2  # what counts is far larger than a pixel
    width = face_width / 2
    difference = np.abs(blur(shrink(reference - source, small), 0.012 * width)).mean(axis=2)
    found = ramp(difference, *_DISAGREEMENT) * (1 - smoothstep(1.6 * shrink(features, small)))
    # Creases and moles are small: only what has some size counts.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd(0.025 * width),) * 2)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, kernel)
    grown = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd(0.05 * width),) * 2)
    return enlarge(blur(cv2.dilate(found, grown).astype(np.float32), 0.015 * width), full, full)


def edge_fade(face: NDArray[np.bool_], feather: float) -> NDArray[np.float32]:
    """0 at the rim of the face rising to 1 at ``feather`` pixels inside, ``(h, w)``."""
    return smoothstep(distance_inside(face) / max(feather, 1e-3))


def cover_mask(
    blend: NDArray[np.float32],
    flow_pose: NDArray[np.float32],
    grid: NDArray[np.float32],
    reach: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Mask of the patch, ``(h, w)`` in [0, 1]: what is drawn anew, and nothing else.

    It covers the expression pixels and, around them, the skin of the pose photo that had to move
    (paper's old-chin problem: a jaw that closes leaves its old outline behind).
    """
    moved = np.hypot(flow_pose[..., 0] - grid[..., 0], flow_pose[..., 1] - grid[..., 1])
    motion = blur(ramp(moved, *_MOTION) * reach, 2.0)
    return np.maximum(smoothstep(6 * blend), motion) * smoothstep(distance_inside(reach) / 6.0)


def _near(seeds: tuple[int, ...], softness: float) -> NDArray[np.float32]:
    """Gaussian of the distance to the nearest seed on the canonical model, centimetres."""
    vertices = load_topology().vertices
    distance = np.linalg.norm(vertices[:, None] - vertices[list(seeds)][None], axis=2).min(axis=1)
    return np.exp(-((distance / softness) ** 2)).astype(np.float32)


def _odd(size: float) -> int:
    return max(3, 2 * round(size / 2) + 1)
