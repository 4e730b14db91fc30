"""`exshot batch --skip-existing`: what is whole is left out, what is not is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from exshot.cli.batch.completeness import State, picture_state, report_state

Run = Callable[..., Result]
FORMATS = ("jpg", "png", "tif", "webp", "heic")


@pytest.fixture
def made(exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path) -> Path:
    """A list of one line whose picture, layer and report are there."""
    path = tmp_path / "list.csv"
    path.write_text(
        "pose,expression,out,layer,report\npose.png,expression.png,a.png,l.png,r.json\n"
    )
    result = exshot("batch", path)
    assert result.exit_code == 0, result.output
    fake_editor.calls.clear()
    return path


def test_what_is_whole_is_left_out(exshot: Run, made: Path, fake_editor) -> None:
    before = {name: (made.parent / name).read_bytes() for name in ("a.png", "l.png", "r.json")}
    result = exshot("batch", made, "--skip-existing")
    assert result.exit_code == 0
    assert "0 made, 1 skipped, 0 failed." in result.stdout
    assert fake_editor.calls == []
    assert before == {name: (made.parent / name).read_bytes() for name in before}


@pytest.mark.parametrize("name", ["a.png", "l.png", "r.json"])
@pytest.mark.parametrize("left", [None, 0, 5, 30, -1])
def test_a_file_that_is_missing_or_cut_short_is_made_again(
    exshot: Run, made: Path, fake_editor, name: str, left: int | None
) -> None:
    files = {n: made.parent / n for n in ("a.png", "l.png", "r.json")}
    before = {n: path.read_bytes() for n, path in files.items()}
    if left is None:
        files[name].unlink()
    else:
        files[name].write_bytes(before[name][:left].rstrip())
    others = {n: path.stat().st_mtime_ns for n, path in files.items() if n != name}
    result = exshot("batch", made, "--skip-existing")
    if name == "r.json" and left == -1:  # only its last line end was gone
        before[name] = before[name].rstrip()
    assert result.exit_code == 0, result.output
    assert {n: path.read_bytes() for n, path in files.items()} == before
    assert others == {n: files[n].stat().st_mtime_ns for n in others}, "whole files stay"


@pytest.mark.parametrize("content", [b"\0" * 4096, b"\0"])
def test_a_file_of_zeros_is_made_again(
    exshot: Run, made: Path, fake_editor, content: bytes
) -> None:
    (made.parent / "a.png").write_bytes(content)
    assert exshot("batch", made, "--skip-existing").exit_code == 0
    assert len(fake_editor.calls) == 1
    assert picture_state(made.parent / "a.png") is State.WHOLE


def test_what_is_no_picture_is_nobodys_to_replace(exshot: Run, made: Path, fake_editor) -> None:
    (made.parent / "a.png").write_bytes(b"notes of mine")
    result = exshot("batch", made, "--skip-existing", "--json")
    assert result.exit_code == 60
    assert json.loads(result.stdout)["edits"][0]["error"]["code"] == "output_exists"
    assert (made.parent / "a.png").read_bytes() == b"notes of mine"
    assert exshot("batch", made, "--skip-existing", "--overwrite").exit_code == 0
    assert picture_state(made.parent / "a.png") is State.WHOLE


@pytest.mark.parametrize("ending", FORMATS)
def test_every_cut_of_every_format_is_seen(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"a.{ending}"
    assert exshot("edit", *pair, "-o", out).exit_code == 0
    data = out.read_bytes()
    assert picture_state(out) is State.WHOLE
    step = max(1, len(data) // 200)
    for size in (*range(0, len(data), step), len(data) - 1):
        out.write_bytes(data[:size])
        assert picture_state(out) is State.BROKEN, size


def test_a_report_is_whole_as_json(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert report_state(path) is State.ABSENT
    for text, state in (
        ("", State.BROKEN),
        ("{", State.BROKEN),
        ('{\n  "exshot": "1",', State.BROKEN),
        ('{\n  "exshot": "1"\n}\n', State.WHOLE),
        ('{"mine": 1}', State.FOREIGN),
        ("[1, 2]", State.FOREIGN),
    ):
        path.write_text(text)
        assert report_state(path) is state, text
