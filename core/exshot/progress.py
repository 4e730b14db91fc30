"""Progress and cancel, as every long call of the library takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from exshot.errors import Cancelled

ProgressCallback = Callable[[float, str], None]
"""Called with a share in [0, 1] and a short name of the step now running."""


class CancelToken(Protocol):
    """Anything with ``is_set``; a ``threading.Event`` is one."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True)
class Checkpoint:
    """Reports progress and raises `Cancelled` if the caller asked to stop."""

    progress: ProgressCallback | None = None
    cancel: CancelToken | None = None

    def __call__(self, share: float, step: str) -> None:
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled
        if self.progress is not None:
            self.progress(share, step)
