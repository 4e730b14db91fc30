"""What may go wrong while the docker works: Krita lives on, says why, and the next try works."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from krita.docker_use import apply, ready
from krita.remote_krita import RemoteKrita

CYCLES = 50
ALLOWED_GROWTH = 200  # MiB


def kill_engine(krita: RemoteKrita) -> None:
    """Kill the engine, which runs under Krita, from inside."""
    krita(f"os.kill(docker()._client.engine_pid, {int(signal.SIGKILL)})")


def test_an_engine_killed_in_an_edit_is_started_again(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(70); panel().apply.click()")
    kill_engine(krita)
    krita.wait("applied() or state() == 'failed'", 90)
    assert krita.ask("len(names())") == 3


def test_an_engine_that_always_dies_gives_a_message_and_the_next_try_works(
    krita: RemoteKrita,
) -> None:
    krita("panel().form.controls['strength'].slider.setValue(60); panel().apply.click()")
    krita("""
killed, before = [], applied()
def kill():
    pid = docker()._client.engine_pid
    if pid is not None and pid not in killed and state() == 'applying':
        killed.append(pid)
        os.kill(pid, 9)
timer = QtCore.QTimer()
timer.timeout.connect(kill)
timer.start(1)
""")
    krita.wait("state() == 'failed' or applied() != before", 120)
    krita("timer.stop()")
    if krita.ask("state()") == "failed":  # else the second one was quicker than the killer
        assert "engine" in krita.ask("panel().status.text()")
        assert krita.ask("len(names())") == 2
    krita("panel().form.controls['strength'].slider.setValue(65)")
    ready(krita)
    krita("before = applied(); panel().apply.click()")
    krita.wait("applied() != before", 90)


@pytest.mark.newer_editors
def test_a_document_closed_in_the_middle_of_an_edit(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(55); panel().apply.click()")
    krita("document = krita.activeDocument(); document.setModified(False); document.close()")
    krita.wait("state() == 'none'")
    krita("QtTest.QTest.qWait(1500)")
    assert krita.ask("krita.documents()") == []


def test_a_layer_deleted_in_the_middle_of_an_edit(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(45); panel().apply.click()")
    krita("krita.activeDocument().nodeByName('pose').remove()")
    krita.wait("state() in ('failed', 'blocked')", 90)
    assert krita.ask("panel().status.text()")
    krita("trigger('edit_undo')")
    krita.wait("state() not in ('failed', 'blocked', 'working')", 90)


def test_another_document_comes_to_the_front(krita: RemoteKrita) -> None:
    krita("first = krita.activeDocument()")
    krita("show(sequence('/share/expression.png', '/share/pose.png'))")
    krita.wait("docker()._host is not None and docker()._host.document != first")
    ready(krita)
    krita("before = len(first.topLevelNodes()); panel().apply.click()")
    krita.wait("applied()", 90)
    assert krita.ask("len(first.topLevelNodes()) == before and len(names()) == 3")


@pytest.mark.newer_editors
def test_what_layers_are_built_in_is_made_ahead_kept_and_closed_with_the_docker(
    krita: RemoteKrita,
) -> None:
    krita.wait("len(krita.documents()) == 2")
    for _ in range(2):
        apply(krita)
        assert krita.ask("len(krita.documents())") == 2
        krita.wait("sum(document.modified() for document in krita.documents()) == 1")
    krita("docker().hide()")
    krita.wait("krita.documents() == [krita.activeDocument()]")


def test_many_edits_and_undos_leak_nothing(krita: RemoteKrita) -> None:
    sizes = []
    for index in range(CYCLES):
        krita("before = applied()")
        krita("panel().apply.click()")
        krita.wait("applied() != before and state() != 'applying'", 90)
        krita("trigger('edit_undo')")
        if index in (4, CYCLES - 1):
            sizes.append(krita.ask("memory()"))
    assert krita.ask("len(names())") == 2
    print(f"{CYCLES} edits and undos: {sizes[0]:.0f} to {sizes[1]:.0f} MiB")
    assert sizes[1] - sizes[0] < ALLOWED_GROWTH


@pytest.mark.newer_editors
def test_krita_quits_in_the_middle_of_an_edit(
    editor_folder: EditorFolder, picture_pair: Path, tmp_path: Path
) -> None:
    share = Path(shutil.copytree(picture_pair, tmp_path / "share"))
    with RemoteKrita(editor_folder, share) as krita:
        krita("fresh()")
        krita.wait("state() == 'ready' and not view().stale", 90)
        engine = krita.ask("docker()._client.engine_pid")
        krita("""
panel().form.controls['strength'].slider.setValue(35)
panel().apply.click()
krita.activeDocument().setModified(False)
QtCore.QTimer.singleShot(0, krita.action('file_quit').trigger)
""")
        assert krita.ended() == 0
    assert engine
    assert not _mentions("exshot.engine", share), "the engine outlived Krita"


def _mentions(word: str, share: Path) -> bool:
    """Whether a process runs that shares this test's folder and has the word in its command."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().decode(errors="replace")
            root = str((path / "root").readlink())
        except OSError:
            continue
        if word in command and (Path(root) / "share").exists() and root != "/":
            return (path / "root/share").samefile(share)
    return False
