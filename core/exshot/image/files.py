"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from os import PathLike
from pathlib import Path
from typing import Final

from exshot.errors import ErrorCode, ExshotError
from exshot.image.leftovers import open_temporary
from exshot.image.windows_names import reachable, refusal
from exshot.path_text import is_regular_place, open_descriptor, reason_of, shown
from exshot_contract.replacing import READ_ONLY, is_protected, replace_file

# The lock that tells a living writer's temporary file ends when the file is closed; Windows renames
# no open file, and needs no lock.
_NAMED_WHILE_OPEN: Final = os.name == "posix"


def check_writable(path: str | PathLike[str], *, overwrite: bool) -> Path:
    """The path to write to, symbolic links followed, if it may be written as far as can be told.

    Raises:
        ExshotError: ``OUTPUT_EXISTS``, or ``OUTPUT_NOT_WRITABLE`` for a missing folder, a folder
            in the file's place, or a name that Windows would not write a file to.
    """
    if reason := refusal(path):
        raise not_writable(path, reason)
    if not is_regular_place(path):
        return Path(path)
    try:
        target = reachable(_followed(path))
        if target.is_dir():
            raise not_writable(path, "it is a folder")
        if not target.parent.is_dir():
            raise not_writable(path, "its folder does not exist")
        if target.exists() and not overwrite:
            raise _exists(path)
        if is_protected(target):
            raise not_writable(path, READ_ONLY)
    except (OSError, ValueError) as error:
        raise not_writable(path, reason_of(error)) from error
    return target


def write_atomically(path: str | PathLike[str], data: bytes, *, overwrite: bool) -> None:
    """Write the bytes to a file that appears complete or not at all.

    They go to a temporary name in the same folder, are flushed to the disk and then get their
    name. Whatever interrupts this, Ctrl-C included, the temporary file is removed and an existing
    file is untouched. Without ``overwrite`` a file that appears meanwhile is not replaced either.

    A device or a pipe is written to as it is, and never replaced by a file.

    Raises:
        ExshotError: ``OUTPUT_EXISTS`` or ``OUTPUT_NOT_WRITABLE``.
    """
    target = check_writable(path, overwrite=overwrite)
    if not is_regular_place(path):
        _write_through(target, data)
        return
    temporary = None
    try:
        temporary, descriptor = open_temporary(target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if _NAMED_WHILE_OPEN:
                _give_name(temporary, target, overwrite=overwrite)
        if not _NAMED_WHILE_OPEN:
            _give_name(temporary, target, overwrite=overwrite)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise not_writable(path, reason_of(error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _write_through(target: Path, data: bytes) -> None:
    try:
        # What is open already goes on where it is: opened anew, a file that stdout was led into
        # would be written to from its start, by one of the two over the other.
        number = open_descriptor(target)
        place = target if number is None else os.dup(number)
        with open(place, "ab", buffering=0) as file:  # noqa: PTH123 - a number it may be
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
    except OSError as error:
        raise not_writable(target, reason_of(error)) from error


def _followed(path: str | PathLike[str]) -> Path:
    """The path with its links followed; as it is where the system cannot (long ones on Windows)."""
    try:
        return Path(os.path.realpath(path))
    except OSError:
        return Path(path).absolute()


def not_writable(path: str | PathLike[str], reason: str) -> ExshotError:
    return ExshotError(
        ErrorCode.OUTPUT_NOT_WRITABLE,
        f"{shown(path)} cannot be written: {_inside_a_sentence(reason)}.",
        "Choose another folder or name.",
    )


def _inside_a_sentence(reason: str) -> str:
    """The system's reason without its capital letter; a name such as Windows keeps it."""
    return reason if reason.startswith("Windows") else f"{reason[:1].lower()}{reason[1:]}"


def _exists(path: str | PathLike[str]) -> ExshotError:
    return ExshotError(
        ErrorCode.OUTPUT_EXISTS,
        f"{shown(path)} exists already.",
        "Choose another name, or allow overwriting.",
    )


def _give_name(temporary: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        with contextlib.suppress(OSError):
            shutil.copymode(target, temporary)
        replace_file(temporary, target)
    else:
        _name_new(temporary, target)


def _name_new(temporary: Path, target: Path) -> None:
    """Give the file its name unless that is taken: linking fails then, renaming would replace."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except (OSError, AttributeError):
        # A file system without hard links (FAT, some network shares): reserve the name first.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            replace_file(temporary, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where folders can be opened for that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
