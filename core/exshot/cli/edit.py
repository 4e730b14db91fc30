"""``exshot edit``: one expression onto one photo."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exshot.address_space import check_least
from exshot.cli import choices
from exshot.cli.failure import reports_failures, say
from exshot.cli.option_flags import takes_options
from exshot.cli.output import check_outputs, removed_on_failure, write_text
from exshot.cli.progress_bar import progress_bar
from exshot.cli.records import edit_record
from exshot.options import EditOptions
from exshot.path_text import shown

if TYPE_CHECKING:
    from exshot.editor import Editor
    from exshot.photo import Photo
    from exshot.progress import CancelToken, ProgressCallback
    from exshot.result import Edit


@dataclass(frozen=True)
class EditJob:
    """One edit with its files; ``layer`` and ``report`` are written where they are named.

    Outputs in ``kept`` are there already and stay as they are.
    """

    pose: Path
    expression: Path
    out: Path
    options: EditOptions
    layer: Path | None = None
    report: Path | None = None
    quality: int | None = None
    overwrite: bool = False
    kept: frozenset[Path] = frozenset()

    @property
    def written(self) -> tuple[Path, ...]:
        """What the edit will write, the picture last: where that one is, all are."""
        named = (self.layer, self.report, self.out)
        return tuple(path for path in named if path is not None and path not in self.kept)

    def check(self) -> None:
        """Raise `ExshotError` where an output could not be written; nothing is opened yet."""
        from exshot.photo.encode import check_format

        check_outputs(
            self.written,
            inputs=(self.pose, self.expression),
            overwrite=self.overwrite,
        )
        check_format(self.out)
        if self.layer is not None:
            check_format(self.layer, layer=True)

    def record(self, edit: Edit) -> dict[str, object]:
        """What was done, for ``--json`` and ``--report``."""
        return edit_record(self.pose, self.expression, self.out, self.layer, self.options, edit)


def run_edit(
    job: EditJob,
    editor: Editor,
    *,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
    open_photo: Callable[[Path], Photo] | None = None,
) -> Edit:
    """Make one edit and write its files, all of them or none; raises `ExshotError`.

    ``open_photo`` stands for `Photo.open` where some photos are in memory already.
    """
    from exshot.photo import Photo, save_edit, save_layer
    from exshot.photo.encode import check_format

    job.check()
    read = open_photo or Photo.open
    pose = read(job.pose)
    check_format(job.out, photo=pose)
    if job.layer is not None:
        check_format(job.layer, layer=True, photo=pose)
    expression = read(job.expression)
    edit = editor.edit(pose, expression, job.options, progress=progress, cancel=cancel)
    written = job.written
    with removed_on_failure(*written) as wrote:
        if job.layer in written:
            save_layer(pose, edit, job.layer, overwrite=job.overwrite)
            wrote(job.layer)
        if job.report in written:
            record = json.dumps(job.record(edit), indent=2) + "\n"
            write_text(job.report, record, overwrite=job.overwrite)
            wrote(job.report)
        if job.out in written:
            save_edit(pose, edit, job.out, overwrite=job.overwrite, quality=job.quality)
            wrote(job.out)
    return edit


def describe(edit: Edit) -> str:
    """One line on how an edit was made."""
    report = edit.report
    turn = max(abs(report.head_turn.yaw), abs(report.head_turn.pitch), abs(report.head_turn.roll))
    hidden = f", {report.hidden_share:.0%} not visible in the expression photo"
    return (
        f"method {report.method}, heads differ by {turn:.0f} degrees"
        f"{hidden if report.hidden_share >= 0.005 else ''}"
    )


def show_warnings(edit: Edit) -> None:
    """Warnings and notes go to stderr, as errors do."""
    for note in edit.report.notes:
        say(f"Note: {note}", color="yellow")
    for warning in edit.report.warnings:
        say(f"Note: {warning.sentence}", color="yellow")
        if warning.hint:
            typer.echo(f"      {warning.hint}", err=True)


@reports_failures
@takes_options
def edit(
    pose: Annotated[Path, typer.Argument(help="Photo whose head, hair, light, background stay.")],
    expression: Annotated[Path, typer.Argument(help="Photo with the expression to bring over.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Result, in the pose photo's size.")],
    options: EditOptions,
    layer: Annotated[
        Path | None,
        typer.Option(help="Also write the patch alone: RGBA in the pose photo's frame."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write how the edit was made, as JSON.")
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Of a lossy format.", show_default="as the pose photo"),
    ] = None,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """Put the expression of one photo onto the head of another photo of the same person."""
    check_least()
    job = EditJob(pose, expression, out, options, layer, report, quality, overwrite)
    job.check()  # before the networks are loaded
    with progress_bar("Loading") as progress:
        from exshot.editor import Editor

        result = run_edit(job, Editor(), progress=progress)
    show_warnings(result)
    typer.echo(
        json.dumps(job.record(result)) if as_json else f"Wrote {shown(out)} ({describe(result)})."
    )
