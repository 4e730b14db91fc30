"""The engine on Windows, as the plug-ins in GIMP's and Krita's folders use it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from shared_data import CHECKOUT
from windows.wanted import beyond_the_core

from exshot.version import __version__
from tools.wine.computer import HOME, PROGRAM, WindowsComputer

CREATE_NO_WINDOW = 0x08000000
PLUGINS = {
    "GIMP 3.0": rf"{HOME}\AppData\Roaming\GIMP\3.0\plug-ins\exshot",
    "GIMP 3.2": rf"{HOME}\AppData\Roaming\GIMP\3.2\plug-ins\exshot",
    "Krita": rf"{HOME}\AppData\Roaming\krita\pykrita\exshot",
}


@pytest.fixture(scope="module")
def records(installed: WindowsComputer) -> dict[str, dict[str, Any]]:
    """What `inside/as_editor.py` says from the plug-in of GIMP 3.2 and of Krita."""
    pictures = []
    for name in ("pose", "expression"):
        picture = Image.open(CHECKOUT / f"core/exshot/demo/{name}.jpg").convert("RGBA")
        picture.thumbnail((800, 800))
        path = installed.home / f"Pictures/{name}-{picture.width}x{picture.height}.rgba"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(np.asarray(picture).tobytes())
        pictures.append(rf"{HOME}\Pictures\{path.name}")
    found = {}
    for editor in ("GIMP 3.2", "Krita"):
        done = installed.script("as_editor.py", PLUGINS[editor], *pictures)
        assert done.status == 0, done.text
        found[editor] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("editor", ["GIMP 3.2", "Krita"])
def test_a_plug_in_finds_the_engine_and_edits(
    records: dict[str, dict[str, Any]], editor: str
) -> None:
    record = records[editor]
    assert record["modules"].startswith(PLUGINS[editor])
    assert record["engine"] == [PROGRAM, "engine"]
    assert record["version"] == __version__
    assert record["faces"] == 1
    assert record["cancelled"] == "cancelled"
    assert record["mask"]
    assert record["pixels"]
    assert record["unknown_photo"] == "photo_unknown"


def test_a_killed_engine_is_replaced(records: dict[str, dict[str, Any]]) -> None:
    for record in records.values():
        assert record["after_a_crash"] == 1
        assert record["replaced"]


def test_garbage_ends_the_engine_with_a_message(records: dict[str, dict[str, Any]]) -> None:
    for record in records.values():
        status, answered = record["garbage"]
        assert status not in (None, 0) or answered > 0


def test_no_console_window_appears(records: dict[str, dict[str, Any]]) -> None:
    for record in records.values():
        assert record["flags"][0] == CREATE_NO_WINDOW


@beyond_the_core
def test_the_engine_ends_with_its_editor_even_where_its_pipe_stays_open(
    installed: WindowsComputer,
) -> None:
    done = installed.script("killed_editor.py", PLUGINS["GIMP 3.0"])
    assert done.status == 0, done.text
    record = json.loads(done.stdout)
    assert record == {"before": True, "after": False, "pipe_was_held": True}
