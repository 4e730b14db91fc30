"""`exshot batch` with bursts as lines: one picture of each, as `exshot best` makes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from typer.testing import Result

from exshot.cli.batch.examine import burst_photos
from exshot.cli.demo import bundled_pair

Run = Callable[..., Result]


@pytest.fixture
def bursts(tmp_path: Path) -> Path:
    """Two folders with a burst each (the second shows a smile only) and a list of them."""
    for name, photos in (("anna", bundled_pair()), ("ben", (bundled_pair()[1],) * 2)):
        (tmp_path / name).mkdir()
        for number, path in enumerate(photos):
            picture = cv2.imread(str(path))
            assert picture is not None
            picture[0, 0] = number
            half = cv2.resize(picture, None, fx=0.5, fy=0.5)
            cv2.imwrite(str(tmp_path / name / f"IMG_{number}.png"), half)
        (tmp_path / name / "notes.txt").touch()
    path = tmp_path / "list.csv"
    path.write_text(
        "burst;out;base;layers\nanna;anna.png;anna/IMG_0.png;layers\nben/IMG_*.png;ben.png;;\n"
    )
    return path


def test_every_burst_becomes_a_picture(exshot: Run, bursts: Path) -> None:
    folder = bursts.parent
    result = exshot("batch", bursts, "--json", "--jobs", "2")
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    assert record["counts"] == {"made": 2, "skipped": 0, "failed": 0}
    anna, ben = record["edits"]
    assert anna["burst"] == str(folder / "anna")
    assert anna["report"]["base"] == str(folder / "anna" / "IMG_0.png")
    alone = folder / "alone.png"
    photos = [folder / "anna" / f"IMG_{n}.png" for n in (0, 1)]
    assert exshot("best", *photos, "--base", photos[0], "-o", alone).exit_code == 0
    assert (folder / "anna.png").read_bytes() == alone.read_bytes()
    assert len(list((folder / "layers").iterdir())) == 1
    assert ben["report"]["out"] is None, "every face is at its best"
    again = exshot("batch", bursts, "--skip-existing")
    assert "1 made, 1 skipped, 0 failed." in again.stdout
    assert "at its best already" in again.stdout


def test_an_output_within_the_burst_is_none_of_its_photos(exshot: Run, bursts: Path) -> None:
    bursts.write_text("burst,out\nanna,anna/best.png\n")
    assert exshot("batch", bursts).exit_code == 0
    again = exshot("batch", bursts, "--overwrite", "--json")
    assert again.exit_code == 0, again.output
    assert "best.png" not in json.dumps(json.loads(again.stdout)["edits"][0]["report"]["faces"])


def test_a_pattern_finds_photos_in_the_order_of_their_numbers_and_no_hidden_files(
    tmp_path: Path,
) -> None:
    for name in ("IMG_10.jpg", "IMG_2.jpg", "._IMG_2.jpg", "note.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [one.name for one in burst_photos(tmp_path / "*")] == ["IMG_2.jpg", "IMG_10.jpg"]


def test_a_photo_of_another_burst_is_not_replaced(exshot: Run, bursts: Path) -> None:
    bursts.write_text("burst,out\nanna,ben/IMG_1.png\nben,b.png\n")
    before = (bursts.parent / "ben" / "IMG_1.png").read_bytes()
    result = exshot("batch", bursts, "--overwrite")
    assert result.exit_code == 2
    assert "line 2, a photo that line 3 reads" in result.stderr
    assert (bursts.parent / "ben" / "IMG_1.png").read_bytes() == before


def test_layers_of_a_burst_replace_no_photo_and_no_other_layer(exshot: Run, bursts: Path) -> None:
    (bursts.parent / "ben" / "IMG_1.png").rename(bursts.parent / "ben" / "a_face0.png")
    bursts.write_text("burst,out,layers\nanna,a.png,ben\nben,b.png,\n")
    result = exshot("batch", bursts, "--overwrite")
    assert result.exit_code == 2
    assert "a_face0.png in line 2, a photo that line 3 reads" in result.stderr
    bursts.write_text("burst,out,layers\nanna,a.png,layers\nben,ben/a.png,layers\n")
    assert "line 2 and in line 3" in exshot("batch", bursts, "--overwrite").stderr


@pytest.mark.parametrize("burst", ["empty", "absent", "anna/x*.png"])
def test_a_burst_without_photos_fails_alone(exshot: Run, bursts: Path, burst: str) -> None:
    (bursts.parent / "empty").mkdir()
    bursts.write_text(f"burst,out\n{burst},x.png\nanna,a.png\n")
    result = exshot("batch", bursts, "--json")
    assert result.exit_code == 60
    failed, made = json.loads(result.stdout)["edits"]
    assert burst in failed["error"]["sentence"]
    assert made["status"] == "made"


def test_pairs_and_bursts_do_not_mix(exshot: Run, bursts: Path) -> None:
    bursts.write_text("burst,pose,out\nanna,a.png,x.png\n")
    result = exshot("batch", bursts)
    assert result.exit_code == 2
    assert "unknown column 'pose'" in result.stderr
