"""The one way of not waiting: work as a generator that does a few milliseconds at a time.

Each ``yield`` gives the editor's main thread back. What a generator holds (an open layer, a request
to the engine) it lets go of in ``finally``: so it can be left at every ``yield``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from exshot_contract.messages import Reply
from exshot_host.engine.request import PendingRequest

Answer = TypeVar("Answer")
Steps = Generator[None, None, Answer]
"""Work under way; what it returns is what came of it."""


@dataclass
class Progress:
    """How far a piece of work is. ``share`` in [0, 1]; ``step``: one of `texts`, untranslated."""

    step: str = ""
    share: float = 0.0


class Task(Generic[Answer]):
    """A place for one piece of work at a time.

    An editor may handle other events, a timer or a closed window, while a step calls it. Then
    `advance` does nothing, and what is stopped ends as soon as its step is done.
    """

    def __init__(self) -> None:
        self.progress = Progress()
        self._steps: Steps[Answer] | None = None
        self._busy: Steps[Answer] | None = None

    @property
    def running(self) -> bool:
        return self._steps is not None

    def start(self, steps: Steps[Answer], progress: Progress | None = None) -> None:
        """Begin something, in place of what runs. ``progress``: what the steps write to."""
        self.stop()
        self._steps, self.progress = steps, progress or Progress()

    def stop(self) -> None:
        """Leave what runs."""
        steps, self._steps = self._steps, None
        if steps is not None and steps is not self._busy:
            steps.close()

    def advance(self) -> Answer | None:
        """Do a step; what came of the work once it is over, else None. Raises what a step raises;
        then the work is over, too."""
        steps = self._steps
        if steps is None or self._busy is not None:
            return None
        self._busy = steps
        try:
            next(steps)
        except StopIteration as end:
            self._forget(steps)
            return end.value
        except BaseException:
            self._forget(steps)
            raise
        finally:
            self._busy = None
        if self._steps is not steps:  # stopped meanwhile
            steps.close()
        return None

    def _forget(self, steps: Steps[Answer]) -> None:
        if self._steps is steps:
            self._steps = None


def reply_to(
    pending: PendingRequest, progress: Progress | None = None, start: float = 0.0, end: float = 1.0
) -> Steps[Reply]:
    """The engine's reply to a request; ``progress`` goes from ``start`` to ``end`` meanwhile.

    Raises:
        HostError: the request failed.
    """
    try:
        while not pending.done:
            if progress is not None:
                progress.share = start + (end - start) * pending.share
            yield
        return pending.result()
    finally:
        pending.cancel()
