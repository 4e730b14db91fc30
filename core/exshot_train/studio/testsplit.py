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
