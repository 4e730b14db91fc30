"""What a PNG file says besides its pixels: profile, colour signals, XMP; and what is kept away.

Pillow refuses a PNG whole where a compressed text or profile is over 1 MiB, and where any chunk
that is not needed for the picture is damaged. Here such chunks are taken out before Pillow sees the
file, and what is needed of them is read with limits of our own.
Source: PNG specification, third edition.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from exshot.photo.spliced import Part, SplicedFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_PROFILE = 16 << 20
_LARGEST_XMP = 1 << 20
_LARGE_TEXT = 1 << 18  # bytes, stored or unpacked, of a text that Pillow need not see
_MOST_CHUNKS = 100_000
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_TEXTS = (b"zTXt", b"iTXt", b"tEXt", b"iCCP")
_NEEDED = (b"tRNS", b"eXIf")  # of the chunks that a decoder may pass over
COLOR_CHUNKS = (b"cICP", b"sRGB", b"gAMA", b"cHRM", b"mDCV", b"cLLI")


@dataclass(frozen=True)
class PngExtras:
    """Attributes:
    file: the PNG without its large texts and profile, for Pillow to open.
    icc: its profile, where it is one of those taken out.
    xmp: the same of its XMP packet.
    colors: those of `COLOR_CHUNKS` that there are.
    dropped: whether a text was taken out that nobody reads now.
    animated: whether there are more pictures than the first.
    """

    file: BinaryIO
    icc: bytes | None
    xmp: bytes | None
    colors: dict[bytes, bytes]
    dropped: bool
    animated: bool


def png_extras(file: BinaryIO) -> PngExtras | None:
    """Look through the chunks of a PNG file; None where it is none, or not in order.

    The file is left at its start; only chunk headers and small chunks are read.
    """
    try:
        return _extras(file)
    except (OSError, ValueError, struct.error):
        return None
    finally:
        file.seek(0)


def _extras(file: BinaryIO) -> PngExtras | None:
    file.seek(0)
    if file.read(8) != SIGNATURE:
        return None
    pieces: list[bytes | Part] = [SIGNATURE]
    colors: dict[bytes, bytes] = {}
    icc = xmp = None
    dropped = animated = False
    start = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(start)
        header = file.read(8)
        if len(header) < 8:
            break
        size, name = struct.unpack(">I4s", header)
        whole = Part(start, 12 + size)
        start += 12 + size
        animated |= name == b"acTL"
        if name[:1].isupper():
            pieces.append(whole)
            if name == b"IEND":
                break
        elif name in COLOR_CHUNKS and size <= 64 and _is_sound(file, name, size):
            file.seek(whole.start + 8)
            colors.setdefault(name, file.read(size))
        elif name in _NEEDED or (name == b"pHYs" and size == 9 and _is_sound(file, name, size)):
            pieces.append(whole)
        elif name in _TEXTS:
            if not _is_large(file, name, size):
                file.seek(whole.start + 8)
                if _is_sound(file, name, size):
                    pieces.append(whole)
                continue
            file.seek(whole.start + 8)
            content = file.read(min(size, _LARGEST_PROFILE))
            if name == b"iCCP":
                icc = icc or _profile(content)
                dropped |= icc is None
            elif content.startswith(_XMP_KEYWORD + b"\0"):
                xmp = xmp or _packet(content)
                dropped |= xmp is None
            else:
                dropped = True
    else:
        raise ValueError("implausible number of chunks")
    spliced: BinaryIO = SplicedFile(file, pieces)  # type: ignore[assignment]
    return PngExtras(spliced, icc, xmp, colors, dropped, animated)


def _is_sound(file: BinaryIO, name: bytes, size: int) -> bool:
    """Whether the checksum of the chunk, whose content begins here, is right."""
    content = file.read(size + 4)
    return len(content) == size + 4 and zlib.crc32(name + content[:-4]) == int.from_bytes(
        content[-4:], "big"
    )


def _is_large(file: BinaryIO, name: bytes, size: int) -> bool:
    if size > _LARGE_TEXT:
        return True
    if name == b"tEXt":
        return False
    content = file.read(size)
    packed = _packed(name, content)
    return packed is not None and _unpacked(packed, _LARGE_TEXT) is None


def _packed(name: bytes, content: bytes) -> bytes | None:
    """The compressed part of a text or profile; None where nothing is compressed."""
    _, _, rest = content.partition(b"\0")
    if name != b"iTXt":
        return rest[1:]
    if rest[:1] != b"\1":
        return None
    parts = rest[2:].split(b"\0", 2)  # language, translated keyword, text
    return parts[2] if len(parts) == 3 else None


def _unpacked(data: bytes, limit: int) -> bytes | None:
    """What zlib makes of it; None where that is over the limit, or nothing."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(data, limit + 1)
    except zlib.error:
        return b""
    return None if len(found) > limit else found


def _profile(content: bytes) -> bytes | None:
    return _unpacked(_packed(b"iCCP", content) or b"", _LARGEST_PROFILE) or None


def _packet(content: bytes) -> bytes | None:
    packed = _packed(b"iTXt", content)
    if packed is not None:
        return _unpacked(packed, _LARGEST_XMP) or None
    text = content.split(b"\0", 5)[-1]
    return text if len(text) <= _LARGEST_XMP else None
