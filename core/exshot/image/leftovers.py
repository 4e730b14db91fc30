"""What a killed process leaves: temporary files that never got their name.

A writer holds a lock on its temporary file until that is named or removed; the system takes the
lock away when a process dies. So a temporary file that can be locked belongs to nobody.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

if os.name == "posix":
    import fcntl

_BEGINNING: Final = ".exshot-"
_ENDING: Final = ".tmp"


def open_temporary(folder: Path) -> tuple[Path, int]:
    """A new file in the folder, to be written to and then named; it is locked while it is open.

    Its name is not derived from another: that could make it longer than the file system allows.
    """
    while True:
        path = folder / f"{_BEGINNING}{secrets.token_hex(8)}{_ENDING}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666)
        if _held(descriptor):
            return path, descriptor
        os.close(descriptor)


def remove_leftovers(folders: Iterable[Path]) -> int:
    """Remove temporary files that no living process writes to; how many there were.

    Also safe while others write to the folders, on other computers too where the file system
    passes locks on (NFS does); where it knows no locks, nothing is removed.
    """
    return sum(
        _removed(path)
        for folder in folders
        for path in folder.glob(f"{_BEGINNING}{'[0-9a-f]' * 16}{_ENDING}")
    )


def _held(descriptor: int) -> bool:
    """Lock the file; False where `remove_leftovers` has been quicker and removed it."""
    if os.name == "posix":
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        return os.fstat(descriptor).st_nlink > 0
    return True  # Windows lets nobody remove an open file


def _removed(path: Path) -> bool:
    try:
        if os.name == "posix":
            descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)
        else:
            path.unlink()
    except OSError:
        return False
    return True
