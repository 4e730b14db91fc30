"""``exshot suggest``: which photos of a sequence to combine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exshot.address_space import check_least
from exshot.cli import choices
from exshot.cli.corrections import (
    Correction,
    check_corrected,
    corrected_pair,
    photo_number,
    read_corrections,
)
from exshot.cli.failure import reports_failures, say
from exshot.cli.output import check_outputs
from exshot.cli.photo_list import Photos, SmallFaces, Strict, named_photos
from exshot.cli.progress_bar import progress_bar
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown

if TYPE_CHECKING:
    from exshot.editor import Editor
    from exshot.progress import CancelToken, ProgressCallback
    from exshot.sequence import Choice, Suggestion
    from exshot.sequence.read import Shot

THUMBNAIL = 192
SHOWN = 3  # choices that are printed for each face

BasePhoto = Annotated[
    Path | None, typer.Option("--base", help="Start from this photo instead of choosing one.")
]
SamePersons = Annotated[
    list[str] | None,
    typer.Option(
        "--same",
        metavar="PHOTO:FACE=PHOTO:FACE",
        help="Two faces that are the same person, where they were told apart or taken for others;"
        " face numbers as in `exshot faces`. May be given several times.",
    ),
]


@reports_failures
def suggest(
    photos: Photos,
    base: BasePhoto = None,
    same: SamePersons = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help="Write a contact sheet: a row for each person, faces with their scores."),
    ] = None,
    strict: Strict = False,
    small_faces: SmallFaces = False,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """Find the photo of a burst to start from, and the best expression for each of its faces."""
    check_least()
    photos = named_photos(photos, strict=strict)
    if sheet is not None:
        from exshot.cli.pictures import check_suffix

        check_suffix(sheet)
    check_outputs((sheet,), inputs=photos, overwrite=overwrite)
    number = base_number(photos, base)
    corrections = read_corrections(photos, same or ())
    with progress_bar("Reading photos") as progress:
        from exshot.editor import Editor

        shots, suggestion = suggestion_for(
            photos,
            number,
            Editor(),
            corrections=corrections,
            thumbnail=THUMBNAIL if sheet else 0,
            strict=strict,
            smallest=0 if small_faces else None,
            progress=progress,
        )
    if sheet is not None:
        from exshot.cli.pictures import write_picture
        from exshot.cli.sequence_sheet import draw_sequence

        write_picture(sheet, draw_sequence(shots, suggestion), overwrite=overwrite)
    if as_json:
        typer.echo(json.dumps(suggestion_record(shots, suggestion)))
    else:
        _print(shots, suggestion)


def base_number(photos: Sequence[Path], base: Path | None) -> int | None:
    """Index of the photo to start from; `ExshotError` where it is none of the photos."""
    return None if base is None else photo_number(photos, base)


def suggestion_for(
    photos: Sequence[Path],
    base: int | None,
    editor: Editor,
    *,
    corrections: Sequence[Correction] = (),
    thumbnail: int = 0,
    strict: bool = False,
    smallest: float | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> tuple[tuple[Shot, ...], Suggestion]:
    """Read the photos and decide; raises `ExshotError`. The arguments are `read_sequence`'s."""
    from exshot.sequence import match_persons, suggest
    from exshot.sequence.read import read_sequence

    shots = read_sequence(
        photos,
        editor,
        thumbnail=thumbnail,
        needed=base,
        strict=strict,
        smallest=smallest,
        progress=progress,
        cancel=cancel,
    )
    sightings = [one for shot in shots for one in shot.sightings]
    pairs = [corrected_pair(shots, one) for one in corrections]
    persons = match_persons(sightings, pairs)
    check_corrected(persons, pairs, corrections)
    found = suggest(persons, base)
    if found is None:  # read_sequence has made sure of a face
        raise ExshotError(ErrorCode.NO_FACE, "No face was found in any of the photos.")
    return shots, found


def suggestion_record(shots: Sequence[Shot], suggestion: Suggestion) -> dict[str, Any]:
    """The suggestion as plain data; field names are stable."""

    def choice(one: Choice) -> dict[str, Any]:
        score = one.score
        parts = ("eyes", "mouth", "smile", "gaze", "sharpness", "exposure", "turn", "clear")
        return {
            "photo": str(shots[one.sighting.photo].path),
            "face": one.sighting.index,
            "score": round(score.total, 3),
            "ease": round(one.ease.total, 3),
            "ease_parts": {name: round(part, 3) for name, part in asdict(one.ease).items()},
            "parts": {name: round(getattr(score, name), 3) for name in parts},
            "reasons": list(one.reasons),
        }

    return {
        "base": str(shots[suggestion.base].path),
        "faces": [
            {
                "face": advice.base.sighting.index,
                "now": choice(advice.base),
                "choices": [choice(one) for one in advice.choices],
            }
            for advice in suggestion.faces
        ],
        "notes": list(all_notes(shots, suggestion)),
        "left_out": [
            {"photo": str(shot.path), "sentence": shot.problem} for shot in shots if shot.problem
        ],
    }


def all_notes(shots: Sequence[Shot], suggestion: Suggestion) -> tuple[str, ...]:
    """What is worth knowing about the photos and the people in them."""
    from exshot.sequence.judge import eyes_closed_in_all
    from exshot.sequence.read import sequence_notes

    shut = [
        f"The eyes of face {advice.base.sighting.index} are closed in all photos."
        for advice in suggestion.faces
        if eyes_closed_in_all(advice.person)
    ]
    return (*shut, *sequence_notes(shots))


def in_words(choice: Choice) -> str:
    """``0.87: eyes open, smiling``."""
    from exshot.sequence.judge import PHRASES

    words = ", ".join(PHRASES[code] for code in choice.reasons)
    return f"{choice.score.total:.2f}: {words}"


def _print(shots: Sequence[Shot], suggestion: Suggestion) -> None:
    typer.echo(f"Start from {shown(shots[suggestion.base].path)}.")
    for advice in suggestion.faces:
        typer.echo(f"Face {advice.base.sighting.index} ({in_words(advice.base)})")
        if not advice.choices:
            typer.echo("    is best left as it is.")
        for number, one in enumerate(advice.choices[:SHOWN]):
            word = "take" if number == 0 else "or  "
            where = f"{shown(shots[one.sighting.photo].path)}, face {one.sighting.index}"
            typer.echo(f"    {word} {where} ({in_words(one)})")
    show_notes(all_notes(shots, suggestion))


def show_notes(notes: Sequence[str]) -> None:
    """Notes go to stderr, as errors do."""
    for note in notes:
        say(f"Note: {note}", color="yellow")
