"""``exshot best``: the combined picture of a burst in one command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exshot.address_space import check_least
from exshot.cli import choices
from exshot.cli.corrections import read_corrections
from exshot.cli.failure import reports_failures
from exshot.cli.output import check_outputs, make_folder, removed_on_failure
from exshot.cli.photo_list import Photos, SmallFaces, Strict, named_photos
from exshot.cli.progress_bar import progress_bar
from exshot.cli.suggest import (
    BasePhoto,
    SamePersons,
    all_notes,
    base_number,
    in_words,
    show_notes,
    suggestion_for,
    suggestion_record,
)
from exshot.path_text import shown, told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exshot.editor import Editor
    from exshot.photo import Photo
    from exshot.progress import CancelToken, ProgressCallback
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
    strict: Strict = False,
    small_faces: SmallFaces = False,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """Combine the best expression of every face of a burst into one picture."""
    check_least()
    burst = tuple(named_photos(photos, strict=strict))
    job = BestJob(
        burst, out, base, tuple(same or ()), layers, overwrite, strict=strict, small=small_faces
    )
    job.check()
    with progress_bar("Reading photos") as progress:
        from exshot.editor import Editor

        made = run_best(job, Editor(), progress=progress)
    if as_json:
        typer.echo(json.dumps(made.record()))
    else:
        _tell(made.shots, made.suggestion, made.out)


@dataclass(frozen=True)
class BestJob:
    """One burst with its files: ``same`` as the flag gives it, ``layers`` a folder to be made."""

    photos: tuple[Path, ...]
    out: Path
    base: Path | None = None
    same: tuple[str, ...] = ()
    layers: Path | None = None
    overwrite: bool = False
    strict: bool = False
    small: bool = False

    def check(self) -> None:
        """Raise `ExshotError` where it cannot be done; nothing is opened yet."""
        from exshot.photo.encode import check_format

        check_format(self.out)
        base_number(self.photos, self.base)
        read_corrections(self.photos, self.same)
        check_outputs((self.out,), inputs=self.photos, overwrite=self.overwrite)


@dataclass(frozen=True)
class BestMade:
    """What became of a burst; ``out`` is None where every face was at its best already."""

    shots: tuple[Shot, ...]
    suggestion: Suggestion
    out: Path | None
    layers: tuple[Path, ...]

    def record(self) -> dict[str, Any]:
        """As ``--json`` shows it."""
        record = suggestion_record(self.shots, self.suggestion)
        written = str(self.out) if self.out else None
        return {**record, "out": written, "layers": [str(path) for path in self.layers]}


def run_best(
    job: BestJob,
    editor: Editor,
    *,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> BestMade:
    """Combine one burst and write its files, all of them or none; raises `ExshotError`."""
    from exshot.photo import Photo, save_edit, save_layer
    from exshot.photo.encode import check_format
    from exshot.sequence.combine import combine

    job.check()
    shots, suggestion = suggestion_for(
        job.photos,
        base_number(job.photos, job.base),
        editor,
        corrections=read_corrections(job.photos, job.same),
        strict=job.strict,
        smallest=0 if job.small else None,
        progress=_part(progress, 0.0, READING),
        cancel=cancel,
    )
    changed = [advice for advice in suggestion.faces if advice.choices]
    pose = Photo.open(shots[suggestion.base].path)
    check_format(job.out, photo=pose)
    files = _layer_files(job.layers, changed, job.out, job.photos, overwrite=job.overwrite)
    edits = _edits(pose, shots, changed, editor, progress, cancel)
    with removed_on_failure(*files, job.out) as wrote:
        for edit, path in zip(edits, files, strict=False):
            save_layer(pose, edit, path, overwrite=job.overwrite)
            wrote(path)
        if edits:  # the picture last: where that one is, all are
            save_edit(pose, combine(pose, edits), job.out, overwrite=job.overwrite)
            wrote(job.out)
    return BestMade(shots, suggestion, job.out if edits else None, files)


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
    make_folder(folder)
    files = tuple(folder / f"{out.stem}_face{one.base.sighting.index}.png" for one in changed)
    check_outputs(files, inputs=photos, overwrite=overwrite)
    return files


def _edits(
    pose: Photo,
    shots: Sequence[Shot],
    changed: Sequence[FaceAdvice],
    editor: Editor,
    progress: ProgressCallback | None,
    cancel: CancelToken | None,
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
        edits.append(editor.edit(pose, expression, options, progress=part, cancel=cancel))
    return edits


def _part(
    progress: ProgressCallback | None, start: float, length: float
) -> ProgressCallback | None:
    """Progress of one part of the work, as that of the whole."""
    if progress is None:
        return None
    return lambda share, step: progress(start + length * share, step)


def _tell(shots: Sequence[Shot], suggestion: Suggestion, out: Path | None) -> None:
    show_notes(all_notes(shots, suggestion))
    start = shots[suggestion.base].path
    names = told_apart([shot.path for shot in shots])
    if out is None:
        typer.echo(f"{shown(start)} already shows every face at its best; nothing was written.")
        return
    typer.echo(f"Wrote {shown(out)}, from {shown(start)} with")
    for advice in suggestion.faces:
        number = advice.base.sighting.index
        if advice.choices:
            one = advice.choices[0]
            source = names[one.sighting.photo]
            typer.echo(f"    face {number} from {source} ({in_words(one)})")
        else:
            typer.echo(f"    face {number} as it was ({in_words(advice.base)})")
