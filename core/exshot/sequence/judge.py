"""How each face turned out, compared with the same person's other photos, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from exshot.sequence.persons import Person
from exshot.sequence.sighting import Sighting
from exshot.sequence.skin import covered_shares

_NARROWEST_OPEN: Final = 0.13  # lid gap over eye width of open, very narrow eyes
_MANY: Final = 6  # photos
# Of eyes that are shut for whoever it is: blendshape, and lid gap over eye width. Between open
# narrow eyes and shut ones lies a gap, 0.30 to 0.45 of the first and 0.10 to 0.16 of the second.
_BLINK: Final = 0.4
_SHUT: Final = 0.12
_ORDINARY_OPEN: Final = 0.25  # lid gap over eye width of ordinary open eyes
_CLOSED, _OPEN = 0.5, 0.9  # of the person's own open eyes
_FULL_SMILE: Final = 0.75  # blendshape
_SMILING_EYES: Final = 0.16  # a full smile narrows them by this share
_STARTLED: Final = ("eyeWideLeft", "eyeWideRight")
_WIDE: Final = 0.25
_GAZE_DEGREES: Final = 35.0  # of a look blendshape at 1
_AWAY: Final = 14.0  # degrees off the camera that count as looking away
_TURNED: Final = 35.0
_SHARP: Final = 0.85  # of `_sharpness`: said only where another of the person's photos is less so

# Shares of the score; eyes count once more as a factor, for nothing makes up for a blink.
_WEIGHTS: Final = {
    "eyes": 0.34, "mouth": 0.26, "smile": 0.12, "gaze": 0.10, "sharpness": 0.10, "exposure": 0.04,
    "turn": 0.04,
}  # fmt: skip
_SHUT_FACTOR: Final = 0.35
_COVERED_FACTOR: Final = 0.5
_HARDLY, _LARGELY = 0.03, 0.10  # of the face that something covers


@dataclass(frozen=True)
class FaceScore:
    """A face's score and its parts, each in [0, 1], higher is better.

    Attributes:
        total: what faces of one person are ranked by.
        eyes: the less open eye, relative to the person's own open eyes.
        mouth: 0 for a mouth in the middle of a word, 1 for one at rest or smiling.
        smile, gaze, sharpness, exposure, turn: as named; gaze is toward the camera.
        clear: 1 where nothing lies over the face: no hand, hair or spectacles that the person's
            other photos do not show.
        reasons: codes of what stands out, most important first; `PHRASES` has their words.
    """

    total: float
    eyes: float
    mouth: float
    smile: float
    gaze: float
    sharpness: float
    exposure: float
    turn: float
    clear: float
    reasons: tuple[str, ...]


PHRASES: Final = {
    "eyes_closed": "eyes closed",
    "left_eye_closed": "left eye closed",
    "right_eye_closed": "right eye closed",
    "eyes_half": "eyes half closed",
    "eyes_open": "eyes open",
    "mid_word": "mouth in the middle of a word",
    "smiling": "smiling",
    "looks_away": "looks away",
    "blurred": "less sharp than the others",
    "sharp": "sharp",
    "clipped": "too bright or too dark",
    "turned": "head turned away",
    "covered": "partly covered",
    "other_light": "in other light",
}
"""Reasons in words."""


def judge(person: Person) -> tuple[FaceScore, ...]:
    """A score for each of the person's sightings, in their order."""
    # Open eyes are what this person shows at their widest, but for startled and odd frames.
    calm = [one.eyes for one in person.sightings if one.blendshape(*_STARTLED) < _WIDE]
    openings = np.array(calm or [one.eyes for one in person.sightings])
    share = 1.0 if len(openings) < _MANY else 0.75
    own = np.maximum(np.quantile(openings, share, axis=0), _NARROWEST_OPEN)
    if eyes_closed_in_all(person):
        own = np.maximum(own, _ORDINARY_OPEN)
    sharpness = [one.sharpness for one in person.sightings]
    blurred = _sharpness(min(sharpness), max(sharpness)) <= _SHARP  # one at least
    scores = zip(person.sightings, _covered(person), strict=True)
    return tuple(_score(one, own, max(sharpness), blurred, covered) for one, covered in scores)


def eyes_closed_in_all(person: Person) -> bool:
    """Whether every photo shows a blink, so that none can tell how far this person's eyes open.

    Low lids of narrow eyes are no blink; both the lids and the expression scores must say so.
    """
    return all(
        max(one.eyes) < _SHUT and one.blendshape("eyeBlinkLeft", "eyeBlinkRight") > _BLINK
        for one in person.sightings
    )


