"""Starts engines and clients for tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from exshot_contract.engine_command import EngineCommand
from exshot_host.engine.client import EngineClient, Timeouts

FAKE_ENGINE = EngineCommand(
    (sys.executable, str(Path(__file__).with_name("fake_engine.py"))), "test"
)
REAL_ENGINE = EngineCommand(
    (
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[2] / 'core')!r}); "
        "from exshot.engine import main; main()",
    ),
    "test",
)


def fake_client(**timeouts: float) -> EngineClient:
    """A client whose engine is `fake_engine`."""
    return EngineClient(
        name="test", version="1", command=FAKE_ENGINE, timeouts=Timeouts(**timeouts)
    )


def put_picture(client: EngineClient, width: int = 64, height: int = 48, faces: int = 1) -> str:
    """Send a picture with so many faces for the fake editor; its name."""
    pixels = bytes([faces, 50, 60, 255]) * (width * height)
    pending = client.submit_photo(width, height, "rgba", 8, [pixels])
    client.wait(pending, timeout=60)
    return pending.photo_name


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def process_exists(pid: int) -> bool:
    """Whether a process runs (one that has ended but was not waited for does not)."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
