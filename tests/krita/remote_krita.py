"""A running Krita with a window, driven by code that runs in its main thread."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from editors.folder import CHECKOUT, EditorFolder

_START = 240.0


class RemoteError(AssertionError):
    """The code raised inside Krita, or Krita is gone; the text says which."""


class RemoteKrita:
    """Starts Krita in the folder; leaves it by File ▸ Quit.

    ``share`` is the folder that both sides see (``/share`` inside).
    """

    def __init__(
        self,
        folder: EditorFolder,
        share: Path,
        arguments: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.share = share
        self._folder = folder
        self._arguments = arguments
        self._env = env

    def __enter__(self) -> RemoteKrita:
        script = f"{CHECKOUT}/tests/krita/start_krita.sh"
        screen = f"{CHECKOUT}/tests/editors/with_screen.sh"
        command = self._folder.command([screen, script, *self._arguments], self.share, self._env)
        (self.share / "remote").unlink(missing_ok=True)  # of a Krita that ran here before
        self._output = (self.share / "screen.log").open("wb")
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT
        )
        self._socket = self._connect()
        self._lines = self._socket.makefile("rb")
        self((Path(__file__).parent / "inside/window.py").read_text(encoding="utf-8"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self._process.poll() is None:
                self.quit()
        finally:
            self._socket.close()
            self._process.kill()
            self._process.wait()
            self._output.close()

    def __call__(self, code: str) -> Any:
        """Run code in Krita's main thread; the value of its variable ``answer``."""
        try:
            self._socket.sendall(json.dumps({"code": code}).encode() + b"\n")
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise RemoteError("Krita is gone.\n" + self.log()[-4000:])
        reply = json.loads(line)
        if "failure" in reply:
            raise RemoteError(reply["failure"])
        return reply["value"]

    def ask(self, expression: str) -> Any:
        """The value of one expression."""
        return self(f"answer = {expression}")

    def wait(self, expression: str, seconds: float = 60.0) -> Any:
        """Ask until the expression is true; its value. Krita's window lives on meanwhile."""
        end = time.monotonic() + seconds
        while not (value := self.ask(expression)):
            if time.monotonic() > end:
                raise RemoteError(f"waited {seconds:g} s in vain for {expression}")
            time.sleep(0.02)
        return value

    def activate(self, name: str) -> None:
        """Make a layer the active one, as a click on it does."""
        end = time.monotonic() + 30
        while not self.ask(f"activate({name!r})"):
            if time.monotonic() > end:
                raise RemoteError(f"the layer {name} did not become the active one")
            time.sleep(0.4)  # asked again too soon, Krita puts it off again

    def log(self) -> str:
        """What Krita wrote."""
        path = self.share / "krita.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def quit(self) -> int:
        """File ▸ Quit; Krita's exit status. Fails where the plug-in left an exception uncaught."""
        uncaught = self.ask("uncaught")
        assert not uncaught, uncaught[0]
        self("for d in Krita.instance().documents(): d.setModified(False)")
        self("QtCore.QTimer.singleShot(0, Krita.instance().action('file_quit').trigger)")
        return self.ended()

    def ended(self) -> int:
        """Wait for Krita to end by itself; its exit status."""
        self._process.wait(60)
        return int((self.share / "status").read_text())

    def _connect(self) -> socket.socket:
        end = time.monotonic() + _START
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.share / "remote"))
                return connection
            except OSError:
                connection.close()
            if self._process.poll() is not None or time.monotonic() > end:
                self._process.kill()
                screen = (self.share / "screen.log").read_text(errors="replace")
                raise RemoteError("Krita did not start.\n" + screen + self.log()[-4000:])
            time.sleep(0.1)