def _covered(person: Person) -> tuple[float, ...]:
    skins = [one.skin for one in person.sightings if one.skin is not None]
    if len(skins) < len(person.sightings):
        return (0.0,) * len(person.sightings)
    return covered_shares(skins)


def _sharpness(own: float, sharpest: float) -> float:
    """From 1, as sharp as the person's sharpest photo, down to 0."""
    return math.exp(-max(0.0, sharpest - own))


def _score(
    one: Sighting, own: np.ndarray, sharpest: float, others_blurred: bool, covered: float
) -> FaceScore:
    left, right = (float(share) for share in np.array(one.eyes) / own)
    smile = min(1.0, one.blendshape("mouthSmileLeft", "mouthSmileRight") / _FULL_SMILE)
    parts = {
        "eyes": _ramp(min(left, right) + _SMILING_EYES * smile, _CLOSED, _OPEN),
        "mouth": 1 - _talking(one, smile),
        "smile": smile,
        "gaze": 1 - _ramp(_off_camera(one), _AWAY / 2, 2 * _AWAY),
        "sharpness": _sharpness(one.sharpness, sharpest),
        "exposure": 1 - _ramp(one.clipped, 0.02, 0.25),
        "turn": 1 - _ramp(_turn(one), 10.0, _TURNED),
    }
    total = sum(_WEIGHTS[name] * value for name, value in parts.items())
    total *= _SHUT_FACTOR + (1 - _SHUT_FACTOR) * parts["eyes"]
    parts["clear"] = 1 - _ramp(covered, _HARDLY, _LARGELY)
    total *= _COVERED_FACTOR + (1 - _COVERED_FACTOR) * parts["clear"]
    reasons = _reasons(parts, left, right, others_blurred)
    return FaceScore(total=total, reasons=reasons, **parts)


def _talking(one: Sighting, smile: float) -> float:
    """How surely the mouth is in the middle of a word, in [0, 1].

    A smile that shows teeth has a gap as well; lips that are rounded around one have not.
    """
    gap = _ramp(one.mouth_gap, 0.04, 0.22) * (1 - 0.9 * smile * smile)
    gaping = _ramp(one.mouth_gap, 0.45, 0.8)
    rounded = _ramp(one.blendshape("mouthFunnel"), 0.15, 0.5)
    crooked = abs(
        one.blendshape("mouthLeft") - one.blendshape("mouthRight")
    )  # pulled to one side while speaking
    return max(gap, gaping, rounded * (1 - 0.5 * smile), _ramp(crooked, 0.25, 0.7))


def _off_camera(one: Sighting) -> float:
    """Degrees between the look and the direction to the camera."""
    pose = one.face.head_pose
    # Toward the person's left is toward the picture's right.
    aside = one.blendshape("eyeLookOutLeft", "eyeLookInRight") - one.blendshape(
        "eyeLookInLeft", "eyeLookOutRight"
    )
    up = one.blendshape("eyeLookUpLeft", "eyeLookUpRight") - one.blendshape(
        "eyeLookDownLeft", "eyeLookDownRight"
    )
    return math.hypot(pose.yaw + _GAZE_DEGREES * aside, 0.5 * (pose.pitch + _GAZE_DEGREES * up))


def _turn(one: Sighting) -> float:
    return math.hypot(one.face.head_pose.yaw, one.face.head_pose.pitch)


def _reasons(
    parts: dict[str, float], left: float, right: float, others_blurred: bool
) -> tuple[str, ...]:
    found = [_eye_reason(parts["eyes"], left, right)]
    if parts["clear"] < 0.8:
        found.append("covered")
    if parts["mouth"] < 0.5:
        found.append("mid_word")
    elif parts["smile"] > 0.6:
        found.append("smiling")
    if parts["gaze"] < 0.4:
        found.append("looks_away")
    if parts["turn"] < 0.3:
        found.append("turned")
    if parts["exposure"] < 0.5:
        found.append("clipped")
    if parts["sharpness"] < 0.3:
        found.append("blurred")
    elif others_blurred and parts["sharpness"] > _SHARP:
        found.append("sharp")
    return tuple(found)


def _eye_reason(eyes: float, left: float, right: float) -> str:
    if eyes > 0.6:
        return "eyes_open"
    if eyes > 0.15:
        return "eyes_half"
    if max(left, right) > _OPEN:
        return "left_eye_closed" if left < right else "right_eye_closed"
    return "eyes_closed"


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high`` on, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
