"""The command ``exshot batch``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exshot.address_space import check_least
from exshot.cli import choices
from exshot.cli.batch.examine import Verdict, examine, sweep
from exshot.cli.batch.outcome import Outcome, counted
from exshot.cli.batch.roots import Root
from exshot.cli.batch.rows import Defaults, Row, read_rows, shard
from exshot.cli.batch.summary import pace, print_json, print_summary
from exshot.cli.failure import BATCH_FAILED, EXIT_CODES, reports_failures, show_error
from exshot.cli.option_flags import takes_options
from exshot.cli.progress_bar import progress_bar
from exshot.errors import ErrorCode, ExshotError
from exshot.options import EditOptions

if TYPE_CHECKING:
    from exshot.cli.batch.drive import Pool
    from exshot.editor import Editor
    from exshot.progress import ProgressCallback


@reports_failures
@takes_options
def batch(
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV file with the header pose,expression,out, or burst,out for whole bursts;"
            " paths start at its folder. More columns, named like the flags, set options for their"
            " line."
        ),
    ],
    defaults: EditOptions,
    quality: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Of a lossy format.", show_default="as the pose photo"),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Edits at a time.", show_default="1"),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Let the workers of this Dask scheduler make the edits: tcp://HOST:PORT,"
            " tls://HOST:PORT or a scheduler file. Needs the extra cluster.",
        ),
    ] = None,
    root: Annotated[
        str | None,
        typer.Option(
            metavar="[HERE=]THERE",
            help="Where the workers see what lies in the folder HERE (the list's own, if left"
            " out).",
        ),
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            "--shard", metavar="I/N", help="Only part I of N, from 1; job arrays use this."
        ),
    ] = "1/1",
    skip_existing: Annotated[
        bool,
        typer.Option(
            "--skip-existing",
            help="Leave out lines whose files are there and whole; make the rest.",
        ),
    ] = False,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """Make every edit that a CSV file lists, past failures; ends with a summary."""
    check_least()
    if jobs and dask:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            "--jobs and --dask exclude each other.",
            "A cluster's workers have threads of their own.",
        )
    rows = read_rows(
        table,
        Defaults(defaults, quality, overwrite),
        Root.parse(root, table, absolute=dask is not None),
    )
    mine = shard(rows, part)
    outcomes: dict[int, Outcome] = {}
    failure = None
    with progress_bar("Looking at the files") as progress, _pool(jobs, dask) as pool:
        verdicts = examine(table, rows, mine, pool.ask, skip_existing=skip_existing)
        try:
            _drive(pool, mine, verdicts, outcomes, progress, with_reports=as_json)
            sweep(mine, pool.ask)
        except ExshotError as error:  # the cluster's: what was made until then still counts
            failure = error
    found = [outcomes[number] for number in sorted(outcomes)]
    (print_json if as_json else print_summary)(found)
    if failure is not None:
        show_error(failure)
        raise typer.Exit(EXIT_CODES[failure.code])
    if counted(found)["failed"]:
        raise typer.Exit(BATCH_FAILED)


def _pool(jobs: int | None, dask: str | None) -> Pool:
    if dask is not None:
        from exshot.cli.batch.cluster import Cluster

        return Cluster(dask, lambda sentence: typer.echo(f"exshot: {sentence}", err=True))
    from exshot.cli.batch.threads import Threads

    return Threads(jobs or 1, _new_editor)


def _new_editor() -> Editor:
    from exshot.editor import Editor

    return Editor()


def _drive(
    pool: Pool,
    rows: Sequence[Row],
    verdicts: Sequence[Verdict],
    outcomes: dict[int, Outcome],
    progress: ProgressCallback | None,
    *,
    with_reports: bool,
) -> None:
    from exshot.cli.batch.drive import Drive

    started, worked = time.monotonic(), 0

    def report(number: int, outcome: Outcome) -> None:
        nonlocal worked
        outcomes[number] = outcome
        if outcome.status != "skipped":
            worked += 1
        if progress is not None:
            text = pace(len(outcomes), len(rows), worked, time.monotonic() - started)
            progress(len(outcomes) / len(rows), text)

    Drive(pool, rows, verdicts, report, with_reports=with_reports).run()
