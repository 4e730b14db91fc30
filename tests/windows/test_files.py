"""Files that other programs hold open, that are read-only, that only OneDrive has."""

from __future__ import annotations

import json
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from shared_data import CHECKOUT
from windows.wanted import beyond_the_core

from tools.wine.computer import HOME, PROGRAM, WindowsComputer

DEMO = CHECKOUT / "core/exshot/demo"
pytestmark = beyond_the_core


@pytest.fixture(scope="module")
def record(installed: WindowsComputer) -> dict[str, Any]:
    """What `inside/held_files.py` saw."""
    installed.pictures("held/photo.jpg")
    (installed.home / "Pictures/work").mkdir()
    pictures = rf"{HOME}\Pictures"
    words = (PROGRAM, rf"{pictures}\held\photo.jpg", rf"{pictures}\work")
    done = installed.script("held_files.py", *words)
    assert done.status == 0, done.text
    return json.loads(done.stdout)


def test_a_file_that_a_scanner_looks_into_for_a_moment_is_replaced(record: dict[str, Any]) -> None:
    assert [record["held for a moment"], record["then"]] == ["done", "new"]
    assert [record["settings"], record["settings then"]] == ["done", '{"kept": true}']


def test_a_file_that_stays_open_elsewhere_stays_as_it_is_and_why_is_told(
    record: dict[str, Any],
) -> None:
    assert record["held on"].startswith("output_not_writable")
    assert "another program may have it open" in record["held on"]
    assert record["still"] == "new"


def test_a_read_only_file_is_not_replaced(record: dict[str, Any]) -> None:
    assert record["read-only"].startswith("output_not_writable")
    assert record["unchanged"] == "new"
    status, said = record["command"]
    assert status != 0, said
    assert "cannot be written" in said
    assert record["unchanged by the command"] == "new"


def test_read_only_placeholders_are_read_and_written_beside(record: dict[str, Any]) -> None:
    """Wine keeps the read-only mark; that of a file which only the cloud has, it drops."""
    assert record["placeholder"] == [True, 1200]
    assert record["beside a placeholder"] == "done"


def test_a_photo_is_read_beside_another_program_or_that_is_told(record: dict[str, Any]) -> None:
    assert record["photo that another program shows"] == 1200
    assert "another program may have it open" in record["photo that another program writes"]


def test_nothing_is_left_behind_and_no_living_writers_file_is_swept(
    record: dict[str, Any],
) -> None:
    assert record["leftovers"] == [1, True]
    assert record["files"] == ["beside.png", "out.png", "settings.json"]


def test_a_heic_photo_is_read_and_none_written(installed: WindowsComputer) -> None:
    """The encoder is left out of the bundle."""
    installed.pictures("pose.jpg")
    photo = installed.home / "Pictures/phone.heic"
    picture = Image.open(DEMO / "expression.jpg")
    pillow_heif.from_pillow(picture).save(photo, quality=90)
    for out, status in (("from-heic.jpg", 0), ("out.heic", 22)):
        words = ("edit", "pose.jpg", "phone.heic", "--out", out)
        done = installed.exshot(*words, folder=rf"{HOME}\Pictures")
        assert done.status == status, done.text
    assert "has no encoder" in done.text
    assert (installed.home / "Pictures/from-heic.jpg").stat().st_size > 10_000
