"""EXIF: read what we need, and correct what turning and editing the picture makes untrue.

The block is changed in place, byte for byte otherwise as the camera wrote it: writing it anew would
break maker notes, which hold offsets into it. Source: EXIF 2.32 (CIPA DC-008), TIFF 6.0.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import BinaryIO

from PIL import Image
from PIL.ExifTags import IFD, Base

_PREFIX = b"Exif\0\0"
_SHORT, _LONG = 3, 4
_MAX_ENTRIES = 1000
_MOST_DIRECTORIES = 8
_STRIPS = (Base.StripOffsets, Base.StripByteCounts)
_TILES = (Base.TileOffsets, Base.TileByteCounts)
_PICTURE_TAGS = (Base.JpegIFOffset, Base.JpegIFByteCount, *_STRIPS, *_TILES)
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


def tags_of(image: Image.Image) -> Image.Exif:
    """The EXIF tags of an opened picture; none where there are none to be read."""
    try:
        return image.getexif()
    except Exception:  # whatever a broken block makes of Pillow's reading: do without it
        return Image.Exif()


def tags_at(file: BinaryIO, offset: int) -> Image.Exif:
    """The tags of a TIFF's directory; none where there are none to be read."""
    tags = Image.Exif()
    try:
        file.seek(0)
        start = file.read(4)
        tags.endian = "<" if start[:2] == b"II" else ">"
        tags.bigtiff = 43 in (start[2], start[3])
        tags.load_from_fp(file, offset)
        return tags
    except Exception:  # as above
        return Image.Exif()


def upright_exif(stored: object, tags: Image.Exif, width: int, height: int) -> bytes | None:
    """The EXIF block of a picture, made to describe it upright.

    Orientation becomes 1, the pixel dimensions ``width`` x ``height``, and the embedded thumbnail,
    which shows the picture before the edit, is unlinked. None when there is no block or it is
    damaged.

    Args:
        stored: the block as it lies in the file, where Pillow has it.
        tags: what was read of it; used for files that keep their tags elsewhere (TIFF).
    """
    try:
        block = _block(stored, tags)
        return None if block is None else _corrected(block, width, height)
    except Exception:  # as above
        return None


def orientation(tags: Image.Exif) -> int:
    """EXIF orientation, 1 to 8; 1 when there is none to be read."""
    try:
        value = tags.get(Base.Orientation, 1)
    except Exception:  # as above
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def says_adobe_rgb(tags: Image.Exif) -> bool:
    """Whether the camera marked the picture as Adobe RGB (DCF 2.0: uncalibrated, and R03)."""
    try:
        space = tags.get_ifd(IFD.Exif).get(Base.ColorSpace)
        index = tags.get_ifd(IFD.Interop).get(1, "")
        index = index.decode("latin-1") if isinstance(index, bytes) else str(index)
        return space in (2, 0xFFFF) and index.strip("\0 ") == "R03"
    except Exception:  # as above
        return False


def captured_at(tags: Image.Exif) -> datetime | None:
    """DateTimeOriginal with SubSecTimeOriginal, and OffsetTimeOriginal as its time zone.

    Without a zone it is the camera's local time, without ``tzinfo``.
    """
    try:
        details = tags.get_ifd(IFD.Exif)
        moment = datetime.strptime(_text(details[Base.DateTimeOriginal]), "%Y:%m:%d %H:%M:%S")
        digits = _text(details.get(Base.SubsecTimeOriginal, ""))
        if digits.isascii() and digits.isdigit():
            moment += timedelta(seconds=float(f"0.{digits}"))
        zone = _zone(_text(details.get(Base.OffsetTimeOriginal, "")))
        return moment if zone is None else moment.replace(tzinfo=timezone(zone))
    except Exception:  # no date, or not a date
        return None


def _text(value: object) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return text.strip("\0 ")


def _zone(text: str) -> timedelta | None:
    """``+02:00`` as a time; None where it is none."""
    if text in ("Z", "z"):
        return timedelta(0)
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    zone = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -zone if found[1] == "-" else zone


def _block(stored: object, exif: Image.Exif) -> bytes | None:
    if isinstance(stored, bytes) and stored:
        return stored.removeprefix(_PREFIX)
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
    """Cut off the directories after the first, and blank the pictures they point to."""
    following = _cut_after(data, order, first)
    for _ in range(_MOST_DIRECTORIES):
        if not following or following + 2 > len(data):
            return
        places: dict[int, list[int]] = {}
        for entry in _entries(data, order, following):
            if entry.tag in _PICTURE_TAGS:
                places[entry.tag] = _values(data, order, entry)
        for at, size in ((Base.JpegIFOffset, Base.JpegIFByteCount), _STRIPS, _TILES):
            for start, count in zip(places.get(at, ()), places.get(size, ())):
                end = min(start + count, len(data))
                if first < start < end:  # nobody should find the old face in the file
                    data[start:end] = bytes(end - start)
        following = _cut_after(data, order, following)


def _cut_after(data: bytearray, order: str, directory: int) -> int:
    """Where the next directory lies; 0 where there is none. The link to it is removed."""
    (count,) = struct.unpack_from(order + "H", data, directory)
    link = directory + 2 + 12 * count
    if link + 4 > len(data):
        return 0
    (following,) = struct.unpack_from(order + "I", data, link)
    struct.pack_into(order + "I", data, link, 0)
    return following


def _values(data: bytearray, order: str, entry: _Entry) -> list[int]:
    code, size = ("H", 2) if entry.kind == _SHORT else ("I", 4)
    if entry.kind not in (_SHORT, _LONG) or entry.count > _MAX_ENTRIES:
        return []
    at = entry.value_at
    if entry.count * size > 4:
        (at,) = struct.unpack_from(order + "I", data, at)
    return list(struct.unpack_from(f"{order}{entry.count}{code}", data, at))
