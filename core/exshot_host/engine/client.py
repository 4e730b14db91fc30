"""Talks to the engine: starts it when needed, repeats a request once after a crash.

Everything slow (starting, hashing, sending) happens on threads of the client, so an editor's main
thread never waits: `EngineClient.submit` and `submit_photo` return a `PendingRequest` at once,
whose state can be read at any time. `EngineClient.call` is the blocking form for scripts and
batches.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exshot_contract import messages
from exshot_contract.engine_command import EngineCommand
from exshot_contract.messages import Reply, Request
from exshot_contract.wire import Buffer
from exshot_host.engine import failures
from exshot_host.engine.locate import find_engine
from exshot_host.engine.process import EngineProcess
from exshot_host.engine.request import CancelToken, PendingRequest
from exshot_host.engine.uploads import Upload, photos_needed
from exshot_host.errors import HostError, RequestStoppedError

_TRIES = 2
_WATCH_EVERY = 0.2


@dataclass(frozen=True)
class Timeouts:
    """Seconds. ``start``: until the engine says hello; ``silence``: without a sign of life while a
    request waits; ``close``: for the engine to end by itself."""

    start: float = 20.0
    silence: float = 60.0
    close: float = 1.0


@dataclass
class _Cancel:
    process: EngineProcess
    target: int


class EngineClient:
    """One engine and the requests to it. Serves a whole dialog or docker.

    The engine starts with the first request (or `start`), and again with the next one after it has
    ended. Photos given with `submit_photo` are kept until `forget`, to be sent again after a crash.
    """

    def __init__(
        self,
        *,
        name: str = "",
        version: str = "",
        command: EngineCommand | None = None,
        timeouts: Timeouts = Timeouts(),
        translate: Callable[[str], str] | None = None,
    ) -> None:
        """``name``, ``version``: of the editor, for messages and the engine's log. ``command``:
        instead of `find_engine`, which is asked at every start (an engine installed meanwhile is
        found). ``translate``: e.g. a `texts.Translator`."""
        self._hello = messages.Hello(name, version)
        self._translate = translate or str
        self._command = command
        self._timeouts = timeouts
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._jobs: deque[PendingRequest | Upload | _Cancel] = deque()
        self._unanswered: dict[int, PendingRequest] = {}
        self._photos: dict[str, messages.PutPhoto] = {}
        self._process: EngineProcess | None = None
        self._number = 0
        self._lost = 0
        self._busy = False
        self._closed = False
        self._threads: list[threading.Thread] = []
        atexit.register(self.close)

    # --- For everyone -----------------------------------------------------------------------------

    def start(self) -> PendingRequest:
        """Start the engine in the background, before it is needed; the request tells of failure."""
        return self.submit(self._hello)

    def submit(self, request: Request) -> PendingRequest:
        """Ask something; returns at once. Photos named in it must have been submitted before."""
        pending = PendingRequest(request, self.cancel)
        self._enqueue(pending, pending)
        return pending

    def submit_photo(
        self, width: int, height: int, order: str, depth: int, bands: Sequence[Buffer]
    ) -> PendingRequest:
        """Hand over a photo or mask; returns at once. `PendingRequest.photo_name` is its name.

        ``bands``: the pixels from the top, in any number of pieces; they must not change any more.
        ``order``, ``depth``: as in `messages.PutPhoto`. Pixels the engine already has are not sent.
        """
        pending = PendingRequest(None, self.cancel)
        self._enqueue(Upload(pending, width, height, order, depth, bands), pending)
        return pending

    def forget(self, photo: str, *, engine: bool = False) -> None:
        """Drop the client's copy of a photo; with ``engine`` the engine's, too."""
        with self._lock:
            self._photos.pop(photo, None)
            process = self._process
        if engine and process is not None and photo in process.photo_names:
            process.photo_names.discard(photo)
            self.submit(messages.Release((photo,)))

    def call(
        self,
        request: Request,
        *,
        timeout: float | None = None,
        progress: Callable[[float, str], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Reply:
        """Ask and wait. ``progress`` is called in this thread.

        Raises:
            HostError: the request failed, or took longer than ``timeout`` seconds in all.
        """
        return self.wait(self.submit(request), timeout=timeout, progress=progress, cancel=cancel)

    def wait(
        self,
        pending: PendingRequest,
        *,
        timeout: float | None = None,
        progress: Callable[[float, str], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Reply:
        """Wait for a request under way, as `call` does."""
        end = None if timeout is None else time.monotonic() + timeout
        shown = (-1.0, "")
        while not pending.wait(0.03):
            if progress is not None and shown != (pending.share, pending.step):
                shown = (pending.share, pending.step)
                progress(*shown)
            if cancel is not None and cancel.is_set():
                pending.cancel()
            if end is not None and time.monotonic() > end:
                pending.cancel()
                raise failures.silent(self._translate, timeout or 0.0)
        return pending.result()

    def cancel(self, pending: PendingRequest) -> None:
        """What `PendingRequest.cancel` does."""
        with self._lock:
            pending.finish(None, RequestStoppedError())
            if self._unanswered.pop(pending.number, None) is not None and self._process is not None:
                self._jobs.appendleft(_Cancel(self._process, pending.number))
                self._wake.notify_all()

    @property
    def engine_pid(self) -> int | None:
        """Process id of the running engine, None where there is none."""
        process = self._process
        return process.pid if process is not None and process.running else None

    @property
    def engines_lost(self) -> int:
        """How many engines ended on their own so far; each is replaced when it is needed."""
        return self._lost

    def close(self) -> None:
        """End the engine and all requests. Quick: at most `Timeouts.close` and a little."""
        atexit.unregister(self.close)
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for job in self._jobs:
                if not isinstance(job, _Cancel):
                    _pending_of(job).finish(None, RequestStoppedError())
            for pending in self._unanswered.values():
                pending.finish(None, RequestStoppedError())
            self._jobs.clear()
            self._unanswered.clear()
            process, busy = self._process, self._busy
            self._wake.notify_all()
        if process is not None:
            if busy:  # the sender may be stuck in a write that only the engine's end releases
                process.kill()
            process.stop(self._timeouts.close)
        for thread in self._threads:
            thread.join(1.0)
        self._photos.clear()

    def __enter__(self) -> EngineClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # --- The sender's thread ----------------------------------------------------------------------

    def _enqueue(self, job: PendingRequest | Upload, pending: PendingRequest) -> None:
        with self._lock:
            if self._closed:
                pending.finish(None, RequestStoppedError())
                return
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._send_loop, name="exshot-sender", daemon=True),
                    threading.Thread(target=self._watch_loop, name="exshot-watch", daemon=True),
                ]
                for thread in self._threads:
                    thread.start()
            self._jobs.append(job)
            self._wake.notify_all()

    def _send_loop(self) -> None:
        while True:
            with self._lock:
                self._busy = False
                while not self._jobs and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                job = self._jobs.popleft()
                self._busy = True
            try:
                self._handle(job)
            except HostError as error:
                if not isinstance(job, _Cancel):
                    _pending_of(job).finish(None, error)

    def _handle(self, job: PendingRequest | Upload | _Cancel) -> None:
        if isinstance(job, _Cancel):
            if job.process is self._process:
                self._transmit(job.process, self._next_number(), messages.Cancel(job.target))
        elif isinstance(job, Upload):
            if not job.pending.done:
                photo = job.named()
                job.pending.request = photo
                job.pending.photo_name = photo.photo
                with self._lock:
                    self._photos[photo.photo] = photo
                self._deliver(job.pending, photo)
        elif not job.done and job.request is not None:
            self._deliver(job, job.request)

    def _deliver(self, pending: PendingRequest, request: Request) -> None:
        """Send a request to a running engine, and before it the photos that it needs."""
        while not pending.done:
            process = self._running_engine()
            if isinstance(request, messages.PutPhoto) and request.photo in process.photo_names:
                pending.finish(messages.Done())
                return
            with self._lock:
                if process is not self._process:
                    continue  # it ended in between
                pending.number = self._next_number()
                pending.tries += 1
                pending.sent_at = time.monotonic()
                self._unanswered[pending.number] = pending
                self._wake.notify_all()
            for name in photos_needed(request):
                photo = self._photos.get(name)
                if photo is not None and name not in process.photo_names:
                    process.photo_names.add(name)
                    self._transmit(process, self._next_number(), photo)
            if isinstance(request, messages.PutPhoto):
                process.photo_names.add(request.photo)
            self._transmit(process, pending.number, request)
            return

    def _transmit(self, process: EngineProcess, number: int, request: Request) -> None:
        try:
            process.send(number, request)
        except OSError:
            process.kill()  # its reader thread then calls `_ended`, which sees to the requests

    def _next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def _running_engine(self) -> EngineProcess:
        """The engine after its hello, started where there is none. Raises `HostError`."""
        for attempt in range(1, _TRIES + 1):
            with self._lock:
                while self._process is not None and not self._process.running:
                    self._wake.wait(0.5)  # until `_ended` has seen to its requests
                if self._process is not None:
                    return self._process
            hello = self._start_engine()
            if hello.error is None:
                with self._lock:
                    if self._process is not None:
                        return self._process
            elif attempt == _TRIES or hello.error.code != "engine_crashed":
                raise hello.error
        raise failures.crashed(self._translate)

    def _start_engine(self) -> PendingRequest:
        """Start an engine and wait for its answer to the hello, good or bad."""
        command = self._command or find_engine()
        hello = PendingRequest(self._hello, self.cancel)
        hello.tries = _TRIES  # not to be repeated by `_ended`
        try:
            process = EngineProcess(command, self._replied, self._ended)
        except OSError as error:
            raise failures.not_started(self._translate, command, error) from None
        with self._lock:
            if self._closed:
                process.kill()
                raise RequestStoppedError
            self._process = process
            hello.number = self._next_number()
            hello.sent_at = time.monotonic()
            self._unanswered[hello.number] = hello
        self._transmit(process, hello.number, self._hello)
        if not hello.wait(self._timeouts.start):
            process.kill_for_silence()
            hello.wait()
        return hello

    # --- The reader's and the watcher's threads ---------------------------------------------------

    def _replied(self, process: EngineProcess, number: int, reply: Reply) -> None:
        with self._lock:
            pending = self._unanswered.get(number)
            if pending is None:
                return  # cancelled meanwhile, or a photo that was sent along
            if isinstance(reply, messages.Progress):
                pending.share, pending.step = reply.share, reply.step
                return
            del self._unanswered[number]
            if isinstance(reply, messages.Error):
                if reply.code == "photo_unknown" and self._send_again(process, pending):
                    return
                pending.finish(None, failures.reported(reply))
            else:
                pending.share = 1.0
                pending.finish(reply)

    def _send_again(self, process: EngineProcess, pending: PendingRequest) -> bool:
        """The engine let go of a photo; where the client has it, send it and the request again."""
        names = photos_needed(pending.request) if pending.request else ()
        if pending.resent or not all(name in self._photos for name in names):
            process.photo_names.difference_update(names)
            return False
        pending.resent = True
        pending.tries -= 1
        process.photo_names.difference_update(names)
        self._jobs.appendleft(pending)
        self._wake.notify_all()
        return True

    def _ended(self, process: EngineProcess) -> None:
        """The engine is gone: repeat what waited for it once, else say why."""
        error = failures.ended(
            self._translate, process, editor=self._hello.client, silence=self._timeouts.silence
        )
        repeat = error.code in ("engine_crashed", "protocol")
        with self._lock:
            if process is not self._process:
                return
            self._process = None
            self._lost += not self._closed
            waiting = [
                self._unanswered[number] for number in sorted(self._unanswered, reverse=True)
            ]
            self._unanswered.clear()
            for pending in waiting:
                if repeat and pending.tries < _TRIES and not self._closed:
                    self._jobs.appendleft(pending)
                else:
                    pending.finish(None, error)
            self._wake.notify_all()

    def _watch_loop(self) -> None:
        while True:
            with self._lock:
                if self._closed:
                    return
                self._wake.wait(_WATCH_EVERY if self._unanswered else None)
                process = self._process
                if process is None or not self._unanswered:
                    continue
                first = min(pending.sent_at for pending in self._unanswered.values())
                silent = time.monotonic() - max(first, process.last_heard)
            if silent > self._timeouts.silence:
                process.kill_for_silence()


def _pending_of(job: PendingRequest | Upload) -> PendingRequest:
    return job.pending if isinstance(job, Upload) else job
