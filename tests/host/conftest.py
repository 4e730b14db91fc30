"""Fixtures of the host library's tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine.engines import fake_client, process_exists, wait_until
from host.fake_host import FakeHost
from host.sessions import layer

from exshot_host.engine.client import EngineClient
from exshot_host.session.edit_session import EditSession


@pytest.fixture
def kill_engine() -> Callable[[EngineClient], None]:
    """Kills the engine of a client and waits until it is gone."""

    def kill(client: EngineClient) -> None:
        pid = client.engine_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not process_exists(pid))

    return kill


@pytest.fixture(scope="module")
def client() -> Iterator[EngineClient]:
    with fake_client() as started:
        yield started


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LANGUAGE", "C")


@pytest.fixture
def host() -> FakeHost:
    image = [layer("smile", at=(5, 3)), layer("pose"), layer("below")]
    return FakeHost(image, selected=["pose"])


@pytest.fixture
def session(host: FakeHost, client: EngineClient) -> Iterator[EditSession]:
    made = EditSession(host, client, preview_size=64)
    yield made
    made.close()
    assert host.open_readers == 0, "a layer is still open for reading"
    assert host.open_groups == 0, "a group was begun and not closed"
