"""When to ask for a preview: soon after a change, one at a time, never a stale one for long."""

from __future__ import annotations

from collections.abc import Callable

from exshot_contract.messages import Edit, PreviewResult
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest

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
        self._asked_at = 0.0
        self._asked_since_change = True
        self._ticket: PendingRequest | None = None
        self._asked: Edit | None = None

    @property
    def running(self) -> PendingRequest | None:
        return self._ticket

    def changed(self) -> None:
        """Something that the preview shows has changed."""
        self._changed_at = self._clock()
        if not self.stale or self._asked_since_change:
            self._first_change, self._asked_since_change = self._changed_at, False
        self.stale = True

    def forget(self) -> None:
        """The preview shows other photos than those now chosen: drop it."""
        self.stop()
        self.preview = None
        self.stale = True
        self._asked = None

    def stop(self) -> None:
        """Cancel what is under way; the next `advance` asks again."""
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None
            self.stale = True

    def advance(self, wanted: Edit) -> bool:
        """Go on; whether a new preview has come. Raises the `HostError` of a failed one."""
        came = False
        if self._ticket is not None and self._ticket.done:
            ticket, self._ticket = self._ticket, None
            if ticket.error is not None:
                self.stale = True
                raise ticket.error
            reply = ticket.result()
            assert isinstance(reply, PreviewResult)
            self.preview, came = reply, True
            self.stale = wanted != self._asked
        if self.stale and self._may_ask(wanted):
            if self._ticket is not None:
                self._ticket.cancel()
            self._asked, self._asked_at = wanted, self._clock()
            self._asked_since_change = True
            self._ticket = self._client.submit(wanted)
        return came

    def _may_ask(self, wanted: Edit) -> bool:
        now = self._clock()
        if self._ticket is None:
            rested = now - self._changed_at >= _DEBOUNCE
            return rested or now - self._first_change >= _LONGEST_DEBOUNCE
        return wanted != self._asked and (
            now - self._asked_at > _IMPATIENCE or _photos(wanted) != _photos(self._asked)
        )


def _photos(edit: Edit | None) -> tuple[object, ...]:
    if edit is None:
        return ()
    faces = (edit.options.pose_face, edit.options.expression_face)
    return (edit.pose, edit.expression, edit.limit, *faces)
