"""Which GIMP and Krita are here, and where each looks for plug-ins."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from exshot_contract.paths import UserFolders

Kind = Literal["native", "flatpak", "snap"]
EditorName = Literal["gimp", "krita"]

NAMES: dict[EditorName, str] = {"gimp": "GIMP", "krita": "Krita"}
GIMP_COMMANDS = (
    "gimp-console-3.2",
    "gimp-3.2",
    "gimp-console-3.0",
    "gimp-3.0",
    "gimp-console",
    "gimp",
)
KRITA_MINIMUM = (5, 2)
TESTED: dict[EditorName, tuple[str, ...]] = {
    "gimp": ("3.0.4", "3.2.6"),
    "krita": ("5.2.9", "5.3.4", "6.0.4"),
}
"""The versions that the tests run in, oldest first; patch releases of them count as tested."""
SANDBOX_HINTS = {
    "flatpak": "A Flatpak runs in a sandbox without this computer's Python. Install the editor from"
    " your distribution or its own site, or install ExShot's standalone download, which brings its"
    " own Python, and run `exshot install-plugins --sandboxed`.",
    "snap": "A Snap runs in a sandbox and may not start programs outside it. Install the editor"
    " from your distribution, as a Flatpak, or from its own site.",
}


@dataclass(frozen=True)
class EditorPlace:
    """One editor's plug-in folder of this user.

    Attributes:
        editor: which editor.
        kind: how it was packaged.
        version: as far as known, ``3.0.4`` or only ``3.0``; empty when unknown.
        plugins: the folder that holds plug-ins; may not exist yet.
        settings: Krita's ``kritarc``; None for GIMP.
        problem: why a plug-in cannot work there, one sentence; empty where it can.
        hint: what to do about it.
    """

    editor: EditorName
    kind: Kind
    version: str
    plugins: Path
    settings: Path | None = None
    problem: str = ""
    hint: str = ""

    @property
    def title(self) -> str:
        how = "" if self.kind == "native" else f" ({self.kind.capitalize()})"
        return f"{NAMES[self.editor]}{' ' + self.version if self.version else ''}{how}"

    @property
    def newer_than_tested(self) -> bool:
        """A release that is younger than all that ExShot was tested with."""
        newest = _numbers(TESTED[self.editor][-1])[:2]
        return bool(self.version) and _numbers(self.version)[:2] > newest


def find_editors(folders: UserFolders) -> tuple[EditorPlace, ...]:
    """Every GIMP and Krita of this user, native ones first; also those that cannot be served."""
    return (*_native_gimp(folders), *_native_krita(folders), *_sandboxed(folders))


def _native_gimp(folders: UserFolders) -> list[EditorPlace]:
    versions = {_short(version): version for version in _gimp_versions(folders)}
    parent = folders.config / "GIMP"
    profiles = {name: parent / name for name in (*_profiles(parent), *versions)}
    if named := folders.environ.get("GIMP3_DIRECTORY"):
        profiles = {**profiles, "GIMP3_DIRECTORY": Path(named)}
    places = []
    for name, profile in sorted(profiles.items()):
        version = versions.get(name, name if name[0].isdigit() else "")
        if not name.startswith("2."):
            places.append(EditorPlace("gimp", "native", version, profile / "plug-ins"))
    old = max((name for name in profiles if name.startswith("2.")), default=None)
    if old and not places:
        problem = f"GIMP {versions.get(old, old)} is too old; ExShot needs GIMP 3.0 or newer."
        hint = "Install GIMP 3, start it once, and run `exshot install-plugins` again."
        where = profiles[old] / "plug-ins"
        places.append(EditorPlace("gimp", "native", old, where, None, problem, hint))
    return places


def _native_krita(folders: UserFolders) -> list[EditorPlace]:
    settings = folders.local / "kritarc"
    resources = folders.data / "krita"
    path = folders.environ.get("PATH")
    version = _asked("krita_version", folders, ())  # it refuses every option
    found = settings.exists() or resources.is_dir() or shutil.which("krita", path=path)
    if not (found or _windows_programs(folders, "Krita*/bin/krita.exe")):
        return []
    problem = hint = ""
    if version and _numbers(version) < KRITA_MINIMUM:
        problem = f"Krita {version} is too old; ExShot needs Krita 5.2 or newer."
        hint = "Update Krita and run `exshot install-plugins` again."
    return [EditorPlace("krita", "native", version, resources / "pykrita", settings, problem, hint)]


def _sandboxed(folders: UserFolders) -> list[EditorPlace]:
    kinds: tuple[Kind, ...] = ("flatpak", "snap")
    places: list[EditorPlace] = []
    for kind in kinds:
        gimp, krita = _sandbox_roots(folders, kind)
        if gimp.is_dir():
            parent = _first(gimp / "config", gimp / ".config") / "GIMP"
            names = [name for name in _profiles(parent) if name.startswith("3.")] or ["3.0"]
            places += [_boxed("gimp", kind, n, parent / n / "plug-ins", None) for n in names]
        if krita.is_dir():
            data = _first(krita / "data", krita / ".local/share") / "krita"
            settings = _first(krita / "config", krita / ".config") / "kritarc"
            places.append(_boxed("krita", kind, "", data / "pykrita", settings))
    return places


def _boxed(
    editor: EditorName, kind: Kind, version: str, plugins: Path, settings: Path | None
) -> EditorPlace:
    problem = f"{NAMES[editor]} here is a {kind.capitalize()}, which cannot start ExShot as it is."
    return EditorPlace(editor, kind, version, plugins, settings, problem, SANDBOX_HINTS[kind])


def _sandbox_roots(folders: UserFolders, kind: Kind) -> tuple[Path, Path]:
    if kind == "flatpak":
        apps = folders.home / ".var/app"
        return apps / "org.gimp.GIMP", apps / "org.kde.krita"
    snaps = folders.home / "snap"
    return snaps / "gimp/current", snaps / "krita/current"


def _profiles(parent: Path) -> list[str]:
    if not parent.is_dir():
        return []
    return [entry.name for entry in parent.iterdir() if re.fullmatch(r"[23]\.\d+", entry.name)]


def _first(*candidates: Path) -> Path:
    return next((path for path in candidates if path.is_dir()), candidates[0])


def _gimp_versions(folders: UserFolders) -> list[str]:
    asked = [version for command in GIMP_COMMANDS if (version := _asked(command, folders))]
    programs = _windows_programs(folders, "GIMP*/bin/gimp-*.exe")
    named = (re.fullmatch(r"gimp-(\d+\.\d+)", path.stem) for path in programs)
    return [*(match.group(1) for match in named if match), *asked]


def _windows_programs(folders: UserFolders, pattern: str) -> list[Path]:
    """Programs in the folders where Windows installs them: they are not on its PATH."""
    system = folders.environ.get("PROGRAMFILES")
    roots = [folders.local / "Programs", *([Path(system)] if system else [])]
    return [path for root in roots for path in sorted(root.glob(pattern))]


def _asked(command: str, folders: UserFolders, options: Sequence[str] = ("--version",)) -> str:
    """The version that a command tells, as ``3.0.4``; empty where it is absent or silent."""
    program = shutil.which(command, path=folders.environ.get("PATH"))
    if program is None:
        return ""
    try:
        answer = subprocess.run(
            [program, *options],
            capture_output=True,
            text=True,
            timeout=15,
            stdin=subprocess.DEVNULL,
            env=dict(folders.environ),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    found = re.search(r"\d+\.\d+(\.\d+)?", answer.stdout + answer.stderr)
    return found.group() if found else ""


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
