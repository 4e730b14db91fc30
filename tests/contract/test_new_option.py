"""A new option is written in one place and is then everywhere.

The place is a copy of the table with one more field; all else is the checkout's, asked in a process
of its own. The editors' toolkits are stand-ins that write down what they were asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIELD = """    sparkle: str = field(
        default="dull",
        metadata=choice(
            N_("Sparkle"),
            N_("How the eyes shine."),
            Choice("dull", N_("Dull")),
            Choice("bright", N_("Bright")),
            flag_help="How the eyes shine.",
        ),
    )
"""
ANYWHERE = "    pose_face: Optional[int] = None\n"
COPIED = "exshot_contract"


@pytest.fixture(scope="module")
def seen(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each part makes of the table with the option ``sparkle``."""
    core = tmp_path_factory.mktemp("core")
    for folder in (checkout / "core").iterdir():
        if folder.is_dir() and folder.name.startswith("exshot") and folder.name != COPIED:
            (core / folder.name).symlink_to(folder)
    shutil.copytree(checkout / "core" / COPIED, core / COPIED)
    table = core / COPIED / "options.py"
    text = table.read_text(encoding="utf-8")
    assert text.count(ANYWHERE) == 1
    table.write_text(text.replace(ANYWHERE, FIELD + ANYWHERE), encoding="utf-8")
    inside = Path(__file__).parent / "inside_new_option.py"
    answer = subprocess.run(
        [sys.executable, str(inside), str(checkout)],
        env={**os.environ, "PYTHONPATH": str(core), "LANGUAGE": "C"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_the_library_has_the_option_and_checks_it(seen: dict[str, Any]) -> None:
    assert seen["library"] == {"default": "dull", "given": "bright"}
    assert "sparkle is 'green', which is not one of dull, bright" in seen["refused"]


def test_the_protocol_carries_it(seen: dict[str, Any]) -> None:
    assert '"sparkle":"bright"' in seen["frame"]
    assert seen["arrived"] == "bright"
    assert seen["from_an_older_client"] == "dull"


def test_the_command_line_has_a_flag_and_a_column(seen: dict[str, Any]) -> None:
    for command in ("edit", "batch"):
        assert "--sparkle" in seen["help"][command]
        assert "dull|bright" in seen["help"][command]
    assert seen["column"] == "bright"
    assert "green" in seen["column_refused"]


def test_settings_and_layers_remember_it(seen: dict[str, Any]) -> None:
    assert seen["settings"] == "bright"
    assert seen["note"] == "bright"


def test_gimp_has_an_argument_and_a_widget(seen: dict[str, Any]) -> None:
    assert seen["gimp_argument"] == ["sparkle", "choice"]
    assert "sparkle" in seen["gimp_widgets"]


def test_the_docker_has_a_row(seen: dict[str, Any]) -> None:
    assert "sparkle" in seen["qt_rows"]
