"""The test set on the paper's terms: one soft studio light, only camera and expression differ."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from pathlib import Path

import numpy as np

from exshot_train.studio.people import PEOPLE
from exshot_train.studio.soft_light import SOFT_STUDIO
from exshot_train.studio.takes import CAMERAS, Take
from exshot_train.studio.testsplit import expressions_in_turn
from exshot_train.studio.traced import TracedSet
from exshot_train.studio.triplets import Light, Triplet

TRIPLETS = 200
SAMPLES = 16
"""Of Cycles for each pixel, denoised: 50 dB from 128 samples under this light."""
_SEED = 20242
_CAMERAS_USED = 3  # of each person's five; all five have their turn
_EXPRESSIONS_SHOWN = 3  # of the twelve


def paper_set() -> TracedSet:
    """Draw the set; the same on every machine.

    Section 4 of the paper: pose photo and truth come from one camera of the rig, the expression
    photo from another, and every view stands in the rig's own light. Each person has one head
    pose, three of the five cameras and three expressions (every expression is shown by two people):
    nine views, 72 in all, of which the person's 25 triplets are 25 of the 36 that these give.
    """
    rng = np.random.default_rng(_SEED)
    light = Light(SOFT_STUDIO, 0.0)
    people = list(PEOPLE["test"])
    shown_by = expressions_in_turn(rng, len(people), _EXPRESSIONS_SHOWN)
    cameras = _cameras_in_turn(rng, len(people))
    photos: dict[str, dict[int, tuple[str, float]]] = defaultdict(dict)
    triplets: list[tuple[Triplet, Light, Light]] = []
    takes: set[Take] = set()
    for person, shown, used in zip(people, shown_by, cameras, strict=True):
        of_person = [
            Triplet(first.key, second.key, k, second.key, j)
            for first, second in permutations([Take(0, e, person) for e in shown], 2)
            for k, j in permutations(used, 2)
        ]
        chosen = sorted(rng.permutation(len(of_person))[: TRIPLETS // len(people)].tolist())
        triplets += [(of_person[index], light, light) for index in chosen]
        for expression in shown:
            take = Take(0, expression, person)
            takes.add(take)
            photos[take.key] = dict.fromkeys(used, (light.name, light.turn))
    hashes = Path(__file__).with_name("paper_set.sha256")
    return TracedSet("studio_paper", tuple(triplets), frozenset(takes), dict(photos), hashes)


def _cameras_in_turn(rng: np.random.Generator, people: int) -> list[list[int]]:
    """Three cameras for each person, so that every camera serves about as many people."""
    turns: list[list[int]] = []
    while len(turns) < people:
        order = rng.permutation(CAMERAS).tolist()
        turns += [sorted((order + order)[k : k + _CAMERAS_USED]) for k in range(CAMERAS)]
    return turns[:people]
