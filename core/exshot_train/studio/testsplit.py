"""The fixed test split: 200 triplets of the test people under the test lights, path-traced."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from pathlib import Path

import numpy as np

from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import EXPRESSIONS
from exshot_train.studio.lights import lights_of
from exshot_train.studio.people import PEOPLE
from exshot_train.studio.takes import CAMERAS, Take
from exshot_train.studio.traced import TracedSet
from exshot_train.studio.triplets import Light, Triplet

TRIPLETS = 200
HASHES = Path(__file__).with_name("test_split.sha256")
"""``DIGEST  TAKE/CAMERA`` of the views as they were when the figures in docs were measured."""
_SEED = 20241
_CAMERAS_USED = 4  # of each person's five
_EXPRESSIONS_SHOWN = 4  # of the twelve, so that views are shared between triplets
_ORDERED = list(permutations(range(_EXPRESSIONS_SHOWN), 2))


def chosen_views(assets: Assets) -> TracedSet:
    """Draw the test split; the same on every machine.

    Every person has one head pose, four neighbouring cameras with a light each, and four
    expressions, all twelve in turn: sixteen views, which the person's 25 triplets share. The
    expression view comes from another camera, hence from another light; the difference in yaw is
    one camera's step in half of the triplets and two in the rest.
    """
    rng = np.random.default_rng(_SEED)
    lights = lights_of("test", assets.light_names())
    photos: dict[str, dict[int, tuple[str, float]]] = defaultdict(dict)
    triplets: list[tuple[Triplet, Light, Light]] = []
    takes: set[Take] = set()
    drawn: set[Triplet] = set()
    people = list(PEOPLE["test"])
    for person, shown in zip(
        people, expressions_in_turn(rng, len(people), _EXPRESSIONS_SHOWN), strict=True
    ):
        first_camera = int(rng.integers(0, CAMERAS - _CAMERAS_USED + 1))
        used = range(first_camera, first_camera + _CAMERAS_USED)
        chosen = rng.choice(lights, _CAMERAS_USED, replace=False)
        lit = {
            k: Light(str(name), float(rng.integers(0, 360)))
            for k, name in zip(used, chosen, strict=True)
        }
        of_person = TRIPLETS // len(people)
        for number, steps in enumerate([1, 2] * (of_person // 2) + [1] * (of_person % 2)):
            # every ordered pair of expressions about twice, never from the same two cameras
            before, after = _ORDERED[number % len(_ORDERED)]
            first, second = Take(0, shown[before], person), Take(0, shown[after], person)
            pairs = [(k, j) for k in used for j in used if abs(k - j) == steps]
            free = [
                (k, j, triplet)
                for k, j in pairs
                if (triplet := Triplet(first.key, second.key, k, second.key, j)) not in drawn
            ]
            k, j, triplet = free[int(rng.integers(len(free)))]
            drawn.add(triplet)
            triplets.append((triplet, lit[k], lit[j]))
            takes |= {first, second}
            for key, camera in ((first.key, k), (second.key, k), (second.key, j)):
                photos[key][camera] = (lit[camera].name, lit[camera].turn)
    return TracedSet("studio_test", tuple(triplets), frozenset(takes), dict(photos), HASHES)


def expressions_in_turn(rng: np.random.Generator, people: int, shown: int) -> list[list[int]]:
    """``shown`` different expressions for each person, so that all have their turn.

    ``shown`` has to divide the number of expressions.
    """
    deck: list[int] = []
    while len(deck) < people * shown:
        deck += rng.permutation(len(EXPRESSIONS)).tolist()
    return [deck[k : k + shown] for k in range(0, people * shown, shown)]
