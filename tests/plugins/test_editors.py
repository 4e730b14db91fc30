"""Finding GIMP and Krita in a user's home."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from exshot.plugins import UserFolders, find_editors

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses shell scripts as editors")
AddProgram = Callable[[str, str], None]


def test_no_editor_is_found_where_there_is_none(folders: UserFolders) -> None:
    assert find_editors(folders) == ()


def test_every_gimp_3_profile_is_found(folders: UserFolders) -> None:
    for name in ("2.10", "3.0", "3.2", "tmp"):
        (folders.config / "GIMP" / name).mkdir(parents=True)
    found = find_editors(folders)
    assert [place.version for place in found] == ["3.0", "3.2"]
    assert found[0].plugins == folders.config / "GIMP/3.0/plug-ins"
    assert not any(place.problem for place in found)


def test_a_gimp_that_was_never_started_is_found(folders: UserFolders, program: AddProgram) -> None:
    program("gimp", "GNU Image Manipulation Program version 3.0.4")
    (place,) = find_editors(folders)
    assert place.title == "GIMP 3.0.4"
    assert place.plugins == folders.config / "GIMP/3.0/plug-ins"


def test_editors_in_windows_program_folders_are_found_before_their_first_start(
    folders: UserFolders,
) -> None:
    system = folders.home / "Program Files"
    for name in ("GIMP 3/bin/gimp-3.2.exe", "GIMP 3/bin/gimp.exe", "Krita (x64)/bin/krita.exe"):
        path = system / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    folders = replace(folders, environ={**folders.environ, "PROGRAMFILES": str(system)})
    assert [place.title for place in find_editors(folders)] == ["GIMP 3.2", "Krita"]


def test_gimp_2_is_told_to_be_too_old(folders: UserFolders, program: AddProgram) -> None:
    program("gimp", "GNU Image Manipulation Program version 2.10.34")
    (place,) = find_editors(folders)
    assert "2.10.34 is too old" in place.problem
    assert "GIMP 3" in place.hint


def test_gimps_own_variable_for_its_profile_is_heeded(folders: UserFolders) -> None:
    profile = folders.home / "elsewhere"
    folders = replace(folders, environ={**folders.environ, "GIMP3_DIRECTORY": str(profile)})
    (place,) = find_editors(folders)
    assert place.plugins == profile / "plug-ins"


def test_krita_is_found_by_its_settings_or_its_program(
    folders: UserFolders, program: AddProgram
) -> None:
    program("krita", "")
    program("krita_version", "5.2.9")
    (place,) = find_editors(folders)
    assert place.title == "Krita 5.2.9"
    assert place.plugins == folders.data / "krita/pykrita"
    assert place.settings == folders.config / "kritarc"
    assert not place.problem


def test_kritas_version_is_asked_for_as_it_wants_to_be_asked(
    folders: UserFolders, program: AddProgram
) -> None:
    program("krita", "")
    program("krita_version", "6.0.4.1")
    tool = folders.home / "bin/krita_version"
    refuses = "#!/bin/sh\n[ $# = 0 ] || { echo \": Unknown option '$1'.\"; exit 1; }\n"
    tool.write_text(refuses + tool.read_text().partition("\n")[2])
    (place,) = find_editors(folders)
    assert place.title == "Krita 6.0.4"


def test_an_old_krita_is_told_to_be_too_old(folders: UserFolders, program: AddProgram) -> None:
    program("krita", "")
    program("krita_version", "5.1.5")
    (place,) = find_editors(folders)
    assert "5.1.5 is too old" in place.problem


def test_flatpak_and_snap_are_found_and_explained(folders: UserFolders) -> None:
    flatpak = folders.home / ".var/app/org.gimp.GIMP/config/GIMP/3.0"
    snap = folders.home / "snap/krita/current/.config"
    flatpak.mkdir(parents=True)
    snap.mkdir(parents=True)
    gimp, krita = find_editors(folders)
    assert (gimp.kind, gimp.plugins) == ("flatpak", flatpak / "plug-ins")
    assert (krita.kind, krita.settings) == ("snap", snap / "kritarc")
    assert "Flatpak" in gimp.problem
    assert "Snap" in krita.problem
    assert gimp.hint
    assert krita.hint
