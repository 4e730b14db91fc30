"""``exshot batch``: many edits, listed in a CSV file."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exshot.cli import choices
from exshot.cli.batch_list import Row, read_rows, shard
from exshot.cli.edit import run_edit
from exshot.cli.failure import BATCH_FAILED, error_record, reports_failures
from exshot.cli.option_flags import takes_options
from exshot.cli.progress_bar import progress_bar
from exshot.cli.records import report_record
from exshot.errors import ErrorCode, ExshotError
from exshot.options import EditOptions

if TYPE_CHECKING:
    from exshot.editor import Editor
    from exshot.progress import CancelToken, ProgressCallback


@dataclass(frozen=True)
class Outcome:
    """How one line ended: made (``record`` is its report), skipped (neither), or failed."""

    row: Row
    record: dict[str, Any] | None = None
    error: ExshotError | None = None

    @property
    def status(self) -> str:
        if self.error is not None:
            return "failed"
        return "skipped" if self.record is None else "made"

    def as_record(self) -> dict[str, Any]:
        job = self.row.job
        return {
            "line": self.row.line,
            "status": self.status,
            "pose": str(job.pose) if job else None,
            "expression": str(job.expression) if job else None,
            "out": str(job.out) if job else None,
            "report": self.record,
            "error": error_record(self.error) if self.error else None,
        }


def run_rows(
    rows: Sequence[Row],
    editor: Editor,
    *,
    jobs: int = 1,
    skip_existing: bool = False,
    progress: ProgressCallback | None = None,
) -> tuple[Outcome, ...]:
    """Make every edit, ``jobs`` at a time; a failure is an outcome and the others go on.

    An interruption (Ctrl-C) stops the running edits at their next step and is raised again.
    """
    stop = threading.Event()
    outcomes: dict[int, Outcome] = {}
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="exshot-batch")
    try:
        futures: dict[Future[Outcome], int] = {
            pool.submit(_run_row, row, editor, skip_existing, stop): index
            for index, row in enumerate(rows)
        }
        for future in as_completed(futures):
            index = futures[future]
            outcomes[index] = future.result()
            if progress is not None:
                progress(len(outcomes) / len(rows), f"{len(outcomes)} of {len(rows)}")
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return tuple(outcomes[index] for index in range(len(rows)))


def _run_row(row: Row, editor: Editor, skip_existing: bool, stop: CancelToken) -> Outcome:
    if row.job is None:
        return Outcome(row, error=row.error)
    if skip_existing and row.job.out.exists():
        return Outcome(row)
    try:
        edit = run_edit(row.job, editor, cancel=stop)
    except ExshotError as error:
        return Outcome(row, error=error)
    except Exception as error:  # one photo that trips a library must not end the others
        sentence = f"Something unexpected went wrong ({type(error).__name__}: {error})."
        hint = "Try this line alone with `exshot edit` and EXSHOT_DEBUG=1."
        return Outcome(row, error=ExshotError(ErrorCode.INTERNAL, sentence, hint))
    return Outcome(row, record=report_record(edit.report))


@reports_failures
@takes_options
def batch(
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV file with the header pose,expression,out; paths start at its folder. More"
            " columns, named like the flags, set options for their line."
        ),
    ],
    defaults: EditOptions,
    quality: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Of a lossy format.", show_default="as the pose photo"),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Edits at a time.")] = 1,
    part: Annotated[
        str,
        typer.Option(
            "--shard", metavar="I/N", help="Only part I of N, from 1; job arrays use this."
        ),
    ] = "1/1",
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out lines whose output exists.")
    ] = False,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """Make every edit that a CSV file lists, past failures; ends with a summary."""
    rows = shard(read_rows(table, defaults, overwrite=overwrite), part)
    rows = tuple(_with_quality(row, quality) for row in rows)
    with progress_bar("Editing") as progress:
        from exshot.editor import Editor

        outcomes = run_rows(
            rows, Editor(), jobs=jobs, skip_existing=skip_existing, progress=progress
        )
    _report(outcomes, as_json=as_json)
    if any(outcome.error for outcome in outcomes):
        raise typer.Exit(BATCH_FAILED)


def _with_quality(row: Row, quality: int | None) -> Row:
    return row if row.job is None else replace(row, job=replace(row.job, quality=quality))


def _report(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("made", "skipped", "failed")
    }
    if as_json:
        edits = [outcome.as_record() for outcome in outcomes]
        typer.echo(json.dumps({"counts": counts, "edits": edits}))
        return
    _print_table(outcomes)
    typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()) + ".")


def _print_table(outcomes: Sequence[Outcome]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("line", "output", "", "what happened")
    for outcome in outcomes:
        table.add_row(
            str(outcome.row.line),
            outcome.row.job.out.name if outcome.row.job else "",
            outcome.status,
            _what_happened(outcome),
        )
    Console(markup=False).print(table)


def _what_happened(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{outcome.error.sentence} {outcome.error.hint}".strip()
    if outcome.record is None:
        return "The output exists."
    return " ".join(warning["sentence"] for warning in outcome.record["warnings"])
