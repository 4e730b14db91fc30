"""Runs survive the way to disk and back, and their tables count failures."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.evaluate import Row
from benchmarks.quality import main


def row(case: str, psnr: float | None, method: str = "warp") -> Row:
    if psnr is None:
        return Row("some_set", case, method, {}, "no_face: No face was found.")
    return Row("some_set", case, method, {"face_psnr": psnr, "face_mae": 0.05})


def printed(width: int = 120) -> tuple[Console, StringIO]:
    text = StringIO()
    return Console(file=text, width=width), text


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    rows = [row("a", 23.5), row("b", None)]
    file = tmp_path / "run.json"
    file.write_text(json.dumps(report.to_json(rows, {"machine": "x"})))
    assert report.read_rows(file) == rows


def test_means_leave_failures_out_and_count_them() -> None:
    means = report.to_json([row("a", 22.0), row("b", 24.0), row("c", None)], {})["means"]
    assert means["some_set"]["warp"] == {
        "cases": 3,
        "failures": 1,
        "face_psnr": 23.0,
        "face_mae": 0.05,
    }


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("[]")
    with pytest.raises(ValueError, match="format"):
        report.read_rows(file)


def test_failures_are_named_below_the_tables() -> None:
    console, text = printed()
    report.print_run(console, [row("a", 22.0), row("b", None)], markdown=False)
    assert "1/2" in text.getvalue()
    assert "some_set b warp: no_face: No face was found." in text.getvalue()
    assert "1 of 2 edits failed." in text.getvalue()


def test_markdown_marks_the_best_method() -> None:
    console, text = printed()
    rows = [row("a", 22.0, "poisson"), row("a", 24.0, "warp")]
    report.print_run(console, rows, markdown=True)
    assert "| **24.00** |" in text.getvalue()
    assert "| 22.00 |" in text.getvalue()


def test_a_metric_that_was_not_measured_shows_as_a_dash() -> None:
    console, text = printed()
    report.print_run(console, [row("a", 22.0)], markdown=True)
    face_table = text.getvalue().split("whole crop")[0]
    assert face_table.splitlines()[-3].count("| -") == 5


def test_the_comparison_lists_the_worst_change_first() -> None:
    console, text = printed()
    before = [row("a", 22.0), row("b", 22.0), row("c", 22.0)]
    now = [row("a", 22.5), row("b", 21.0), row("c", 22.0)]
    report.print_comparison(console, now, before, "warp", limit=2)
    lines = [line.split() for line in text.getvalue().splitlines() if "0" in line]
    assert [line[0] for line in lines[-2:]] == ["b", "c"]
    assert "-1.00" in lines[-2]


@pytest.mark.parametrize(
    "arguments",
    [["--methods", "magic"], ["--sets", "real_pairs"], ["--sets", "nowhere"]],
)
def test_wrong_input_is_said_in_one_line(
    arguments: list[str], shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
