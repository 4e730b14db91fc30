"""Measures what expressions move and what fits err: ``python -m exshot_train.likely [OUT]``.

From the moves of `exshot_train.moves`: the studio's views, mirrored photographs, and smiles.
Printed is the mean error over vertices in canonical centimetres: of fits of photographs and of
renders, and of the studio's people who were left out.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.likely import MODEL, Likely
from exshot.face.topology import CANONICAL_VERTICES, LEFT_EYE, LIPS_OUTER, RIGHT_EYE
from exshot.model_store import MODELS_FOLDER
from exshot_train.data_root import data_root, studio_cache
from exshot_train.moves import (
    Moves,
    mirror_moves,
    read_people,
    read_portraits,
    sample_views,
    smile_moves,
)

COMPONENTS: Final = 80
_SMILES: Final = 0.25
"""Share of what real smiles move, beside all expressions of the studio."""
_RENDERS: Final = 0.5
"""Share of what a turn adds to the error of renders. Photographs are fitted better, but a mirror
picture shows of a turn's error only what changes sides with it; this stands for the rest."""
_STANDING: Final = 0.05
"""Share of what mirrored faces looking straight ahead differ by; the rest is in the faces."""
_FOLDS: Final = 4
_FAR: Final = 0.05  # squared sine of a turn from which on samples count less
_FOR_COMPONENTS: Final = 6000
_STRESS: Final = ((LEFT_EYE, 3.0), (RIGHT_EYE, 3.0), (LIPS_OUTER, 2.0))
"""Weights of vertices in the choice of the basis: what looks wrong first."""
_TURNS: Final = (0, 5, 20, 35, 90)  # degrees, of the table
_SMALL_TURNS: Final = (0, 5, 10, 15, 20, 30)  # that mirrored photographs have

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Photographed:
    """Moves of real people."""

    mirrored: Moves
    smiles: Moves


def fit(
    views: Moves, photographed: Photographed | None = None, components: int = COMPONENTS
) -> Likely:
    """The statistics of samples; of views alone, as they are, where no photographs are given."""
    basis = _basis(views, components)
    expression, (noise, turned) = _expression(views, basis), _errors(views, basis)
    if photographed:
        standing, across = _errors(photographed.mirrored, basis)
        smiles = _expression(photographed.smiles, basis)
        expression = (1 - _SMILES) * expression + _SMILES * smiles
        noise, turned = _STANDING * standing, across + _RENDERS * turned
    return Likely(basis, expression, noise, turned)


def table(views: Moves, photographed: Photographed, folds: int = _FOLDS) -> str:
    """Errors on the studio's people who were left out, by turn."""
    found = np.empty_like(views.given)
    for fold in range(folds):
        left_out = views.person % folds == fold
        likely = fit(views.of(~left_out), photographed)
        rest = views.of(left_out)
        found[left_out] = [
            likely(given.reshape(-1, 3), turn).reshape(-1)
            for given, turn in zip(rest.given, rest.turn, strict=True)
        ]
    lines = [
        "| turn, degrees | samples | nothing moved | as given | likely |",
        "|---|---:|---:|---:|---:|",
    ]
    for low, high in zip(_TURNS, _TURNS[1:], strict=False):
        chosen = _turned(views, low, high)
        errors = [
            _error(values[chosen], views.true[chosen])
            for values in (np.zeros_like(found), views.given, found)
        ]
        cells = " | ".join(f"{error:.3f}" for error in errors)
        lines.append(f"| {low} to {high} | {int(chosen.sum())} | {cells} |")
    return "\n".join(lines)


def compared(views: Moves, mirrored: Moves) -> str:
    """How far fits of photographs and of renders lie apart, by turn: mean over vertices."""
    lines = ["| turn, degrees | photographs | mirrored | renders |", "|---|---:|---:|---:|"]
    for low, high in zip(_SMALL_TURNS, _SMALL_TURNS[1:], strict=False):
        inside = [_turned(moves, low, high) for moves in (mirrored, views)]
        errors = [
            _error(moves.given[chosen], moves.true[chosen])
            for moves, chosen in zip((mirrored, views), inside, strict=True)
        ]
        count = int(inside[0].sum()) // 2
        lines.append(f"| {low} to {high} | {count} | {errors[0]:.3f} | {errors[1]:.3f} |")
    return "\n".join(lines)


def _turned(moves: Moves, low: float, high: float) -> NDArray[np.bool_]:
    """Whose heads are turned apart by that many degrees, the lower limit included."""
    degrees = np.degrees(np.arcsin(np.sqrt(np.clip(moves.turn, 0, 1))))
    return (degrees >= low) & (degrees < high)


def _basis(views: Moves, components: int) -> NDArray[np.float32]:
    stress = np.ones((CANONICAL_VERTICES, 3), np.float32)
    for ring, weight in _STRESS:
        stress[list(ring)] = weight
    both = np.concatenate([views.true, views.error]) * stress.reshape(-1)
    rng = np.random.default_rng(0)
    some = both[rng.permutation(len(both))[:_FOR_COMPONENTS]]
    directions = np.linalg.svd(some, full_matrices=False)[2][:components].T
    return np.linalg.qr(directions / stress.reshape(-1)[:, None])[0].astype(np.float32)


def _expression(moves: Moves, basis: NDArray[np.float32]) -> Matrix:
    """Covariance of what is true."""
    true = np.asarray(moves.true @ basis, np.float64)
    return _positive(true.T @ true / len(true))


def _errors(moves: Moves, basis: NDArray[np.float32]) -> tuple[Matrix, Matrix]:
    """Covariance of the error that is always there, and of what a turn adds."""
    error = np.asarray(moves.error @ basis, np.float64)
    # Least squares over the samples' outer products.
    terms = np.stack([np.ones_like(moves.turn), moves.turn], axis=1)
    weighted = terms / (1 + moves.turn / _FAR)[:, None]
    shares = np.linalg.solve(weighted.T @ terms, weighted.T)
    always, turned = (_positive((error * share[:, None]).T @ error) for share in shares)
    return always, turned


def _positive(matrix: Matrix) -> Matrix:
    """The nearest symmetric matrix without negative directions."""
    strengths, directions = np.linalg.eigh((matrix + matrix.T) / 2)
    return (directions * np.maximum(strengths, 1e-4)) @ directions.T


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
    views, portraits = sample_views(read_people(chosen.views)), read_portraits(data_root())
    photographed = Photographed(mirror_moves(portraits), smile_moves(portraits))
    print(compared(views, photographed.mirrored))
    print(table(views, photographed))
    likely = fit(views, photographed)
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
