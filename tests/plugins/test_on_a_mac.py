"""Where plug-ins, settings and the engine lie on macOS, as far as that shows without a Mac."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shared_data import CHECKOUT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX paths")
SCRIPT = CHECKOUT / "tests/plugins/inside/on_another_system.py"
RUNTIME = "Library/Application Support/ExShot/runtime"


@pytest.fixture
def mac(tmp_path: Path) -> Path:
    """The home of somebody who has started GIMP and Krita, with the package installed."""
    support = tmp_path / "Library/Application Support"
    for folder in (support / "GIMP/3.0", support / "krita", tmp_path / "Library/Preferences"):
        folder.mkdir(parents=True)
    (tmp_path / "Library/Preferences/kritarc").write_text("[python]\n")
    program = tmp_path / RUNTIME / "exshot"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


def looked_up(home: Path) -> dict[str, Any]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(CHECKOUT / "core")}
    command = [sys.executable, str(SCRIPT), "darwin", str(home)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_plug_ins_go_where_the_editors_look(mac: Path) -> None:
    support = mac / "Library/Application Support"
    assert looked_up(mac)["editors"] == [
        ["GIMP 3.0", str(support / "GIMP/3.0/plug-ins"), ""],
        ["Krita", str(support / "krita/pykrita"), str(mac / "Library/Preferences/kritarc")],
    ]


def test_the_engine_is_found_where_the_package_puts_it(mac: Path) -> None:
    found = looked_up(mac)
    assert found["engine"] == [str(mac / RUNTIME / "exshot"), "engine"]
    assert found["program"] == [str(mac / RUNTIME), f"/{RUNTIME}"]
    script = (CHECKOUT / "installers/macos/build_pkg.sh").read_text("utf-8")
    assert f'runtime="$root/{RUNTIME}"' in script
    assert "--install-location / " in script


def test_settings_and_log_are_where_the_page_says(mac: Path) -> None:
    found = looked_up(mac)
    page = (CHECKOUT / "docs/install.md").read_text("utf-8")
    for key in ("settings", "log"):
        told = found[key].replace(str(mac), "~")
        assert f"`{told}`" in page
    assert Path(found["engine noted in"]).parent == Path(found["settings"])
