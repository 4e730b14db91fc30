"""Putting plug-ins into editors and taking them out again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exshot.plugins import (
    EditorPlace,
    PluginSources,
    UserFolders,
    choose_engine,
    find_editors,
    find_sources,
    forget_engine,
    install,
    state_of,
    uninstall,
)
from exshot.version import __version__
from exshot_host.engine.locate import find_engine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")


@pytest.fixture
def gimp(folders: UserFolders) -> EditorPlace:
    (folders.config / "GIMP/3.0").mkdir(parents=True)
    return next(place for place in find_editors(folders) if place.editor == "gimp")


@pytest.fixture
def krita(folders: UserFolders) -> EditorPlace:
    (folders.config).mkdir(parents=True, exist_ok=True)
    (folders.config / "kritarc").write_text("[theme]\nTheme=dark\n")
    return next(place for place in find_editors(folders) if place.editor == "krita")


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_gimp_gets_an_executable_plugin_with_its_library(
    gimp: EditorPlace, sources: PluginSources
) -> None:
    (step,) = install(gimp, sources)
    assert step.action == "done"
    folder = gimp.plugins / "exshot"
    assert os.access(folder / "exshot.py", os.X_OK)
    assert (folder / "exshot_contract/wire.py").exists()
    assert (folder / "exshot_host/engine/client.py").exists()
    assert not (folder / "__pycache__").exists()
    assert state_of(gimp).mode == "copy"
    assert state_of(gimp).version == __version__


def test_krita_gets_its_plugin_switched_on(krita: EditorPlace, sources: PluginSources) -> None:
    steps = install(krita, sources)
    assert [step.action for step in steps] == ["done", "done"]
    assert (krita.plugins / "exshot.desktop").exists()
    assert (krita.plugins / "exshot/exshot_contract/wire.py").exists()
    assert (krita.plugins / "exshot/exshot_host/engine/client.py").exists()
    assert (krita.plugins / "exshot/exshot_qt/panel.py").exists()
    assert (krita.plugins.parent / "actions/exshot.action").exists()
    assert krita.settings is not None
    assert krita.settings.read_text() == "[theme]\nTheme=dark\n\n[python]\nenable_exshot=true\n"
    assert state_of(krita).enabled


def test_a_second_time_changes_nothing(
    gimp: EditorPlace, krita: EditorPlace, sources: PluginSources, folders: UserFolders
) -> None:
    for place in (gimp, krita):
        install(place, sources)
    before = files(folders.home)
    steps = [step for place in (gimp, krita) for step in install(place, sources)]
    assert {step.action for step in steps} == {"unchanged"}
    assert files(folders.home) == before


def test_a_newer_plugin_replaces_an_older_one(gimp: EditorPlace, sources: PluginSources) -> None:
    install(gimp, sources)
    (sources.libraries / "exshot_host/engine/client.py").unlink()
    (sources.libraries / "exshot_host/engine/session.py").write_text("NEW = 1\n")
    (step,) = install(gimp, sources)
    assert step.sentence.startswith("Updated")
    assert os.listdir(gimp.plugins / "exshot/exshot_host/engine") == ["session.py"]  # noqa: PTH208


def test_uninstalling_leaves_the_home_as_it_was(
    gimp: EditorPlace, krita: EditorPlace, sources: PluginSources, folders: UserFolders
) -> None:
    before = files(folders.home)
    for place in (gimp, krita):
        install(place, sources)
        uninstall(place)
    assert files(folders.home) == before
    assert {step.action for step in (*uninstall(gimp), *uninstall(krita))} == {"unchanged"}


def test_dev_links_show_changes_of_the_sources_at_once(
    gimp: EditorPlace, krita: EditorPlace, sources: PluginSources
) -> None:
    for place in (gimp, krita):
        install(place, sources, link=True)
        assert state_of(place).mode == "link"
    assert sources.gimp is not None
    (sources.gimp / "exshot.py").write_text("# changed\n")
    assert (gimp.plugins / "exshot/exshot.py").read_text() == "# changed\n"
    uninstall(gimp)
    assert (sources.gimp / "exshot.py").exists()


def test_linked_and_copied_replace_each_other(gimp: EditorPlace, sources: PluginSources) -> None:
    install(gimp, sources, link=True)
    install(gimp, sources)
    assert not (gimp.plugins / "exshot/exshot.py").is_symlink()
    install(gimp, sources, link=True)
    assert (gimp.plugins / "exshot/exshot.py").is_symlink()


def test_a_folder_of_somebody_else_is_left_alone(gimp: EditorPlace, sources: PluginSources) -> None:
    other = gimp.plugins / "exshot"
    other.mkdir(parents=True)
    (other / "mine.txt").write_text("mine")
    (step,) = install(gimp, sources)
    assert step.action == "failed"
    assert step.hint
    uninstall(gimp)
    assert files(other) == {"mine.txt": b"mine"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_profile_is_explained(gimp: EditorPlace, sources: PluginSources) -> None:
    gimp.plugins.parent.chmod(0o555)
    (step,) = install(gimp, sources)
    assert step.action == "failed"
    assert "Permission" in step.sentence


def test_a_file_in_the_way_is_explained(gimp: EditorPlace, sources: PluginSources) -> None:
    gimp.plugins.write_text("a file where a folder belongs")
    (step,) = install(gimp, sources)
    assert step.action == "failed"
    assert "plug-ins" in step.sentence
    assert os.listdir(gimp.plugins.parent) == ["plug-ins"]  # noqa: PTH208


def test_a_sandboxed_editor_is_left_out_unless_asked_for(
    folders: UserFolders, sources: PluginSources
) -> None:
    (folders.home / ".var/app/org.gimp.GIMP/config/GIMP/3.0").mkdir(parents=True)
    (place,) = find_editors(folders)
    (step,) = install(place, sources)
    assert step.action == "skipped"
    assert "Flatpak" in step.sentence
    assert not place.plugins.exists()
    (step,) = install(place, sources, sandboxed=True)
    assert step.action == "done"


def test_a_build_without_a_plugin_says_so(gimp: EditorPlace, sources: PluginSources) -> None:
    (step,) = install(gimp, PluginSources(None, None, sources.libraries))
    assert step.action == "skipped"
    assert "no GIMP plug-in" in step.sentence


def test_plugins_start_the_engine_that_was_chosen(folders: UserFolders) -> None:
    argv = (sys.executable, "-m", "exshot.engine")
    assert choose_engine(argv, folders.environ).action == "done"
    assert choose_engine(argv, folders.environ).action == "unchanged"
    assert find_engine(folders.environ).argv == argv
    assert forget_engine(folders.environ).action == "done"
    assert forget_engine(folders.environ).action == "unchanged"
    assert not (folders.config / "exshot").exists()


def test_this_checkouts_own_plugins_are_found(checkout: Path) -> None:
    sources = find_sources()
    if (checkout / "gimp_plugin/exshot/exshot.py").exists():
        assert sources.gimp == checkout / "gimp_plugin/exshot"
    for editor in ("gimp", "krita"):
        entries = sources.entries(editor)
        assert entries is None or all(path.exists() for path in entries.values())


def test_folders_that_were_made_for_the_plugin_go_with_it(
    folders: UserFolders, sources: PluginSources, program: Callable[[str, str], None]
) -> None:
    program("gimp-3.0", "GIMP version 3.0.4")
    program("krita", "krita 5.2.9")
    folders.config.mkdir()
    before = sorted(folders.home.rglob("*"))
    places = find_editors(folders)
    for _ in range(2):  # an update notes no less than the first installation
        for place in places:
            assert all(step.action in ("done", "unchanged") for step in install(place, sources))
    for place in places:
        uninstall(place)
    assert sorted(folders.home.rglob("*")) == before


def test_a_folder_that_holds_something_else_stays(
    folders: UserFolders, sources: PluginSources, program: Callable[[str, str], None]
) -> None:
    program("gimp-3.0", "GIMP version 3.0.4")
    (place,) = find_editors(folders)
    install(place, sources)
    other = place.plugins / "another"
    other.mkdir()
    uninstall(place)
    assert other.is_dir()
