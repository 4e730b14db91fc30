"""The Windows installer, as a user without administrator's rights meets it."""

from __future__ import annotations

import json
from pathlib import Path

from bundle_components import check_components
from windows.wanted import beyond_the_core

from exshot.version import __version__
from tools.wine.computer import KRITARC, PROGRAM, WindowsComputer, wine

FOLDER = PROGRAM.rpartition("\\")[0]
ENGINE = f"{wine(PROGRAM, 'engine')} <engine-stdin >/dev/null"


def test_the_program_is_where_plug_ins_look_and_on_the_path(installed: WindowsComputer) -> None:
    assert (installed.program / "exshot.exe").is_file()
    assert installed.path_entries() == [FOLDER]


def test_the_plug_ins_are_where_gimp_and_krita_look(installed: WindowsComputer) -> None:
    for version in ("3.0", "3.2"):
        plugin = installed.roaming / f"GIMP/{version}/plug-ins/exshot"
        assert (plugin / "exshot.py").is_file()
        assert (plugin / "exshot_contract/messages.py").is_file()
        assert (plugin / "exshot_host/engine/client.py").is_file()
    krita = installed.roaming / "krita"
    assert (krita / "pykrita/exshot.desktop").is_file()
    assert (krita / "pykrita/exshot/__init__.py").is_file()
    assert (krita / "actions/exshot.action").is_file()
    assert installed.kritarc.read_bytes() == KRITARC.replace(
        b"[python]\r\n", b"[python]\r\nenable_exshot=true\r\n"
    )
    engine = json.loads((installed.roaming / "ExShot/engine.json").read_text("utf-8"))
    assert engine["engine"] == [PROGRAM, "engine"]


def test_no_part_of_windows_or_of_wine_is_shipped(installed: WindowsComputer) -> None:
    names = {path.stem.lower() for path in installed.program.rglob("*")}
    assert not names & {"ucrtbase", "ucrtwine", "bcryptprimitives", "kernel32"}


def test_the_program_holds_what_its_notice_says(installed: WindowsComputer) -> None:
    check_components(installed.program)


@beyond_the_core
def test_an_upgrade_ends_the_running_engine_and_keeps_settings(
    copied: WindowsComputer, setup_program: Path
) -> None:
    settings = copied.roaming / "ExShot/settings.json"
    settings.write_text('{"kept": true}', encoding="utf-8")
    stale = copied.program / "_internal/of-an-older-version.txt"
    stale.write_text("x", encoding="utf-8")
    engine = f"""
cd /tmp && mkfifo engine-stdin && exec 9<>engine-stdin
({ENGINE}; echo "$?" >/prefix/engine-ended) & sleep 8
[[ -e /prefix/engine-ended ]] || touch /prefix/engine-ran"""
    copied.install(setup_program, before=engine)
    assert (copied.prefix / "engine-ran").exists()
    assert (copied.prefix / "engine-ended").read_text().strip() == "0"
    assert copied.exshot("--version").stdout.strip() == f"exshot {__version__}".encode()
    assert settings.read_text("utf-8") == '{"kept": true}'
    assert not stale.exists()
    assert len([entry for entry in copied.path_entries() if "ExShot" in entry]) == 1


def test_uninstalling_leaves_only_settings(copied: WindowsComputer) -> None:
    settings = copied.roaming / "ExShot/settings.json"
    settings.write_text("{}", encoding="utf-8")
    copied.exshot("doctor")
    done = copied.uninstall()
    assert done.status == 0, done.text
    ours = {path for path in copied.files() if "exshot" in path.lower()}
    assert ours == {"AppData/Roaming/ExShot", "AppData/Roaming/ExShot/settings.json"}
    assert copied.kritarc.read_bytes() == KRITARC
    assert not (copied.roaming / "GIMP/3.0/plug-ins").exists()
    assert [entry for entry in copied.path_entries() if "ExShot" in entry] == []
