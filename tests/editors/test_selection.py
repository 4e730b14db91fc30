"""What a run says of editors that it could not test in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def test_editors_that_cannot_be_had_are_named_in_the_last_lines(
    checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    environ = {**os.environ, "PATH": str(tmp_path / "bin"), "EXSHOT_EDITORS": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "tests/editors/test_folder.py", "--suite", "forky"]
    done = subprocess.run(
        command, cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-3:]
    assert last[0].startswith("NOT TESTED: GIMP 3.2 and Krita 5.3 (Debian forky): ")
    assert last[1].endswith("make test-editors SUITE=forky")
    assert re.match(r"\d+ skipped", last[2])
