"""A Dask scheduler and workers as processes of this computer, on the loopback address only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

_LOOPBACK = "127.0.0.1"
_ANY_PORT = f"{_LOOPBACK}:0"
_START = 120.0  # seconds


@dataclass
class LocalCluster:
    """A scheduler and ``workers`` workers of one thread each; ports are the system's choice.

    Not `distributed.LocalCluster`: here every process can be killed as a real one would be.
    """

    folder: Path
    workers: int = 2
    worker_flags: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    scheduler: subprocess.Popen[bytes] | None = None
    nannies: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> LocalCluster:
        self.start_scheduler()
        for _ in range(self.workers):
            self.start_worker()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for process in (*self.nannies, self.scheduler):
            if process is not None:
                _end(process)

    @property
    def file(self) -> Path:
        """The scheduler file."""
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        """``tcp://127.0.0.1:PORT``."""
        return json.loads(self.file.read_text())["address"]

    def start_scheduler(self, *flags: str) -> None:
        """Start the scheduler, and wait for its address."""
        self.file.unlink(missing_ok=True)
        arguments = ("--host", _LOOPBACK, "--port", "0", "--dashboard-address", _ANY_PORT)
        self.scheduler = self._start(
            "scheduler", *arguments, "--scheduler-file", str(self.file), *flags
        )
        end = time.monotonic() + _START
        while not self.file.exists() or not self.file.read_text().strip().endswith("}"):
            if self.scheduler.poll() is not None or time.monotonic() > end:
                raise OSError((self.folder / "scheduler.log").read_text()[-2000:])
            time.sleep(0.05)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker with its nanny; does not wait for it to join."""
        arguments = ("--host", _LOOPBACK, "--dashboard-address", _ANY_PORT, "--nthreads", "1")
        # Like a computer without a view of what this one is told about threads.
        nanny = self._start(
            "worker", "--scheduler-file", str(self.file), *arguments, *self.worker_flags
        )
        self.nannies.append(nanny)
        return nanny

    def worker_ids(self) -> list[int]:
        """Process ids of the workers proper, the nannies' children."""
        found = []
        for nanny in self.nannies:
            for child in _children(nanny.pid):
                command = Path(f"/proc/{child}/cmdline").read_bytes()
                if b"spawn_main" in command:
                    found.append(child)
        return found

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
        environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
        environment |= {"DASK_LOGGING__DISTRIBUTED": "info", **self.environment}
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, cwd=self.folder
            )


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in entry.read_text().split()]
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
