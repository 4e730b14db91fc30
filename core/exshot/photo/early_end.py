"""Files that end before what they say they hold: their own lengths tell, not a decoder's words.

A decoder that runs out of data in the middle of one of these formats calls them damaged.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_MOST_BOXES = 1000


def ends_early(file: BinaryIO) -> bool:
    """Whether a WebP or HEIC file is shorter than it says."""
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(12)
    if len(start) < 12:
        return False
    if start[:4] == b"RIFF":  # an odd length is followed by a byte that some writers leave out
        return struct.unpack_from("<I", start, 4)[0] + 8 > size + 1
    return start[4:8] == b"ftyp" and _box_passes(file, size)


def _box_passes(file: BinaryIO, size: int) -> bool:
    """Whether a box of an ISO base media file goes beyond the file's end (ISO 14496-12, 4.2)."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return False
        length = struct.unpack_from(">I", header)[0]
        if length == 1 and len(header) == 16:  # the length follows, in 64 bits
            length = struct.unpack_from(">Q", header, 8)[0]
        if length < 8:  # 0: it reaches to the end
            return False
        at += length
        if at > size:
            return True
    return False
