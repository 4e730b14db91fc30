"""Damage to a photo's file: anywhere, or inside its metadata, which leaves the picture readable."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

Span = tuple[int, int]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The file with some damage; half of the files are damaged in their metadata alone."""
    content = bytearray(data)
    spans = metadata_spans(data) if dice.random() < 0.5 else []
    for _ in range(dice.choice((1, 1, 2, 4, 12))):
        if spans:
            start, end = dice.choice(spans)
            dice.choice(_IN_PLACE)(content, dice, start + dice.randrange(end - start))
        else:
            dice.choice(_DAMAGES)(content, dice, _place(content, dice))
        if not content:
            return b"\0"
    if spans and dice.random() < 0.5:
        _mend_checksums(content)
    return bytes(content)


def metadata_spans(data: bytes) -> list[Span]:
    """Where a file holds what is not its pixels; empty for formats unknown here."""
    if data.startswith(b"\xff\xd8"):
        spans = _segments(data)
    elif data.startswith(b"\x89PNG"):
        spans = [span for name, span in _chunks(data) if name not in (b"IHDR", b"IDAT", b"IEND")]
    elif data[:4] == b"RIFF":
        spans = _riff_chunks(data)
    elif data[4:8] == b"ftyp":
        spans = [(data.find(b"meta"), data.rfind(b"mdat")), *_found(data, b"Exif", b"<x:xmpmeta")]
    elif data[:2] in (b"II", b"MM"):
        spans = _directory(data)
    else:
        spans = []
    return [(start, end) for start, end in spans if 0 <= start < end]


def _segments(data: bytes) -> list[Span]:
    spans, at = [], 2
    while data[at : at + 1] == b"\xff" and data[at + 1] != 0xDA:
        size = struct.unpack_from(">H", data, at + 2)[0]
        if 0xE0 <= data[at + 1] <= 0xEF or data[at + 1] == 0xFE:
            spans.append((at + 4, at + 2 + size))
        at += 2 + size
    return spans


def _chunks(data: bytes) -> list[tuple[bytes, Span]]:
    found, at = [], 8
    while at + 12 <= len(data):
        size = struct.unpack_from(">I", data, at)[0]
        found.append((bytes(data[at + 4 : at + 8]), (at + 8, at + 8 + size)))
        at += 12 + size
    return found


def _riff_chunks(data: bytes) -> list[Span]:
    spans, at = [], 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name not in (b"VP8 ", b"VP8L", b"ANMF"):
            spans.append((at + 8, at + 8 + size))
        at += 8 + size + size % 2
    return spans


def _directory(data: bytes) -> list[Span]:
    order = "<" if data[:2] == b"II" else ">"
    if struct.unpack_from(order + "H", data, 2)[0] == 43:  # BigTIFF
        at = struct.unpack_from(order + "Q", data, 8)[0]
        return [(at, at + 8 + 20 * struct.unpack_from(order + "Q", data, at)[0])]
    at = struct.unpack_from(order + "I", data, 4)[0]
    return [(at, at + 2 + 12 * struct.unpack_from(order + "H", data, at)[0])]


def _found(data: bytes, *starts: bytes) -> list[Span]:
    places = (data.find(start) for start in starts)
    return [(at, min(at + 400, len(data))) for at in places if at >= 0]


def _mend_checksums(content: bytearray) -> None:
    if not content.startswith(b"\x89PNG"):
        return
    for name, (start, end) in _chunks(bytes(content)):
        if end + 4 <= len(content):
            checksum = zlib.crc32(name + content[start:end])
            content[end : end + 4] = struct.pack(">I", checksum)


def _place(content: bytearray, dice: random.Random) -> int:
    end = min(len(content), dice.choice((40, 400, 2000, len(content))))
    return dice.randrange(max(1, end))


def _flip(content: bytearray, dice: random.Random, at: int) -> None:
    content[at] ^= 1 << dice.randrange(8)


def _byte(content: bytearray, dice: random.Random, at: int) -> None:
    content[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))


def _number(content: bytearray, dice: random.Random, at: int) -> None:
    value = dice.choice(
        (0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, dice.getrandbits(32))
    )
    packed = struct.pack(dice.choice("<>") + "I", value)
    content[at : at + 4] = packed[: len(content) - at]


def _cut(content: bytearray, dice: random.Random, _at: int) -> None:
    del content[dice.randrange(len(content)) :]


def _remove(content: bytearray, dice: random.Random, at: int) -> None:
    del content[at : at + dice.choice((1, 2, 8, 100))]


def _insert(content: bytearray, dice: random.Random, at: int) -> None:
    content[at:at] = bytes(dice.randrange(256) for _ in range(dice.choice((1, 4, 30))))


def _repeat(content: bytearray, dice: random.Random, at: int) -> None:
    content[at:at] = content[at : at + dice.choice((4, 12, 60, 400))]


_Damage = Callable[[bytearray, random.Random, int], None]
_IN_PLACE: tuple[_Damage, ...] = (_flip, _byte, _number)
_DAMAGES: tuple[_Damage, ...] = (
    *(_flip, _flip, _byte, _byte, _number, _number),
    *(_cut, _remove, _insert, _repeat),
)
