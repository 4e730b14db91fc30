"""Where memory runs out, that is what is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

resource = pytest.importorskip("resource")


@pytest.mark.skipif(sys.platform != "linux", reason="address space cannot be limited here")
@pytest.mark.parametrize("megabytes", [420, 640])
def test_an_edit_without_enough_memory_says_so(
    photo_pair: tuple[Path, Path], tmp_path: Path, megabytes: int
) -> None:
    limit = megabytes << 20

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    command = [sys.executable, "-m", "exshot", "edit", *map(str, photo_pair), "-o", "out.png"]
    try:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={"PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": "1"},
            preexec_fn=little,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("a library waits for a thread that it could not start")
    if done.returncode < 0 or done.returncode == 127:
        pytest.skip("the C library gave up before Python could say anything")
    assert done.returncode == 27, done.stderr
    assert "There is not enough memory" in done.stderr
    assert "damaged" not in done.stderr
    assert not list(tmp_path.iterdir())
