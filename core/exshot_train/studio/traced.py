"""A fixed set of path-traced triplets: what it needs, its export for benchmarks, its checksums."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from exshot_train.studio.people import PEOPLE
from exshot_train.studio.store import Store
from exshot_train.studio.takes import Take
from exshot_train.studio.triplets import Light, Triplet


@dataclass(frozen=True)
class TracedSet:
    """What a set of path-traced triplets needs.

    Attributes:
        name: of the set in ``benchmarks.quality`` and of its folder.
        triplets: with the lights of pose and truth, and of the expression.
        takes: every take that some triplet uses.
        photos: light map and its turn for each view that Cycles renders, by take and camera.
        hashes: list ``DIGEST  TAKE/CAMERA`` of the views as they were when the figures in docs
            were measured.
    """

    name: str
    triplets: tuple[tuple[Triplet, Light, Light], ...]
    takes: frozenset[Take]
    photos: dict[str, dict[int, tuple[str, float]]]
    hashes: Path


def export(store: Store, views: TracedSet) -> Path:
    """Write the complete triplets as a set for ``benchmarks.quality`` into the store's folder.

    ``PERSON/NN_{pose,expression,truth}.jpg`` and ``triplets.json``, a list with lights and
    cameras; ``hashes.json`` has the sha256 of every photo.

    Returns:
        The set's folder, called by its name.
    """
    folder = store.folder / views.name
    folder.mkdir(parents=True, exist_ok=True)
    done = set(store.keys())
    entries, hashes = [], {}
    for number, (triplet, light, other) in enumerate(views.triplets):
        if not {triplet.pose, triplet.truth, triplet.expression} <= done:
            continue
        subject, index = (
            triplet.truth.split("_")[0],
            number % (len(views.triplets) // len(PEOPLE["test"])),
        )
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


def changed_views(store: Store, views: TracedSet) -> tuple[str, ...]:
    """``TAKE/CAMERA`` of rendered views whose bytes differ from those that its list has.

    Path tracing repeats itself on one kind of processor; another may round differently, and then
    the pictures differ by noise that nobody sees, but figures are not strictly comparable.
    """
    lines = (line.split() for line in views.hashes.read_text(encoding="utf-8").splitlines())
    expected = {view: digest for digest, view in lines}
    changed = []
    done = set(store.keys())
    for key, cameras in sorted(views.photos.items()):
        for camera in sorted(cameras) if key in done else ():
            data = store.read(key).photo(camera)
            view = f"{key}/{camera}"
            known = expected.get(view)
            if data is not None and known and hashlib.sha256(data).hexdigest() != known:
                changed.append(view)
    return tuple(changed)
