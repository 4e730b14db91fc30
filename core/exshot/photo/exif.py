"""EXIF: read what we need, and correct what turning and editing the picture makes untrue.

The block is changed in place, byte for byte otherwise as the camera wrote it: writing it anew would
break maker notes, which hold offsets into it. Source: EXIF 2.32 (CIPA DC-008), TIFF 6.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image
from PIL.ExifTags import IFD, Base

_PREFIX = b"Exif\0\0"
_SHORT, _LONG = 3, 4
_MAX_ENTRIES = 1000
# What a TIFF says about the picture rather than about how its pixels are stored.
DESCRIPTIVE = (
    Base.ImageDescription,
    Base.Make,
    Base.Model,
    Base.Software,
    Base.DateTime,
    Base.Artist,
    Base.HostComputer,
    Base.Copyright,
    Base.Rating,
    Base.XPTitle,
    Base.XPComment,
    Base.XPAuthor,
    Base.XPKeywords,
    Base.XPSubject,
    Base.XResolution,
    Base.YResolution,
    Base.ResolutionUnit,
)


@dataclass(frozen=True)
class _Entry:
    tag: int
    kind: int
    count: int
    value_at: int  # where the value, or the offset of a longer one, is stored


def upright_exif(image: Image.Image, width: int, height: int) -> bytes | None:
    """The EXIF block of a loaded picture, made to describe it upright.

    Orientation becomes 1, the pixel dimensions ``width`` x ``height``, and the embedded thumbnail,
    which shows the picture before the edit, is unlinked. None when there is no block or it is
    damaged.
    """
    try:
        block = _block(image)
        return None if block is None else _corrected(block, width, height)
    except Exception:  # whatever a broken block makes of Pillow's or our reading: do without it
        return None


def orientation(image: Image.Image) -> int:
    """EXIF orientation of a loaded picture, 1 to 8; 1 when there is none to be read."""
    try:
        value = image.getexif().get(Base.Orientation, 1)
    except Exception:  # as above
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def captured_at(image: Image.Image) -> datetime | None:
    """DateTimeOriginal with SubSecTimeOriginal, in the camera's local time."""
    try:
        details = image.getexif().get_ifd(IFD.Exif)
        text = str(details[Base.DateTimeOriginal]).strip("\0 ")
        moment = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        digits = str(details.get(Base.SubsecTimeOriginal, "")).strip("\0 ")
        return moment + timedelta(seconds=float(f"0.{digits}")) if digits.isdigit() else moment
    except Exception:  # no date, or not a date
        return None


def _block(image: Image.Image) -> bytes | None:
    stored = image.info.get("exif")
    if isinstance(stored, bytes) and stored:
        return stored.removeprefix(_PREFIX)
    exif = image.getexif()
    if not exif:
        return None
    kept = Image.Exif()
    for tag in DESCRIPTIVE:
        if tag in exif:
            kept[tag] = exif[tag]
    for group in (IFD.Exif, IFD.GPSInfo):
        if details := exif.get_ifd(group):
            kept.get_ifd(group).update(details)
            kept[group] = dict(details)
    return kept.tobytes().removeprefix(_PREFIX) if len(kept) else None


def _corrected(block: bytes, width: int, height: int) -> bytes:
    data = bytearray(block)
    order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
    magic, first = struct.unpack_from(order + "HI", data, 2)
    if magic != 42:
        raise ValueError("not a TIFF header")
    details = None
    for entry in _entries(data, order, first):
        if entry.tag == Base.Orientation:
            _put(data, order, entry, 1)
        elif entry.tag == IFD.Exif:
            (details,) = struct.unpack_from(order + "I", data, entry.value_at)
    for entry in _entries(data, order, details) if details is not None else ():
        if entry.tag == Base.ExifImageWidth:
            _put(data, order, entry, width)
        elif entry.tag == Base.ExifImageHeight:
            _put(data, order, entry, height)
    _unlink_thumbnail(data, order, first)
    return bytes(data)


def _entries(data: bytearray, order: str, at: int) -> Iterator[_Entry]:
    (count,) = struct.unpack_from(order + "H", data, at)
    if count > _MAX_ENTRIES:
        raise ValueError("implausible number of entries")
    for place in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", data, place)
        yield _Entry(tag, kind, values, place + 8)


def _put(data: bytearray, order: str, entry: _Entry, value: int) -> None:
    if entry.count == 1 and entry.kind in (_SHORT, _LONG):
        code = "H" if entry.kind == _SHORT and value <= 0xFFFF else "I"
        struct.pack_into(order + "I", data, entry.value_at, 0)
        if code == "I":  # a side over 65535 does not fit the camera's short: make it a long
            struct.pack_into(order + "H", data, entry.value_at - 6, _LONG)
        struct.pack_into(order + code, data, entry.value_at, value)


def _unlink_thumbnail(data: bytearray, order: str, first: int) -> None:
    (count,) = struct.unpack_from(order + "H", data, first)
    next_at = first + 2 + 12 * count
    if next_at + 4 > len(data):
        return
    (second,) = struct.unpack_from(order + "I", data, next_at)
    struct.pack_into(order + "I", data, next_at, 0)
    if not second or second + 2 > len(data):
        return
    places = {}
    for entry in _entries(data, order, second):
        if entry.tag in (Base.JpegIFOffset, Base.JpegIFByteCount):
            (places[entry.tag],) = struct.unpack_from(order + "I", data, entry.value_at)
    if len(places) == 2:  # nobody should find the old face in the file
        start, size = places[Base.JpegIFOffset], places[Base.JpegIFByteCount]
        end = min(start + size, len(data))
        if second < start < end:
            data[start:end] = bytes(end - start)
