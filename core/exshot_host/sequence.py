"""Photos of one sequence as layers: their order, names and size."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

_TAKEN = re.compile(r"Exif\.(?:Photo\.DateTimeOriginal|Image\.DateTime)\b[^0-9]*([0-9: ]{19})")
_VALUE = r"Exif\.Photo\.{}\b[^>]*?[\s>]+"  # of another tag, in XML or after spaces
_SUBSECONDS = re.compile(_VALUE.format("SubSecTimeOriginal") + r"(\d{1,9})")
_ZONE = re.compile(_VALUE.format("OffsetTimeOriginal") + r"([+-])(\d\d):(\d\d)")
_ORIENTATION = re.compile(r"Exif\.Image\.Orientation\b[^0-9]*([1-8])")
_UPRIGHT = {
    "2": (0, True),
    "3": (180, False),
    "4": (180, True),
    "5": (90, True),
    "6": (90, False),
    "7": (270, True),
    "8": (270, False),
}
_ASPECT_TOLERANCE = 0.01


@dataclass(frozen=True)
class SequencePhoto:
    """One file of a sequence. ``width, height``: its size in pixels, turned upright."""

    path: Path
    taken: datetime
    width: int
    height: int


def time_taken(path: Path, metadata: str) -> datetime:
    """When a photo was taken: from text with Exiv2's tag names and values, else the file's time.

    To the fraction of a second, and with its time zone, where the camera noted them.
    """
    for text in _TAKEN.findall(metadata):
        with suppress(ValueError):  # cameras without a clock write zeros
            return _exactly(datetime.strptime(text, "%Y:%m:%d %H:%M:%S"), metadata)
    with suppress(OSError, OverflowError, ValueError):
        return datetime.fromtimestamp(path.stat().st_mtime)
    return datetime.min


def _exactly(taken: datetime, metadata: str) -> datetime:
    fraction, zone = _SUBSECONDS.search(metadata), _ZONE.search(metadata)
    if fraction:
        taken += timedelta(seconds=float(f"0.{fraction[1]}"))
    if zone:
        with suppress(ValueError):
            offset = timedelta(hours=int(zone[2]), minutes=int(zone[3]))
            return taken.replace(tzinfo=timezone(-offset if zone[1] == "-" else offset))
    return taken


def turn_upright(metadata: str) -> tuple[int, bool]:
    """Degrees clockwise, then whether to mirror left and right: what EXIF's orientation asks for.

    ``metadata``: text with Exiv2's tag names and values.
    """
    found = _ORIENTATION.search(metadata)
    return _UPRIGHT.get(found.group(1), (0, False)) if found else (0, False)


def in_order(photos: list[SequencePhoto]) -> list[SequencePhoto]:
    """The photos by time, then by name. Zones count where every photo tells its own."""
    zoned = all(photo.taken.tzinfo is not None for photo in photos)

    def moment(photo: SequencePhoto) -> datetime:
        return photo.taken if zoned else photo.taken.replace(tzinfo=None)

    return sorted(photos, key=lambda photo: (moment(photo), photo.path.name))


def layer_names(photos: list[SequencePhoto]) -> list[str]:
    """File name and time of each; with the date where the photos are not all of one day."""
    days = {photo.taken.date() for photo in photos}
    form = "%H:%M:%S" if len(days) == 1 else "%Y-%m-%d %H:%M:%S"
    return [f"{photo.path.stem} ({photo.taken.strftime(form)})" for photo in photos]


def common_size(photo: SequencePhoto, canvas: tuple[int, int]) -> tuple[int, int]:
    """The size to give a photo on a canvas: the canvas' own where the shapes agree (a smaller copy
    of a photo of the same camera), else the photo's."""
    width, height = canvas
    stretch = (photo.width * height) / (photo.height * width)
    return canvas if abs(stretch - 1) <= _ASPECT_TOLERANCE else (photo.width, photo.height)
