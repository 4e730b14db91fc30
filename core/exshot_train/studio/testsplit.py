"""The fixed test split: 200 triplets of the test people under the test lights, path-traced."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import EXPRESSIONS
from exshot_train.studio.lights import lights_of
from exshot_train.studio.people import PEOPLE
from exshot_train.studio.store import Store
from exshot_train.studio.takes import CAMERAS, Take
from exshot_train.studio.triplets import Light, Triplet

TRIPLETS = 200
HASHES = Path(__file__).with_name("test_split.sha256")
"""``DIGEST  TAKE/CAMERA`` of the views as they were when the figures in docs were measured."""
_SEED = 20241
_CAMERAS_USED = 4  # of each person's five
_EXPRESSIONS_SHOWN = 4  # of the twelve, so that views are shared between triplets
_ORDERED = list(permutations(range(_EXPRESSIONS_SHOWN), 2))


@dataclass(frozen=True)
class TestViews:
    """What the test split needs.

    Attributes:
        triplets: the 200, with the lights of pose and truth, and of the expression.
        takes: every take that some triplet uses.
        photos: light map and its turn for each view that Cycles renders, by take and camera.
    """

    __test__ = False  # for pytest, which takes the name for a test

    triplets: tuple[tuple[Triplet, Light, Light], ...]
    takes: frozenset[Take]
    photos: dict[str, dict[int, tuple[str, float]]]


def chosen_views(assets: Assets) -> TestViews:
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
    for person, shown in zip(people, _expressions(rng, len(people)), strict=True):
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
    return TestViews(tuple(triplets), frozenset(takes), dict(photos))


def _expressions(rng: np.random.Generator, people: int) -> list[list[int]]:
    """Four different expressions for each person, so that all have their turn."""
    deck: list[int] = []
    while len(deck) < people * _EXPRESSIONS_SHOWN:
        deck += rng.permutation(len(EXPRESSIONS)).tolist()  # 12 divides by four
    return [
        deck[k : k + _EXPRESSIONS_SHOWN]
        for k in range(0, people * _EXPRESSIONS_SHOWN, _EXPRESSIONS_SHOWN)
    ]


def export(store: Store, views: TestViews) -> Path:
    """Write the complete triplets as a set for ``benchmarks.quality`` below ``studio_test``.

    ``PERSON/NN_{pose,expression,truth}.jpg`` and ``triplets.json``, a list with lights and
    cameras; ``hashes.json`` has the sha256 of every photo.

    Returns:
        The folder ``studio_test``.
    """
    folder = store.folder / "studio_test"
    folder.mkdir(parents=True, exist_ok=True)
    done = set(store.keys())
    entries, hashes = [], {}
    for number, (triplet, light, other) in enumerate(views.triplets):
        if not {triplet.pose, triplet.truth, triplet.expression} <= done:
            continue
        subject, index = triplet.truth.split("_")[0], number % (TRIPLETS // len(PEOPLE["test"]))
        shown = {
            "pose": (triplet.pose, triplet.camera),
            "truth": (triplet.truth, triplet.camera),
            "expression": (triplet.expression, triplet.expression_camera),
        }
        for role, (key, camera) in shown.items():
            data = store.read(key).photo(camera)
            if data is None:
                break
            name = f"{subject}/{index:02d}_{role}.jpg"
            (folder / subject).mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
            hashes[name] = hashlib.sha256(data).hexdigest()
        else:
            lights = {"light": asdict(light), "expression_light": asdict(other)}
            entries.append({"subject": subject, "index": index, **asdict(triplet), **lights})
    for name, content in (("triplets.json", entries), ("hashes.json", hashes)):
        part = folder / f".{name}.part"
        part.write_text(json.dumps(content, indent=1))
        part.replace(folder / name)
    return folder


def changed_views(store: Store, views: TestViews) -> tuple[str, ...]:
    """``TAKE/CAMERA`` of rendered views whose bytes differ from those in `HASHES`.

    Path tracing repeats itself on one kind of processor; another may round differently, and then
    the pictures differ by noise that nobody sees, but figures are not strictly comparable.
    """
    lines = (line.split() for line in HASHES.read_text(encoding="utf-8").splitlines())
    expected = {view: digest for digest, view in lines}
    changed = []
    done = set(store.keys())
    for key, cameras in sorted(views.photos.items()):
        for camera in sorted(cameras) if key in done else ():
            data = store.read(key).photo(camera)
            view = f"{key}/{camera}"
            if data is not None and hashlib.sha256(data).hexdigest() != expected.get(view):
                changed.append(view)
    return tuple(changed)
