"""Loads a native library without what it prints on its own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def native_output_discarded() -> Iterator[None]:
    """Nothing that native code writes to the process's stdout and stderr meanwhile is seen.

    ONNX Runtime tells while it loads about processors and graphics cards that it does not know. On
    Windows that reaches the console as UTF-16, letters with gaps between them, and part of it goes
    to stdout, into what ``--json`` is read by. What Python itself raises is not touched.
    """
    nothing = os.open(os.devnull, os.O_WRONLY)
    kept: dict[int, int] = {}
    try:
        for stream in (1, 2):
            with contextlib.suppress(OSError):  # a process without a console may lack it
                kept[stream] = os.dup(stream)
                os.dup2(nothing, stream)
        yield
    finally:
        _flush_native_output()
        for stream, copy in kept.items():
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nothing)


def _flush_native_output() -> None:
    """Have the C library write what it holds; it would otherwise come out at the very end."""
    if sys.platform == "win32":
        import ctypes

        # Not named in the call: PyInstaller would put this part of Windows into the bundle.
        runtime = "ucrtbase"
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(runtime).fflush(None)
