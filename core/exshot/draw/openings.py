"""Eyes and mouth: where they are, and whether the pose photo's own will do.

An eye that opens a little more, or looks a little further aside, is drawn best from the eye that
is there, moved by the mesh: its light, colour and reflections are right already. Only one that
was shut, or a mouth of another shape, has to come from the expression photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import (
    LEFT_EYE,
    LEFT_IRIS,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_EYE,
    RIGHT_IRIS,
)
from exshot.image.sampling import Map, blur, ramp_of

EYES: Final = ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS))

_OPENS: Final = (0.25, 0.50)  # log of the openings' ratio, from own eye to the other photo's
_SHUTS: Final = (0.45, 0.80)
_GAZE: Final = (0.12, 0.20)  # of the eye's width
_LEAST_OPENING: Final = 0.02  # keeps the ratio of shut eyes tame
_MOUTH_STRAIN: Final = (0.10, 0.20)
_MOUTH_OPENING: Final = (0.04, 0.09)  # difference, area over width squared
_LASHES: Final = 1.25  # size of what is drawn over the eye opening
_LIPS: Final = 1.06
_EYE_SOFTNESS: Final = 0.008  # of the face width
_MOUTH_SOFTNESS: Final = 0.012
_SUBPIXEL_BITS: Final = 4

Mesh = NDArray[np.floating]


@dataclass(frozen=True)
class Needed:
    """What the expression photo has to give, each in [0, 1].

    Attributes:
        eyes: both eyes alike; of one face's eyes they are never drawn from two photos.
        mouth: lips and what is between them.
    """

    eyes: float
    mouth: float


def needed(pose: Mesh, target: Mesh, strained: Map) -> Needed:
    """Decide between the pose photo's own eyes and mouth, and the expression photo's.

    Args:
        pose, target: ``(478, 3)`` meshes of the pose photo and of the result, pixels of one crop.
        strained: ``(h, h)`` over that crop, of `exshot.draw.strain.strain`.
    """
    shares = [_eye_share(pose, target, ring, iris) for ring, iris in EYES]
    lips = fill(target, LIPS_OUTER, len(strained), _LIPS)
    pulled = float((strained * lips).sum() / max(float(lips.sum()), 1.0))
    opened = abs(opening(target, LIPS_INNER) - opening(pose, LIPS_INNER))
    mouth = max(ramp_of(pulled, *_MOUTH_STRAIN), ramp_of(opened, *_MOUTH_OPENING))
    return Needed(max(shares), mouth)


def opening(mesh: Mesh, ring: tuple[int, ...]) -> float:
    """Area of an opening over the square of its width: 0 is shut."""
    points = mesh[list(ring), :2].astype(np.float32)
    width = float(np.linalg.norm(points[0] - points[len(ring) // 2]))
    return abs(cv2.contourArea(points)) / max(width * width, 1e-6)


def fill(mesh: Mesh, ring: tuple[int, ...], size: int, scale: float = 1.0) -> Map:
    """The inside of a ring of vertices as a mask ``(size, size)`` in [0, 1].

    Args:
        mesh: ``(478, 3)``, pixels of the mask.
        ring: vertex numbers in order.
        size: side of the mask.
        scale: about the ring's middle.
    """
    points = mesh[list(ring), :2].astype(np.float64)
    middle = points.mean(axis=0)
    points = (middle + scale * (points - middle)) * (1 << _SUBPIXEL_BITS)
    mask = np.zeros((size, size), np.uint8)
    outline = np.round(points).astype(np.int32)
    cv2.fillPoly(mask, [outline], (255,), cv2.LINE_AA, _SUBPIXEL_BITS)
    return (mask / np.float32(255)).astype(np.float32)


def fill_hull(points: NDArray[np.floating], size: int) -> Map:
    """The convex hull of points as a mask ``(size, size)`` of 0 and 1.

    Args:
        points: ``(n, 2)``, pixels of the mask.
        size: side of the mask.
    """
    mask = np.zeros((size, size), np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), (1.0,))
    return mask


def eye_mask(target: Mesh, size: int, face_width: float) -> Map:
    """Where eyes with their lashes are drawn, ``(size, size)`` in [0, 1], soft."""
    masks = [fill(target, ring, size, _LASHES) for ring, _ in EYES]
    return _grown(np.maximum(*masks), _EYE_SOFTNESS * face_width)


def mouth_mask(target: Mesh, size: int, face_width: float) -> Map:
    """Where lips and the mouth's inside are drawn, ``(size, size)`` in [0, 1], soft."""
    return _grown(fill(target, LIPS_OUTER, size, _LIPS), _MOUTH_SOFTNESS * face_width)


def gaze_shift(pose: Mesh, target: Mesh, ring: tuple[int, ...], iris: tuple[int, ...]) -> float:
    """How far the iris has to move within its eye, of the eye's width."""
    before, after = (_iris_place(mesh, ring, iris) for mesh in (pose, target))
    return float(np.linalg.norm(after - before))


def _eye_share(pose: Mesh, target: Mesh, ring: tuple[int, ...], iris: tuple[int, ...]) -> float:
    after, before = opening(target, ring), opening(pose, ring)
    opens = float(np.log((after + _LEAST_OPENING) / (before + _LEAST_OPENING)))
    shift = gaze_shift(pose, target, ring, iris)
    return max(ramp_of(opens, *_OPENS), ramp_of(-opens, *_SHUTS), ramp_of(shift, *_GAZE))


def _iris_place(mesh: Mesh, ring: tuple[int, ...], iris: tuple[int, ...]) -> NDArray[np.floating]:
    """Position of the iris along and across its eye, in widths of the eye."""
    outer, inner = mesh[ring[0], :2], mesh[ring[len(ring) // 2], :2]
    along = inner - outer
    offset = mesh[iris[0], :2] - (outer + inner) / 2
    across = np.array([-along[1], along[0]])
    return np.array([offset @ along, offset @ across]) / max(float(along @ along), 1e-6)


def _grown(mask: Map, sigma: float) -> Map:
    return blur(cv2.dilate(mask, np.ones((3, 3))).astype(np.float32), sigma)
