"""The sentences for files that cannot be read."""

from __future__ import annotations

from pathlib import Path

from exshot import memory
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown

READABLE = "JPEG, PNG, TIFF, WebP and HEIC photos can be read."
_COPY_AGAIN = "Copy the photo again from its source."


def not_found(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.FILE_NOT_FOUND, f"{shown(path)} was not found.", "Check the name and the folder."
    )


def no_file(path: Path, what: str) -> ExshotError:
    return ExshotError(
        ErrorCode.UNREADABLE_IMAGE, f"{shown(path)} is {what}, not a file.", "Name a photo file."
    )


def not_readable(path: Path, reason: str) -> ExshotError:
    return ExshotError(
        ErrorCode.UNREADABLE_IMAGE,
        f"{shown(path)} cannot be read: {reason}.",
        "Check that you may read the file.",
    )


def not_read_through(path: Path, reason: str) -> ExshotError:
    """The file is there, but its disk, card, network or cloud does not hand its content out."""
    return ExshotError(
        ErrorCode.UNREADABLE_IMAGE,
        f"{shown(path)} could not be read to its end: {reason}.",
        "Look after the disk or card it lies on. What only a cloud such as OneDrive has must be"
        " downloaded first.",
    )


def empty(path: Path, what: str = "is empty") -> ExshotError:
    return ExshotError(ErrorCode.IMAGE_EMPTY, f"{shown(path)} {what}.", _COPY_AGAIN)


def too_large(path: Path, size: str, limit: str) -> ExshotError:
    return ExshotError(
        ErrorCode.IMAGE_TOO_LARGE,
        f"{shown(path)} is too large: it has {size}, the limit is {limit}.",
        "Scale the photo down, or crop it around the person.",
    )


def out_of_memory(path: Path) -> ExshotError:
    return memory.out_of_memory(f"to open {shown(path)}")


def unknown_format(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.UNSUPPORTED_FORMAT, f"{shown(path)} is not in a supported format.", READABLE
    )


def camera_raw(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.UNSUPPORTED_FORMAT,
        f"{shown(path)} is a camera raw file, not a finished picture.",
        "Develop it first: open it in your raw converter and save it as TIFF or JPEG.",
    )


def unsupported_mode(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.UNSUPPORTED_MODE,
        f"{shown(path)} stores its pixels in a way that is not supported.",
        "Save it anew as RGB with 8 or 16 bits a channel, in another program.",
    )


def incomplete(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.TRUNCATED_IMAGE,
        f"{shown(path)} is incomplete: the end of the picture is missing.",
        _COPY_AGAIN,
    )


def damaged(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.UNREADABLE_IMAGE,
        f"{shown(path)} is damaged and cannot be read.",
        "Copy the photo again from its source, or save it anew in another program.",
    )
