"""Temporary files: a dead writer's are removed, a living one's stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exshot.image.files import write_atomically
from exshot.image.leftovers import open_temporary, remove_leftovers

WRITER = """
import os, sys, time
from pathlib import Path
from exshot.image.leftovers import open_temporary
open_temporary(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks")
def test_only_what_no_living_process_writes_is_removed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        assert remove_leftovers([tmp_path]) == 0
        writer.kill()
    assert remove_leftovers([tmp_path, tmp_path / "absent"]) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks")
def test_a_writer_notices_that_its_file_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making the file and locking it somebody else may take it for a leftover."""
    real = os.open
    taken = []

    def quick(path: Path, *arguments: int) -> int:
        descriptor = real(path, *arguments)
        if not taken:
            taken.append(path)
            Path(path).unlink()
        return descriptor

    monkeypatch.setattr(os, "open", quick)
    path, descriptor = open_temporary(tmp_path)
    os.close(descriptor)
    assert path.exists()
    assert path != taken[0]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.jpg", b"picture", overwrite=False)
    for name in (".exshot-mine.tmp", "x.tmp", ".exshot-0123456789abcdef.txt"):
        (tmp_path / name).touch()
    assert remove_leftovers([tmp_path]) == 0
    assert len(list(tmp_path.iterdir())) == 4
