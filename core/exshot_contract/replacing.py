"""Replacing a file whole or not at all, also where Windows holds the old one open."""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
import stat
import sys
import time
from pathlib import Path
from typing import Final

READ_ONLY: Final = "it is marked read-only"
_ON_WINDOWS = sys.platform == "win32"
_TRIES = 20
_PAUSE = 0.05


def write_whole(path: Path, data: bytes) -> None:
    """Write settings beside and rename, so that a crash leaves the old ones; their folder is made.

    A link stays a link, and a file keeps its mode.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(data)
        if path.exists():
            shutil.copymode(path, temporary)
        replace_file(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def replace_file(temporary: Path, target: Path) -> None:
    """Rename ``temporary`` over ``target``, which need not exist.

    On Windows that fails while a virus scanner, the search index or OneDrive looks into the target,
    mostly for a moment: it is tried for a second. A target that is marked read-only stays there.

    Raises:
        OSError: it cannot be replaced; both files are as they were.
    """
    if is_protected(target):
        raise PermissionError(errno.EACCES, READ_ONLY, str(target))
    for attempt in range(1, _TRIES + 1):
        try:
            temporary.replace(target)
            return
        except PermissionError:
            if not _ON_WINDOWS or attempt == _TRIES:
                raise
        time.sleep(_PAUSE)


def is_protected(path: Path) -> bool:
    """Whether it is a file that Windows would not replace because it is marked read-only.

    Elsewhere the folder decides. (Wine replaces it, too.)
    """
    try:
        return _ON_WINDOWS and not path.stat().st_mode & stat.S_IWRITE
    except OSError:
        return False
