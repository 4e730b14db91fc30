"""The paper's table can be measured in parts, on as many machines as there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the benchmarks' optional dependencies are not installed")

from benchmarks import paper, report
from benchmarks.evaluate import Row


def test_parts_measured_apart_make_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXSHOT_TRAIN_CACHE", str(tmp_path / "none"))
    files = []
    for number, psnr in enumerate((30.0, 33.0)):
        metrics = {f"picture_{m}": 0.5 for m in paper.MEASURES} | {"picture_psnr": psnr}
        rows = [Row(paper.SET, f"p44/{number:02d}", "untouched", metrics)]
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(report.to_json(rows, {})))
    assert paper.main(["--read", *map(str, files)]) == 0
    printed = capsys.readouterr().out
    assert "2 cases" in printed
    assert "| pose photo untouched | 31.50 |" in printed
