"""Lists of `exshot batch` as spreadsheets, scripts and people write them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from exshot.cli.batch.roots import Root
from exshot.cli.batch.rows import with_decimal_points
from exshot.options import EditOptions, RegionWeights

Run = Callable[..., Result]
SOME = RegionWeights(eyes=1, brows=0, nose=0, mouth=0.5, cheeks=0, jaw=0)


def write(folder: Path, data: bytes | str) -> Path:
    path = folder / "list.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        "pose;expression;out;strength\npose.png;expression.png;a.png;0,8\n",
        "sep=;\r\npose;expression;out;strength\r\npose.png;expression.png;a.png;0,8\r\n",
        '"sep=|"\npose|expression|out|strength\npose.png|expression.png|a.png|0.8\n',
        "sep=,\npose,expression,out,strength\npose.png,expression.png,a.png,0.8\n",
        "pose\texpression\tout\tstrength\npose.png\texpression.png\ta.png\t0,8\n",
        'pose,expression,out,strength\npose.png,expression.png,a.png,"0,8"\n',
        'pose, expression, out, strength\n"pose.png", "expression.png", "a.png", .8\n',
        "pose,expression,out,strength,,\npose.png,expression.png,a.png,0.8,,\n,,,,,\n",
        "pose,expression,out,strength\rpose.png,expression.png,a.png,0.8\r",
        "\ufeffPOSE;Expression;Out;Strength\r\npose.png;expression.png;a.png;0,8\r\n".encode(),
        "pose\texpression\tout\tstrength\r\npose.png\texpression.png\ta.png\t0,8\r\n".encode(
            "utf-16"
        ),
        "\ufeffpose;expression;out;strength\npose.png;expression.png;a.png;0,8\n".encode(
            "utf-16-be"
        ),
        b"pose;expression;out;strength\npose.png;expression.png;a.png;0,8\n".decode().encode(
            "utf-16-le"
        ),
    ],
)
def test_lists_of_spreadsheets_are_understood(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path, data: bytes | str
) -> None:
    result = exshot("batch", write(tmp_path, data))
    assert result.exit_code == 0, result.output
    assert fake_editor.calls == [EditOptions(strength=0.8)]
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    "cell", ["mouth=0,5,eyes=1", "mouth=0.5,eyes", "eyes,mouth=,5", "eyes, mouth=0,50"]
)
def test_region_weights_may_have_a_decimal_comma(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path, cell: str
) -> None:
    path = write(tmp_path, f"pose;expression;out;regions\npose.png;expression.png;a.png;{cell}\n")
    result = exshot("batch", path)
    assert result.exit_code == 0, result.output
    assert fake_editor.calls == [EditOptions(regions=SOME)]


def test_names_are_no_numbers() -> None:
    assert with_decimal_points("mouth,jaw") == "mouth,jaw"
    assert with_decimal_points("1,2,3") == "1,2,3"


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ('a.png,b.png,"c.png\nd.png,e.png,f.png\ng.png,h.png,i.png\n', 3),
        ('a.png,b.png,"c.png\nd.png,e.png,"f,g.png"\n', 3),
        ('a.png,b.png,"c.png\nd.png,e.png,f.png"\ng.png,h.png,i.png\n', 3),
        ('a.png,b.png,c.png\na.png,b.png,"d"x.png\n', 4),
        ('a.png,b.png,c.png\n\n\na.png,b.png,"d.png', 6),
        ('a.png,b.png,"' + "x.png,y.png,z.png\n" * 9000, 3),
    ],
)
def test_quotes_that_do_not_pair_up_name_their_line(
    exshot: Run, fake_editor, tmp_path: Path, rows: str, line: int
) -> None:
    result = exshot("batch", write(tmp_path, "pose,expression,out\nx.png,y.png,z.png\n" + rows))
    assert result.exit_code == 2
    assert f"line {line} " in result.stderr
    assert fake_editor.calls == []


def test_lines_are_counted_as_an_editor_shows_them(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    rows = "sep=;\npose;expression;out;strength\n\npose.png;expression.png;a.png;9\n"
    result = exshot("batch", write(tmp_path, rows), "--json")
    assert result.exit_code == 60
    assert '"line": 4' in result.stdout


def test_text_in_another_encoding_is_named_with_its_line(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    rows = "pose,expression,out\npose.png,expression.png,a.png\npose.png,expression.png,Zoë.png\n"
    result = exshot("batch", write(tmp_path, rows.encode("latin-1")))
    assert result.exit_code == 60
    assert "letters in line 3 that are not UTF-8" in " ".join(result.stdout.split())
    assert (tmp_path / "a.png").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_a_file_whose_name_is_no_text_can_be_listed(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    Path(odd).write_bytes(pair[0].read_bytes())
    rows = b"pose,expression,out\ncaf\xe9.png,expression.png,caf\xe9-out.png\n"
    result = exshot("batch", write(tmp_path, rows), "--json")
    assert result.exit_code == 0, result.output
    assert len(list(tmp_path.glob("caf*-out.png"))) == 1


def test_what_is_no_text_is_refused(exshot: Run, fake_editor, tmp_path: Path) -> None:
    result = exshot("batch", write(tmp_path, b"\xff\xfep\0o\0s"))
    assert result.exit_code == 2
    assert "UTF-16" in result.stderr


def test_a_root_maps_the_lists_folder(tmp_path: Path) -> None:
    table = tmp_path / "lists" / "week.csv"
    root = Root.parse("/mnt/photos", table, absolute=True)
    assert root.path(tmp_path / "lists" / "a" / "b.jpg") == str(Path("/mnt/photos/a/b.jpg"))
    assert root.path(tmp_path / "lists" / ".." / "c.jpg") == str(tmp_path / "c.jpg")
    pair = Root.parse(f"{tmp_path}=/mnt/photos", table, absolute=True)
    assert pair.path(tmp_path / "c.jpg") == str(Path("/mnt/photos/c.jpg"))
    assert pair.path(Path(f"{tmp_path}-other/c.jpg")) == f"{tmp_path}-other/c.jpg"


def test_a_root_leads_to_the_photos(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    path = write(lists, "pose,expression,out\npose.png,expression.png,a.png\n")
    assert exshot("batch", path).exit_code == 60
    assert exshot("batch", path, "--root", tmp_path).exit_code == 0
    assert (tmp_path / "a.png").exists()
