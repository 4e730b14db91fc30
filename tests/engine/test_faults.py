"""Whatever happens to the engine: a clear message, no process left, the next edit works."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.engines import FAKE_ENGINE, fake_client, process_exists, put_picture, wait_until

from exshot_contract import messages
from exshot_contract.engine_command import EngineCommand
from exshot_contract.messages import Edit, EditResult, Faces, HelloResult, PreviewResult
from exshot_contract.options import Options
from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError, RequestStoppedError

FOREVER, DIES, RAISES = Options(strength=1.5), Options(strength=1.4), Options(strength=1.3)


@pytest.fixture
def client() -> Iterator[EngineClient]:
    with fake_client(silence=5.0, start=30) as made:
        yield made
        pid = made.engine_pid
    assert pid is None or wait_until(lambda: not process_exists(pid)), "the engine is still there"


def edit(client: EngineClient, options: Options = Options(), **more: object) -> Edit:  # noqa: B008
    return Edit(put_picture(client), put_picture(client, 32, 32), options, **more)  # type: ignore[arg-type]


def assert_next_edit_works(client: EngineClient) -> None:
    assert isinstance(client.call(edit(client), timeout=60), EditResult)


def failure(client: EngineClient, request: messages.Request) -> HostError:
    with pytest.raises(HostError) as caught:
        client.call(request, timeout=60)
    return caught.value


# --- It does not start ----------------------------------------------------------------------------


def test_a_missing_program_is_told() -> None:
    with EngineClient(command=EngineCommand(("/nonexistent/exshot", "engine"), "test")) as client:
        error = failure(client, messages.Hello())
    assert error.code == "engine_missing"
    assert "could not be started" in error.sentence
    assert "install" in error.hint.lower()


def test_no_engine_anywhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("EXSHOT_ENGINE", raising=False)
    with EngineClient() as client:
        error = failure(client, messages.Hello())
    assert error.code == "engine_missing"
    assert str(tmp_path) in error.details


@pytest.mark.parametrize(
    ("how", "code", "details"),
    [
        ("exit", "engine_crashed", "a library could not be loaded"),
        ("garbage", "protocol", ""),
        ("version", "engine_version", "99"),
        ("hang", "engine_timeout", "SIGKILL"),
    ],
)
def test_an_engine_that_says_no_hello_is_told(
    monkeypatch: pytest.MonkeyPatch, how: str, code: str, details: str
) -> None:
    monkeypatch.setenv("FAKE_HELLO", how)
    with fake_client(start=1.0) as client:
        error = failure(client, messages.Hello())
        assert error.code == code
        assert error.sentence
        assert details in error.details
        monkeypatch.delenv("FAKE_HELLO")
        client._timeouts = type(client._timeouts)()
        assert_next_edit_works(client)


# --- It dies, hangs or fails while it works -------------------------------------------------------


def test_an_engine_killed_in_an_edit_is_started_again_and_the_edit_made(
    client: EngineClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DIE_ONCE", str(tmp_path / "died"))
    assert isinstance(client.call(edit(client, DIES), timeout=60), EditResult)
    assert (tmp_path / "died").exists()


def test_an_engine_that_dies_twice_is_reported(client: EngineClient) -> None:
    error = failure(client, edit(client, DIES))
    assert error.code == "engine_crashed"
    assert "SIGKILL" in error.details
    assert "engine.log" in error.hint
    assert_next_edit_works(client)


def test_a_stopped_engine_is_given_up_and_killed(client: EngineClient) -> None:
    request = edit(client)
    pid = client.engine_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    error = failure(client, request)
    assert error.code == "engine_timeout"
    assert "5 seconds" in error.sentence
    assert wait_until(lambda: not process_exists(pid))
    assert_next_edit_works(client)


def test_an_engine_stopped_while_a_photo_is_sent_is_given_up(client: EngineClient) -> None:
    put_picture(client)
    pid = client.engine_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    pending = client.submit_photo(3000, 2000, "rgba", 8, [bytes(24_000_000)])
    assert pending.wait(60)
    assert pending.error is not None
    assert pending.error.code == "engine_timeout"
    assert wait_until(lambda: not process_exists(pid))
    assert_next_edit_works(client)


def test_closing_does_not_hang_on_a_stopped_engine() -> None:
    client = fake_client()
    put_picture(client)
    pid = client.engine_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    client.submit_photo(3000, 2000, "rgba", 8, [bytes(24_000_000)])
    time.sleep(0.2)
    client.close()
    assert wait_until(lambda: not process_exists(pid))


def test_a_failure_inside_the_engine_is_told_with_the_log(client: EngineClient) -> None:
    error = failure(client, edit(client, RAISES))
    assert error.code == "internal"
    assert "ZeroDivisionError" in error.sentence
    assert "engine.log" in error.hint
    assert_next_edit_works(client)


def test_a_damaged_model_is_told_and_works_once_repaired(
    client: EngineClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = tmp_path / "damaged"
    flag.touch()
    monkeypatch.setenv("FAKE_DAMAGED", str(flag))
    assert failure(client, edit(client)).code == "model_damaged"
    flag.unlink()
    assert_next_edit_works(client)


def test_an_option_out_of_range_is_told(client: EngineClient) -> None:
    error = failure(client, edit(client, Options(strength=9.0)))
    assert error.code == "bad_option"
    assert "strength" in error.sentence


# --- Cancel and supersede -------------------------------------------------------------------------


def test_cancel_works_inside_an_edit(client: EngineClient) -> None:
    pending = client.submit(edit(client, FOREVER))
    assert wait_until(lambda: pending.share >= 0.5)
    pending.cancel()
    assert pending.done
    with pytest.raises(RequestStoppedError):
        pending.result()
    pid = client.engine_pid
    assert_next_edit_works(client)
    assert client.engine_pid == pid


def test_a_newer_preview_takes_the_place_of_the_older_one(client: EngineClient) -> None:
    old = client.submit(edit(client, FOREVER, preview=64, dialog="one"))
    assert wait_until(lambda: old.share >= 0.5)
    new = client.call(edit(client, preview=64, dialog="one"), timeout=60)
    assert isinstance(new, PreviewResult)
    assert old.wait(10)
    assert isinstance(old.error, RequestStoppedError)


def test_previews_of_other_dialogs_are_left_alone(client: EngineClient) -> None:
    request = edit(client, preview=64, dialog="one")
    tickets = [client.submit(request)]
    tickets.append(client.submit(edit(client, preview=64, dialog="two")))
    assert all(pending.wait(30) for pending in tickets)
    assert all(isinstance(pending.result(), PreviewResult) for pending in tickets)


# --- Photos ---------------------------------------------------------------------------------------


def test_photos_that_the_engine_let_go_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXSHOT_PHOTO_MEMORY", "1")
    with fake_client() as client:
        names = [put_picture(client, 600 + i, 500) for i in range(6)]  # 1.2 MB each
        for name in names:
            client.call(Faces(name), timeout=60)
        client.forget(names[0])
        error = failure(client, Faces(names[0]))
        assert error.code == "photo_unknown"


def test_a_photo_too_large_for_anyone_is_refused(client: EngineClient) -> None:
    row = bytes(65_000)
    pending = client.submit_photo(65_000, 2_000, "mask", 8, [row] * 2_000)
    assert pending.wait(60)
    assert pending.error is not None
    assert pending.error.code == "image_too_large"
    assert "130 megapixels" in pending.error.sentence


# --- The pipe and the log -------------------------------------------------------------------------


def test_prints_of_libraries_do_not_reach_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_NOISE", "1")
    with fake_client() as client:
        assert_next_edit_works(client)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_stops_the_log_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "exshot").mkdir()
    (tmp_path / "exshot" / "engine.log").symlink_to("/dev/full")
    with fake_client() as client:
        assert_next_edit_works(client)


def test_a_log_that_cannot_be_made_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "exshot").write_text("a file where the folder should be", encoding="utf-8")
    with fake_client() as client:
        hello = client.call(messages.Hello(), timeout=60)
        assert isinstance(hello, HelloResult)
        assert hello.log == ""
        assert_next_edit_works(client)


def test_the_log_keeps_its_size(tmp_path: Path) -> None:
    code = """
        import logging, sys
        from pathlib import Path
        from exshot.engine import run
        run.LOG_BYTES = 2000
        run.start_log(Path(sys.argv[1]))
        for i in range(500):
            logging.getLogger("exshot.engine").info("line %d", i)
    """
    core = Path(__file__).resolve().parents[2] / "core"
    env = {**os.environ, "PYTHONPATH": str(core)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), tmp_path], env=env, check=True)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["engine.log", "engine.log.1", "engine.log.2"]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())


def start_engine() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        FAKE_ENGINE.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


@pytest.mark.parametrize(
    "last_words",
    [
        b"",
        b"XSHT\x01\x00",
        struct.pack("<4sHHIQ", b"XSHT", 1, 0, 500, 0) + b'{"type":',
        struct.pack("<4sHHIQ", b"XSHT", 1, 0, 2, 1000) + b"{}" + bytes(10),
    ],
)
def test_the_engine_ends_when_its_stdin_does_even_inside_a_frame(last_words: bytes) -> None:
    process = start_engine()
    _, _ = process.communicate(last_words, timeout=30)
    assert process.returncode in (0, 65)


def test_the_engine_ends_on_shutdown() -> None:
    process = start_engine()
    assert process.stdin is not None
    assert process.stdout is not None
    messages.write(process.stdin, 1, messages.Shutdown())  # type: ignore[arg-type]
    assert messages.read_reply(process.stdout) == (1, messages.Done())  # type: ignore[arg-type]
    assert process.wait(30) == 0
    process.stdin.close()
    process.stdout.close()


def test_the_engine_answers_another_version_with_an_error() -> None:
    process = start_engine()
    output, _ = process.communicate(struct.pack("<4sHHIQ", b"XSHT", 7, 0, 2, 0) + b"{}", timeout=30)
    assert b'"code":"engine_version"' in output
    assert process.returncode == 65


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_engine_ends_with_its_parent_although_a_stranger_holds_the_pipe(tmp_path: Path) -> None:
    """Editors leak descriptors into other children, which then keep our stdin open."""
    code = """
        import os, subprocess, sys, time
        engine = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stranger = subprocess.Popen(
            ["sleep", "60"], pass_fds=[engine.stdin.fileno(), engine.stdout.fileno()]
        )
        with open(sys.argv[1], "w") as file:
            file.write(f"{engine.pid} {stranger.pid}")
        time.sleep(60)
    """
    note = tmp_path / "pids"
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(note), *FAKE_ENGINE.argv]
    )
    assert wait_until(lambda: note.exists() and len(note.read_text().split()) == 2)
    engine, stranger = map(int, note.read_text().split())
    try:
        time.sleep(1.0)
        assert process_exists(engine)
        parent.kill()
        parent.wait()
        assert wait_until(lambda: not process_exists(engine), 15)
    finally:
        os.kill(stranger, signal.SIGKILL)


def test_the_editors_environment_does_not_reach_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PYTHONPATH",
        "PYTHONHOME",
        "LD_LIBRARY_PATH",
        "GI_TYPELIB_PATH",
        "QT_PLUGIN_PATH",
    ):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/the/users/own")
    from exshot_host.engine.process import clean_environment

    clean = clean_environment(os.environ)
    assert clean["LD_LIBRARY_PATH"] == "/the/users/own"
    assert not {"PYTHONPATH", "PYTHONHOME", "GI_TYPELIB_PATH", "QT_PLUGIN_PATH"} & set(clean)
    with fake_client() as client:
        assert_next_edit_works(client)
