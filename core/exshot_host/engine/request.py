"""A request on its way to the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from exshot_contract.messages import Reply, Request
from exshot_host.errors import HostError


class CancelToken(Protocol):
    """Anything with ``is_set``; a ``threading.Event`` is one."""

    def is_set(self) -> bool: ...


class PendingRequest:
    """A request on its way. Safe to read from any thread.

    Attributes:
        request: what was asked; None for a photo that is not hashed yet.
        photo_name: name of the photo, for those of `EngineClient.submit_photo`, once ``done``.
        share, step: the latest progress.
    """

    def __init__(self, request: Request | None, cancel: Callable[[PendingRequest], None]) -> None:
        self.request = request
        self.photo_name = ""
        self.share = 0.0
        self.step = ""
        self.number = 0
        self.tries = 0
        self.resent = False
        self.sent_at = 0.0
        self._cancel = cancel
        self._finished = threading.Event()
        self._reply: Reply | None = None
        self._error: HostError | None = None

    @property
    def done(self) -> bool:
        """The reply or the error is there."""
        return self._finished.is_set()

    @property
    def error(self) -> HostError | None:
        """Why it failed; None while it runs and after success."""
        return self._error

    def result(self) -> Reply:
        """The reply of one that is ``done``. Raises its `HostError` where it failed."""
        if self._error is not None:
            raise self._error
        if self._reply is None:
            raise RuntimeError("The request is not done.")
        return self._reply

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is done; False when the time was over first."""
        return self._finished.wait(timeout)

    def cancel(self) -> None:
        """Stop it: done at once with `RequestStoppedError`. The engine is told; a late answer is
        dropped."""
        self._cancel(self)

    def finish(self, reply: Reply | None, error: HostError | None = None) -> None:
        """For the client: set the outcome; the first one counts."""
        if not self._finished.is_set():
            self._reply, self._error = reply, error
            self._finished.set()
