"""The fixed test split: 200 triplets of the test people under the test lights, path-traced."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
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
_SEED = 20241
_CAMERAS_USED = 3  # of each person's five, so that views are shared between triplets


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

    Every view has one light, so that views are shared: a person's session has a light for each
    camera, and the expression view comes from another camera, hence from another light. The
    difference in yaw is one camera's step in half of the triplets and two in the rest.
    """
    rng = np.random.default_rng(_SEED)
    lights = lights_of("test", assets.light_names())
    photos: dict[str, dict[int, tuple[str, float]]] = defaultdict(dict)
    triplets: list[tuple[Triplet, Light, Light]] = []
    takes: set[Take] = set()
    people = list(PEOPLE["test"])
    for person in people:
        cameras = sorted(rng.choice(range(CAMERAS), _CAMERAS_USED, replace=False).tolist())
        chosen = rng.choice(lights, _CAMERAS_USED, replace=False)
        lit = {
            k: Light(str(name), float(rng.integers(0, 360)))
            for k, name in zip(cameras, chosen, strict=True)
        }
        for _ in range(TRIPLETS // len(people)):
            before, after = rng.choice(len(EXPRESSIONS), 2, replace=False).tolist()
            k, j = rng.choice(cameras, 2, replace=False).tolist()
            first, second = Take(0, before, person), Take(0, after, person)
            triplet = Triplet(first.key, second.key, k, second.key, j)
            triplets.append((triplet, lit[k], lit[j]))
            takes |= {first, second}
            for key, camera in ((first.key, k), (second.key, k), (second.key, j)):
                photos[key][camera] = (lit[camera].name, lit[camera].turn)
    return TestViews(tuple(triplets), frozenset(takes), dict(photos))


def write_manifest(store: Store, views: TestViews) -> Path:
    """Write ``triplets.json``: the triplets whose takes are there, and every take's sha256."""
    done = set(store.keys())
    complete = [
        {**asdict(triplet), "light": asdict(light), "expression_light": asdict(other)}
        for triplet, light, other in views.triplets
        if {triplet.pose, triplet.truth, triplet.expression} <= done
    ]
    hashes = {
        key: hashlib.sha256((store.takes / f"{key}.zip").read_bytes()).hexdigest()
        for key in sorted(take.key for take in views.takes if take.key in done)
    }
    path = store.folder / "triplets.json"
    text = json.dumps({"planned": len(views.triplets), "triplets": complete, "takes": hashes})
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)
    return path
