"""No photo that is read is written, under whatever name it is called."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from exshot.cli import output
from exshot.cli.output import check_outputs, removed_on_failure, write_text
from exshot.errors import ErrorCode, ExshotError


def code_of(out: Path, photo: Path) -> ErrorCode:
    with pytest.raises(ExshotError) as caught:
        check_outputs([out], inputs=[photo], overwrite=True)
    return caught.value.code


def test_a_link_to_an_input_photo_is_refused(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"x")
    (tmp_path / "symbolic.jpg").symlink_to(photo)
    (tmp_path / "hard.jpg").hardlink_to(photo)
    for name in ("photo.jpg", "symbolic.jpg", "hard.jpg"):
        assert code_of(tmp_path / name, photo) is ErrorCode.OUTPUT_EXISTS


def test_another_spelling_is_the_same_file_where_capitals_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_CAPITALS_COUNT", False)
    assert code_of(tmp_path / "PHOTO.JPG", tmp_path / "photo.jpg") is ErrorCode.OUTPUT_EXISTS
    with pytest.raises(ExshotError) as caught:
        check_outputs([tmp_path / "A.png", tmp_path / "a.png"], inputs=[], overwrite=True)
    assert caught.value.code is ErrorCode.BAD_OPTION


def test_a_path_that_the_system_cannot_follow_is_compared_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_path: Path) -> str:
        raise OSError(234, "More data is available")

    monkeypatch.setattr("exshot.cli.output.os.path.realpath", fails)
    photo = tmp_path / "photo.jpg"
    assert code_of(photo, photo) is ErrorCode.OUTPUT_EXISTS
    check_outputs([tmp_path / "out.png"], inputs=[photo], overwrite=False)


def test_what_is_no_input_is_fine(tmp_path: Path) -> None:
    check_outputs([tmp_path / "out.png"], inputs=[tmp_path / "photo.jpg"], overwrite=False)
    assert output._CAPITALS_COUNT is (sys.platform not in ("win32", "darwin"))


def test_what_another_program_wrote_meanwhile_is_not_removed(tmp_path: Path) -> None:
    ours, theirs, older = (tmp_path / name for name in ("ours", "theirs", "older"))
    older.write_text("older")

    def fail() -> None:
        with removed_on_failure(ours, theirs, older) as wrote:
            ours.write_text("ours")
            wrote(ours)
            wrote(older)
            theirs.write_text("theirs")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert {path.name for path in tmp_path.iterdir()} == {"theirs", "older"}


def test_a_report_does_not_replace_what_came_meanwhile(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("mine")
    with pytest.raises(ExshotError, match="exists"):
        write_text(report, "{}", overwrite=False)
    assert report.read_text() == "mine"
    write_text(report, "{}", overwrite=True)
    assert report.read_text() == "{}"
