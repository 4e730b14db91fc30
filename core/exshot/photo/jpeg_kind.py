"""JPEG files of kinds that decoders do not read, told from damaged ones by their frame header.

Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_FRAMES = range(0xC0, 0xD0)
_NO_FRAMES = (0xC4, 0xC8, 0xCC)  # tables and extensions that lie between the frames' markers
_READ = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)  # sequential and progressive
_MOST_SEGMENTS = 1000


def is_unreadable_kind(file: BinaryIO) -> bool:
    """Whether it is a JPEG with lossless or hierarchical coding, not 8 bits, or odd channels."""
    file.seek(0)
    if file.read(2) != b"\xff\xd8":
        return False
    for _ in range(_MOST_SEGMENTS):
        start = file.read(4)
        if len(start) < 4 or start[0] != 0xFF:
            return False
        marker, size = start[1], struct.unpack(">H", start[2:])[0]
        content = file.read(max(0, size - 2))
        if marker in _FRAMES and marker not in _NO_FRAMES:
            if len(content) < 6:
                return False
            return marker not in _READ or content[0] != 8 or content[5] not in (1, 3, 4)
    return False
