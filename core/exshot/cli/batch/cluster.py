"""``--dask``: tasks on the workers of a Dask cluster. This runs where the command was given.

The scheduler is Dask's: it hands tasks to workers, notices lost ones and begins their tasks
elsewhere. What travels are paths, options and reports as JSON text, and the name of the function
that takes them (`cluster_worker.run_task`).
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from exshot.cli.batch import cluster_worker
from exshot.cli.batch.drive import Finished
from exshot.errors import ErrorCode, ExshotError
from exshot.version import __version__

if TYPE_CHECKING:
    from distributed import Future

_ADDRESS: Final = re.compile(r"((tcp|tls|ucx|wss?)://)?([^\s/:]+|\[[0-9a-fA-F:.]+\]):\d+/?")
_CONNECT: Final = 15.0  # seconds
_LOOK: Final = 2.0  # seconds between looks at how many workers there are
_END: Final = 30.0  # seconds that running edits get to reach their next step after Ctrl-C

T = TypeVar("T")
Say = Callable[[str], None]


class ClusterError(ExshotError):
    """The cluster cannot be used, or no longer; what was written until then is whole."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(ErrorCode.CLUSTER_FAILED, sentence, hint)


class Cluster:
    """A `Pool` of all workers of a scheduler."""

    begins_again = True

    def __init__(self, address: str, say: Say) -> None:
        """Connect to the scheduler; ``say`` tells the user what is waited for.

        Args:
            address: ``tcp://host:port``, ``tls://host:port`` or a scheduler file.

        Raises:
            ExshotError: ``BAD_OPTION`` where Dask is not installed or the address is none.
            ClusterError: nobody answers there, or no ExShot of this version.
        """
        self._address, self._say = address, say
        self._run = secrets.token_hex(6)
        self._client = _connect(address)
        self._done: queue.SimpleQueue[tuple[int, Future]] = queue.SimpleQueue()
        self._running: dict[int, Future] = {}
        self._asked: str | None = None
        self._slots, self._slots_at = 0, 0.0
        try:
            with self._failures_told():
                from exshot.cli.batch.cluster_plugin import BenchPlugin  # imports Dask

                # Puts a bench into every worker, also into those that join later.
                self._client.register_plugin(BenchPlugin(cluster_worker.PLUGIN))
        except BaseException:
            self._client.close(timeout=2)
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._running.clear()
        with suppress(Exception):
            self._client.close(timeout=2)

    def slots(self) -> int:
        now = time.monotonic()
        if not self._slots or now - self._slots_at > _LOOK:
            self._slots, self._slots_at = sum(self._workers().values()), now
        return self._slots

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(request)
        while True:
            with self._failures_told():
                worker = self._worker_to_ask(anywhere="keys" not in request)
                future = self._client.submit(
                    cluster_worker.run_question,
                    text,
                    key=f"exshot-question-{secrets.token_hex(8)}",
                    workers=[worker],
                    pure=False,
                )
                if self._waited_for(future, worker):
                    return json.loads(_answer(self._result(future)))
                future.cancel()

    def begin(self, ticket: int, task: dict[str, Any]) -> None:
        with self._failures_told():
            future = self._client.submit(
                cluster_worker.run_task,
                json.dumps({"exshot": __version__, "run": self._run, **task}),
                key=(f"exshot-batch-{self._run}", ticket),
                pure=False,
            )
            self._running[ticket] = future
            future.add_done_callback(lambda done: self._done.put((ticket, done)))

    def finished(self) -> Sequence[Finished]:
        told = False
        while True:
            try:
                found = [self._done.get(timeout=1.0)]
            except queue.Empty:
                with self._failures_told():
                    if not (self._workers_now() or told):
                        told = True
                        self._say("All workers are gone; waiting for another to join.")
                continue
            with suppress(queue.Empty):
                while True:
                    found.append(self._done.get_nowait())
            with self._failures_told():
                self._check_connection()
                return self._taken(found)

    def stop(self) -> None:
        """Cancel what has not begun; what has, ends at its next step or after a while."""
        with suppress(Exception):
            if self._client.status == "running":
                self._client.run(cluster_worker.stop_run, self._run, on_error="ignore")
                self._client.cancel(list(self._running.values()))
                end = time.monotonic() + _END
                while time.monotonic() < end:
                    busy = self._client.run(cluster_worker.is_busy, self._run, on_error="ignore")
                    if not any(busy.values()):
                        break
                    time.sleep(0.1)

    def _taken(self, found: Sequence[tuple[int, Future]]) -> list[Finished]:
        """The results, fetched together; the cluster forgets the tasks then."""
        # Looked at once: a result that went down with its worker is pending, then finished again.
        sound = {ticket: future for ticket, future in found if future.status == "finished"}
        texts = self._client.gather(list(sound.values()), errors="raise")
        results = dict(zip(sound, texts, strict=True))
        taken = []
        for ticket, future in found:
            text = results[ticket] if ticket in results else self._lost(future)
            self._running.pop(ticket)
            taken.append(Finished(ticket, None if text is None else json.loads(_answer(text))))
        return taken

    def _lost(self, future: Future) -> str | None:
        """The result of a task that was made again, None for one whose workers all died; raises for
        what ends the whole run.
        """
        from distributed import KilledWorker

        if future.status == "cancelled":
            raise self._gone()
        error: Any = future.exception()
        if error is None:  # its result went down with a worker, and another has made it again
            again: Any = future.result()
            return str(again)
        if isinstance(error, KilledWorker):
            return None
        raise _useless_worker(error)

    def _result(self, future: Future) -> str:
        text: Any = future.result() if future.status == "finished" else self._lost(future)
        if text is None:
            raise ClusterError("A worker died while it looked at the list's files.", "Try again.")
        return text

    def _waited_for(self, future: Future, worker: str) -> bool:
        """Wait for a question's answer; False where the worker asked is gone."""
        looked = time.monotonic()
        while not future.done():
            time.sleep(0.005)
            if time.monotonic() - looked > _LOOK:
                looked = time.monotonic()
                if worker not in self._workers():
                    return False
        return True

    def _worker_to_ask(self, *, anywhere: bool) -> str:
        """The one that was asked before, else one of its computer: files' numbers are its own."""
        workers = self._workers()
        if self._asked is None:
            self._asked = min(workers)
        host = _host(self._asked)
        beside = [worker for worker in workers if _host(worker) == host]
        if self._asked not in workers and not beside and not anywhere:
            raise ClusterError(
                f"The computer {host} was lost while it looked at the list's files.",
                "Run the command again.",
            )
        if self._asked not in workers:
            self._asked = min(beside or workers)
        return self._asked

    def _workers(self) -> dict[str, int]:
        """Threads of each worker, by address; waits until there is one."""
        told = False
        with self._failures_told():
            while not (workers := self._workers_now()):
                if not told:
                    self._say(f"No worker has joined {self._address} yet; waiting.")
                    told = True
                time.sleep(0.5)
        return workers

    def _workers_now(self) -> dict[str, int]:
        self._check_connection()
        return dict(self._client.nthreads())

    def _check_connection(self) -> None:
        if self._client.status != "running":  # it tries to connect anew, but its tasks are gone
            raise self._gone()

    @contextmanager
    def _failures_told(self) -> Iterator[None]:
        """Whatever Dask raises once the scheduler is away becomes one sentence."""
        try:
            yield
        except ExshotError:
            raise
        except Exception as error:
            if self._client.status != "running" or isinstance(error, OSError):
                raise self._gone() from error
            raise _useless_worker(error) from error

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"The connection to the scheduler {self._address} was lost.",
            "Start it again and run the same command with --skip-existing: it goes on where it"
            " stopped.",
        )


