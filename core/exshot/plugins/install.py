"""Copies or links a plug-in into an editor's folder, and takes it out again.

Every step is reported, running it twice changes nothing more, and a folder that ExShot did not make
is never touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from exshot.plugins import kritarc
from exshot.plugins.editors import NAMES, EditorPlace
from exshot.plugins.sources import BESIDE, IGNORED, PluginSources
from exshot.version import __version__
from exshot_contract.engine_command import engine_config, write_engine_config
from exshot_contract.replacing import write_whole

PLUGIN = "exshot"
MARKER = ".installed-by-exshot.json"
ENGINE = "Engine"

Action = Literal["done", "unchanged", "skipped", "failed"]
Mode = Literal["copy", "link"]


@dataclass(frozen=True)
class Step:
    """One thing that was done, was already so, was left out, or failed."""

    editor: str
    action: Action
    sentence: str
    hint: str = ""


@dataclass(frozen=True)
class PluginState:
    """What is in an editor's plug-in folder.

    ``mode`` is ``none`` for no plug-in and ``foreign`` for one that ExShot did not put there.
    ``enabled`` says whether the editor loads it (GIMP always does).
    """

    mode: Literal["none", "copy", "link", "foreign"]
    version: str = ""
    enabled: bool = False


def state_of(place: EditorPlace) -> PluginState:
    """Look, change nothing."""
    target = place.plugins / PLUGIN
    if not target.exists() and not target.is_symlink():
        return PluginState("none")
    try:
        marker = json.loads((target / MARKER).read_text(encoding="utf-8"))
        mode, version = marker["mode"], str(marker["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return PluginState("foreign")
    on = place.settings is None or kritarc.enabled(_read_settings(place.settings), PLUGIN)
    return PluginState("link" if mode == "link" else "copy", version, on)


def install(
    place: EditorPlace,
    sources: PluginSources,
    *,
    link: bool = False,
    sandboxed: bool = False,
) -> tuple[Step, ...]:
    """Put the plug-in into one editor; see `choose_engine` for what it starts.

    ``link`` makes symbolic links to the sources, so that edits there show at the editor's next
    start. ``sandboxed`` also installs into a Flatpak or Snap, though it may not work there.
    """
    if place.problem and not (sandboxed and place.kind != "native"):
        return (Step(place.title, "skipped", place.problem, place.hint),)
    entries = sources.entries(place.editor)
    if entries is None:
        sentence = f"This build of ExShot has no {NAMES[place.editor]} plug-in."
        return (Step(place.title, "skipped", sentence),)
    target = place.plugins / PLUGIN
    if state_of(place).mode == "foreign":
        hint = "Move it away and run the command again."
        return (Step(place.title, "failed", f"{target} was not put there by ExShot.", hint),)
    try:
        made = _folders_to_make(place)
        steps = [_install_folder(place, target, entries, link, made)]
        for path, source in sources.beside(place.editor).items():
            (place.plugins / path).parent.mkdir(parents=True, exist_ok=True)
            _put(source, place.plugins / path, link)
        if place.settings is not None:
            steps.append(_switch(place, place.settings, on=True))
    except OSError as error:
        return (_failed(place, error),)
    return tuple(steps)


def uninstall(place: EditorPlace) -> tuple[Step, ...]:
    """Take the plug-in out of one editor; what ExShot did not make stays."""
    target = place.plugins / PLUGIN
    state = state_of(place)
    if state.mode == "foreign":
        return (Step(place.title, "skipped", f"{target} was not put there by ExShot."),)
    made = _noted_folders(target)
    try:
        if state.mode == "none":
            steps = [Step(place.title, "unchanged", "No plug-in was there.")]
        else:
            shutil.rmtree(target)
            steps = [Step(place.title, "done", f"Removed {target}.")]
            for path in BESIDE[place.editor]:
                (place.plugins / path).unlink(missing_ok=True)
        if place.settings is not None:
            steps.append(_switch(place, place.settings, on=False))
        for folder in reversed(made):
            with contextlib.suppress(OSError):  # used by something else by now
                folder.rmdir()
    except OSError as error:
        return (_failed(place, error),)
    return tuple(steps)


def choose_engine(argv: tuple[str, ...], env: Mapping[str, str]) -> Step:
    """Have every plug-in of this user start this engine, so that both have one version."""
    path = engine_config(env)
    before = path.read_bytes() if path.is_file() else None
    try:
        write_engine_config(argv, prefer=True, env=env)
    except OSError as error:
        sentence = f"{path} cannot be written: {error.strerror}."
        return Step(ENGINE, "failed", sentence, "Check that the folder belongs to you.")
    if before == path.read_bytes():
        return Step(ENGINE, "unchanged", f"Plug-ins already start {argv[0]}.")
    return Step(ENGINE, "done", f"Plug-ins start {argv[0]} (noted in {path}).")


def forget_engine(env: Mapping[str, str]) -> Step:
    """Remove what `choose_engine` wrote; settings beside it stay."""
    path = engine_config(env)
    try:
        if not path.exists():
            return Step(ENGINE, "unchanged", "No engine was noted for plug-ins.")
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    except OSError as error:
        sentence = f"{path} cannot be removed: {error.strerror}."
        return Step(ENGINE, "failed", sentence, "Check that the folder belongs to you.")
    return Step(ENGINE, "done", f"Removed {path}.")


def _folders_to_make(place: EditorPlace) -> list[Path]:
    """Folders that an installation makes: those noted before, and what is missing now."""
    wanted = [place.plugins, *((place.plugins / path).parent for path in BESIDE[place.editor])]
    wanted += [place.settings.parent] if place.settings is not None else []
    made = _noted_folders(place.plugins / PLUGIN)
    for folder in (Path(os.path.normpath(path)) for path in wanted):
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        made += [path for path in reversed(missing) if path not in made]
    return made


def _noted_folders(target: Path) -> list[Path]:
    """Folders that ExShot made around a plug-in, outermost first."""
    try:
        marker = json.loads((target / MARKER).read_text(encoding="utf-8"))
        return [Path(name) for name in marker.get("folders", ()) if isinstance(name, str)]
    except (OSError, ValueError, AttributeError, TypeError):
        return []


def _install_folder(
    place: EditorPlace, target: Path, entries: dict[str, Path], link: bool, made: list[Path]
) -> Step:
    mode: Mode = "link" if link else "copy"
    place.plugins.mkdir(parents=True, exist_ok=True)
    # Built outside the plug-in folder: an editor that starts just now never sees half of it.
    fresh = place.plugins.parent / f".exshot-{secrets.token_hex(4)}"
    try:
        fresh.mkdir()
        for name, source in entries.items():
            _put(source, fresh / name, link)
        if place.editor == "gimp" and not link:
            (fresh / f"{PLUGIN}.py").chmod(0o755)  # GIMP silently leaves out others
        folders = [str(path) for path in made]
        marker = json.dumps({"mode": mode, "version": __version__, "folders": folders}, indent=2)
        (fresh / MARKER).write_text(marker + "\n", encoding="utf-8")
        if _same_tree(fresh, target):
            return Step(place.title, "unchanged", f"{target} is up to date.")
        existed = target.exists()
        _replace_folder(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    verb = "Updated" if existed else "Linked" if link else "Installed"
    return Step(place.title, "done", f"{verb} {target}.")


def _replace_folder(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.rename(target)
        return
    old = fresh.with_name(f"{fresh.name}-old")
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _put(source: Path, target: Path, link: bool) -> None:
    """Copy or link one file or folder, replacing what is there."""
    if target.is_symlink() or target.is_file():
        target.unlink()
    if link:
        target.symlink_to(source, target_is_directory=source.is_dir())
    elif source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*IGNORED))
    else:
        shutil.copy2(source, target)


def _same_tree(one: Path, other: Path) -> bool:
    listed, present = _listing(one), _listing(other)
    return listed == present


def _listing(folder: Path) -> dict[str, tuple[str, bytes, bool]]:
    """Relative path to kind, content and executable bit; links are not followed."""
    found: dict[str, tuple[str, bytes, bool]] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        name = str(path.relative_to(folder))
        if any(part in IGNORED for part in path.relative_to(folder).parts):
            continue
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()).encode(), False)
        elif path.is_file():
            found[name] = ("file", path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return found


def _switch(place: EditorPlace, settings: Path, *, on: bool) -> Step:
    text = _read_settings(settings)
    changed = kritarc.enable(text, PLUGIN) if on else kritarc.disable(text, PLUGIN)
    word = "on" if on else "off"
    if changed == text:
        return Step(place.title, "unchanged", f"The plug-in was already {word} in {settings}.")
    if changed:
        write_whole(settings, changed.encode("utf-8", "surrogateescape"))
    else:
        settings.unlink()
    hint = "Restart Krita if it is running."
    return Step(place.title, "done", f"Switched the plug-in {word} in {settings}.", hint)


def _read_settings(settings: Path) -> str:
    try:
        return settings.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""


def _failed(place: EditorPlace, error: OSError) -> Step:
    where = f" ({error.filename})" if error.filename else ""
    sentence = f"The plug-in folder could not be changed: {error.strerror}{where}."
    return Step(place.title, "failed", sentence, "Check that the folder belongs to you.")
