"""Eyes and mouth: where they are, and whether the pose photo's own will do.

An eye that opens a little more, or looks a little further aside, is drawn best from the eye that
is there, moved by the mesh: its light, colour and reflections are right already. Only one that
was shut, and the inside of a mouth that opens further, has to come from the expression photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.retarget import EYES, eye_frame, opening
from exshot.face.topology import (
    LIPS_INNER,
    LIPS_OUTER,
)
from exshot.image.sampling import Map, blur, ramp_of

INSIDE_SOFTNESS: Final = 0.006
"""Of what is between the lips, of the face width."""

# Limits, not ramps: two eyes or mouths mixed are seen as two.
_OPENS: Final = 0.46  # log of the openings' ratio, from which on an eye is the other photo's
_SHUTS: Final = 0.70
_GAZE_SEEN: Final = (
    0.06,
    0.12,
)  # of the eye's width: what two fits differ by; what is a look aside
_GAZE: Final = 0.21  # how far the own irises can be moved, and no further
_IRIS_TRAVEL: Final = np.array([0.3, 0.1])
"""How far a fitted iris moves along and across its eye, in widths of the eye, per radian that the
head turns away from what is looked at; measured on video. (An eyeball's is 0.4; fits are shyer,
and lids hide most of the way up and down.)"""
_LEAST_OPENING: Final = 0.02  # keeps the ratio of shut eyes tame
_PULLED: Final = 0.5  # mean strain of the lips that they do not bear
_STRETCHED: Final = 1.45  # opening over the own one, in area: teeth are not made larger by more
_SHOWN_ANEW: Final = 0.07  # of an opening, area over width squared, beyond the own one
_LASHES: Final = 1.25  # size of what is drawn over the eye opening
_LIPS: Final = 1.06
_EYE_SOFTNESS: Final = 0.008  # of the face width
_MOUTH_SOFTNESS: Final = 0.012
_SUBPIXEL_BITS: Final = 4

Mesh = NDArray[np.floating]


@dataclass(frozen=True)
class Needed:
    """Which of them the expression photo has to give.

    Attributes:
        eyes: both eyes alike; of one face's eyes they are never drawn from two photos.
        lips: lips and what is between them.
        inside: what is between the lips.
    """

    eyes: bool
    lips: bool
    inside: bool


def needed(pose: Mesh, target: Mesh, strained: Map) -> Needed:
    """Decide between the pose photo's own eyes and mouth, and the expression photo's.

    What is there already stays as long as it can be moved: it has the pose photo's light, colour
    and sharpness, and is seen from the right side. Lips nearly always can; the other photo's teeth
    come between them where the own ones would have to be stretched. A mouth that closes can always
    be moved: its lips come down on its teeth (`exshot.draw.still_teeth.with_still_teeth`).

    Args:
        pose, target: ``(478, 3)`` meshes of the pose photo and of the result, pixels of one crop.
        strained: ``(h, h)`` over that crop, of `exshot.draw.strain.strain`.
    """
    aside = float(np.linalg.norm(gaze_shift(pose, target))) > _GAZE
    lips = fill(target, LIPS_OUTER, len(strained), _LIPS)
    pulled = float((strained * lips).sum() / max(float(lips.sum()), 1.0)) > _PULLED
    after, before = opening(target, LIPS_INNER), opening(pose, LIPS_INNER)
    wider = _width(target, LIPS_INNER) / max(_width(pose, LIPS_INNER), 1e-6)
    larger = (wider * wider * after + _LEAST_OPENING) / (before + _LEAST_OPENING)
    inside = pulled or abs(after - before) > _SHOWN_ANEW or larger > _STRETCHED
    return Needed(aside or any(_is_new(pose, target, ring) for ring, _ in EYES), pulled, inside)


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


def eye_mask(target: Mesh, size: int, face_width: float) -> Map:
    """Where eyes with their lashes are drawn, ``(size, size)`` in [0, 1], soft."""
    masks = [fill(target, ring, size, _LASHES) for ring, _ in EYES]
    return _grown(np.maximum(*masks), _EYE_SOFTNESS * face_width)


def mouth_mask(target: Mesh, size: int, face_width: float) -> Map:
    """Where lips and the mouth's inside are drawn, ``(size, size)`` in [0, 1], soft."""
    return _grown(fill(target, LIPS_OUTER, size, _LIPS), _MOUTH_SOFTNESS * face_width)


def inside_mask(target: Mesh, size: int, face_width: float) -> Map:
    """What is between the lips, ``(size, size)`` in [0, 1], soft."""
    return blur(fill(target, LIPS_INNER, size), INSIDE_SOFTNESS * face_width)


def with_steady_gaze(
    pose: Mesh, target: Mesh, rotation: Mesh, share: float = 1.0
) -> NDArray[np.float32]:
    """The target with irises that move in their eyes together, or not at all.

    A retargeted mesh turns the eyes with the head. Between two portraits people turn their heads
    and go on looking into the camera, so the turn is taken back. Then, eyes look at one point: what
    the meshes say of both is taken, and what they say of one alone is the error of a fit, as is a
    small step of both. The irises start from their places in the pose photo's eyes.

    Args:
        pose, target: ``(478, 3)`` meshes of the pose photo and of the result, pixels of one crop.
        rotation: ``(3, 3)``, from the expression photo's head pose to the pose photo's, see
            `exshot.align.retarget.rigid_fit`.
        share: of the expression photo's gaze that the target has; as much of the turn is in it.
    """
    shift = gaze_shift(pose, target) + share * _IRIS_TRAVEL * rotation[:2, 2]
    shift = shift * ramp_of(float(np.linalg.norm(shift)), *_GAZE_SEEN)
    out = np.array(target, np.float32)
    for ring, iris in EYES:
        middle, axes = eye_frame(target, ring)
        wanted = axes @ (_iris_place(pose, ring, iris) + shift) + middle
        out[list(iris), :2] += (wanted - target[iris[0], :2]).astype(np.float32)
    return out


def gaze_shift(pose: Mesh, target: Mesh) -> NDArray[np.floating]:
    """How far both irises move within their eyes, ``(2,)``: right and down in the picture of an
    upright face, in widths of an eye."""
    shifts = [
        _iris_place(target, ring, iris) - _iris_place(pose, ring, iris) for ring, iris in EYES
    ]
    return np.mean(shifts, axis=0)


def _is_new(pose: Mesh, target: Mesh, ring: tuple[int, ...]) -> bool:
    """Whether an eye opens or shuts further than it can be moved."""
    opens = _log_ratio(opening(target, ring), opening(pose, ring))
    return opens > _OPENS or -opens > _SHUTS


def _width(mesh: Mesh, ring: tuple[int, ...]) -> float:
    return float(np.linalg.norm((mesh[ring[0]] - mesh[ring[len(ring) // 2]])[:2]))


def _log_ratio(after: float, before: float) -> float:
    return float(np.log((after + _LEAST_OPENING) / (before + _LEAST_OPENING)))


def _iris_place(mesh: Mesh, ring: tuple[int, ...], iris: tuple[int, ...]) -> NDArray[np.floating]:
    """Position of the iris along and across its eye, in widths of the eye."""
    middle, axes = eye_frame(mesh, ring)
    return np.linalg.solve(axes, mesh[iris[0], :2] - middle)


def _grown(mask: Map, sigma: float) -> Map:
    return blur(cv2.dilate(mask, np.ones((3, 3))).astype(np.float32), sigma)
