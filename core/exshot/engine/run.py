"""Sets the process up around the `Server`: its streams, its log, and when it must end."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import os
import platform
import signal
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, NoReturn

from exshot.address_space import spare_threads
from exshot.engine.editor_loader import EditorLoader
from exshot.engine.server import Server
from exshot.engine.shelf import PhotoShelf
from exshot.engine.windows_end import wait_for_end
from exshot.version import __version__
from exshot_contract.paths import log_folder

LOG_BYTES = 512 * 1024
PHOTO_MEMORY = 1 << 30  # a dozen photos of 24 megapixels
MEMORY_VARIABLE = "EXSHOT_PHOTO_MEMORY"
_PARENT_LOOK = 1.0

log = logging.getLogger("exshot.engine")


def main() -> NoReturn:
    """Serve until stdin closes, ``shutdown`` comes or the parent process is gone."""
    spare_threads()
    parent = os.getppid()
    reader, writer = take_over_streams()
    log_file = start_log()
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the editor's terminal is its own
    threading.Thread(target=_watch_parent, args=(parent,), name="parent", daemon=True).start()
    log.info("engine %s, Python %s, pid %d", __version__, platform.python_version(), os.getpid())
    server = Server(
        reader,
        writer,
        EditorLoader(),
        PhotoShelf(_photo_memory()),
        log_file=str(log_file or ""),
    )
    try:
        status = server.serve()
    except BaseException:
        log.exception("the engine failed")
        status = 70
    log.info("engine ends with %d", status)
    end(status)


def end(status: int) -> NoReturn:
    """End at once: threads of native libraries may never return, and nothing is left to save."""
    with contextlib.suppress(Exception):
        logging.shutdown()
    os._exit(status)


def take_over_streams() -> tuple[BinaryIO, BinaryIO]:
    """The pipe's two ends, kept for frames alone.

    Whatever prints to stdout, in Python or in a native library, goes to stderr from now on, and
    nothing else can read stdin.
    """
    reader = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    writer = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    with contextlib.suppress(OSError):
        os.fstat(2)
        os.dup2(2, 1)
        faulthandler.enable(2)
    return reader, writer


class _QuietRotatingFile(logging.handlers.RotatingFileHandler):
    """A log that gives up silently: a full disk must not stop an edit."""

    def rotate(self, source: str, dest: str) -> None:
        """As ever, but go on in the old file where another engine has it open (Windows)."""
        with contextlib.suppress(OSError):
            super().rotate(source, dest)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        del record


def start_log(folder: Path | None = None) -> Path | None:
    """Begin the log file; its path, or None where it cannot be written."""
    logging.raiseExceptions = False
    root = logging.getLogger("exshot")
    root.setLevel(logging.INFO)
    root.propagate = False
    logging.captureWarnings(capture=True)
    try:
        folder = folder or log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "engine.log"
        handler = _QuietRotatingFile(path, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8")
    except OSError:
        root.addHandler(logging.NullHandler())
        return None
    form = "%(asctime)s %(process)d %(levelname)s %(message)s"
    handler.setFormatter(logging.Formatter(form))
    root.addHandler(handler)
    logging.getLogger("py.warnings").addHandler(handler)
    return path


def _watch_parent(parent: int) -> None:
    """End when the process that started us is gone, even if our stdin stays open.

    Another child of the editor may have inherited the pipe. (PR_SET_PDEATHSIG would end us with the
    *thread* that started us.)
    """
    if sys.platform == "win32":  # where the parent's id never changes
        reason = wait_for_end(parent)
    else:
        reason = "the parent process is gone"
        while os.getppid() == parent:
            time.sleep(_PARENT_LOOK)
    log.info("the engine ends: %s", reason)
    end(0)


def _photo_memory() -> int:
    """Bytes of photos to keep; megabytes in `MEMORY_VARIABLE` override the default."""
    try:
        return max(1, int(os.environ[MEMORY_VARIABLE])) << 20
    except (KeyError, ValueError):
        return PHOTO_MEMORY if sys.maxsize > 1 << 32 else 1 << 28
