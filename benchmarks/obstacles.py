"""Faces that something covers and light that differs, as `benchmarks.sequence` counts them.

Bursts of five frames of one person from ``video_triplets``, one of them with something drawn over
the face as in training; and the same frame under another light, beside the person's other frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.editor import Editor
from exshot.face.topology import LEFT_EYE, RIGHT_EYE
from exshot.photo import Photo
from exshot.sequence import Person, Sighting, judge, look
from exshot.sequence.suggest import ease_between
from exshot_train.triplets.occluders import random_occluder

ROUNDS: Final = 60
_OTHERS: Final = 4


@dataclass(frozen=True)
class Count:
    """How often something was said, of how many times."""

    name: str
    said: int
    of: int


def count_obstacles(editor: Editor, root: Path) -> tuple[Count, ...]:
    """Covered faces and differently lit ones that are named, and clear and alike ones that are."""
    rng = np.random.default_rng(5)
    folders = [path for path in sorted((root / "video_triplets").iterdir()) if path.is_dir()]
    covered = dark = clear = other = alike = 0
    for _ in range(ROUNDS):
        folder = folders[int(rng.integers(len(folders)))]
        frames = [path for path in sorted(folder.glob("*.jpg")) if "relit" not in path.stem]
        chosen = rng.choice(len(frames), _OTHERS, replace=False)
        seen = [_seen(editor, frames[k], number + 1) for number, k in enumerate(chosen)]
        first = frames[int(chosen[0])]
        hidden = _seen(editor, first, 0, lambda rgb, mesh: random_occluder(rgb, mesh, rng))
        scores = judge(Person((hidden, *seen)))
        covered += "covered" in scores[0].reasons
        shaded = _seen(editor, first, 0, _sunglasses)
        dark += "covered" in judge(Person((shaded, *seen)))[0].reasons
        clear += sum("covered" in score.reasons for score in scores[1:])
        relit = folder / f"{first.stem.split('_')[0]}_relit.jpg"
        other += _lit_otherwise(_seen(editor, relit, 0), seen[0])
        alike += _lit_otherwise(seen[1], seen[0])
    return (
        Count("hair, spectacles, finger, hat named", covered, ROUNDS),
        Count("sunglasses named", dark, ROUNDS),
        Count("clear face called covered", clear, ROUNDS * _OTHERS),
        Count("other light lowers the ease", other, ROUNDS),
        Count("the burst's own light does", alike, ROUNDS),
    )


def _seen(
    editor: Editor,
    path: Path,
    number: int,
    change: Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.uint8]] | None = None,
) -> Sighting:
    photo = Photo.open(path)
    if change is not None:
        photo = Photo.from_array(change(photo.as_uint8(), editor.faces(photo)[0].mesh))
    return look(photo, editor.faces(photo)[:1], number)[0]


def _sunglasses(rgb: NDArray[np.uint8], mesh: NDArray[np.float32]) -> NDArray[np.uint8]:
    picture, width = rgb.copy(), float(np.ptp(mesh[:, 0]))
    for ring in (LEFT_EYE, RIGHT_EYE):
        x, y = mesh[list(ring), :2].mean(axis=0)
        axes = round(0.17 * width), round(0.13 * width)
        cv2.ellipse(picture, (round(float(x)), round(float(y))), axes, 0, 0, 360, (25, 22, 20), -1)
    return picture


def _lit_otherwise(base: Sighting, other: Sighting) -> bool:
    return ease_between(base, other).light < 1
