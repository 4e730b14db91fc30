"""Whether a file that an earlier run was to write is all there, told from its structure.

Pixels are not decoded: a list of a hundred thousand must be looked through in minutes. What an
interruption, a full disk or a broken copy leaves is an empty file, one of zeros or one that ends
too early; those are found.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final

_BEGINNINGS: Final = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "WEBP": (b"RIFF",),
    "HEIF": (b"\0\0\0",),  # of the first box's length; its kind, ftyp, follows
}
_PNG_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
_JPEG_END: Final = b"\xff\xd9"
_REPORT: Final = b'{\n  "exshot": '  # how `exshot.cli.edit` begins one
_LARGEST_REPORT: Final = 1 << 24
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325  # TIFF 6.0


class State(str, Enum):
    """What is found under an output's name."""

    ABSENT = "absent"
    WHOLE = "whole"
    BROKEN = "broken"
    """Begun and not ended: nothing is lost where it is replaced."""
    FOREIGN = "foreign"
    """Something else, which nobody may replace unasked."""
    STREAM = "stream"
    """A device or a pipe: written through, keeps nothing."""


def picture_state(path: Path) -> State:
    """Of a picture in the format that the name's ending says."""
    return _state(path, lambda file, size: _picture(file, size, path))


def report_state(path: Path) -> State:
    """Of a report."""
    return _state(path, _report)


def made_here(path: Path) -> bool:
    """Whether ExShot wrote that picture or report: it says so in both."""
    try:
        return b"ExShot" in (data := path.read_bytes()) or _is_report(data)
    except OSError:
        return False


def _state(path: Path, look: Callable[[BinaryIO, int], State]) -> State:
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            return State.FOREIGN if stat.S_ISDIR(info.st_mode) else State.STREAM
        with path.open("rb") as file:
            return look(file, info.st_size)
    except FileNotFoundError:
        return State.ABSENT
    except (OSError, ValueError):
        return State.FOREIGN


def _picture(file: BinaryIO, size: int, path: Path) -> State:
    from exshot.photo.file_formats import FORMAT_OF_SUFFIX  # loads what `--help` can do without

    file_format = FORMAT_OF_SUFFIX.get(path.suffix.lower(), "")
    head = file.read(16)
    if not head.strip(b"\0"):
        return State.BROKEN
    beginnings = _BEGINNINGS.get(file_format, ())
    if not any(head.startswith(b) or b.startswith(head) for b in beginnings):
        return State.FOREIGN
    if file_format == "HEIF" and head[4:8] != b"ftyp"[: len(head[4:8])]:
        return State.FOREIGN
    try:
        ends = _ENDS[file_format](file, size)
    except Exception:  # whatever a reader stumbles over, the file is not whole
        ends = False
    return State.WHOLE if ends else State.BROKEN


def _jpeg_ends(file: BinaryIO, size: int) -> bool:
    return _tail(file, size, len(_JPEG_END)) == _JPEG_END


def _png_ends(file: BinaryIO, size: int) -> bool:
    return _tail(file, size, len(_PNG_END)) == _PNG_END


def _webp_ends(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    return int.from_bytes(file.read(4), "little") + 8 == size


def _heif_ends(file: BinaryIO, size: int) -> bool:
    """Whether the boxes fill the file exactly (ISO/IEC 14496-12, 4.2)."""
    place, kinds = 0, set()
    while place < size:
        file.seek(place)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            return False
        kinds.add(head[4:8])
        place += length
    return place == size and {b"meta", b"mdat"} <= kinds


def _tiff_ends(file: BinaryIO, size: int) -> bool:
    """Whether every strip or tile of the first picture lies within the file."""
    from PIL import TiffImagePlugin

    from exshot.photo.quiet import quiet_pillow

    file.seek(0)
    header = file.read(8)
    if b"+" in header[2:4]:  # a BigTIFF's has twice the length
        header += file.read(8)
    directory = TiffImagePlugin.ImageFileDirectory_v2(header)
    file.seek(directory.next)
    with quiet_pillow():
        directory.load(file)
    for places, lengths in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
        if places in directory:
            starts, counts = directory[places], directory[lengths]
            return all(a + b <= size for a, b in zip(starts, counts, strict=True))
    return False


_ENDS: Final = {
    "JPEG": _jpeg_ends,
    "PNG": _png_ends,
    "WEBP": _webp_ends,
    "HEIF": _heif_ends,
    "TIFF": _tiff_ends,
}


def _report(file: BinaryIO, size: int) -> State:
    if size > _LARGEST_REPORT:
        return State.FOREIGN
    data = file.read()
    if _is_report(data):
        return State.WHOLE
    begun = not data.strip(b"\0") or _REPORT.startswith(data) or data.startswith(_REPORT)
    return State.BROKEN if begun else State.FOREIGN


def _is_report(data: bytes) -> bool:
    try:
        record = json.loads(data)
    except ValueError:
        return False
    return isinstance(record, dict) and "exshot" in record


def _tail(file: BinaryIO, size: int, length: int) -> bytes:
    file.seek(max(0, size - length))
    return file.read(length)
