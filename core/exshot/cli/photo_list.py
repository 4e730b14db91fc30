"""The photos that a command line names: files, and folders for the photos in them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from exshot.cli.failure import say
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown

Photos = Annotated[
    list[Path],
    typer.Argument(help="The photos of one burst, two or more; a folder stands for its photos."),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Stop at a file that cannot be read, instead of leaving it out."),
]
SmallFaces = Annotated[
    bool,
    typer.Option(
        "--small-faces",
        help="Look for people far behind the others too (under 40 % of the largest face);"
        " takes ten times as long.",
    ),
]


def named_photos(named: Sequence[Path], *, strict: bool = False) -> list[Path]:
    """The photos in order; those of a folder by name, numbers in them by their value.

    A photo that is named and lies in a named folder too is meant once. A folder without photos
    beside others (``IMG_*`` may match one) is left out with a note, unless ``strict``.

    Raises:
        ExshotError: ``FILE_NOT_FOUND`` where folders without photos are all there is,
            ``UNREADABLE_IMAGE`` for one that cannot be looked into.
    """
    found: list[Path] = []
    seen: set[str] = set()
    of_folders: set[str] = set()
    useless: list[ExshotError] = []
    for path in named:
        if not path.is_dir():
            if os.path.realpath(path) not in of_folders:
                found.append(path)
            seen.add(os.path.realpath(path))
            continue
        try:
            photos = _photos_in(path)
        except ExshotError as error:
            if strict:
                raise
            useless.append(error)
            continue
        for photo in photos:
            if os.path.realpath(photo) not in seen:
                found.append(photo)
                seen.add(os.path.realpath(photo))
                of_folders.add(os.path.realpath(photo))
    if useless and not found:
        raise useless[0]
    for error in useless:
        say(f"Note: Left out: {error.sentence}", color="yellow")
    return found


def _photos_in(folder: Path) -> list[Path]:
    from exshot.photo.file_formats import FORMAT_OF_SUFFIX

    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise ExshotError(
            ErrorCode.UNREADABLE_IMAGE,
            f"The folder {shown(folder)} cannot be read: {error.strerror}.",
            "Check that you may read it.",
        ) from error
    photos = [
        folder / name
        for name in sorted(names, key=by_number)
        if not name.startswith(".") and Path(name).suffix.lower() in FORMAT_OF_SUFFIX
    ]
    if not photos:
        raise ExshotError(
            ErrorCode.FILE_NOT_FOUND,
            f"The folder {shown(folder)} holds no photos.",
            "Name photos, or a folder with JPEG, PNG, TIFF, WebP or HEIC files.",
        )
    return photos


def by_number(name: str) -> list[tuple[int, int | str]]:
    """``IMG_9`` before ``IMG_10``."""
    parts = re.split(r"(\d+)", name.lower())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]
