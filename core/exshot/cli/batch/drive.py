"""Runs tasks on a pool: never more at a time than it can use soon, each line answered once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from exshot.cli.batch.examine import Verdict, error_from
from exshot.cli.batch.jobs import Job
from exshot.cli.batch.outcome import Outcome
from exshot.cli.batch.plan import plan_tasks
from exshot.cli.batch.rows import Row
from exshot.cli.batch.work import task_for
from exshot.errors import ErrorCode, ExshotError

_LOST_HINT: Final = "Look into the workers' logs: memory may have run out. Try it alone."


@dataclass(frozen=True)
class Finished:
    """A task that ended: with the answers of `Desk.do`, or None where its workers were lost."""

    ticket: int
    answers: Sequence[Mapping[str, Any]] | None


class Pool(AbstractContextManager["Pool"], Protocol):
    """Something that does tasks: threads of this process, or a cluster."""

    begins_again: bool
    """Whether a task that was begun may be begun once more, elsewhere."""

    def slots(self) -> int:
        """How many tasks it works at just now."""
        ...

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Have `examine.answer` look at the disk that the workers see."""
        ...

    def begin(self, ticket: int, task: dict[str, Any]) -> None:
        """Take a task on; returns at once."""
        ...

    def finished(self) -> Sequence[Finished]:
        """Wait for tasks that ended; each comes once."""
        ...

    def stop(self) -> None:
        """Begin nothing more, end what runs at its next step, and wait for that."""
        ...


@dataclass
class Drive:
    """One run of a list's lines on a pool.

    ``report`` is called with each outcome, in the order in which they come.
    """

    pool: Pool
    rows: Sequence[Row]
    verdicts: Sequence[Verdict]
    report: Callable[[int, Outcome], None]
    with_reports: bool = True

    def run(self) -> None:
        """Do all; an interruption stops the pool and is raised again."""
        jobs: dict[int, Job] = {}
        for number, (row, verdict) in enumerate(zip(self.rows, self.verdicts, strict=True)):
            if verdict.error is not None:
                self.report(number, Outcome.failed(row, verdict.error))
            elif verdict.skip:
                self.report(number, Outcome.skipped(row))
            elif row.job is not None:
                jobs[number] = row.job
        try:
            self._run(plan_tasks(jobs, self.pool.slots()))
        except BaseException:
            self.pool.stop()
            raise

    def _run(self, tasks: list[tuple[int, ...]]) -> None:
        waiting = tasks[::-1]
        running: dict[int, tuple[int, ...]] = {}
        ticket = 0
        while waiting or running:
            room = _at_hand(self.pool.slots())
            while waiting and len(running) < room:
                lines = waiting.pop()
                running[ticket] = lines
                self.pool.begin(ticket, self._task(lines))
                ticket += 1
            for done in self.pool.finished():
                lines = running.pop(done.ticket)
                if done.answers is not None:
                    self._take(done.answers)
                elif len(lines) > 1:  # one of them may be at fault: find out which
                    waiting += [(number,) for number in reversed(lines)]
                else:
                    for number in lines:
                        self.report(number, Outcome.failed(self.rows[number], _lost()))

    def _task(self, lines: tuple[int, ...]) -> dict[str, Any]:
        found = []
        for number in lines:
            job = self.rows[number].job
            assert job is not None
            found.append((number, job, self.verdicts[number]))
        return task_for(found, again=self.pool.begins_again)

    def _take(self, answers: Sequence[Mapping[str, Any]]) -> None:
        for answer in answers:
            number, row = answer["number"], self.rows[answer["number"]]
            if answer["status"] == "failed":
                outcome = Outcome.failed(row, error_from(answer["error"]))
            else:
                report = json.dumps(answer["report"]) if self.with_reports else None
                outcome = Outcome(row, "made", " ".join(answer["notes"]), None, report)
            self.report(number, outcome)


def _at_hand(slots: int) -> int:
    """Tasks to have under way, so that no slot waits for the next and none pile up."""
    return 16 + 3 * slots


def _lost() -> ExshotError:
    return ExshotError(
        ErrorCode.INTERNAL,
        "The workers that tried this edit died, one after the other.",
        _LOST_HINT,
    )
