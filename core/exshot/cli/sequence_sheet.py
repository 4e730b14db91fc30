"""The contact sheet of a sequence: a row for each person, a column for each photo."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.path_text import told_apart
from exshot.sequence import FaceAdvice, Suggestion
from exshot.sequence.judge import judge
from exshot.sequence.read import Shot

CAPTION = 44  # pixels below each face
HEADER = 26
BASE_COLOR, BEST_COLOR = (70, 130, 220), (60, 170, 80)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_sequence(shots: Sequence[Shot], suggestion: Suggestion) -> NDArray[np.uint8]:
    """``(H, W, 3)`` uint8 RGB: the base photo's faces framed blue, the suggested ones green."""
    side = next(len(picture) for shot in shots for picture in shot.thumbnails)
    rows = [_header(shots, suggestion, side)]
    rows += [_row(shots, advice, side) for advice in suggestion.faces]
    return np.vstack(rows)


def _header(shots: Sequence[Shot], suggestion: Suggestion, side: int) -> NDArray[np.uint8]:
    row = np.full((HEADER, side * len(shots), 3), 255, np.uint8)
    names = told_apart([shot.path for shot in shots])
    for number, name in enumerate(names):
        base = number == suggestion.base
        _write(row, _short(name, side), (number * side + 4, 18), BASE_COLOR if base else None)
    return row


def _row(shots: Sequence[Shot], advice: FaceAdvice, side: int) -> NDArray[np.uint8]:
    row = np.full((side + CAPTION, side * len(shots), 3), 255, np.uint8)
    best = advice.choices[0].sighting if advice.choices else None
    for one, score in zip(advice.person.sightings, judge(advice.person), strict=True):
        left = one.photo * side
        row[:side, left : left + side] = shots[one.photo].thumbnails[one.index]
        color = None
        if one is advice.base.sighting:
            color = BASE_COLOR
        elif one is best:
            color = BEST_COLOR
        if color is not None:
            cv2.rectangle(row, (left + 2, 2), (left + side - 3, side - 3), color, 4)
        words = [f"{score.total:.2f} {_plain(score.reasons[0])}", *map(_plain, score.reasons[1:3])]
        _write(row, words[0], (left + 4, side + 16), color)
        _write(row, ", ".join(words[1:]), (left + 4, side + 36), None)
    return row


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _short(name: str, side: int) -> str:
    most = side // 9
    return name if len(name) <= most else f"...{name[-most + 3 :]}"


def _write(
    canvas: NDArray[np.uint8], text: str, at: tuple[int, int], color: tuple[int, int, int] | None
) -> None:
    # OpenCV's letters are those of ASCII; anything else would end the process.
    text = text.encode("ascii", "replace").decode()
    cv2.putText(canvas, text, at, _FONT, 0.42, color or (40, 40, 40), 1, cv2.LINE_AA)
