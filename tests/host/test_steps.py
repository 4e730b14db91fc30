"""Work that never waits: left at any moment, it lets go of what it holds."""

from __future__ import annotations

import pytest

from exshot_contract.messages import Done, Hello
from exshot_host.engine.request import PendingRequest
from exshot_host.errors import HostError
from exshot_host.session.steps import Progress, Steps, Task, reply_to


class Work:
    """Counts its steps, and remembers that it was left or ended."""

    def __init__(self, steps: int = 3, fails: bool = False) -> None:
        self.done = 0
        self.let_go = False
        self._steps, self._fails = steps, fails

    def run(self) -> Steps[str]:
        try:
            for _ in range(self._steps):
                self.done += 1
                yield
            if self._fails:
                raise HostError("internal", "It broke.")
            return "made"
        finally:
            self.let_go = True


def test_a_task_gives_its_answer_once_and_is_over() -> None:
    task: Task[str] = Task()
    work = Work(2)
    task.start(work.run())
    assert [task.advance(), task.advance()] == [None, None]
    assert task.running
    assert task.advance() == "made"
    assert not task.running
    assert task.advance() is None
    assert work.let_go


def test_what_is_stopped_or_replaced_lets_go_at_once() -> None:
    task: Task[str] = Task()
    first, second = Work(), Work()
    task.start(first.run())
    task.advance()
    task.start(second.run())
    assert first.let_go
    assert not second.let_go
    task.advance()
    task.stop()
    assert second.let_go
    assert not task.running


def test_a_failure_is_raised_once_and_ends_the_work() -> None:
    task: Task[str] = Task()
    work = Work(1, fails=True)
    task.start(work.run())
    task.advance()
    with pytest.raises(HostError, match="broke"):
        task.advance()
    assert work.let_go
    assert not task.running
    assert task.advance() is None


def test_a_step_that_is_interrupted_by_itself_goes_on_afterwards() -> None:
    """An editor may handle its timer while a step calls it."""
    task: Task[str] = Task()
    seen: list[object] = []

    def steps() -> Steps[str]:
        seen.append(task.advance())
        yield
        return "made"

    task.start(steps())
    assert task.advance() is None
    assert seen == [None]
    assert task.advance() == "made"


@pytest.mark.parametrize("then", ["stop", "start"])
def test_a_step_that_ends_its_own_work_lets_go_when_it_is_done(then: str) -> None:
    """An editor may close the dialog while a step calls it."""
    task: Task[str] = Task()
    other, let_go = Work(), []

    def steps() -> Steps[str]:
        try:
            if then == "stop":
                task.stop()
            else:
                task.start(other.run())
            assert not let_go
            yield
            return "never"
        finally:
            let_go.append(True)

    task.start(steps())
    assert task.advance() is None
    assert let_go
    assert task.running == (then == "start")
    assert other.done == 0


def test_a_reply_is_awaited_with_progress_and_its_request_cancelled_where_it_is_left() -> None:
    cancelled: list[PendingRequest] = []
    progress = Progress()
    pending = PendingRequest(Hello(), cancelled.append)
    task: Task[object] = Task()
    task.start(reply_to(pending, progress, 0.5, 1.0), progress)
    pending.share = 0.5
    task.advance()
    assert progress.share == 0.75
    task.stop()
    assert cancelled == [pending]
    again = PendingRequest(Hello(), cancelled.append)
    task.start(reply_to(again))
    task.advance()
    again.finish(Done())
    assert task.advance() == Done()
