"""The same person across the photos of a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from exshot.identity.likeness import strangers
from exshot.sequence.sighting import Sighting

# Costs above this join no faces. Within a burst a person's appearance differs by 0.2 at most.
_MOST_COST: Final = 0.6
_APPEARANCE, _PLACE, _SIZE = 1.0, 0.02, 0.1
_STRANGERS: Final = 0.3  # added where the faces are probably not one person's
_FAR: Final = 2.0  # face widths; moving further away costs no more


@dataclass(frozen=True)
class Person:
    """The sightings of one person, at most one for each photo, in the photos' order."""

    sightings: tuple[Sighting, ...]

    def in_photo(self, photo: int) -> Sighting | None:
        """The person's face in a photo, if it is there."""
        return next((one for one in self.sightings if one.photo == photo), None)


def match_persons(
    sightings: Sequence[Sighting], corrections: Iterable[tuple[Sighting, Sighting]] = ()
) -> tuple[Person, ...]:
    """Group sightings into persons, those seen most often and largest first.

    The cheapest pairs are joined first, as long as no person is in one photo twice. Position, size
    and appearance together decide, so that people who swap places are still told apart.

    Args:
        corrections: pairs that the user says are the same person; they are joined before all else.
    """
    groups = [[one] for one in sightings]
    member = {id(one): number for number, one in enumerate(sightings)}

    def join(one: Sighting, other: Sighting) -> None:
        a, b = member[id(one)], member[id(other)]
        photos = {sighting.photo for sighting in groups[a]}
        if a == b or photos & {sighting.photo for sighting in groups[b]}:
            return
        groups[a] += groups[b]
        for sighting in groups[b]:
            member[id(sighting)] = a
        groups[b] = []

    for one, other in corrections:
        join(one, other)
    pairs = [
        (cost, i, j)
        for i, j in combinations(range(len(sightings)), 2)
        if sightings[i].photo != sightings[j].photo
        and (cost := difference(sightings[i], sightings[j])) < _MOST_COST
    ]
    for _, i, j in sorted(pairs):
        join(sightings[i], sightings[j])
    persons = [Person(tuple(sorted(group, key=lambda one: one.photo))) for group in groups if group]
    return tuple(sorted(persons, key=_weight, reverse=True))


def difference(one: Sighting, other: Sighting) -> float:
    """How unlike two sightings of one sequence are, 0 to about 2.4."""
    looks = 1 - float(one.appearance @ other.appearance)
    width = max((one.size + other.size) / 2, 1e-6)
    moved = float(np.hypot(one.place[0] - other.place[0], one.place[1] - other.place[1])) / width
    grown = abs(float(np.log(max(one.size, 1e-6) / max(other.size, 1e-6))))
    unlike = _STRANGERS if strangers(one.face, other.face) else 0.0
    return unlike + _APPEARANCE * looks + _PLACE * min(moved, _FAR) + _SIZE * min(grown, 1.0)


def _weight(person: Person) -> tuple[int, float]:
    return len(person.sightings), sum(one.size for one in person.sightings)
