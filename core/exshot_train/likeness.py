"""Fits the likeness model: ``python -m exshot_train.likeness [OUT]``.

A linear discriminant (Fisher) of what `exshot.identity.likeness.describe` sees. Photos of one
person come from the London pairs and from the shards of ``photographs_train_256`` (``python -m
exshot_train.triplets``): portraits with other expressions, turned, relit and through another
camera, each fitted anew. Left out is everybody of whom ``real_pairs`` has photos.

Sets of photos differ by more than their people (studio, age, camera), which would make any two
people of one set look alike; so differences between the sets' means count as differences within a
person.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.fitter import FaceFitter
from exshot.face.landmarker import Landmarker, region_of_mesh
from exshot.identity.likeness import MODEL, describe
from exshot.model_store import MODELS_FOLDER, ModelStore
from exshot_train.data_root import data_root, train_cache
from exshot_train.people import measured_people, person_of
from exshot_train.triplets.photographs import TRAINING_FOLDERS, read_picture
from exshot_train.triplets.shards import Shards

DIMENSIONS: Final = 200
_FEATURES, _SHAPE = 8192, 3 * MESH_VERTICES
_PARTS: Final = (  # slice of the description, principal components kept
    (slice(0, _FEATURES), 300),
    (slice(_FEATURES, _FEATURES + _SHAPE), 100),
    (slice(_FEATURES + _SHAPE, None), 300),
)
_SHRINK: Final = 0.05  # of the scatter within people, toward a multiple of the identity
_FOR_COMPONENTS: Final = 2500  # descriptions that principal components are computed from
_FOLDS: Final = 5
_ZERO: Final = np.zeros(DIMENSIONS, np.float32)


@dataclass(frozen=True)
class Described:
    """Descriptions of training faces.

    Attributes:
        values: ``(n, 11194)`` float32.
        people: ``(n,)`` names; the same for all photos of a person.
        sets: ``(n,)`` number of the set that the person is from.
        photos: ``(n,)`` True for photos as they are, False for what shards make of them.
    """

    values: NDArray[np.float32]
    people: NDArray[np.str_]
    sets: NDArray[np.intp]
    photos: NDArray[np.bool_]

    def only(self, wanted: NDArray[np.bool_]) -> Described:
        """Some of them."""
        return Described(*(getattr(self, field.name)[wanted] for field in fields(self)))


@dataclass(frozen=True)
class Discriminant:
    """What a likeness is computed with, rounded to 8 bits.

    ``rows * steps * columns`` is the projection: ``steps`` ``(n, 200)`` int8, ``rows`` ``(n, 1)``,
    ``columns`` ``(200,)``; ``offset`` ``(200,)``, all three float32.
    """

    steps: NDArray[np.int8]
    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    offset: NDArray[np.float32]

    @property
    def projection(self) -> NDArray[np.float32]:
        return self.rows * self.steps * self.columns

    def likenesses(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors of descriptions."""
        flat = values @ self.projection + self.offset
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)


def main() -> None:
    """Fit and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = MODELS_FOLDER / f"{MODEL}.npz"
    parser.add_argument("out", type=Path, nargs="?", default=default)
    check = "choose the threshold: london/train by cross-validation, and portraits/val"
    parser.add_argument("--check", action="store_true", help=check)
    wanted = parser.parse_args()
    described = describe_all()
    if wanted.check:
        print_thresholds(described)
        return
    found, out = fit(described), wanted.out
    np.savez_compressed(out, **{field.name: getattr(found, field.name) for field in fields(found)})
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    print(f"{out} {out.stat().st_size} bytes sha256 {digest}")


def print_thresholds(described: Described) -> None:
    """Shares warned of at several thresholds, of people that the discriminant has not seen."""
    photographed = np.array([len(name) == 3 for name in described.people])  # London's numbers
    twice = np.flatnonzero(photographed & described.photos)
    names = np.unique(described.people[twice])
    same, other = [], []
    for fold in range(_FOLDS):
        held = np.isin(described.people, names[fold::_FOLDS])
        mine = twice[held[twice]]
        pairs = pairs_of(
            fit(described.only(~held)).likenesses(described.values[mine]), described.people[mine]
        )
        same.append(pairs[0])
        other.append(pairs[1])
    strangers = _portraits(fit(described))
    columns = np.concatenate(same), np.concatenate(other), strangers
    print("threshold  london: false alarms, caught  portraits: caught")
    for threshold in np.arange(0.2, 0.42, 0.02):
        print(f"{threshold:.2f}", *(f"{(column < threshold).mean():.3f}" for column in columns))


def pairs_of(
    likenesses: NDArray[np.float32], people: NDArray[np.str_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Products of all pairs of one person and of two people."""
    one, two = np.triu_indices(len(people), 1)
    products = np.sum(likenesses[one] * likenesses[two], axis=1)
    same = people[one] == people[two]
    return products[same], products[~same]


def _portraits(found: Discriminant) -> NDArray[np.float32]:
    """Products of all pairs of ``portraits/val``, each two people."""
    values, people = zip(*_photos(data_root() / "portraits/val"), strict=True)
    return pairs_of(found.likenesses(np.stack(values)), np.array(people))[1]