def _connect(address: str) -> Any:  # a `distributed.Client`; its types allow for coroutines
    try:
        from distributed import Client
    except ImportError:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            "--dask needs Dask, which is not installed.",
            "Install it with: pip install 'exshot[cluster]'",
        ) from None
    if not os.environ.get("EXSHOT_DEBUG"):  # what they would say is said in our own sentences
        _hush("distributed", "tornado", "asyncio")
    where: dict[str, Any] = (
        {"scheduler_file": address} if Path(address).is_file() else {"address": address}
    )
    if "address" in where and not _ADDRESS.fullmatch(address):
        # Dask would find out, too, but leaves a client behind that never closes.
        raise _no_address(address, "no host and port")
    try:
        return Client(**where, timeout=_CONNECT, set_as_default=False, name="exshot")
    except (OSError, TimeoutError) as error:
        raise ClusterError(
            f"No scheduler answers at {address}.",
            "Check the address, and that `dask scheduler` runs there and can be reached from here.",
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise _no_address(address, str(error)) from error


def _no_address(address: str, reason: str) -> ExshotError:
    return ExshotError(
        ErrorCode.BAD_OPTION,
        f"{address} is no address of a scheduler ({reason}).",
        "Write tcp://HOST:PORT, tls://HOST:PORT or the name of a scheduler file.",
    )


def _hush(*names: str) -> None:
    """Let loggers of these packages print nothing; some have handlers of their own."""
    for name in (*names, *logging.root.manager.loggerDict):
        if name.split(".")[0] in names:
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [logging.NullHandler()], False


def _host(address: str) -> str:
    return address.rpartition("://")[2].rpartition(":")[0]


def _answer(text: str) -> str:
    """A worker's answer; raises `ClusterError` where it could not even begin."""
    if text.startswith(cluster_worker.OTHER_VERSION):
        name, version = text.removeprefix(cluster_worker.OTHER_VERSION).rsplit(" ", 1)
        raise ClusterError(
            f"The worker {name} has ExShot {version}, this command is {__version__}.",
            "Install the same version everywhere and restart the workers.",
        )
    return text


def _useless_worker(error: BaseException | None) -> ClusterError:
    return ClusterError(
        f"A worker could not begin its work ({type(error).__name__}: {error}).",
        "Install this version of ExShot, with the extra `cluster`, where the workers run.",
    )
