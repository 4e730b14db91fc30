"""Reads requests, answers the quick ones at once, and has a worker do the rest in order."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import BinaryIO

from exshot.engine.editor_loader import EditorLoader
from exshot.engine.shelf import PhotoShelf
from exshot.errors import Cancelled, ErrorCode, ExshotError
from exshot.memory import is_out_of_memory
from exshot.version import __version__
from exshot_contract import messages
from exshot_contract.messages import Reply, Request
from exshot_contract.wire import WireError

_MOST_WAITING = 256
_PROGRESS_EVERY = 0.05
_DATA_ERROR = 65  # exit status, as in sysexits.h

log = logging.getLogger("exshot.engine")


@dataclass(eq=False)
class _Job:
    """A request that the worker does, or will do."""

    number: int
    request: Request
    cancel: threading.Event = field(default_factory=threading.Event)
    replaced: bool = False

    @property
    def dialog(self) -> str:
        """Name of the dialog whose newest preview this is; empty for all other jobs."""
        request = self.request
        return request.dialog if isinstance(request, messages.Edit) and request.preview else ""


class Server:
    """One client, one worker. Every request gets exactly one result or error."""

    def __init__(
        self,
        reader: BinaryIO,
        writer: BinaryIO,
        loader: EditorLoader,
        shelf: PhotoShelf,
        *,
        log_file: str = "",
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._loader = loader
        self._shelf = shelf
        self._log_file = log_file
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._over = False
        self._changed = threading.Condition()
        self._write_lock = threading.Lock()

    def serve(self) -> int:
        """Answer until the stream ends, breaks, or ``shutdown`` comes; the exit status."""
        threading.Thread(target=self._work, name="worker", daemon=True).start()
        try:
            return self._read_requests()
        except OSError as error:  # nobody reads the answers any more
            log.info("the pipe is closed: %s", error)
            return 0
        finally:
            with self._changed:
                self._over = True
                self._changed.notify()

    # --- The reader's thread ----------------------------------------------------------------------

    def _read_requests(self) -> int:
        while True:
            try:
                frame = messages.read_request(self._reader)
            except WireError as error:
                self._refuse(error)
                if error.fatal:
                    return _DATA_ERROR
                continue
            if frame is None:
                return 0
            if not self._answer(*frame):
                return 0

    def _answer(self, number: int, request: Request) -> bool:
        """Answer or queue a request; False when it is the last."""
        try:
            if isinstance(request, messages.Hello):
                log.info("hello from %s %s", request.client, request.client_version)
                self._reply(
                    number,
                    messages.HelloResult(
                        version=__version__,
                        pid=os.getpid(),
                        log=self._log_file,
                        photo_memory=self._shelf.limit,
                    ),
                )
                self._loader.begin()
            elif isinstance(request, (messages.Faces, messages.Edit, messages.Suggest)):
                self._queue(_Job(number, request))
            else:
                self._do_quick(request)
                self._reply(number, messages.Done())
        except ExshotError as error:
            self._reply(number, _error(error))
        except MemoryError:
            self._reply(number, _error(_out_of_memory()))
        return not isinstance(request, messages.Shutdown)

    def _do_quick(self, request: Request) -> None:
        if isinstance(request, messages.PutPhoto):
            self._shelf.put(request)
        elif isinstance(request, messages.Release):
            self._shelf.drop(request.photos)
        elif isinstance(request, messages.Cancel):
            self._stop(lambda job: job.number == request.target)
        elif isinstance(request, messages.Shutdown):
            self._stop(lambda job: True)

    def _queue(self, job: _Job) -> None:
        if job.dialog:
            self._stop(lambda other: other.dialog == job.dialog, replaced=True)
        with self._changed:
            if len(self._waiting) >= _MOST_WAITING:
                raise ExshotError(
                    ErrorCode.PROTOCOL, "Too many requests are waiting.", "Wait for answers."
                )
            self._waiting.append(job)
            self._changed.notify()

    def _stop(self, which, *, replaced: bool = False) -> None:  # type: ignore[no-untyped-def]
        """Cancel jobs: a waiting one is answered now, a running one by the worker."""
        with self._changed:
            stopped = [job for job in self._waiting if which(job)]
            for job in stopped:
                self._waiting.remove(job)
            if self._running is not None and which(self._running):
                self._running.replaced = replaced
                self._running.cancel.set()
        for job in stopped:
            job.replaced = replaced
            self._reply(job.number, _stopped(job))

    def _refuse(self, error: WireError) -> None:
        log.warning("refused: %s", error)
        code = ErrorCode.PROTOCOL if error.version is None else ErrorCode.ENGINE_VERSION
        hint = "Install ExShot again, so that both ends have the same version."
        self._reply(error.request, messages.Error(code.value, str(error), hint))

    # --- The worker's thread ----------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                self._running = None
                while not self._waiting and not self._over:
                    self._changed.wait()
                if self._over:
                    return
                job = self._running = self._waiting.popleft()
            try:
                self._reply_to(job)
            except OSError:
                return  # the reader's thread sees the end of the pipe, too

    def _reply_to(self, job: _Job) -> None:
        reply = self._do(job)
        try:
            self._reply(job.number, reply)
        except ValueError as error:  # too large for a frame: nothing of it was written
            log.exception("%s cannot be answered", job.request.TYPE)
            self._reply(job.number, self._unexpected(error))

    def _do(self, job: _Job) -> Reply:
        start = time.monotonic()
        try:
            reply = self._result_of(job)
        except Cancelled:
            reply = _stopped(job)
        except ExshotError as error:
            log.info("%s: %s", error.code.value, error)
            reply = _error(error)
        except Exception as error:
            if is_out_of_memory(error):
                return _error(_out_of_memory())
            log.exception("%s failed", job.request.TYPE)
            reply = self._unexpected(error)
        log.info("%s took %.0f ms", job.request.TYPE, (time.monotonic() - start) * 1000)
        return reply

    def _unexpected(self, error: Exception) -> messages.Error:
        return messages.Error(
            ErrorCode.INTERNAL.value,
            f"Something unexpected went wrong: {type(error).__name__}.",
            f"Please report it with the log {self._log_file}.",
        )

    def _result_of(self, job: _Job) -> Reply:
        if job.cancel.is_set():
            raise Cancelled
        editor = self._loader.get()
        from exshot.engine import answers

        progress = _ThinProgress(self, job.number)
        request = job.request
        if isinstance(request, messages.Faces):
            return answers.find_faces(editor, self._shelf, request, progress, job.cancel)
        if isinstance(request, messages.Edit):
            return answers.make_edit(editor, self._shelf, request, progress, job.cancel)
        if isinstance(request, messages.Suggest):
            return answers.suggest_photos(editor, self._shelf, request, progress, job.cancel)
        raise ExshotError(ErrorCode.PROTOCOL, f"{request.TYPE} takes no work.", "")

    def _reply(self, number: int, reply: Reply) -> None:
        with self._write_lock:
            messages.write(self._writer, number, reply)

    def report(self, number: int, share: float, step: str) -> None:
        """Send progress of a request."""
        self._reply(number, messages.Progress(min(max(share, 0.0), 1.0), step))


class _ThinProgress:
    """Passes progress on, at most twenty times a second, for it costs the editor a redraw."""

    def __init__(self, server: Server, number: int) -> None:
        self._server = server
        self._number = number
        self._last = 0.0

    def __call__(self, share: float, step: str) -> None:
        now = time.monotonic()
        if now - self._last >= _PROGRESS_EVERY:
            self._last = now
            self._server.report(self._number, float(share), step)


def _error(error: ExshotError) -> messages.Error:
    return messages.Error(error.code.value, error.sentence, error.hint)


def _stopped(job: _Job) -> messages.Error:
    if job.replaced:
        return messages.Error("cancelled", "A newer preview took its place.")
    return _error(Cancelled())


def _out_of_memory() -> ExshotError:
    return ExshotError(
        ErrorCode.OUT_OF_MEMORY,
        "There is not enough memory for these photos.",
        "Close other images, or scale the photos down.",
    )
