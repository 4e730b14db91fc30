"""Files that commands write: checked before the work starts, never left half-written."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from exshot.errors import ErrorCode, ExshotError
from exshot.image.windows_names import reachable, refusal
from exshot.path_text import is_regular_place, reason_of, shown
from exshot_contract.replacing import READ_ONLY, is_protected

_CAPITALS_COUNT = sys.platform not in ("win32", "darwin")


def check_outputs(
    outputs: Iterable[Path | None], *, inputs: Iterable[Path], overwrite: bool
) -> None:
    """Fail early where a file could not be written, so that no edit is made in vain.

    Raises `ExshotError`: ``OUTPUT_EXISTS`` for a file that is there (without ``overwrite``) or that
    is one of ``inputs``, by whatever name (always), ``OUTPUT_NOT_WRITABLE`` for a missing or
    read-only folder, and ``BAD_OPTION`` where two outputs are one file.
    """
    sources = {key for path in inputs for key in _identity(path)}
    seen: set[object] = set()
    for path in outputs:
        if path is None:
            continue
        if reason := refusal(path):
            raise _not_writable(path, reason)
        if not is_regular_place(path):
            continue  # a device or a pipe: written through, nothing is replaced
        identity = _identity(path)
        if identity & seen:
            raise ExshotError(
                ErrorCode.BAD_OPTION, f"{shown(path)} is named for two outputs.", "Name another."
            )
        seen |= identity
        if identity & sources:
            raise ExshotError(
                ErrorCode.OUTPUT_EXISTS,
                f"{shown(path)} is one of the input photos.",
                "Name another file; ExShot never replaces a photo it reads.",
            )
        _check_output(path, overwrite)


def _identity(path: Path) -> set[object]:
    """What two names of one file have in common."""
    place = str(_followed(path))
    found: set[object] = {place if _CAPITALS_COUNT else place.casefold()}
    with contextlib.suppress(OSError, ValueError):
        status = reachable(path).stat()
        found.add((status.st_dev, status.st_ino))  # hard links, names that differ in case
    return found


def _followed(path: Path) -> Path:
    """The path with its links followed; as it is where the system cannot (long ones on Windows)."""
    try:
        return Path(os.path.realpath(path))
    except OSError:
        return path.absolute()


def _check_output(path: Path, overwrite: bool) -> None:
    try:
        there = reachable(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        there = None
    except (OSError, ValueError) as error:  # a loop of links, a name that is too long
        raise _not_writable(path, reason_of(error)) from None
    if there is not None and stat.S_ISDIR(there.st_mode):
        raise ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE, f"{shown(path)} is a folder.", "Name a file inside it."
        )
    if there is not None and not overwrite:
        raise ExshotError(
            ErrorCode.OUTPUT_EXISTS,
            f"{shown(path)} exists.",
            "Name another file or add --overwrite.",
        )
    if is_protected(reachable(path)):
        raise _not_writable(path, READ_ONLY)
    folder = reachable(_followed(path).parent)
    if not folder.is_dir():
        raise ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE,
            f"The folder {shown(folder)} does not exist.",
            "Create it.",
        )
    if not os.access(folder, os.W_OK):
        raise _not_writable(path)


def make_folder(folder: Path) -> None:
    """Make a folder with those above it. Raises `ExshotError` ``OUTPUT_NOT_WRITABLE``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE,
            f"The folder {shown(folder)} cannot be made: {reason[:1].lower()}{reason[1:]}.",
            "Name another folder.",
        ) from None


@contextlib.contextmanager
def removed_on_failure(*outputs: Path | None) -> Iterator[Callable[[Path], None]]:
    """Where the block fails or is interrupted, remove those of the outputs that it made.

    Gives a function to tell that an output is written now: what stands in its place without,
    another program has put there in the meantime.
    """
    new = [path for path in outputs if path is not None and not os.path.lexists(path)]
    made: list[Path] = []
    try:
        yield made.append
    except BaseException:
        for path in made:
            with contextlib.suppress(OSError):
                if path in new:
                    path.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a file at once (a temporary name, then a rename); devices and pipes are written to.

    Raises `ExshotError` ``OUTPUT_NOT_WRITABLE``, and without ``overwrite`` ``OUTPUT_EXISTS``; a
    file that was there before is then unchanged.
    """
    write_bytes(path, text.encode(), overwrite=overwrite)


def write_bytes(path: Path, data: bytes, *, overwrite: bool) -> None:
    """As `write_text`, for bytes."""
    from exshot.image.files import write_atomically  # loads what only commands that work need

    write_atomically(path, data, overwrite=overwrite)


def _not_writable(path: Path, reason: str = "") -> ExshotError:
    because = f" ({reason})" if reason else ""
    return ExshotError(
        ErrorCode.OUTPUT_NOT_WRITABLE,
        f"{shown(path)} cannot be written{because}.",
        "Choose a folder you may write to, with room on its disk.",
    )
