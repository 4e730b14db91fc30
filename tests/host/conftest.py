"""Fixtures of the host library's tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from engine.engines import process_exists, wait_until

from exshot_host.client import EngineClient


@pytest.fixture
def kill_engine() -> Callable[[EngineClient], None]:
    """Kills the engine of a client and waits until it is gone."""

    def kill(client: EngineClient) -> None:
        pid = client.engine_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not process_exists(pid))

    return kill
