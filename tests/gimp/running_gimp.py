"""A GIMP that runs inside the editors' folder, told what to do line by line."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Literal

from editors.folder import CHECKOUT, EditorFolder

_START_SECONDS = 120


class RunningGimp:
    """Starts GIMP with ExShot installed; ``share`` is ``/share`` inside. Use it as a context.

    ``do`` runs Python code inside; the names of ``inside/tools.py`` are in scope.
    """

    def __init__(
        self,
        folder: EditorFolder,
        share: Path,
        kind: Literal["console", "window"],
        env: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.share = share
        command = [f"{CHECKOUT}/tests/gimp/inside/start.sh", kind]
        if kind == "window":
            command.insert(0, f"{CHECKOUT}/tests/editors/with_screen.sh")
        self._log = (share / "gimp.log").open("wb")
        self._process = subprocess.Popen(
            folder.command(command, share, {"OMP_NUM_THREADS": "2", **(env or {})}),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._stream = self._connect().makefile("rw")
        except BaseException:
            self.kill()
            raise

    def do(self, code: str, **values: Any) -> Any:
        """Run code inside; what it puts into ``result``. ``values`` are in its scope."""
        self._stream.write(json.dumps({"code": code, "values": values}) + "\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise AssertionError(f"GIMP is gone:\n{self.log()}")
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def log(self) -> str:
        """What GIMP and its plug-ins have printed."""
        return (self.share / "gimp.log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it and everything it started."""
        self._process.kill()
        self._process.wait()
        self._log.close()

    def __enter__(self) -> RunningGimp:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    def _connect(self) -> socket.socket:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.share / "gimp.socket"))
                return connection
            except OSError:
                connection.close()
                time.sleep(0.1)
        raise AssertionError(f"GIMP did not start:\n{self.log()}")
