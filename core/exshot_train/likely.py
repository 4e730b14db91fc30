"""Measures what expressions move and what fits err: ``python -m exshot_train.likely [OUT]``.

Developed views of the studio (``python -m exshot_train.studio develop``) show each expression of
a person from five cameras at once. Of any two expressions and any two cameras the fits say what
`exshot.align.retarget` is given, and the fit of the second expression in the first camera says what
it should find. Each sample also counts mirrored. Printed is the mean error over vertices in
canonical centimetres, on people who were left out.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from scipy.spatial import KDTree

from exshot.align.likely import MODEL, Likely, on_head, out_of_plane
from exshot.align.retarget import rigid_fit
from exshot.face.head_pose import head_pose_of
from exshot.face.topology import CANONICAL_VERTICES, LEFT_EYE, LIPS_OUTER, RIGHT_EYE, load_topology
from exshot.model_store import MODELS_FOLDER
from exshot_train.data_root import studio_cache

COMPONENTS: Final = 100
_SAMPLES: Final = 1500  # of each person
_SAME: Final = 0.05  # share of samples without a change of expression
_FOLDS: Final = 4
_FAR: Final = 0.05  # squared sine of a turn from which on samples count less
_FOR_COMPONENTS: Final = 6000
_STRESS: Final = ((LEFT_EYE, 3.0), (RIGHT_EYE, 3.0), (LIPS_OUTER, 2.0))
"""Weights of vertices in the choice of the basis: what looks wrong first."""
_TURNS: Final = (0, 5, 20, 35, 90)  # degrees, of the table

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

    def of(self, chosen: NDArray[np.bool_]) -> Moves:
        """Some of the samples."""
        return Moves(self.given[chosen], self.true[chosen], self.turn[chosen], self.person[chosen])


def read_people(folders: Sequence[Path]) -> list[Takes]:
    """Everybody in folders of developed views, one for each head turn."""
    people: dict[tuple[Path, str], dict[str, Meshes]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.safetensors")):
            person, expression = path.stem.rsplit("_", 1)
            with safe_open(path, "numpy") as file:
                people.setdefault((folder, person), {})[expression] = file.get_tensor("meshes")
    return [takes for takes in people.values() if len(takes) > 1]


def sample(people: Sequence[Takes], count: int = _SAMPLES, seed: int = 0) -> Moves:
    """Draw samples of everybody."""
    rng = np.random.default_rng(seed)
    rows = [
        (*_move(*meshes), number)
        for number, takes in enumerate(people)
        for meshes in _triplets(takes, count, rng)
    ]
    given, true, turn, person = zip(*rows, strict=True)
    return Moves(np.stack(given), np.stack(true), np.array(turn), np.array(person))


def fit(moves: Moves, components: int = COMPONENTS) -> Likely:
    """The statistics of samples."""
    error = moves.given - moves.true
    stress = np.ones((CANONICAL_VERTICES, 3), np.float32)
    for ring, weight in _STRESS:
        stress[list(ring)] = weight
    both = np.concatenate([moves.true, error]) * stress.reshape(-1)
    rng = np.random.default_rng(0)
    some = both[rng.permutation(len(both))[:_FOR_COMPONENTS]]
    directions = np.linalg.svd(some, full_matrices=False)[2][:components].T
    basis = np.linalg.qr(directions / stress.reshape(-1)[:, None])[0].astype(np.float32)
    true, error = (np.asarray(values @ basis, np.float64) for values in (moves.true, error))
    # Least squares over the samples' outer products: what is always there, what grows with a turn.
    terms = np.stack([np.ones_like(moves.turn), moves.turn], axis=1)
    weighted = terms / (1 + moves.turn / _FAR)[:, None]
    shares = np.linalg.solve(weighted.T @ terms, weighted.T)
    noise, turned = (_positive((error * share[:, None]).T @ error) for share in shares)
    return Likely(basis, _positive(true.T @ true / len(true)), noise, turned)


def table(moves: Moves, folds: int = _FOLDS) -> str:
    """Errors on people who were left out, by turn."""
    found = np.empty_like(moves.given)
    for fold in range(folds):
        left_out = moves.person % folds == fold
        likely = fit(moves.of(~left_out))
        rest = moves.of(left_out)
        found[left_out] = [
            likely(given.reshape(-1, 3), turn).reshape(-1)
            for given, turn in zip(rest.given, rest.turn, strict=True)
        ]
    degrees = np.degrees(np.arcsin(np.sqrt(np.clip(moves.turn, 0, 1))))
    lines = [
        "| turn, degrees | samples | nothing moved | as given | likely |",
        "|---|---:|---:|---:|---:|",
    ]
    for low, high in zip(_TURNS, _TURNS[1:], strict=False):
        chosen = (degrees >= low) & (degrees < high)
        errors = [
            _error(values[chosen], moves.true[chosen])
            for values in (np.zeros_like(found), moves.given, found)
        ]
        cells = " | ".join(f"{error:.3f}" for error in errors)
        lines.append(f"| {low} to {high} | {int(chosen.sum())} | {cells} |")
    return "\n".join(lines)


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
            pose, expression, truth = map(_mirrored, meshes) if rng.random() < 0.5 else meshes
            yield pose, expression, truth


def _move(
    pose: Meshes, expression: Meshes, truth: Meshes
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    head, onto_pose = head_pose_of(pose), rigid_fit(expression, pose)
    given, true = (
        on_head((mesh - pose)[:CANONICAL_VERTICES], head).reshape(-1)
        for mesh in (onto_pose(expression), truth)
    )
    turn = out_of_plane(onto_pose.rotation)
    return given.astype(np.float32), true.astype(np.float32), turn


def _mirrored(mesh: Meshes) -> Meshes:
    """The face as a mirror shows it; irises are of no interest here."""
    vertices = load_topology().vertices
    partner = KDTree(vertices).query(vertices * [-1, 1, 1])[1]
    out = mesh.copy()
    out[:CANONICAL_VERTICES] = mesh[partner] * np.array([-1, 1, 1], np.float32)
    return out


def _positive(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest symmetric matrix without negative directions."""
    strengths, directions = np.linalg.eigh((matrix + matrix.T) / 2)
    return (directions * np.maximum(strengths, 1e-9)) @ directions.T


def _error(found: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    apart = (found - true).reshape(len(found), -1, 3)[..., :2]
    return float(np.linalg.norm(apart, axis=2).mean())


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m exshot_train.likely", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=MODELS_FOLDER / f"{MODEL}.npz")
    parser.add_argument(
        "--views", type=Path, nargs="+", default=[studio_cache() / "train" / "views"]
    )
    chosen = parser.parse_args()
    moves = sample(read_people(chosen.views))
    print(table(moves))
    likely = fit(moves)
    np.savez_compressed(
        chosen.out,
        basis=likely.basis.astype(np.float16),
        expression=likely.expression.astype(np.float32),
        noise=likely.noise.astype(np.float32),
        turned=likely.turned.astype(np.float32),
    )
    print(chosen.out, hashlib.sha256(chosen.out.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
