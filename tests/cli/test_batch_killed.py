"""A batch that is killed again and again ends with the files of an undisturbed one."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from cli.batch_folder import FILES_A_LINE, contents, make_folder, start_batch

PAIRS, KILLS = 500, 10


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, bytes]:
    table = make_folder(tmp_path / "undisturbed", PAIRS)
    process = start_batch(table)
    _stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    return contents(table)


def test_killed_at_random_ten_times_it_ends_with_the_same_files(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    dice = random.Random(23)
    table = make_folder(tmp_path / "killed", PAIRS)
    out = table.parent / "out"
    for kill in range(KILLS):
        process = start_batch(table, "--skip-existing", "--jobs", "2")
        enough = (kill + 1) * FILES_A_LINE * PAIRS // (KILLS + 1) - dice.randrange(40)
        while len(list(out.iterdir())) < enough and process.poll() is None:
            time.sleep(0.02)
        time.sleep(dice.random() * 0.02)
        process.kill()
        process.wait(timeout=60)
    process = start_batch(table, "--skip-existing", "--jobs", "2", "--json")
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    counts = json.loads(stdout)["counts"]
    assert counts["made"] + counts["skipped"] == PAIRS
    assert counts["skipped"] > 0
    after = contents(table)
    assert after.keys() == undisturbed.keys()
    assert [name for name in after if after[name] != undisturbed[name]] == []
