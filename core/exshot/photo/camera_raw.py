"""Camera raw files: recognised, so that they are called by their name."""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

_NAMES = """
    3fr ari arw bay cap cr2 cr3 crw dcr dcs dng drf eip erf fff gpr iiq k25 kdc mdc mef mos mrw nef
    nrw orf pef ptx pxn r3d raf raw rw2 rwl rwz sr2 srf srw x3f
"""
SUFFIXES = frozenset(f".{name}" for name in _NAMES.split())
_STARTS = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",  # Olympus
    b"IIRS",
    b"MMOR",
    b"IIU\0",  # Panasonic, Leica
    b"FOVb",  # Sigma
    b"\0MRM",  # Minolta
    b"II\x1a\0\0\0HEAPCCDR",  # Canon CRW
    b"ARRI",
)


def is_raw_name(path: PurePath) -> bool:
    """Whether the file is named like a camera raw file."""
    return path.suffix.lower() in SUFFIXES


def starts_like_raw(file: BinaryIO) -> bool:
    """Whether the file's first bytes are those of a camera raw file that is no plain TIFF."""
    file.seek(0)
    start = file.read(24)
    file.seek(0)
    canon = start[:2] in (b"II", b"MM") and start[8:10] == b"CR"
    return start.startswith(_STARTS) or canon or start[4:12] == b"ftypcrx "
