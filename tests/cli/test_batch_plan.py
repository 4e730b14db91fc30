"""How a batch's lines become tasks, and how tasks are driven; without a process or a photo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exshot.cli.batch.drive import Drive, Finished
from exshot.cli.batch.examine import Verdict
from exshot.cli.batch.jobs import BurstJob, Job, PairJob, as_plain, from_plain
from exshot.cli.batch.outcome import Outcome
from exshot.cli.batch.plan import plan_tasks
from exshot.cli.batch.rows import Row
from exshot.cli.batch.summary import pace
from exshot.errors import ErrorCode, ExshotError
from exshot.options import EditOptions, RegionWeights

OPTIONS = EditOptions()
OTHER_OPTIONS = EditOptions(strength=0.5, regions=RegionWeights(mouth=0))


def job(pose: str, expression: str, number: int = 0) -> PairJob:
    return PairJob(pose, expression, f"{number}.jpg", OPTIONS)


def jobs_of(pairs: Sequence[tuple[int, int]]) -> dict[int, Job]:
    return {n: job(f"p{a}", f"p{b}", n) for n, (a, b) in enumerate(pairs)}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=200), st.integers(1, 20)
)
def test_every_job_is_in_one_task(pairs: list[tuple[int, int]], slots: int) -> None:
    tasks = plan_tasks(jobs_of(pairs), slots)
    assert sorted(number for task in tasks for number in task) == list(range(len(pairs)))
    assert all(1 <= len(task) <= 8 for task in tasks)
    assert len(tasks) >= min(len(pairs), slots)


def test_jobs_that_share_a_photo_go_together() -> None:
    families = 50
    pairs = [(family, 100 + family + 100 * n) for n in range(8) for family in range(families)]
    tasks = plan_tasks(jobs_of(pairs), slots=2)
    assert len(tasks) == families
    assert all(len({pairs[number][0] for number in task}) == 1 for task in tasks)


def test_in_a_short_list_groups_stay_whole_where_there_are_enough_of_them() -> None:
    """Another worker would fit the shared photo once more."""
    families = [[(family, 100 + 10 * family + n) for n in range(4)] for family in range(10)]
    tasks = plan_tasks(jobs_of([pair for family in families for pair in family]), slots=2)
    assert [len(task) for task in tasks] == [4] * 10
    lone = plan_tasks(jobs_of(families[0]), slots=2)
    assert [len(task) for task in lone] == [1] * 4


def test_jobs_that_share_nothing_are_tasks_of_their_own() -> None:
    tasks = plan_tasks(jobs_of([(n, 1000 + n) for n in range(200)]), slots=2)
    assert tasks == [(n,) for n in range(200)]


def test_long_lists_have_fewer_tasks_than_lines() -> None:
    tasks = plan_tasks(jobs_of([(n, 10_000 + n) for n in range(4000)]), slots=2)
    assert [number for task in tasks for number in task] == list(range(4000))
    assert len(tasks) == 500


def test_few_jobs_leave_no_slot_idle() -> None:
    tasks = plan_tasks(jobs_of([(0, n) for n in range(1, 9)]), slots=4)
    assert len(tasks) == 8


@pytest.mark.parametrize(
    "one",
    [
        PairJob(
            "a", "b", "c", EditOptions(strength=0.5, regions=RegionWeights(mouth=0)), "l", "r", 9
        ),
        BurstJob("folder", "out.jpg", "base.jpg", None, True),
    ],
)
def test_a_job_is_the_same_after_its_way_through_text(one: Job) -> None:
    assert from_plain(as_plain(one)) == one


@dataclass
class FakePool:
    """Ends tasks in the order of ``pick``; those with a number in ``deadly`` lose their worker."""

    pick: Callable[[int], int] = lambda count: 0
    deadly: frozenset[int] = frozenset()
    begins_again: bool = True
    running: deque[tuple[int, dict[str, Any]]] = field(default_factory=deque)
    most: int = 0
    stopped: bool = False
    breaks_after: int | None = None

    def __enter__(self) -> FakePool:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def slots(self) -> int:
        return 3

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(request)

    def begin(self, ticket: int, task: dict[str, Any]) -> None:
        self.running.append((ticket, task))
        self.most = max(self.most, len(self.running))

    def finished(self) -> Sequence[Finished]:
        if self.breaks_after is not None:
            self.breaks_after -= 1
            if self.breaks_after < 0:
                raise KeyboardInterrupt
        index = self.pick(len(self.running)) % len(self.running)
        ticket, task = self.running[index]
        del self.running[index]
        numbers = [line["number"] for line in task["lines"]]
        if self.deadly & set(numbers):
            return [Finished(ticket, None)]
        return [Finished(ticket, [answer(number) for number in numbers])]

    def stop(self) -> None:
        self.stopped = True


def answer(number: int) -> Mapping[str, Any]:
    if number % 7 == 3:
        error = {"code": "no_face", "sentence": "No face.", "hint": ""}
        return {"number": number, "status": "failed", "error": error}
    return {"number": number, "status": "made", "report": {"method": "warp"}, "notes": []}


def driven(pool: FakePool, verdicts: Mapping[int, Verdict], count: int = 100) -> list[Outcome]:
    rows = [Row(n + 2, job("shared", f"p{n}", n)) for n in range(count)]
    found: dict[int, Outcome] = {}

    def report(number: int, outcome: Outcome) -> None:
        assert number not in found, "each line comes once"
        found[number] = outcome

    given_verdicts = [verdicts.get(n, Verdict()) for n in range(count)]
    Drive(pool, rows, given_verdicts, report).run()
    return [found[n] for n in range(count)]


@given(st.integers(0, 1 << 30))
def test_every_line_is_answered_once_in_whatever_order(seed: int) -> None:
    pool = FakePool(pick=lambda count: hash((seed, count)))
    verdicts = {
        5: Verdict(skip=True),
        6: Verdict(error=ExshotError(ErrorCode.OUTPUT_EXISTS, "It exists.")),
    }
    outcomes = driven(pool, verdicts)
    expected = ["failed" if n % 7 == 3 else "made" for n in range(100)]
    expected[5], expected[6] = "skipped", "failed"
    assert [outcome.status for outcome in outcomes] == expected
    assert pool.most <= 25, "what is under way does not grow with the list"


def test_only_the_line_that_kills_workers_fails() -> None:
    outcomes = driven(FakePool(deadly=frozenset({40})), {})
    assert [o.row.line for o in outcomes if o.status == "failed" and "died" in o.note] == [42]


def test_an_interruption_stops_the_pool() -> None:
    pool = FakePool(breaks_after=3)
    with pytest.raises(KeyboardInterrupt):
        driven(pool, {})
    assert pool.stopped


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0, 400, 0, 1.0), "0 of 400"),
        ((100, 400, 0, 5.0), "100 of 400"),
        ((120, 400, 20, 10.0), "120 of 400, 2.0 a second, 2 min left"),
        ((120, 400, 120, 480.0), "120 of 400, 15 a minute, 19 min left"),
        ((10, 90010, 10, 36000.0), "10 of 90010, 1 an hour, 90000 h 0 min left"),
        ((390, 400, 390, 195.0), "390 of 400, 2.0 a second, 5 s left"),
    ],
)
def test_progress_tells_rate_and_time_left(numbers: tuple[int, int, int, float], text: str) -> None:
    assert pace(*numbers) == text
