"""Reads the photos of a sequence, two at a time, and keeps only what was measured."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.editor import Editor
from exshot.errors import ErrorCode, ExshotError
from exshot.face.crop import face_crop
from exshot.image.pixels import to_8_bit
from exshot.path_text import told_apart
from exshot.photo import Photo
from exshot.progress import CancelToken, Checkpoint, ProgressCallback
from exshot.sequence.sighting import Sighting, look

FEWEST, MOST = 2, 100
_AT_ONCE: Final = 2  # decoding one photo while another is fitted; more only takes memory
_A_LITTLE_SMALLER: Final = 0.8  # the same person's size varies from photo to photo
_LEFT_OUT: Final = (
    ErrorCode.FILE_NOT_FOUND,
    ErrorCode.UNREADABLE_IMAGE,
    ErrorCode.UNSUPPORTED_FORMAT,
    ErrorCode.UNSUPPORTED_MODE,
    ErrorCode.TRUNCATED_IMAGE,
    ErrorCode.IMAGE_TOO_LARGE,
    ErrorCode.IMAGE_EMPTY,
)
_LONG: Final = 600.0  # seconds between photos that are hardly one sequence


@dataclass(frozen=True)
class Shot:
    """One photo of a sequence, read and put away.

    Attributes:
        path: its file.
        width, height: pixels.
        taken: EXIF time, with its zone where the file tells that.
        sightings: its faces, the largest first.
        thumbnails: ``(side, side, 3)`` uint8 sRGB picture of each face; empty when not asked for.
        problem: why the photo was left out, a sentence; empty where it was not.
        seen: width in pixels of the smallest faces that were looked for.
    """

    path: Path
    width: int
    height: int
    taken: datetime | None
    sightings: tuple[Sighting, ...]
    thumbnails: tuple[NDArray[np.uint8], ...]
    problem: str = ""
    seen: float = 0.0


def read_sequence(
    paths: Sequence[Path],
    editor: Editor,
    *,
    thumbnail: int = 0,
    needed: int | None = None,
    strict: bool = False,
    smallest: float | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> tuple[Shot, ...]:
    """Read photos in the order given.

    Where one photo shows smaller faces than others were searched for, those are searched again:
    who stands in the back is found in all photos or in none.

    Args:
        thumbnail: side of the faces' thumbnails, pixels; 0 for none.
        needed: index of a photo that must be readable.
        strict: raise for a photo that cannot be read; else it becomes a `Shot` with a ``problem``
            and no faces.
        smallest: as for `Editor.find`.

    Raises:
        ExshotError: too few or too many photos, the same one twice, one that cannot be read where
            it must be, or fewer than two that can, no face in any.
        Cancelled: ``cancel`` was set.
    """
    check_sequence(paths)
    checkpoint = Checkpoint(progress, cancel)
    checkpoint(0.0, "Reading photos")
    done, lock = [0], Lock()
    problems: list[ExshotError] = []

    def read(number: int) -> Shot:
        checkpoint(done[0] / len(paths), "Reading photos")
        try:
            shot = _read_one(paths[number], number, editor, thumbnail, smallest)
        except ExshotError as error:
            if strict or number == needed or error.code not in _LEFT_OUT:
                raise
            shot = Shot(paths[number], 0, 0, None, (), (), f"{error.sentence} {error.hint}")
            problems.append(error)
        with lock:
            done[0] += 1
        checkpoint(done[0] / len(paths), f"{done[0]} of {len(paths)} photos")
        return shot

    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="exshot-sequence")
    try:
        shots = list(pool.map(read, range(len(paths))))
        if len(shots) - len(problems) < FEWEST:
            raise problems[0]
        depth = common_depth(one for shot in shots for one in shot.sightings)
        for number, shot in enumerate(shots):
            if depth is not None and not shot.problem and shot.seen > depth * _longer(shot):
                checkpoint(done[0] / len(paths), "Looking for smaller faces")
                shots[number] = _read_one(
                    shot.path, number, editor, thumbnail, depth * _longer(shot)
                )
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if not any(shot.sightings for shot in shots):
        raise ExshotError(
            ErrorCode.NO_FACE,
            "No face was found in any of the photos.",
            "Faces must be at least partly turned to the camera and not tiny.",
        )
    return tuple(shots)


def _longer(shot: Shot) -> int:
    return max(shot.width, shot.height)


def common_depth(sightings: Iterable[Sighting]) -> float | None:
    """How small faces all photos should be searched for, as a share of the longer side."""
    found = [one.size for one in sightings]
    return _A_LITTLE_SMALLER * min(found) if found else None


def check_sequence(paths: Sequence[Path]) -> None:
    """Raise `ExshotError` ``BAD_OPTION`` for a list of photos that is no sequence."""
    if not FEWEST <= len(paths) <= MOST:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"{len(paths)} photo{'s were' if len(paths) != 1 else ' was'} named;"
            f" a sequence has {FEWEST} to {MOST}.",
            "Name the photos of one burst.",
        )
    if len({os.path.realpath(path) for path in paths}) < len(paths):
        raise ExshotError(
            ErrorCode.BAD_OPTION, "One photo is named twice.", "Name each photo once."
        )


def sequence_notes(shots: Sequence[Shot]) -> tuple[str, ...]:
    """Sentences on what makes these photos an unlikely sequence."""
    notes = []
    read = [shot for shot in shots if not shot.problem]
    shapes = {(shot.width, shot.height) for shot in read}
    if len(shapes) > 1:
        notes.append("The photos have different sizes; faces are compared all the same.")
    times = [shot.taken for shot in shots if shot.taken is not None]
    if any(time.tzinfo is None for time in times):  # then all were on one clock, for all we know
        times = [time.replace(tzinfo=None) for time in times]
    if len(times) > 1 and (max(times) - min(times)).total_seconds() > _LONG:
        notes.append("The photos were taken more than ten minutes apart.")
    names = told_apart([shot.path for shot in shots])
    missing = [name for name, shot in zip(names, shots) if not shot.sightings and not shot.problem]
    if missing:
        notes.append(f"No face was found in {', '.join(missing)}.")
    notes += [f"Left out: {shot.problem}" for shot in shots if shot.problem]
    return tuple(notes)


def _read_one(
    path: Path, number: int, editor: Editor, thumbnail: int, smallest: float | None
) -> Shot:
    photo = Photo.open(path)
    found = editor.find(photo, smallest=smallest)
    faces = found.faces
    pictures = []
    for face in faces if thumbnail else ():
        crop = to_8_bit(face_crop(face.mesh, thumbnail).sample(photo.pixels, cv2.BORDER_CONSTANT))
        pictures.append(crop)
    return Shot(
        path,
        photo.width,
        photo.height,
        photo.origin.captured_at if photo.origin else None,
        look(photo, faces, number),
        tuple(pictures),
        seen=0.0 if found.whole else found.seen,
    )
