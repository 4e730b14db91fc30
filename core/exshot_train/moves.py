"""Moves of the mesh between two fits, of which it is known what part is expression.

Three sources, each of which knows something else:

- *Views* of the studio (``python -m exshot_train.studio develop``) show each expression of a person
  from five cameras at once. Of any two expressions and any two cameras the fits say what
  `exshot.align.retarget` is given, and the fit of the second expression in the first camera says
  what it should find. But renders are fitted worse than photographs.
- *Mirrored photographs*: a portrait and its mirror picture show one expression on a head that is
  turned to either side. What their fits differ by, one laid on the other, is the fits' error (and
  where both look straight ahead, also what the two halves of a face differ by).
- *Smiles*: two photographs of one sitting, neutral and smiling, from the front.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from scipy.spatial import KDTree

from exshot.align.likely import on_head, out_of_plane
from exshot.align.retarget import rigid_fit
from exshot.face.fitter import FaceFitter
from exshot.face.head_pose import head_pose_of
from exshot.face.topology import CANONICAL_VERTICES, load_topology
from exshot.model_store import ModelStore
from exshot_train.people import measured_people, person_of
from exshot_train.triplets.photographs import TRAINING_FOLDERS, read_picture

_SAMPLES: Final = 1500  # of each person
_SAME: Final = 0.05  # share of samples without a change of expression
_SMILE: Final = ("neutral", "smiling")

Meshes = NDArray[np.float32]
Takes = Mapping[str, Meshes]
"""Meshes of one person and head turn, by expression: ``(cameras, lights, 478, 3)``."""


@dataclass(frozen=True, eq=False)
class Moves:
    """Samples, in the pose photo's head frame and canonical centimetres.

    Attributes:
        given: ``(n, 1404)``, from the pose mesh to the expression mesh laid on its head.
        true: ``(n, 1404)``, to the mesh of that expression in the pose photo's camera.
        turn: ``(n,)``, squared sine of the turn between the two heads.
        person: ``(n,)``, number.
    """

    given: NDArray[np.float32]
    true: NDArray[np.float32]
    turn: NDArray[np.float64]
    person: NDArray[np.intp]

    @property
    def error(self) -> NDArray[np.float32]:
        """What the fits err by, ``(n, 1404)``."""
        return self.given - self.true

    def of(self, chosen: NDArray[np.bool_]) -> Moves:
        """Some of the samples."""
        return Moves(self.given[chosen], self.true[chosen], self.turn[chosen], self.person[chosen])


@dataclass(frozen=True, eq=False)
class Portrait:
    """One photograph's fits.

    Attributes:
        path: named after person and expression, such as ``004_smiling.jpg``.
        mesh: ``(478, 3)``, pixels.
        mirrored: the fit of its mirror picture, ``(478, 3)``, pixels of that.
    """

    path: Path
    mesh: Meshes
    mirrored: Meshes


def read_people(folders: Sequence[Path]) -> list[Takes]:
    """Everybody in folders of developed views, one for each head turn."""
    people: dict[tuple[Path, str], dict[str, Meshes]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.safetensors")):
            person, expression = path.stem.rsplit("_", 1)
            with safe_open(path, "numpy") as file:
                people.setdefault((folder, person), {})[expression] = file.get_tensor("meshes")
    return [takes for takes in people.values() if len(takes) > 1]


def read_portraits(root: Path) -> list[Portrait]:
    """Fit the training photographs and their mirror pictures, a minute of one core."""
    fitter, left_out = FaceFitter(ModelStore()), measured_people(root)
    portraits: list[Portrait] = []
    for folder in TRAINING_FOLDERS:
        for path in sorted((root / folder).glob("*.jpg")):
            picture = read_picture(path)
            both = picture, np.ascontiguousarray(picture[:, ::-1])
            fits = [] if person_of(path) in left_out else [fitter.fit(side)[:1] for side in both]
            if fits and all(fits):
                portraits.append(Portrait(path, *(fit[0].mesh for fit in fits)))
    return portraits


def sample_views(people: Sequence[Takes], count: int = _SAMPLES, seed: int = 0) -> Moves:
    """Draw samples of everybody; each also counts mirrored."""
    rng = np.random.default_rng(seed)
    return _gathered(
        (*_move(pose, expression, truth), number)
        for number, takes in enumerate(people)
        for pose, expression, truth in _triplets(takes, count, rng)
    )


def mirror_moves(portraits: Sequence[Portrait]) -> Moves:
    """Every portrait beside its mirror picture, as one person whose expression is the same."""
    return _gathered(
        (*_move(pose, expression, pose), number)
        for number, portrait in enumerate(portraits)
        for pose, expression in _both_ways(portrait.mesh, portrait.mirrored)
    )


def smile_moves(portraits: Sequence[Portrait]) -> Moves:
    """From neutral to smiling and back, and so in the mirror; the fits pass for true."""
    sittings: dict[str, dict[str, Portrait]] = {}
    for portrait in portraits:
        expression = portrait.path.stem.rpartition("_")[2]
        if expression in _SMILE:
            sittings.setdefault(person_of(portrait.path), {})[expression] = portrait
    pairs = [tuple(found[name] for name in _SMILE) for found in sittings.values() if len(found) > 1]
    return _gathered(
        (*_move(before, after, None), number)
        for number, (neutral, smiling) in enumerate(pairs)
        for side in ((neutral.mesh, smiling.mesh), (neutral.mirrored, smiling.mirrored))
        for before, after in _both_ways(*side)
    )


def mirrored(mesh: Meshes) -> Meshes:
    """The face as a mirror shows it; irises are of no interest here."""
    out = mesh.copy()
    out[:CANONICAL_VERTICES] = mesh[_partners()] * np.array([-1, 1, 1], np.float32)
    return out


@lru_cache(maxsize=1)
def _partners() -> NDArray[np.intp]:
    """The vertex on the other side of the face, of each vertex, ``(468,)``."""
    vertices = load_topology().vertices
    _, nearest = KDTree(vertices).query(vertices * [-1, 1, 1])
    return np.asarray(nearest, np.intp)


def _both_ways(one: Meshes, other: Meshes) -> tuple[tuple[Meshes, Meshes], ...]:
    return (one, other), (other, one)


def _triplets(
    takes: Takes, count: int, rng: np.random.Generator
) -> Iterator[tuple[Meshes, Meshes, Meshes]]:
    """Meshes of pose photo, expression photo and truth."""
    names = sorted(takes)
    for _ in range(count):
        before, after = rng.choice(len(names), 2, replace=bool(rng.random() < _SAME))
        first, second = takes[names[before]], takes[names[after]]
        cameras, lights = first.shape[:2]
        here, there = rng.integers(cameras, size=2)
        light, other = rng.integers(lights, size=2)
        if here == there and lights > 1:  # two photos, not one
            other = (light + 1) % lights
        meshes = first[here, light], second[there, other], second[here, light]
        if not any(np.isnan(mesh).any() for mesh in meshes):
            pose, expression, truth = map(mirrored, meshes) if rng.random() < 0.5 else meshes
            yield pose, expression, truth


def _move(
    pose: Meshes, expression: Meshes, truth: Meshes | None
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Move that is given, move that is true (the given one, where no mesh says it), and turn."""
    head, onto_pose = head_pose_of(pose), rigid_fit(expression, pose)
    laid = onto_pose(expression)
    given, true = (
        on_head((mesh - pose)[:CANONICAL_VERTICES], head).reshape(-1).astype(np.float32)
        for mesh in (laid, laid if truth is None else truth)
    )
    return given, true, out_of_plane(onto_pose.rotation)


def _gathered(
    rows: Iterator[tuple[NDArray[np.float32], NDArray[np.float32], float, int]],
) -> Moves:
    given, true, turn, person = zip(*rows, strict=True)
    return Moves(np.stack(given), np.stack(true), np.array(turn), np.array(person))
