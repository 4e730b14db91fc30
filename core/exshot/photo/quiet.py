"""Keeps Pillow's warnings from the user: what matters becomes an error or is handled."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Without a handler Python prints a library's log messages to stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class _SharedSilence:
    """`warnings.catch_warnings` for several threads at once.

    Warning filters belong to the process: two threads that save and restore them in turn can
    leave them changed for good. Here the first one in saves and the last one out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved = warnings.catch_warnings()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.|pillow_heif")

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._saved.__exit__(None, None, None)


_silence = _SharedSilence()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Ignore warnings raised inside Pillow while the block runs; safe between threads."""
    _silence.enter()
    try:
        yield
    finally:
        _silence.leave()
