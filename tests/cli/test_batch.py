"""`exshot batch`: the list, failures in the middle, parts of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import Result

from exshot.cli.batch.rows import shard
from exshot.errors import ExshotError
from exshot.options import EditOptions, RegionWeights

Run = Callable[..., Result]
FACELESS_WIDTH = 64


@pytest.fixture
def faceless(tmp_path: Path) -> Path:
    """A photo in which the stand-in editor finds no face."""
    path = tmp_path / "wall.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((50, FACELESS_WIDTH, 3), np.uint8))[1].tobytes())
    return path


def table(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_start_at_the_lists_folder_and_columns_set_options(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    rows = 'pose.png,expression.png,a.png,0.5,\npose.png,expression.png,b.png,,"mouth,eyes=0.5"\n'
    path = table(tmp_path, "pose,expression,out,strength,regions\n" + rows)
    result = exshot("batch", path, "--strength", "0.9", "--gaze", "pose")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.png").exists()
    assert (tmp_path / "b.png").exists()
    some = RegionWeights(eyes=0.5, brows=0, nose=0, mouth=1, cheeks=0, jaw=0)
    assert fake_editor.calls == [
        EditOptions(strength=0.5, gaze="pose"),
        EditOptions(strength=0.9, gaze="pose", regions=some),
    ]
    assert "2 made, 0 skipped, 0 failed." in result.stdout


def test_a_failure_does_not_stop_the_others(
    exshot: Run, pair: tuple[Path, Path], faceless: Path, fake_editor, tmp_path: Path
) -> None:
    fake_editor.fails_on_width = FACELESS_WIDTH
    rows = (
        "pose.png,wall.png,a.png,\n"
        "pose.png,absent.png,b.png,\n"
        "pose.png,expression.png,c.png,9\n"
        "pose.png,expression.png,,\n"
        "pose.png,expression.png,e.png,\n"
    )
    path = table(tmp_path, "pose,expression,out,strength\n" + rows)
    result = exshot("batch", path, "--json", "--jobs", "2")
    assert result.exit_code == 60
    record = json.loads(result.stdout)
    assert record["counts"] == {"made": 1, "skipped": 0, "failed": 4}
    codes = [edit["error"] and edit["error"]["code"] for edit in record["edits"]]
    assert codes == ["no_face", "file_not_found", "bad_option", "bad_option", None]
    assert [edit["line"] for edit in record["edits"]] == [2, 3, 4, 5, 6]
    assert (tmp_path / "e.png").exists()
    assert not (tmp_path / "a.png").exists()


def test_a_list_from_a_spreadsheet_works(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("\ufeffPose;Expression;Out\r\npose.png;expression.png;a.png\r\n".encode())
    assert exshot("batch", path).exit_code == 0
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no column 'pose'"),
        ("pose,expression\na,b\n", "no column 'out'"),
        ("pose,expression,out,colour\na,b,c,d\n", "colour"),
        ("pose,expression,out,out\na,b,c,d\n", "twice"),
        ("pose,expression,out\n", "lists no edits"),
        ("pose,expression,out\na,b,c.png\nd,e,c.png\n", "line 2 and in line 3"),
    ],
)
def test_a_wrong_list_is_refused_before_any_work(
    exshot: Run, fake_editor, tmp_path: Path, text: str, word: str
) -> None:
    result = exshot("batch", table(tmp_path, text))
    assert result.exit_code == 2
    assert word in result.stderr
    assert fake_editor.calls == []


def test_ctrl_c_stops_the_batch(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    rows = "".join(f"pose.png,expression.png,{n}.png\n" for n in range(20))
    fake_editor.raises = KeyboardInterrupt()
    result = exshot("batch", table(tmp_path, "pose,expression,out\n" + rows))
    assert result.exit_code == 130
    assert len(fake_editor.calls) < 20


@given(st.lists(st.integers()), st.integers(1, 9))
def test_shards_together_are_the_whole_list(rows: list[int], count: int) -> None:
    parts = [shard(rows, f"{number}/{count}") for number in range(1, count + 1)]
    assert sorted(item for part in parts for item in part) == sorted(rows)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", ""])
def test_a_wrong_shard_is_refused(text: str) -> None:
    with pytest.raises(ExshotError):
        shard([1, 2], text)
