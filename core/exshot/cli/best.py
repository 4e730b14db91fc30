"""``exshot best``: the combined picture of a burst in one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exshot.cli import choices
from exshot.cli.corrections import read_corrections
from exshot.cli.failure import reports_failures
from exshot.cli.output import check_outputs, removed_on_failure
from exshot.cli.progress_bar import progress_bar
from exshot.cli.suggest import (
    BasePhoto,
    Photos,
    SamePersons,
    base_number,
    in_words,
    suggestion_for,
    suggestion_record,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exshot.editor import Editor
    from exshot.photo import Photo
    from exshot.progress import ProgressCallback
    from exshot.result import Edit
    from exshot.sequence import FaceAdvice, Suggestion
    from exshot.sequence.read import Shot

READING = 0.5  # share of the progress bar


@reports_failures
def best(
    photos: Photos,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Result, in the size of the photo started from.")
    ],
    base: BasePhoto = None,
    same: SamePersons = None,
    layers: Annotated[
        Path | None,
        typer.Option(help="Folder for each new face alone: RGBA in the photo's frame, as PNG."),
    ] = None,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """Combine the best expression of every face of a burst into one picture."""
    number = base_number(photos, base)
    corrections = read_corrections(photos, same or ())
    check_outputs((out,), inputs=photos, overwrite=overwrite)
    with progress_bar("Reading photos") as progress:
        from exshot.editor import Editor
        from exshot.photo import Photo, save_edit, save_layer
        from exshot.sequence.combine import combine

        editor = Editor()
        shots, suggestion = suggestion_for(
            photos,
            number,
            editor,
            corrections=corrections,
            progress=_part(progress, 0.0, READING),
        )
        changed = [advice for advice in suggestion.faces if advice.choices]
        pose = Photo.open(shots[suggestion.base].path)
        files = _layer_files(layers, changed, out, photos, overwrite=overwrite)
        edits = _edits(pose, shots, changed, editor, progress)
        with removed_on_failure(out, *files):
            if edits:
                save_edit(pose, combine(pose, edits), out, overwrite=overwrite)
            for edit, path in zip(edits, files, strict=False):
                save_layer(pose, edit, path, overwrite=overwrite)
    if as_json:
        record = suggestion_record(shots, suggestion)
        written = str(out) if edits else None
        typer.echo(json.dumps({**record, "out": written, "layers": [str(p) for p in files]}))
    else:
        _tell(shots, suggestion, out if edits else None)


def _layer_files(
    folder: Path | None,
    changed: Sequence[FaceAdvice],
    out: Path,
    photos: Sequence[Path],
    *,
    overwrite: bool,
) -> tuple[Path, ...]:
    if folder is None:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"{out.stem}_face{one.base.sighting.index}.png" for one in changed)
    check_outputs(files, inputs=photos, overwrite=overwrite)
    return files


def _edits(
    pose: Photo,
    shots: Sequence[Shot],
    changed: Sequence[FaceAdvice],
    editor: Editor,
    progress: ProgressCallback | None,
) -> list[Edit]:
    """One edit for each face, with one expression photo in memory at a time."""
    from exshot.options import EditOptions
    from exshot.photo import Photo

    edits = []
    for number, advice in enumerate(changed):
        source = advice.choices[0].sighting
        each = (1 - READING) / len(changed)
        part = _part(progress, READING + each * number, each)
        options = EditOptions(pose_face=advice.base.sighting.index, expression_face=source.index)
        expression = Photo.open(shots[source.photo].path)
        edits.append(editor.edit(pose, expression, options, progress=part))
    return edits


def _part(
    progress: ProgressCallback | None, start: float, length: float
) -> ProgressCallback | None:
    """Progress of one part of the work, as that of the whole."""
    if progress is None:
        return None
    return lambda share, step: progress(start + length * share, step)


def _tell(shots: Sequence[Shot], suggestion: Suggestion, out: Path | None) -> None:
    start = shots[suggestion.base].path
    if out is None:
        typer.echo(f"{start} already shows every face at its best; nothing was written.")
        return
    typer.echo(f"Wrote {out}, from {start} with")
    for advice in suggestion.faces:
        number = advice.base.sighting.index
        if advice.choices:
            one = advice.choices[0]
            source = shots[one.sighting.photo].path.name
            typer.echo(f"    face {number} from {source} ({in_words(one)})")
        else:
            typer.echo(f"    face {number} as it was ({in_words(advice.base)})")
