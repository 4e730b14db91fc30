"""What Windows asks of a file's name; plain functions of text, for every system to test."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PureWindowsPath

_PORTS = tuple(f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³")
_DEVICES = frozenset(("con", "prn", "aux", "nul", "conin$", "conout$", *_PORTS))
_LONGEST = 247  # of a path, less where it is a folder's; beyond it Windows wants the long form


def reason_against(name: str) -> str:
    """Why Windows would write elsewhere than into a file of this name; empty where it would not.

    ``name`` is a file's name without its folder. ``aux.jpg`` is a device, ``a.jpg.`` loses its dot,
    and ``a:b.jpg`` is a hidden stream of the file ``a``.
    """
    stem = name.partition(".")[0].rstrip(" ")
    if stem.casefold() in _DEVICES:
        return f"Windows keeps the name {stem} for a device"
    if name != name.rstrip(" ."):
        return "Windows drops a dot or space at the end of a name"
    found = next((sign for sign in '<>:"|?*' if sign in name), None)
    return f"Windows allows no {found} in a name" if found else ""


def long_form(path: str) -> str:
    r"""An absolute Windows path as it is, or with ``\\?\`` before it where it is too long.

    Without that, Windows only finds paths of 260 letters and more where it was set up for them.
    """
    if len(path) <= _LONGEST or path.startswith(("\\\\?\\", "\\\\.\\")):
        return path
    return f"\\\\?\\UNC\\{path[2:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"


def refusal(path: str | os.PathLike[str]) -> str:
    """`reason_against` a path's name on Windows; empty on other systems."""
    if sys.platform != "win32":
        return ""
    return reason_against(PureWindowsPath(path).name)


def reachable(path: Path) -> Path:
    """The same file, under a path that Windows finds at any length; other systems' as it is."""
    if sys.platform != "win32":
        return path
    return Path(long_form(os.path.abspath(path)))  # noqa: PTH100 - must not follow links
