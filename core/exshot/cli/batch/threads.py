"""``--jobs``: tasks on threads of this process, which share one Editor."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from exshot.cli.batch.drive import Finished
from exshot.cli.batch.examine import answer
from exshot.cli.batch.work import Desk, EditorMaker


class Threads:
    """A `Pool` of so many threads."""

    begins_again = False

    def __init__(self, count: int, make_editor: EditorMaker) -> None:
        self._count = count
        self._desk = Desk(make_editor)
        self._stop = threading.Event()
        self._done: queue.SimpleQueue[tuple[int, Future[Any]]] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="exshot-batch")

    def __enter__(self) -> Threads:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def slots(self) -> int:
        return self._count

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        return answer(request)

    def begin(self, ticket: int, task: dict[str, Any]) -> None:
        future = self._threads.submit(self._desk.do, task, self._stop)
        future.add_done_callback(lambda done: self._done.put((ticket, done)))

    def finished(self) -> Sequence[Finished]:
        while True:
            try:  # for a while at a time: Ctrl-C does not break an endless wait on Windows
                ticket, future = self._done.get(timeout=0.5)
            except queue.Empty:
                continue
            return [Finished(ticket, future.result())]

    def stop(self) -> None:
        self._stop.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
