"""When to ask for a preview: at once after a rest, one at a time, never a stale one for long."""

from __future__ import annotations

from collections.abc import Callable

from exshot_contract.messages import Edit, PreviewResult
from exshot_host.engine.client import EngineClient
from exshot_host.session.steps import Steps, Task

_DEBOUNCE = 0.03  # seconds without a change
_LONGEST_DEBOUNCE = 0.06  # since the first change: a slider that never rests is followed, too
_IMPATIENCE = 1.0


class PreviewLoop:
    """Keeps one preview up to date.

    A slider that moves all the time must still show pictures: a preview under way is finished
    before the next is asked for, unless it takes longer than a second or shows other faces.

    Attributes:
        preview: the newest one; None before the first.
        stale: it does not show the latest change.
    """

    def __init__(self, client: EngineClient, clock: Callable[[], float]) -> None:
        self.preview: PreviewResult | None = None
        self.stale = True
        self._client = client
        self._clock = clock
        self._changed_at = float("-inf")
        self._first_change = float("-inf")
        self._asked_since_change = True
        self._wanted: Edit | None = None
        self._asked: Edit | None = None  # what is under way
        self._task: Task[None] = Task()

    def changed(self) -> None:
        """Something that the preview shows has changed."""
        self._changed_at = self._clock()
        if not self.stale:
            self._first_change = float("-inf")  # after a rest nothing is waited for
        elif self._asked_since_change:
            self._first_change = self._changed_at
        self._asked_since_change = False
        self.stale = True

    def forget(self) -> None:
        """The preview shows other photos than those now chosen: drop it."""
        self.stop()
        self.preview, self.stale = None, True

    def stop(self) -> None:
        """Cancel what is under way; the next `advance` asks again."""
        self.stale = self.stale or self._asked is not None
        self._task.stop()

    def advance(self, wanted: Edit) -> bool:
        """Go on; whether a new preview has come. Raises the `HostError` of a failed one."""
        self._wanted = wanted
        before = self.preview
        if not self._task.running:
            self._task.start(self._follow())
        self._task.advance()
        return self.preview is not before

    def _follow(self) -> Steps[None]:
        """Ask for one preview after the other, for ever."""
        while True:
            while not (self.stale and self._rested()):
                yield
            while not (yield from self._ask()):
                pass  # what is wanted now does not wait until it rests

    def _rested(self) -> bool:
        now = self._clock()
        rested = now - self._changed_at >= _DEBOUNCE
        return rested or now - self._first_change >= _LONGEST_DEBOUNCE

    def _ask(self) -> Steps[bool]:
        """Get the preview that is wanted now; False where another is wanted by then, at once."""
        asked, start = self._wanted, self._clock()
        assert asked is not None
        self._asked = asked
        self._asked_since_change = True
        pending = self._client.submit(asked)
        try:
            while not pending.done:
                yield
                if not pending.done and self._must_give_way(asked, self._clock() - start):
                    return False
            reply = pending.result()
            assert isinstance(reply, PreviewResult)
            self.preview = reply
            self.stale = self._wanted != asked
            return True
        finally:
            pending.cancel()
            self._asked = None

    def _must_give_way(self, asked: Edit, seconds: float) -> bool:
        wanted = self._wanted
        if wanted is None or wanted == asked:
            return False
        return seconds > _IMPATIENCE or _shown(wanted) != _shown(asked)


def _shown(edit: Edit) -> tuple[object, ...]:
    """Which photos and faces an edit is of."""
    faces = (edit.options.pose_face, edit.options.expression_face)
    return (edit.pose, edit.expression, edit.limit, *faces)
