"""Files that commands write: checked before the work starts, never left half-written."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from exshot.errors import ErrorCode, ExshotError


def check_outputs(
    outputs: Iterable[Path | None], *, inputs: Iterable[Path], overwrite: bool
) -> None:
    """Fail early where a file could not be written, so that no edit is made in vain.

    Raises `ExshotError`: ``OUTPUT_EXISTS`` for a file that is there (without ``overwrite``) or that
    is one of ``inputs`` (always), ``OUTPUT_NOT_WRITABLE`` for a missing or read-only folder, and
    ``BAD_OPTION`` where two outputs are one file.
    """
    sources = {path.resolve() for path in inputs}
    seen: set[Path] = set()
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in seen:
            raise ExshotError(
                ErrorCode.BAD_OPTION, f"{path} is named for two outputs.", "Name another file."
            )
        seen.add(path.resolve())
        _check_output(path, sources, overwrite)


def _check_output(path: Path, sources: set[Path], overwrite: bool) -> None:
    if path.resolve() in sources:
        raise ExshotError(
            ErrorCode.OUTPUT_EXISTS,
            f"{path} is one of the input photos.",
            "Name another file; ExShot never replaces a photo it reads.",
        )
    if path.is_dir():
        raise ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE, f"{path} is a folder.", "Name a file inside it."
        )
    if path.exists() and not overwrite:
        raise ExshotError(
            ErrorCode.OUTPUT_EXISTS, f"{path} exists.", "Name another file or add --overwrite."
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE, f"The folder {folder} does not exist.", "Create it."
        )
    if not os.access(folder, os.W_OK):
        raise _not_writable(path)


@contextlib.contextmanager
def removed_on_failure(*outputs: Path | None) -> Iterator[None]:
    """Where the block fails or is interrupted, remove those files that it made."""
    new = [path for path in outputs if path is not None and not path.exists()]
    try:
        yield
    except BaseException:
        for path in new:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a file at once (a temporary name, then a rename).

    Raises `ExshotError` ``OUTPUT_NOT_WRITABLE``; a file that was there before is then unchanged.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """As `write_text`, for bytes."""
    temporary = path.absolute().parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise _not_writable(path, error.strerror or "") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _not_writable(path: Path, reason: str = "") -> ExshotError:
    because = f" ({reason})" if reason else ""
    return ExshotError(
        ErrorCode.OUTPUT_NOT_WRITABLE,
        f"{path} cannot be written{because}.",
        "Choose a folder you may write to, with room on its disk.",
    )
