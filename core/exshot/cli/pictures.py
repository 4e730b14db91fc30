"""Pictures that explain a result; results themselves are written by `exshot.photo`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cli.output import write_bytes
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp")
GAP = 12  # pixels between two panels


def check_suffix(path: Path) -> None:
    """Raise `ExshotError` ``UNSUPPORTED_FORMAT`` for a name that `write_picture` cannot serve."""
    if path.suffix.lower() not in SUFFIXES:
        raise ExshotError(
            ErrorCode.UNSUPPORTED_FORMAT,
            f"{shown(path)} does not end in {', '.join(SUFFIXES)}.",
            "Give the file one of these endings.",
        )


def write_picture(path: Path, pixels: NDArray[np.uint8], *, overwrite: bool) -> None:
    """Write ``(H, W, 3)`` uint8 RGB; raises `ExshotError`, also where ``path`` exists unless it may
    be replaced."""
    check_suffix(path)
    suffix = path.suffix.lower()
    kind = ".jpg" if suffix == ".jfif" else suffix
    _, encoded = cv2.imencode(kind, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    write_bytes(path, encoded.tobytes(), overwrite=overwrite)


def side_by_side(pictures: Sequence[NDArray[np.uint8]], height: int) -> NDArray[np.uint8]:
    """``(H, W, 3)`` uint8 pictures in a row, each at most ``height`` pixels high, on white."""
    height = min(height, max(picture.shape[0] for picture in pictures))
    panels: list[NDArray[np.uint8]] = []
    for picture in pictures:
        width = max(1, round(picture.shape[1] * height / picture.shape[0]))
        shrinks = height < picture.shape[0]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        panels.append(np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8))
        panels.append(np.full((height, GAP, 3), 255, np.uint8))
    return np.hstack(panels[:-1])
