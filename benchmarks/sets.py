"""The photo sets that methods are measured on, as lists of cases."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

DATA_VARIABLE = "EXSHOT_SHARED_DATA"
STUDIO_VARIABLE = "EXSHOT_STUDIO_CACHE"


class SetError(Exception):
    """A set or case that was asked for is not there; the message says what to do."""


@dataclass(frozen=True)
class Case:
    """One edit to make, with the photo it should come out as where that is known.

    Attributes:
        set_name: the set it belongs to, a key of `SETS`.
        id: unique within its set, such as ``d10/03`` or ``b000755_ab``.
        pose, expression: the two photos of the edit.
        truth: a photo with the head of *pose* and the expression of *expression*, if there is one.
    """

    set_name: str
    id: str
    pose: Path
    expression: Path
    truth: Path | None


def data_root() -> Path:
    """Folder of the photo sets: ``EXSHOT_SHARED_DATA``, else ``../shared/data`` by the checkout.

    Raises:
        SetError: neither exists.
    """
    named = os.environ.get(DATA_VARIABLE)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    root = Path(named) if named else beside
    if not root.is_dir():
        raise SetError(f"No photo sets at {root}. Set {DATA_VARIABLE} to the folder that has them.")
    return root


def _triplets(set_name: str, root: Path, expression_role: str) -> list[Case]:
    listing = root / "triplets.json"
    if not listing.is_file():
        raise SetError(f"The set {set_name} is not there: {listing} is missing.")
    cases = []
    for entry in json.loads(listing.read_text()):
        subject = str(entry["subject"])
        case_id = f"{subject}/{int(entry['index']):02d}" if "index" in entry else subject
        pose, expression, truth = (
            root / f"{case_id}_{role}.jpg" for role in ("pose", expression_role, "truth")
        )
        cases.append(Case(set_name, case_id, pose, expression, truth))
    return cases


def _pairs(set_name: str, root: Path) -> list[Case]:
    people = sorted(path.stem[: -len("_a")] for path in root.glob("*_a.jpg"))
    if not people:
        raise SetError(f"The set {set_name} is not there: {root} has no *_a.jpg.")
    cases = []
    for person in people:
        a, b = root / f"{person}_a.jpg", root / f"{person}_b.jpg"
        cases.append(Case(set_name, f"{person}_ab", a, b, None))
        cases.append(Case(set_name, f"{person}_ba", b, a, None))
    return cases


def studio_folder(name: str) -> Path:
    """Where ``python -m exshot_train.studio`` leaves its test sets; it need not exist."""
    named = os.environ.get(STUDIO_VARIABLE)
    root = Path(named) if named else Path.home() / ".cache" / "exshot" / "studio"
    return (root / "paper" if name == "studio_paper" else root) / "test" / name


def _studio(name: str, _data: Path) -> list[Case]:
    return _triplets(name, studio_folder(name), "expression")


def _plain(folder: str) -> Callable[[str, Path], list[Case]]:
    return lambda name, data: _triplets(name, data / folder, "expression")


def _relit(folder: str) -> Callable[[str, Path], list[Case]]:
    return lambda name, data: _triplets(name, data / folder, "relit")


def _lamp(folder: str) -> Callable[[str, Path], list[Case]]:
    def load(name: str, data: Path) -> list[Case]:
        from benchmarks.lamp import under_lamp  # opens the face models

        cases = _triplets(name, data / folder, "expression")
        return [
            replace(case, expression=under_lamp(case.expression, f"{name}/{case.id}"))
            for case in cases
        ]

    return load


SETS: Mapping[str, Callable[[str, Path], list[Case]]] = {
    "video_triplets": _plain("video_triplets"),
    "video_triplets_relit": _relit("video_triplets"),
    "london_triplets": _plain("london/val_triplets"),
    "london_triplets_relit": _relit("london/val_triplets"),
    "video_triplets_lamp": _lamp("video_triplets"),
    "london_triplets_lamp": _lamp("london/val_triplets"),
    "studio_test": _studio,
    "studio_paper": _studio,
    "real_pairs": lambda name, data: _pairs(name, data / "real_pairs"),
}
"""Sets by name. Those called relit and lamp show the same truth with the expression photo under
other light: soft, as irradiance explains it, or hard (`benchmarks.lamp`)."""

WHOLE_PICTURE_SETS = ("studio_test", "studio_paper")
"""Sets whose truth is exact everywhere, background included, so that whole pictures compare."""

TRUTH_SETS = (
    "video_triplets",
    "video_triplets_relit",
    "london_triplets",
    "london_triplets_relit",
)
"""What `benchmarks.quality` measures unless told otherwise."""


def load_set(
    name: str,
    data: Path | None = None,
    *,
    only: Sequence[str] = (),
    limit: int | None = None,
) -> list[Case]:
    """Cases of a set in a stable order.

    Args:
        name: a key of `SETS`.
        data: folder of the sets; found by `data_root` when left out.
        only: keep the cases whose id is, or starts with, one of these; empty keeps all.
        limit: keep this many, spread evenly over the set so that every person has a chance.

    Raises:
        SetError: unknown name, missing files, or no case left.
    """
    if name not in SETS:
        raise SetError(f"There is no set {name!r}; choose from {', '.join(SETS)}.")
    cases = SETS[name](name, data_root() if data is None else data)
    if only:
        cases = [case for case in cases if case.id.startswith(tuple(only))]
        if not cases:
            raise SetError(f"No case of {name} is called {' or '.join(only)}.")
    if limit is not None and limit < len(cases):
        cases = [cases[index * len(cases) // limit] for index in range(limit)]
    return cases
