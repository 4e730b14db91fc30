"""Blind sheets: what is mixed in, and that nothing but the key tells which is which."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import rating
from benchmarks.faces import read_pixels


@pytest.mark.usefixtures("shared_data")
def test_two_versions_and_the_truths_are_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    some = ["--set", "london_triplets", "--limit", "2", "--method", "warp"]
    assert rating.main(["draw", *some, "--out", "older"]) == 0
    made = ["make", *some, "--controls", "0", "--bad", "1", "--truths"]

    assert rating.main([*made, "--against", "older", "--out", "rated"]) == 0

    key = json.loads(Path("rated/key.json").read_text())
    assert Counter(entry["kind"] for entry in key) == {
        "pairs": 2, "against": 2, "untouched": 2, "bad": 1,
    }  # fmt: skip
    sizes = {read_pixels(file).shape for file in Path("rated/sheets").glob("*.png")}
    assert len(sizes) == 1
    assert "against" not in Path("rated/sheets/instructions.txt").read_text()


@pytest.mark.usefixtures("shared_data")
def test_a_missing_result_of_the_other_version_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["make", "--set", "london_triplets", "--limit", "1", "--against", str(tmp_path)]

    assert rating.main([*arguments, "--out", str(tmp_path / "rated")]) == 2

    assert "has no result of" in capsys.readouterr().err
    assert not (tmp_path / "rated").exists()
