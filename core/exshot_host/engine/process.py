"""One running engine process: its pipes, its reader thread and its last words."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import BinaryIO

from exshot_contract import messages
from exshot_contract.engine_command import EngineCommand
from exshot_contract.messages import Reply, Request
from exshot_contract.wire import WireError

_PIPE_SIZE = 1 << 20
_TAIL = 4096

# Set by editors, their launchers, AppImage and virtual environments for their own libraries; an
# engine with another Python and other libraries breaks on them.
_FOREIGN = frozenset(
    (
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "PYTHONUSERBASE"),
        *("PYTHONPLATLIBDIR", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS"),
        *("PYTHONOPTIMIZE", "PYTHONINSPECT", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV"),
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES"),
        *("DYLD_FRAMEWORK_PATH", "GIO_MODULE_DIR", "GIO_EXTRA_MODULES", "GTK_PATH"),
        *("GDK_PIXBUF_MODULE_FILE", "GSETTINGS_SCHEMA_DIR"),
    )
)
_FOREIGN_PREFIXES = ("GI_", "QT_", "QML", "GIMP", "KRITA", "BABL_", "GEGL_")
_SAVED_BY_LAUNCHERS = ("{}_ORIG", "APPIMAGE_ORIGINAL_{}")


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without what an editor set for itself.

    Where a launcher kept the user's own value of a variable, that one comes back.
    """
    clean = {
        name: value
        for name, value in env.items()
        if name not in _FOREIGN and not name.startswith(_FOREIGN_PREFIXES)
    }
    for name in ("LD_LIBRARY_PATH", "PYTHONPATH"):
        for pattern in _SAVED_BY_LAUNCHERS:
            saved = env.get(pattern.format(name))
            if saved:
                clean[name] = saved
    return clean


class EngineProcess:
    """A started engine. Replies arrive on a thread of its own.

    Attributes:
        photo_names: of the photos that were sent to it.
        last_heard: `time.monotonic` of the last frame.
        wrong_version: protocol version of the other end where it is not ours.
        garbage: it sent something that is no frame.
        killed_for_silence: `kill_for_silence` ended it.
    """

    def __init__(
        self,
        command: EngineCommand,
        on_reply: Callable[[EngineProcess, int, Reply], None],
        on_end: Callable[[EngineProcess], None],
    ) -> None:
        """Start it. Raises OSError where that fails."""
        self.photo_names: set[str] = set()
        self.last_heard = time.monotonic()
        self.wrong_version: int | None = None
        self.garbage = False
        self.killed_for_silence = False
        self._on_reply = on_reply
        self._on_end = on_end
        self._tail = b""
        self._process = subprocess.Popen(
            list(command.argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(os.environ),
            cwd=os.path.abspath(os.sep),  # noqa: PTH100 - holds no folder busy, shadows no module
            close_fds=True,
            creationflags=_hidden_window(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._stdout: BinaryIO = self._process.stdout  # type: ignore[assignment]
        self._stderr: BinaryIO = self._process.stderr  # type: ignore[assignment]
        _widen(self._stdin)
        _widen(self._stdout)
        self._ears = threading.Thread(target=self._drain, name="exshot-stderr", daemon=True)
        self._ears.start()
        threading.Thread(target=self._read, name="exshot-replies", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: int, request: Request) -> None:
        """Write one request. Raises OSError when the process is gone."""
        try:
            messages.write(self._stdin, number, request)
        except ValueError as error:  # the pipe was closed by `stop`
            raise BrokenPipeError(str(error)) from None

    def kill(self) -> None:
        """End it now, even when it is stopped or hangs."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def kill_for_silence(self) -> None:
        self.killed_for_silence = True
        self.kill()

    def stop(self, grace: float) -> None:
        """Close its stdin, which ends it; kill it when ``grace`` seconds were not enough."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def obituary(self) -> str:
        """How it ended and the last lines that it wrote, for a report."""
        status = self._process.poll()
        if status is None:
            end = "The engine is still running."
        elif status < 0:
            end = f"The engine was ended by {_signal_name(-status)}."
        else:
            end = f"The engine ended with status {status}."
        tail = self._tail.decode("utf-8", "replace").strip()
        return f"{end}\n{tail}" if tail else end

    def _read(self) -> None:
        try:
            while True:
                frame = messages.read_reply(self._stdout)
                if frame is None:
                    break
                self.last_heard = time.monotonic()
                self._on_reply(self, *frame)
        except WireError as error:
            self.wrong_version = error.version
            self.garbage = error.version is None and self.running
            self.kill()
        except (OSError, ValueError):
            pass
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)  # stdout closes a moment before the status is there
        if self.running:
            self.kill()
            self._process.wait()
        self._ears.join(0.5)
        self._on_end(self)

    def _drain(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while True:
                chunk = os.read(self._stderr.fileno(), _TAIL)
                if not chunk:
                    break
                self._tail = (self._tail + chunk)[-_TAIL:]


def _hidden_window() -> int:
    """Flags that keep a console window from flashing up on Windows."""
    return subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0


def _widen(pipe: BinaryIO) -> None:
    """Let a pipe hold 1 MiB on Linux: a photo then takes fewer switches between the processes."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), 1031, _PIPE_SIZE)  # F_SETPIPE_SZ, unnamed before 3.10


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
