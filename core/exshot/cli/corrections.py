"""``--same PHOTO:FACE=PHOTO:FACE``: the user corrects who is who in a sequence."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown

if TYPE_CHECKING:
    from exshot.sequence import Person, Sighting
    from exshot.sequence.read import Shot

_FORM = re.compile(r"(.+):(\d+)=(.+):(\d+)")


@dataclass(frozen=True)
class Correction:
    """Two faces that are one person's.

    Attributes:
        text: as it was given.
        photo, other: indexes of two photos.
        face, other_face: indexes of the faces in them, as `Editor.faces` counts.
    """

    text: str
    photo: int
    face: int
    other: int
    other_face: int


def read_corrections(photos: Sequence[Path], texts: Sequence[str]) -> tuple[Correction, ...]:
    """The corrections; raises `ExshotError` ``BAD_OPTION`` where one cannot be meant."""
    return tuple(_read(photos, text) for text in texts)


def photo_number(photos: Sequence[Path], named: Path) -> int:
    """Index of a photo; raises `ExshotError` ``BAD_OPTION`` where it is none of them."""
    for number, path in enumerate(photos):
        if os.path.realpath(path) == os.path.realpath(named):
            return number
    raise ExshotError(
        ErrorCode.BAD_OPTION,
        f"{shown(named)} is none of the photos named.",
        "Name it among the photos too.",
    )


def corrected_pair(shots: Sequence[Shot], correction: Correction) -> tuple[Sighting, Sighting]:
    """The two faces; raises `ExshotError` ``BAD_OPTION`` where a photo has not so many."""
    return (
        _sighting(shots[correction.photo], correction.face),
        _sighting(shots[correction.other], correction.other_face),
    )


def check_corrected(
    persons: Sequence[Person],
    pairs: Sequence[tuple[Sighting, Sighting]],
    corrections: Sequence[Correction],
) -> None:
    """Raise `ExshotError` ``BAD_OPTION`` where a correction is at odds with those before it."""
    owner = {id(one): number for number, who in enumerate(persons) for one in who.sightings}
    for (one, other), correction in zip(pairs, corrections, strict=True):
        if owner[id(one)] != owner[id(other)]:
            raise ExshotError(
                ErrorCode.BAD_OPTION,
                f"--same {shown(correction.text)} would put one person into a photo twice,"
                " together with the ones before it.",
                "Leave out what is wrong.",
            )


def _read(photos: Sequence[Path], text: str) -> Correction:
    found = _FORM.fullmatch(text)
    if found is None:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"--same {shown(text)} does not name two faces.",
            "Write it like this: --same first.jpg:0=second.jpg:1",
        )
    photo, other = (photo_number(photos, Path(name)) for name in found.group(1, 3))
    if photo == other:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"--same {shown(text)} names two faces of one photo, which are two people.",
            "Name a face of each of two photos.",
        )
    return Correction(text, photo, int(found[2]), other, int(found[4]))


def _sighting(shot: Shot, face: int) -> Sighting:
    if face < len(shot.sightings):
        return shot.sightings[face]
    raise ExshotError(
        ErrorCode.BAD_OPTION,
        f"{shown(shot.path)} has no face {face}: {len(shot.sightings)} found.",
        "`exshot faces` shows their numbers.",
    )
