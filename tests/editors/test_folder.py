"""The folder that the editors' tests run in."""

from __future__ import annotations

import subprocess
import time
import uuid
from pathlib import Path

import pytest
from editors.fixtures import editor_folder_of
from editors.folder import CHECKOUT, ENGINE, SHARE, SUITES, EditorFolder

editor_folder = editor_folder_of()
THEIR_NAMES = {"GIMP": "GNU Image Manipulation Program version", "Krita": "krita"}


@pytest.mark.newer_editors
def test_has_its_editors_and_an_engine_of_its_own(
    editor_folder: EditorFolder, tmp_path: Path
) -> None:
    script = f"gimp --version; krita --version; {ENGINE}/bin/exshot --version; xdpyinfo | head -1"
    command = [f"{CHECKOUT}/tests/editors/with_screen.sh", "bash", "-c", script]
    result = editor_folder.run(command, tmp_path)
    for editor in SUITES[editor_folder.suite].split(" and "):
        name, version = editor.split()
        assert f"{THEIR_NAMES[name]} {version}." in result.stdout, result.stderr
    assert "name of display:" in result.stdout, result.stderr
    assert result.returncode == 0, result.stderr


def test_runs_as_a_user_without_network_and_cannot_change_the_checkout(
    editor_folder: EditorFolder, tmp_path: Path
) -> None:
    script = f"id -u; touch {CHECKOUT}/x || echo read-only; "
    script += f"cat /proc/net/route | wc -l; echo kept > {SHARE}/file"
    result = editor_folder.run(["bash", "-c", script], tmp_path)
    assert result.stdout.startswith("4242\n")
    assert "read-only" in result.stdout
    assert result.stdout.endswith("\n1\n"), "there is a route to somewhere"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept\n"


def test_nothing_that_was_started_stays(editor_folder: EditorFolder, tmp_path: Path) -> None:
    marker = f"exshot-test-{uuid.uuid4().hex}"
    editor_folder.run(["bash", "-c", f"exec -a {marker} sleep 600 & true"], tmp_path)
    assert not _runs(marker)


def _runs(marker: str) -> bool:
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return any(marker.encode() in line for line in running)


def test_nothing_stays_of_what_is_killed(editor_folder: EditorFolder, tmp_path: Path) -> None:
    marker = f"exshot-test-{uuid.uuid4().hex}"
    script = f"touch {SHARE}/begun; exec -a {marker} sleep 600"
    with subprocess.Popen(editor_folder.command(["bash", "-c", script], tmp_path)) as running:
        end = time.monotonic() + 60
        while not (tmp_path / "begun").exists() and time.monotonic() < end:
            time.sleep(0.05)
        running.kill()
    assert (tmp_path / "begun").exists()
    time.sleep(0.5)
    assert not _runs(marker)
