"""How the lines ended."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from exshot.cli.batch.rows import Row
from exshot.cli.failure import error_record
from exshot.errors import ExshotError

STATUSES = ("made", "skipped", "failed")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one line ended.

    Attributes:
        status: one of `STATUSES`.
        note: what a reader should know about it, in sentences.
        report: JSON text of how the edit was made, where it was made and is to be shown.
    """

    row: Row
    status: str
    note: str = ""
    error: ExshotError | None = None
    report: str | None = None

    @classmethod
    def failed(cls, row: Row, error: ExshotError) -> Outcome:
        return cls(row, "failed", f"{error.sentence} {error.hint}".strip(), error)

    @classmethod
    def skipped(cls, row: Row) -> Outcome:
        return cls(row, "skipped", "The output exists.")

    @property
    def out(self) -> str:
        return self.row.job.out if self.row.job else ""

    def as_record(self) -> dict[str, Any]:
        """As ``--json`` shows it; the field names are stable."""
        job = self.row.job
        nothing: dict[str, str | None] = dict.fromkeys(("pose", "expression", "out"))
        names = nothing if job is None else job.named()
        return {
            "line": self.row.line,
            "status": self.status,
            **names,
            "report": json.loads(self.report) if self.report else None,
            "error": error_record(self.error) if self.error else None,
        }


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many there are of each status."""
    counts: dict[str, int] = dict.fromkeys(STATUSES, 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    return counts
