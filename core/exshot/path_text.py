"""Paths in sentences: whatever a file is called, its name can be printed and told from others."""

from __future__ import annotations

import os
import re
import stat
import sys
import unicodedata
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from exshot_contract.replacing import READ_ONLY

_STREAMS = ("/dev/stdin", "/dev/stdout", "/dev/stderr")
_UNDECODABLE = range(0xDC80, 0xDD00)  # how Python holds bytes of a name that are no text


def shown(path: str | PathLike[str]) -> str:
    """The path with what cannot be printed escaped: ``caf\\xe9.jpg`` for a Latin-1 name.

    Bytes that are no text in the file system's encoding become ``\\xNN``, control characters what
    Python writes for them. Everything else stays.
    """
    return "".join(_shown(character) for character in os.fspath(path))


def told_apart(paths: Sequence[Path]) -> tuple[str, ...]:
    """File names as far as they are different, with their folder where two are alike."""
    names = [path.name for path in paths]
    unique = [names.count(name) == 1 for name in names]
    return tuple(
        shown(path.name if alone else Path(path.absolute().parent.name, path.name))
        for path, alone in zip(paths, unique)
    )


def reason_of(error: Exception) -> str:
    """The system's reason why a file could not be read or written, for a sentence about it.

    Windows denies access to a file also while another program holds it open, and does not say so.
    """
    reason = str(getattr(error, "strerror", None) or error)
    if sys.platform == "win32" and isinstance(error, PermissionError) and reason != READ_ONLY:
        return f"{reason.rstrip('.')}; another program may have it open"
    return reason


def _shown(character: str) -> str:
    code = ord(character)
    if code in _UNDECODABLE:
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode()


def open_descriptor(path: str | PathLike[str]) -> int | None:
    """The number of the open file that a path stands for: 1 for ``/dev/stdout``; else None."""
    place = str(Path(path).absolute())
    if place in _STREAMS:
        return _STREAMS.index(place)
    numbered = re.fullmatch(r"(?:/dev/fd|/proc/self/fd)/(\d{1,6})", place)
    return None if numbered is None else int(numbered[1])


def is_regular_place(path: str | PathLike[str]) -> bool:
    """Whether a file of that name may be replaced by another: it is none yet, or a regular one.

    What stands for a device, a pipe or an open file (``/dev/null``, ``/dev/stdout``) must be
    written to instead.
    """
    place = str(Path(path).absolute())
    if place.startswith(("/dev/fd/", "/dev/std", "/proc/")):
        return False
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return True
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
