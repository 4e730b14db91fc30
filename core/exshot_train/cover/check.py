"""Scores of a cover network on rendered test people, and pictures of what it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.kinds import (
    BACKGROUND,
    BROW,
    CLEAR_LENS,
    DARK_LENS,
    GLARE,
    HAIR,
    KINDS,
    OTHER,
    RIM,
    SKIN,
)
from exshot.cover.network import network_input
from exshot.face.fitter import FaceFitter
from exshot_train.cover.augment import plain_crop
from exshot_train.cover.sheet import load

Sees = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""``(1, 3, 256, 256)`` crop in [0, 1] to ``(9, 256, 256)`` logits."""

_COLORS = {
    BACKGROUND: (0, 0, 0), SKIN: (220, 170, 150), BROW: (150, 80, 0), HAIR: (90, 60, 160),
    RIM: (255, 0, 0), CLEAR_LENS: (0, 200, 0), GLARE: (255, 255, 255), DARK_LENS: (0, 90, 90),
    OTHER: (0, 120, 255),
}  # fmt: skip


def confusion(sees: Sees, paths: Iterable[Path]) -> NDArray[np.int64]:
    """Pixels by true kind (rows) and seen kind (columns), ``(9, 9)``, of saved sheets."""
    counts = np.zeros((len(KINDS), len(KINDS)), np.int64)
    for path in paths:
        picture, labels = plain_crop(*load(path))
        crop = np.moveaxis(np.divide(picture, 255, dtype=np.float32), 2, 0)[None]
        counts += _pairs(labels, sees(crop).argmax(axis=0))
    return counts


def moved_confusion(paths: Iterable[Path], pixels: int) -> NDArray[np.int64]:
    """As `confusion`, of a network that sees everything so many pixels too far right and down.

    It tells how near to perfect a score is: kinds that are thin lose most.
    """
    counts = np.zeros((len(KINDS), len(KINDS)), np.int64)
    for path in paths:
        _, labels = plain_crop(*load(path))
        end = len(labels) - pixels
        true, seen = labels[pixels:, pixels:], labels[:end, :end]
        known = seen < len(KINDS)
        counts += _pairs(true[known], seen[known])
    return counts


def _pairs(labels: NDArray[np.integer], seen: NDArray[np.integer]) -> NDArray[np.int64]:
    """Pixels of known kind by true and seen kind, ``(9, 9)``."""
    known = labels < len(KINDS)
    pairs = labels[known].astype(np.int64) * len(KINDS) + seen[known]
    return np.bincount(pairs, minlength=len(KINDS) ** 2).reshape(len(KINDS), len(KINDS))


def intersection_over_union(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of every kind, ``(9,)``; NaN where there is none."""
    right = np.diag(counts).astype(np.float64)
    union = counts.sum(axis=0) + counts.sum(axis=1) - right
    return np.where(union > 0, right / np.maximum(union, 1), np.nan)


def lenses_as_one(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same counts with clear, glaring and dark lenses as one kind, the last, ``(7, 7)``.

    Where a reflection begins and from when on a tint counts as dark is a matter of degree.
    """
    lenses = (CLEAR_LENS, GLARE, DARK_LENS)
    others = [kind for kind in range(len(KINDS)) if kind not in lenses]
    belongs = np.zeros((len(others) + 1, len(KINDS)), np.int64)
    belongs[np.arange(len(others)), others] = 1
    belongs[-1, list(lenses)] = 1
    return belongs @ counts @ belongs.T


def score_table(counts: NDArray[np.int64]) -> str:
    """The scores in a few lines, and with all lenses as one kind."""
    scores, merged = (intersection_over_union(of) for of in (counts, lenses_as_one(counts)))
    rows = [*zip(KINDS, scores, strict=True), ("mean", np.nanmean(scores))]
    rows += [("any lens", merged[-1]), ("mean so", np.nanmean(merged))]
    return "\n".join(f"{name:11s} {score:.3f}" for name, score in rows)


def picture_sheet(sees: Sees, paths: list[Path], fitter: FaceFitter, columns: int = 8) -> NDArray:
    """Crops of photos above what the network sees in them, ``(h, w, 3)`` uint8 RGB."""
    table = np.array([_COLORS[kind] for kind in range(len(KINDS))], np.uint8)
    cells = []
    for path in paths:
        photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if photo is None:
            continue
        photo = np.ascontiguousarray(photo[..., ::-1], np.uint8)
        faces = fitter.fit(photo)
        if not faces:
            continue
        crop = network_input(photo, faces[0].mesh)
        seen = table[sees(crop).argmax(axis=0)]
        shown = np.round(np.moveaxis(crop[0], 0, 2) * 255).astype(np.uint8)
        shown = np.ascontiguousarray(shown)
        cv2.putText(shown, path.stem, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0), 1)
        cells.append(np.concatenate([shown, seen]))
    while len(cells) % columns:
        cells.append(np.zeros_like(cells[0]))
    rows = [np.concatenate(cells[k : k + columns], 1) for k in range(0, len(cells), columns)]
    return np.concatenate(rows)
