"""Photos of a sequence: order, names, size."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from exshot_host.sequence import (
    SequencePhoto,
    common_size,
    in_order,
    layer_names,
    time_taken,
    turn_upright,
)


def _photo(name: str, time: str, size: tuple[int, int] = (400, 300)) -> SequencePhoto:
    return SequencePhoto(Path(name), datetime.fromisoformat(time), *size)


def test_photos_are_ordered_and_named_by_time() -> None:
    late, early = _photo("a.jpg", "2024-05-01T10:00:09"), _photo("b.jpg", "2024-05-01T10:00:07")
    ordered = in_order([late, early])
    assert layer_names(ordered) == ["b (10:00:07)", "a (10:00:09)"]


def test_names_carry_the_date_where_it_differs() -> None:
    photos = [_photo("a.jpg", "2024-05-01T10:00:09"), _photo("b.jpg", "2024-05-02T10:00:07")]
    assert layer_names(photos) == ["a (2024-05-01 10:00:09)", "b (2024-05-02 10:00:07)"]


def test_the_time_is_the_cameras_where_it_is_known(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.touch()
    os.utime(file, (1_000_000_000, 1_000_000_000))
    told = '<tag name="Exif.Photo.DateTimeOriginal" encoding="">2024:05:01 10:00:07</tag>'
    assert time_taken(file, told) == datetime(2024, 5, 1, 10, 0, 7)
    nonsense = '<tag name="Exif.Photo.DateTimeOriginal">0000:00:00 00:00:00</tag>'
    assert time_taken(file, nonsense) == datetime.fromtimestamp(1_000_000_000)
    assert time_taken(tmp_path / "gone.jpg", "") == datetime.min


def test_zones_and_fractions_of_a_second_count(tmp_path: Path) -> None:
    def taken(clock: str, zone: str, fraction: str) -> datetime:
        tags = {
            "DateTimeOriginal": f"2024:05:01 {clock}",
            "OffsetTimeOriginal": zone,
            "SubSecTimeOriginal": fraction,
        }
        told = "".join(f'<tag name="Exif.Photo.{n}">{v}</tag>\n' for n, v in tags.items() if v)
        return time_taken(tmp_path / "a.jpg", told)

    def order(*photos: datetime) -> list[str]:
        named = [SequencePhoto(Path(str(n)), taken, 4, 3) for n, taken in enumerate(photos)]
        return [photo.path.name for photo in in_order(named)]

    assert order(taken("10:00:00", "", "90"), taken("10:00:00", "", "15")) == ["1", "0"]
    # The first clock is an hour ahead of the second one.
    two = taken("10:30:00", "+02:00", ""), taken("10:00:00", "+01:00", "")
    assert order(*two) == ["0", "1"]
    assert order(*two, taken("10:15:00", "", "")) == ["1", "2", "0"]


def test_only_copies_of_the_same_shape_are_scaled() -> None:
    canvas = (4000, 3000)
    assert common_size(_photo("a", "2024-05-01", (2000, 1501)), canvas) == canvas
    assert common_size(_photo("a", "2024-05-01", (3000, 4000)), canvas) == (3000, 4000)


def test_photos_taken_upright_or_upside_down_are_turned() -> None:
    tag = '<tag name="Exif.Image.Orientation">{}</tag>'
    assert turn_upright(tag.format(6)) == (90, False)
    assert turn_upright(tag.format(4)) == (180, True)
    assert turn_upright(tag.format(1)) == (0, False)
    assert turn_upright("") == (0, False)
