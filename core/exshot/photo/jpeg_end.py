"""JPEG files that lost nothing but their end marker."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from PIL import JpegImagePlugin

from exshot.photo.spliced import Part, SplicedFile

_END = b"\xff\xd9"
_FILLERS = (b"", b"\x55\xaa\x13" * 400)  # of picture data, none of it a marker


def with_end_marker(file: BinaryIO) -> BinaryIO | None:
    """The JPEG with an end marker, where that is all it lacks; None where pixels are missing.

    A decoder that runs out of data makes pixels up. So it is given the file with two different
    ends: what it makes of both is the same only if it needed neither.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 1))
    whole = size - 1 if file.read(1) == _END[:1] else size
    candidates = [_ended(file, whole, filler) for filler in _FILLERS]
    try:
        first, second = (_decoded(one) for one in candidates)
    except Exception:  # whatever a decoder says: then it is not whole
        return None
    return candidates[0] if np.array_equal(first, second) else None


def _ended(file: BinaryIO, size: int, filler: bytes) -> BinaryIO:
    return SplicedFile(file, [Part(0, size), filler + _END])  # type: ignore[return-value]


def _decoded(file: BinaryIO) -> np.ndarray:
    file.seek(0)
    with JpegImagePlugin.JpegImageFile(file) as image:
        pixels = np.array(image)
    file.seek(0)
    return pixels
