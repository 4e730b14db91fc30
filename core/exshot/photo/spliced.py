"""A file put together from pieces of another, without a copy of it."""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO


@dataclass(frozen=True)
class Part:
    """``size`` bytes of the underlying file from ``start`` on."""

    start: int
    size: int


class SplicedFile(io.RawIOBase):
    """Reads bytes and parts of a file one after the other, as if they were one file.

    The underlying file must stay open; nobody else may read it at the same time.
    """

    def __init__(self, file: BinaryIO, pieces: list[bytes | Part]) -> None:
        super().__init__()
        self._file = file
        self._pieces = [piece for piece in pieces if _size(piece)]
        self._ends = list(accumulate(_size(piece) for piece in self._pieces))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        end = self._ends[-1] if self._ends else 0
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: end}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """All that is asked for, as far as there is so much: callers take less for the end."""
        wanted = None if size is None or size < 0 else size
        found: list[bytes] = []
        while wanted is None or wanted > 0:
            data = self._some(1 << 20 if wanted is None else wanted)
            if not data:
                break
            found.append(data)
            if wanted is not None:
                wanted -= len(data)
        return b"".join(found)

    def _some(self, size: int) -> bytes:
        number = bisect_right(self._ends, self._at)
        if number >= len(self._pieces):
            return b""
        piece, end = self._pieces[number], self._ends[number]
        inside = self._at - (end - _size(piece))
        size = min(size, end - self._at)
        if isinstance(piece, Part):
            self._file.seek(piece.start + inside)
            data = self._file.read(size)
        else:
            data = piece[inside : inside + size]
        self._at += len(data)
        return data


def _size(piece: bytes | Part) -> int:
    return piece.size if isinstance(piece, Part) else len(piece)