def describe_all() -> Described:
    """Every training face, from a cache where it was described before."""
    cache = train_cache() / "likeness.npz"
    if not cache.is_file():
        columns = [np.array(column) for column in zip(*_described(), strict=True)]
        names = [field.name for field in fields(Described)]
        named: dict[str, Any] = dict(zip(names, columns, strict=True))
        np.savez(cache, **named)
    with np.load(cache) as data:
        return Described(**data)


def fit(described: Described, seed: int = 0) -> Discriminant:
    """Fisher's discriminant over the principal components of each part."""
    values = described.values
    chosen = np.random.default_rng(seed).permutation(len(values))[:_FOR_COMPONENTS]
    bases, reduced = [], []
    for part, kept in _PARTS:
        basis = _principal(values[chosen, part].astype(np.float64), kept)
        low = values[:, part] @ basis.astype(np.float32)
        spread = low.std(axis=0).mean()
        bases.append(basis / spread)
        reduced.append(low / spread)
    low = np.hstack(reduced).astype(np.float64)
    weights = _discriminant(low, described.people, described.sets)
    rows = np.cumsum([0, *(kept for _, kept in _PARTS)])
    spans = zip(bases, rows[:-1], rows[1:], strict=True)
    projection = np.concatenate([basis @ weights[a:b] for basis, a, b in spans])
    # One step of rounding is to mean the same everywhere: rows by what they are multiplied with.
    rows = 1 / np.maximum(values.std(axis=0), 1e-6)[:, None]
    columns = np.abs(projection / rows).max(axis=0) / 127
    steps = np.rint(projection / rows / columns).astype(np.int8)
    rounded = Discriminant(steps, rows.astype(np.float32), columns.astype(np.float32), _ZERO)
    _, owner = np.unique(described.people, return_inverse=True)
    centre = _means(values @ rounded.projection, owner).mean(axis=0)
    return replace(rounded, offset=-centre.astype(np.float32))


def _principal(values: NDArray[np.float64], kept: int) -> NDArray[np.float64]:
    """Main directions of fewer samples than dimensions, or of more: ``(dimensions, kept)``."""
    centred = values - values.mean(axis=0)
    if len(centred) > centred.shape[1]:
        return np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :kept]
    basis = centred.T @ np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :kept]
    return basis / np.linalg.norm(basis, axis=0)


def _discriminant(
    values: NDArray[np.float64], people: NDArray[np.str_], sets: NDArray[np.intp]
) -> NDArray[np.float64]:
    _, first, owner = np.unique(people, return_index=True, return_inverse=True)
    means, set_of = _means(values, owner), sets[first]
    off = values - means[owner]
    within = off.T @ off / (len(values) - len(means))
    within = (1 - _SHRINK) * within + _SHRINK * np.trace(within) / len(within) * np.eye(len(within))
    set_means = _means(means, set_of)
    apart = set_means - set_means.mean(axis=0)
    strengths, directions = np.linalg.eigh(within + apart.T @ apart)
    whiten = directions / np.sqrt(strengths)
    between = (means - set_means[set_of]) @ whiten
    return whiten @ np.linalg.eigh(between.T @ between)[1][:, ::-1][:, :DIMENSIONS]


def _means(values: NDArray[np.floating], owner: NDArray[np.intp]) -> NDArray[np.float64]:
    """Mean of each owner's rows."""
    sums = np.zeros((int(owner.max()) + 1, values.shape[1]))
    np.add.at(sums, owner, values)
    return sums / np.bincount(owner)[:, None]


def _described() -> Iterator[tuple[NDArray[np.float32], str, int, bool]]:
    cv2.setNumThreads(1)
    landmarker, root = Landmarker(ModelStore()), data_root()
    left_out = measured_people(root)
    set_of: dict[str, int] = {}
    for number, folder in enumerate(TRAINING_FOLDERS):
        for values, person in _photos(root / folder, left_out):
            set_of[person] = number
            yield values, person, number, True
    shards = Shards(train_cache() / "shards" / "photographs_train_256")
    for index in range(len(shards)):
        sample = shards[index]
        person = person_of(Path(sample.origin))
        views = (sample.pose, sample.mesh_pose), (sample.expression, sample.mesh_expression)
        for picture, mesh in views if person in set_of else ():
            features = landmarker.fit(picture, region_of_mesh(mesh)).features
            yield describe(picture, mesh, features), person, set_of[person], False


def _photos(
    folder: Path, left_out: Collection[str] = ()
) -> Iterator[tuple[NDArray[np.float32], str]]:
    """Descriptions of the photos in a folder, and who is on them."""
    store = ModelStore()
    landmarker, fitter = Landmarker(store), FaceFitter(store)
    for path in sorted(folder.glob("*.jpg")):
        person = person_of(path)
        picture = read_picture(path)
        for face in () if person in left_out else fitter.fit(picture)[:1]:
            features = landmarker.fit(picture, region_of_mesh(face.mesh)).features
            yield describe(picture, face.mesh, features), person


if __name__ == "__main__":
    main()
