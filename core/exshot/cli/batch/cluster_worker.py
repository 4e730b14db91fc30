"""What runs on the workers of a Dask cluster: called by name, with text, answering text."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import threading
from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from exshot.cli.batch.examine import answer
from exshot.cli.batch.work import Desk
from exshot.errors import ErrorCode
from exshot.version import __version__

if TYPE_CHECKING:
    from distributed import Worker

    from exshot.editor import Editor

OTHER_VERSION: Final = "other version: "
PLUGIN: Final = f"exshot-batch-{__version__}"
"""Name of the `exshot.cli.batch.cluster_plugin.BenchPlugin` in every worker."""

_UNSEEN: Final = (ErrorCode.FILE_NOT_FOUND.value, ErrorCode.OUTPUT_NOT_WRITABLE.value)


class Bench:
    """A worker's desk, kept from task to task and from batch to batch; stops by run."""

    def __init__(self) -> None:
        self._desk = Desk(make_editor)
        self._stops: dict[str, threading.Event] = {}
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Load libraries and models while the command still looks at the list's files."""
        threading.Thread(target=self._load, name="exshot-loader", daemon=True).start()

    def _load(self) -> None:
        with contextlib.suppress(Exception):  # the first task fails with it, and says so
            import_module("exshot.cli.best")
            import_module("exshot.cli.edit")
            self._desk.editor()

    def do(self, task: dict[str, Any], where: str) -> list[dict[str, Any]]:
        run = task["run"]
        stop = self._stop(run)
        with self._lock:
            self._busy[run] += 1
        try:
            return [_told_from(where, one) for one in self._desk.do(task, stop)]
        finally:
            with self._lock:
                self._busy[run] -= 1

    def stop(self, run: str) -> None:
        self._stop(run).set()

    def is_busy(self, run: str) -> bool:
        return self._busy[run] > 0

    def _stop(self, run: str) -> threading.Event:
        with self._lock:
            return self._stops.setdefault(run, threading.Event())


def make_editor() -> Editor:
    """An Editor that uses the threads this process was given for one task.

    Dask counts a worker's threads in tasks; what one task may use is ``OMP_NUM_THREADS``, which
    Dask sets to 1 where the user does not.
    """
    import cv2

    from exshot.editor import Editor
    from exshot.model_store import ModelStore

    text = os.environ.get("OMP_NUM_THREADS", "")
    threads = int(text) if text.isdecimal() and int(text) else 1
    cv2.setNumThreads(threads)
    return Editor(ModelStore(threads=threads))


def run_task(text: str) -> str:
    """Do a task of `cluster.Cluster.begin`."""
    from distributed import get_worker

    task = json.loads(text)
    worker = get_worker()
    if task["exshot"] != __version__:
        return f"{OTHER_VERSION}{worker.name} {__version__}"
    return json.dumps(_bench(worker).do(task, f"{worker.name} on {platform.node()}"))


def run_question(text: str) -> str:
    """Answer a question of `cluster.Cluster.ask` about this computer's disk."""
    return json.dumps(answer(json.loads(text)))


def stop_run(run: str, dask_worker: Worker) -> None:
    """Begin no further line of that run."""
    _bench(dask_worker).stop(run)


def is_busy(run: str, dask_worker: Worker) -> bool:
    """Whether an edit of that run is being made."""
    return _bench(dask_worker).is_busy(run)


def _bench(worker: Worker) -> Bench:
    return worker.plugins[PLUGIN].bench  # type: ignore[attr-defined]


def _told_from(where: str, answer: dict[str, Any]) -> dict[str, Any]:
    """A file that is not there is not there for a worker: name it."""
    error = answer.get("error")
    if not error or error["code"] not in _UNSEEN:
        return answer
    sentence = f"{error['sentence'].rstrip('.')} (seen by the worker {where})."
    hint = f"{error['hint']} Workers must see it under this name; --root maps the list's paths."
    return {**answer, "error": {**error, "sentence": sentence, "hint": hint}}
