"""What to combine: the photo to start from, and for each face the expression to bring over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exshot.face.face import LEAST_WIDTH
from exshot.sequence.judge import FaceScore, judge
from exshot.sequence.persons import Person
from exshot.sequence.sighting import Sighting
from exshot.sequence.skin import light_between

_GAIN: Final = 0.08  # a face is left alone unless another is better by this much
_TURN: Final = 25.0  # degrees between the heads at which a transfer is half as good
_ENOUGH_SIZE: Final = 0.7  # of the base's face width, below which the new face gets soft
_LIKE_LIGHT, _OTHER_LIGHT = 6.0, 24.0  # Lab units; within a burst hardly above 6
_NOTED_LIGHT: Final = 0.9
_LEAST_LIGHT: Final = 0.7  # an edit matches light, but shadows with an edge stay
_FRAMING: Final = 0.5  # weight of what an edit cannot change, against the faces' own scores


@dataclass(frozen=True)
class Ease:
    """How clean a transfer is likely to be: parts in [0, 1], 1 is no obstacle.

    Attributes:
        turn: how alike the heads are turned.
        size: whether the face is large enough for the base photo.
        light: how alike the faces are lit.
    """

    turn: float = 1.0
    size: float = 1.0
    light: float = 1.0

    @property
    def total(self) -> float:
        return self.turn * self.size * self.light


@dataclass(frozen=True)
class Choice:
    """A photo that a face's expression can come from.

    Attributes:
        sighting: where the face is.
        score: how it turned out.
        ease: how clean a transfer is likely to be.
        value: what choices are ranked by.
    """

    sighting: Sighting
    score: FaceScore
    ease: Ease

    @property
    def value(self) -> float:
        return self.score.total * self.ease.total

    @property
    def reasons(self) -> tuple[str, ...]:
        """The score's reasons, and the light where a transfer has to change it much."""
        lit = ("other_light",) if self.ease.light < _NOTED_LIGHT else ()
        return self.score.reasons + lit


@dataclass(frozen=True)
class FaceAdvice:
    """One face of the base photo.

    Attributes:
        base: the face and how it turned out.
        choices: photos that show the person clearly better, the best first; empty where the face
            is best left alone.
    """

    person: Person
    base: Choice
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Suggestion:
    """The photo to start from and one advice for each of its faces, the largest face first."""

    base: int
    faces: tuple[FaceAdvice, ...]


def suggest(persons: Sequence[Person], base: int | None = None) -> Suggestion | None:
    """Decide; None where there is no face at all.

    Args:
        base: the photo that the user wants to start from; None to choose it.
    """
    scores = {
        id(sighting): score
        for person in persons
        for sighting, score in zip(person.sightings, judge(person), strict=True)
    }
    photos = sorted({one.photo for person in persons for one in person.sightings})
    if not photos:
        return None
    chosen = base
    if chosen is None:
        chosen = max(photos, key=lambda photo: _base_value(persons, photo, scores))
    advice = []
    for person in persons:
        shown = person.in_photo(chosen)
        if shown is not None:
            advice.append(_advise(person, shown, scores))
    advice.sort(key=lambda one: one.base.sighting.index)
    return Suggestion(chosen, tuple(advice))


def _advise(person: Person, shown: Sighting, scores: dict[int, FaceScore]) -> FaceAdvice:
    own = Choice(shown, scores[id(shown)], Ease())
    others = (
        Choice(one, scores[id(one)], ease_between(shown, one))
        for one in person.sightings
        if one is not shown and _can_be_edited(shown, one)
    )
    better = [one for one in others if one.value > own.value + _GAIN]
    return FaceAdvice(person, own, tuple(sorted(better, key=lambda one: -one.value)))


def _can_be_edited(*faces: Sighting) -> bool:
    return all(one.face.width >= LEAST_WIDTH for one in faces)


def ease_between(base: Sighting, other: Sighting) -> Ease:
    """How cleanly the other photo's expression would go onto the base photo's face."""
    a, b = base.face.head_pose, other.face.head_pose
    turn = math.hypot(a.yaw - b.yaw, a.pitch - b.pitch, 0.3 * (a.roll - b.roll))
    size = other.face.width / max(base.face.width, 1e-6)
    light = 1.0
    if base.skin is not None and other.skin is not None:
        apart = (light_between(base.skin, other.skin) - _LIKE_LIGHT) / (_OTHER_LIGHT - _LIKE_LIGHT)
        light = 1 - (1 - _LEAST_LIGHT) * min(max(apart, 0.0), 1.0)
    return Ease(0.5 ** ((turn / _TURN) ** 2), min(1.0, size / _ENOUGH_SIZE), light)


def _base_value(persons: Sequence[Person], photo: int, scores: dict[int, FaceScore]) -> float:
    """How good a photo is to start from: everyone is there, sharp, turned to the camera.

    Expressions count too, for the fewer faces are changed, the better.
    """
    value = 0.0
    for person in persons:
        shown = person.in_photo(photo)
        if shown is None:
            continue
        score = scores[id(shown)]
        framing = (score.sharpness + score.turn + score.exposure) / 3
        weight = len(person.sightings)  # somebody who walked through counts less
        value += weight * (0.5 + _FRAMING * framing + score.total)
    return value
