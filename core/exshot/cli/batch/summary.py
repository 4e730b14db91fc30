"""What a batch says at its end, and while it runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from exshot.cli.batch.outcome import Outcome, counted
from exshot.cli.table import print_table
from exshot.path_text import told_apart

_ALL_SHOWN: Final = 200  # lines; of longer lists only those that have something to tell


def print_json(outcomes: Sequence[Outcome]) -> None:
    """One JSON object; written line by line, so that long lists need not be held twice."""
    counts = json.dumps(counted(outcomes))
    typer.echo(f'{{"counts": {counts}, "edits": [', nl=False)
    for position, outcome in enumerate(outcomes):
        typer.echo((", " if position else "") + json.dumps(outcome.as_record()), nl=False)
    typer.echo("]}")


def print_summary(outcomes: Sequence[Outcome]) -> None:
    """A table, and the counts in one sentence."""
    short = len(outcomes) <= _ALL_SHOWN
    told = [o for o in outcomes if short or o.error or (o.note and o.status == "made")]
    if told:
        names = told_apart([Path(outcome.out) for outcome in told])
        rows = [
            (str(outcome.row.line), name if outcome.out else "", outcome.status, outcome.note)
            for outcome, name in zip(told, names, strict=True)
        ]
        print_table(("line", "output", "", "what happened"), rows)
    typer.echo(", ".join(f"{n} {status}" for status, n in counted(outcomes).items()) + ".")


def pace(done: int, total: int, worked: int, seconds: float) -> str:
    """``120 of 400, 35 a minute, 8 min left``; rate and time left once they can be told.

    Args:
        worked: those of ``done`` that took work, not skipped ones; in ``seconds``.
    """
    text = f"{done} of {total}"
    if worked < 1 or seconds <= 0:
        return text
    rate = worked / seconds
    return f"{text}, {_rate(rate)}, {_duration((total - done) / rate)} left"


def _rate(per_second: float) -> str:
    if per_second >= 1:
        return f"{per_second:.1f} a second"
    if per_second * 60 >= 1:
        return f"{per_second * 60:.0f} a minute"
    return f"{per_second * 3600:.0f} an hour"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 / 60:.0f} min"
