"""No line of a batch writes what another line reads or writes; all is checked before any work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from exshot.cli.batch import claims
from exshot.cli.batch.claims import Names, folds_case

Run = Callable[..., Result]
HEADER = "pose,expression,out,layer,report\n"


@pytest.fixture
def photos(pair: tuple[Path, Path], tmp_path: Path) -> Path:
    """A folder with the photos ``pose.png``, ``expression.png`` and ``third.png``."""
    (tmp_path / "third.png").write_bytes(pair[0].read_bytes())
    (tmp_path / "sub").mkdir()
    return tmp_path


def refused(exshot: Run, folder: Path, rows: str, *flags: object) -> Result:
    path = folder / "list.csv"
    path.write_text(HEADER + rows)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    result = exshot("batch", path, "--overwrite", *flags)
    assert result.exit_code == 2, result.output
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    return result


SPELLINGS = ["third.png", "./sub/../third.png", "sub/link.png", "sub/hard.png", "linked/third.png"]


@pytest.mark.parametrize("flags", [(), ("--jobs", "2"), ("--shard", "1/2"), ("--shard", "2/2")])
@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("column", ["out", "layer", "report"])
def test_a_photo_of_another_line_is_never_replaced(
    exshot: Run, photos: Path, fake_editor, name: str, column: str, flags: tuple[str, ...]
) -> None:
    (photos / "sub/link.png").symlink_to(photos / "third.png")
    os.link(photos / "third.png", photos / "sub/hard.png")
    (photos / "linked").symlink_to(photos)
    files = {"out": "a.png", "layer": "", "report": "", column: name}
    first = "pose.png,expression.png,{out},{layer},{report}\n".format(**files)
    result = refused(exshot, photos, first + "third.png,expression.png,b.png,,\n", *flags)
    assert "line 2" in result.stderr
    assert "line 3" in result.stderr
    assert fake_editor.calls == []


def test_a_photo_of_a_line_that_is_wrong_itself_is_not_replaced(
    exshot: Run, photos: Path, fake_editor
) -> None:
    rows = "pose.png,expression.png,third.png,,\nthird.png,expression.png,,,\n"
    refused(exshot, photos, rows)
    refused(exshot, photos, "pose.png,expression.png,third.png,,\nthird.png,x,y.png,,,,extra\n")


def test_the_list_itself_is_not_replaced(exshot: Run, photos: Path, fake_editor) -> None:
    result = refused(exshot, photos, "pose.png,expression.png,a.png,,list.csv\n")
    assert "list.csv would be replaced by its own line 2" in result.stderr


def test_a_later_line_cannot_read_what_an_earlier_one_makes(
    exshot: Run, photos: Path, fake_editor
) -> None:
    rows = "pose.png,expression.png,new.png,,\nnew.png,third.png,b.png,,\n"
    assert "new.png in line 2" in refused(exshot, photos, rows).stderr


@pytest.mark.parametrize("name", ["a.png", "./a.png", "sub/../a.png", "linked/a.png", "far.png"])
def test_two_lines_with_one_output_are_refused(
    exshot: Run, photos: Path, fake_editor, name: str
) -> None:
    (photos / "linked").symlink_to(photos)
    (photos / "far.png").symlink_to(photos / "a.png")  # leads to a file yet to be made
    rows = f"pose.png,expression.png,a.png,,\nthird.png,expression.png,b.png,{name},\n"
    result = refused(exshot, photos, rows, "--shard", "1/2")
    assert "line 2 and in line 3" in result.stderr


def test_one_line_with_one_output_twice_is_refused(exshot: Run, photos: Path, fake_editor) -> None:
    result = refused(exshot, photos, "pose.png,expression.png,a.png,a.png,\n")
    assert "two outputs in line 2" in result.stderr


def test_letter_case_and_composed_letters_count_as_the_folder_has_it(
    exshot: Run, photos: Path, fake_editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = photos / "list.csv"
    rows = "pose.png,expression.png,Anna.png,,\nthird.png,expression.png,anna.PNG,,\n"
    path.write_text(HEADER + rows)
    told_apart = not folds_case(str(photos))
    assert (exshot("batch", path).exit_code == 0) == told_apart
    monkeypatch.setattr(claims, "folds_case", lambda folder: True)
    refused(exshot, photos, rows.replace("nna", "nne"))
    refused(
        exshot,
        photos,
        "pose.png,expression.png,\u00e9.png,,\nthird.png,expression.png,e\u0301.png,,\n",
    )


def test_whether_a_folder_tells_letter_case_apart_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Name.txt").touch()
    assert folds_case(str(tmp_path)) == (tmp_path / "nAME.TXT").exists()
    assert not folds_case(str(tmp_path / "absent"))


@pytest.mark.skipif(sys.platform == "win32", reason="has no such device")
def test_a_device_may_take_every_lines_report(exshot: Run, photos: Path, fake_editor) -> None:
    path = photos / "list.csv"
    rows = "pose.png,expression.png,{0}.png,,/dev/null\n"
    path.write_text(HEADER + rows.format("a") + rows.format("b"))
    assert Names().keys("/dev/null") == ()
    result = exshot("batch", path, "--json")
    assert '"made": 2' in result.stdout, result.stdout
    assert Path("/dev/null").is_char_device()


def test_a_name_no_file_can_have_is_its_lines_failure(
    exshot: Run, photos: Path, fake_editor
) -> None:
    path = photos / "list.csv"
    rows = f"pose.png,expression.png,{'x' * 300}.png,,\npose.png,expression.png,a.png,,\n"
    path.write_text(HEADER + rows + "pose.png,expression.png,c\0.png,,\n")
    result = exshot("batch", path, "--json")
    assert result.exit_code == 60, result.output
    assert '"made": 1, "skipped": 0, "failed": 2' in result.stdout
    assert (photos / "a.png").exists()
