"""Whatever a photo is called and wherever a result goes: it works, or a sentence says why not."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import FakeEditor
from PIL import Image
from typer.testing import Result

from exshot.cli.table import laid_out
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown, told_apart
from exshot_contract.paths import NoHomeFolder, UserFolders

Run = Callable[..., Result]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX names and places")


def test_names_are_shown_so_that_they_can_be_printed_and_recognised() -> None:
    assert shown(os.fsdecode(b"caf\xe9.jpg")) == "caf\\xe9.jpg"
    assert (
        shown("caf\u00e9 \u5199\u771f 10.30\u202fAM.jpg")
        == "caf\u00e9 \u5199\u771f 10.30\u202fAM.jpg"
    )
    assert shown("a\nb\x1b[31m.jpg") == "a\\nb\\x1b[31m.jpg"


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    paths = [Path("/a/one/IMG.jpg"), Path("/a/two/IMG.jpg"), Path("/a/two/IMG_2.jpg")]
    assert told_apart(paths) == ("one/IMG.jpg", "two/IMG.jpg", "IMG_2.jpg")


@posix
@pytest.mark.parametrize("name", [b"caf\xe9.png", b"\xff\xfe\x80.png", b"new\nline.png"])
def test_an_undecodable_name_is_edited_and_shown(
    exshot: Run, fake_editor: FakeEditor, pair: tuple[Path, Path], tmp_path: Path, name: bytes
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/out-" + name))
    pair[0].rename(odd)
    result = exshot("edit", odd, pair[1], "-o", out)
    assert result.exit_code == 0, result.output
    assert shown(out) in result.stdout
    assert out.exists()
    again = exshot("edit", odd, pair[1], "-o", out)
    assert again.exit_code == 31
    assert shown(out) in again.stderr
    record = json.loads(exshot("faces", odd, "--json").stdout)
    assert Path(record["photo"]) == odd


@posix
def test_a_report_to_a_device_or_pipe_is_written_through(
    exshot: Run, fake_editor: FakeEditor, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    before = Path("/dev/null").stat()
    result = exshot("edit", *pair, "-o", tmp_path / "a.png", "--report", "/dev/null")
    assert result.exit_code == 0, result.output
    assert Path("/dev/null").stat().st_rdev == before.st_rdev != 0
    pipe = tmp_path / "report.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    result = exshot("edit", *pair, "-o", tmp_path / "b.png", "--report", pipe)
    assert result.exit_code == 0, result.output
    assert json.loads(os.read(reader, 1 << 20))["report"]["method"] == "warp"
    assert pipe.is_fifo()


@pytest.mark.parametrize("flag", ["--out", "--report", "--layer"])
def test_an_input_is_not_replaced_by_whatever_name(
    exshot: Run, fake_editor: FakeEditor, pair: tuple[Path, Path], tmp_path: Path, flag: str
) -> None:
    content = pair[0].read_bytes()
    (tmp_path / "folder").mkdir()
    (tmp_path / "soft.png").symlink_to(pair[0])
    os.link(pair[0], tmp_path / "hard.png")
    (tmp_path / "folder/link").symlink_to(tmp_path)
    for name in ("soft.png", "hard.png", "folder/../pose.png", "folder/link/pose.png"):
        arguments = ["edit", *pair, "--overwrite", flag, tmp_path / name]
        if flag != "--out":
            arguments += ["-o", tmp_path / "out.png"]
        result = exshot(*arguments)
        assert result.exit_code == 31, (name, result.output)
        assert pair[0].read_bytes() == content


@pytest.mark.parametrize(
    ("flag", "name", "code"),
    [
        ("-o", "out.gif", 22),
        ("--layer", "layer.jpg", 22),
        ("-o", "loop.png", 30),
        ("-o", "none/out.png", 30),
        ("-o", "x" * 300 + ".png", 30),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(
    exshot: Run,
    fake_editor: FakeEditor,
    pair: tuple[Path, Path],
    tmp_path: Path,
    flag: str,
    name: str,
    code: int,
) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")
    arguments = ["edit", *pair, flag, tmp_path / name]
    if flag != "-o":
        arguments += ["-o", tmp_path / "fine.png"]
    result = exshot(*arguments)
    assert result.exit_code == code, result.output
    assert "unexpected" not in result.output
    assert not fake_editor.calls


@pytest.mark.parametrize("name", ["out.jfif", "out.JPE", "out.HIF"])
def test_the_usual_other_endings_are_taken(
    exshot: Run, fake_editor: FakeEditor, pair: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    result = exshot("edit", *pair, "-o", tmp_path / name)
    assert result.exit_code == 0, result.output
    start = (tmp_path / name).read_bytes()[:12]
    assert start.startswith(b"\xff\xd8") or b"ftyp" in start


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (MemoryError(), 27, "not enough memory"),
        (RuntimeError("std::bad_alloc"), 27, "not enough memory"),
        (OSError(28, "No space left on device"), 30, "no space left"),
        (OSError(24, "Too many open files"), 21, "too many open files"),
        (NoHomeFolder("This account has no home folder."), 30, "no home folder"),
        (ValueError("odd"), 1, "exshot edit"),
    ],
)
def test_a_failure_of_the_computer_has_its_own_name(
    exshot: Run,
    fake_editor: FakeEditor,
    pair: tuple[Path, Path],
    tmp_path: Path,
    error: Exception,
    code: int,
    words: str,
) -> None:
    fake_editor.raises = error
    result = exshot("edit", *pair, "-o", tmp_path / "out.png")
    assert result.exit_code == code
    assert words in result.stderr
    assert "damaged" not in result.stderr


def test_an_account_without_a_home(exshot: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("HOME", "SNAP_REAL_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(NoHomeFolder):
        UserFolders.current({})
    doctor = exshot("doctor")
    assert "no home folder" in doctor.stdout
    assert doctor.exit_code in (0, 61)
    plugins = exshot("install-plugins")
    assert plugins.exit_code == 30
    assert "no home folder" in plugins.stderr


def test_tables_are_whole_when_redirected_and_readable_when_narrow() -> None:
    name = "a_very_long_name_that_must_not_be_cut" * 4
    head, rows = ["face", "name"], [["0", name], ["1", "b"]]
    assert name in laid_out(head, rows, None)
    narrow = laid_out(head, rows, 20)
    assert narrow == f"face: 0\nname: {name}\n\nface: 1\nname: b"
    assert laid_out(head, [["0", "b"]], 20).splitlines() == ["face  name", "----  ----", "0     b"]


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
def test_plain_terminals_get_no_escapes(
    exshot: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    from exshot.cli.failure import show_error
    from exshot.cli.progress_bar import progress_bar

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv(variable, "dumb")
    with progress_bar("Title") as progress:
        assert progress is None
    show_error(ExshotError(ErrorCode.NO_FACE, "No face.", "Another."))
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["-o", "--layer"])
def test_a_picture_too_wide_for_the_format_is_said_before_the_work(
    exshot: Run, fake_editor: FakeEditor, pair: tuple[Path, Path], tmp_path: Path, flag: str
) -> None:
    Image.new("RGB", (16_400, 2)).save(tmp_path / "wide.png")
    arguments = ["edit", tmp_path / "wide.png", pair[1], flag, tmp_path / "out.webp"]
    if flag != "-o":
        arguments += ["-o", tmp_path / "out.png"]
    result = exshot(*arguments)
    assert result.exit_code == 25, result.output
    assert "16383" in result.stderr
    assert not fake_editor.calls


@posix
@pytest.mark.parametrize("closed", ["1", "2", "0 1 2"])
def test_closed_streams_cost_nothing(
    photo_pair: tuple[Path, Path], tmp_path: Path, closed: str
) -> None:
    command = [sys.executable, "-m", "exshot", "edit", *map(str, photo_pair), "--method", "warp"]
    closing = " ".join(f"{number}>&-" for number in closed.split())
    subprocess.run(
        f"{shlex.join([*command, '-o', 'out.png'])} {closing}",
        shell=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        check=True,
    )
    Image.open(tmp_path / "out.png").load()


@posix
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_report_on_stdout_does_not_disturb_what_else_is_printed(
    photo_pair: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    command = [sys.executable, "-m", "exshot", "edit", *map(str, photo_pair), "-o", "out.png"]
    with (tmp_path / "printed").open("w") as printed:
        subprocess.run(
            [*command, "--method", "warp", "--report", name],
            stdout=printed,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
            check=True,
        )
    report, _, line = (tmp_path / "printed").read_text().rstrip("\n").rpartition("\n")
    assert json.loads(report)["report"]["method"] == "warp"
    assert line.startswith("Wrote out.png")


def test_a_folder_as_output_is_called_a_folder(
    exshot: Run, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    result = exshot("edit", *pair, "-o", tmp_path)
    assert result.exit_code == 30
    assert "is a folder" in result.stderr
