"""Colour that a file tells without a profile is understood, and carried into the result."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from photo.photo_samples import DISPLAY_P3, edit_of, outside, rgb_profile, smooth_pixels, srgb_curve
from PIL import Image

from exshot.photo import Photo, save_edit
from exshot.photo.origin import Origin

P3, PQ, HLG = (12, 13), (9, 16), (9, 18)


def origin_of(photo: Photo) -> Origin:
    assert photo.origin is not None
    return photo.origin


def heic(path: Path, points: tuple[int, int], dtype: type = np.uint8) -> Path:
    pixels = smooth_pixels(dtype=dtype)
    mode = "RGB" if dtype == np.uint8 else "RGB;16"
    image = pillow_heif.from_bytes(mode=mode, size=(64, 48), data=pixels.tobytes())
    image.save(
        path,
        quality=-1,
        chroma=444,
        color_primaries=points[0],
        transfer_characteristics=points[1],
        matrix_coefficients=9 if points[0] == 9 else 6,
        full_range_flag=1,
    )
    return path


def png(path: Path, chunks: list[tuple[bytes, bytes]], mode: str = "RGB") -> Path:
    file = io.BytesIO()
    Image.fromarray(smooth_pixels()).convert(mode).save(file, "PNG")
    data = file.getvalue()
    parts = b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    path.write_bytes(data[:33] + parts + data[33:])
    return path


def chunks_of(path: Path) -> dict[bytes, bytes]:
    data, at, found = path.read_bytes(), 8, {}
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found[name] = data[at + 8 : at + 8 + size]
        at += 12 + size
    return found


def numbers(*values: float) -> bytes:
    return struct.pack(f">{len(values)}I", *(round(v * 100_000) for v in values))


P3_CHRM = numbers(0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def saved(photo: Photo, path: Path, **options: bool) -> Photo:
    edit = edit_of(photo)
    save_edit(photo, edit, path, **options)
    again = Photo.open(path)
    if path.suffix in (".png", ".tif"):
        away = outside(photo, edit)
        np.testing.assert_array_equal(origin_of(again).native[away], origin_of(photo).native[away])
        np.testing.assert_array_equal(again.pixels[away], photo.pixels[away])
    return again


def test_a_p3_heic_is_read_like_a_p3_profile(tmp_path: Path) -> None:
    photo = Photo.open(heic(tmp_path / "p3.heic", P3))
    Image.fromarray(origin_of(photo).native).save(
        tmp_path / "p3.png", icc_profile=rgb_profile(DISPLAY_P3, srgb_curve())
    )
    like = Photo.open(tmp_path / "p3.png")
    assert np.abs(photo.pixels.astype(int) - like.pixels).max() <= 1
    assert np.abs(photo.pixels.astype(int) - origin_of(photo).native).max() > 5


@pytest.mark.parametrize(
    ("points", "dtype"), [(P3, np.uint8), (PQ, np.uint16), (HLG, np.uint16), ((1, 13), np.uint8)]
)
def test_a_heic_keeps_its_code_points_and_its_depth(
    tmp_path: Path, points: tuple[int, int], dtype: type
) -> None:
    photo = Photo.open(heic(tmp_path / "in.heic", points, dtype))
    assert photo.pixels.dtype == dtype
    saved(photo, tmp_path / "out.heic")
    info = pillow_heif.open_heif(tmp_path / "out.heic", convert_hdr_to_8bit=False).info
    told = info["nclx_profile"]
    assert (told["color_primaries"], told["transfer_characteristics"]) == points
    assert info["bit_depth"] == (10 if dtype == np.uint16 else 8)
    assert "icc_profile" not in info
    again = origin_of(Photo.open(tmp_path / "out.heic")).native
    away = outside(photo, edit_of(photo))
    steps = np.abs(again.astype(int) - origin_of(photo).native)[away] / np.iinfo(dtype).max
    assert steps.mean() < 0.02


@pytest.mark.parametrize("points", [P3, PQ])
def test_a_heic_written_as_png_says_the_same_colours(
    tmp_path: Path, points: tuple[int, int]
) -> None:
    photo = Photo.open(heic(tmp_path / "in.heic", points, np.uint16))
    saved(photo, tmp_path / "out.png")
    chunks = chunks_of(tmp_path / "out.png")
    assert chunks[b"cICP"] == bytes((*points, 0, 1))
    assert b"iCCP" not in chunks


def test_hdr_becomes_ordinary_where_the_format_has_none(tmp_path: Path) -> None:
    photo = Photo.open(heic(tmp_path / "in.heic", PQ, np.uint16))
    save_edit(photo, edit_of(photo), tmp_path / "out.tif")
    again = Photo.open(tmp_path / "out.tif")
    assert origin_of(again).icc is None
    away = outside(photo, edit_of(photo))
    np.testing.assert_array_equal(again.pixels[away], photo.pixels[away])


def test_white_and_grey_of_pq_have_their_light(tmp_path: Path) -> None:
    # BT.2408: 58 % is a white sheet (203 cd/m2), 38 % an 18 % grey card (26 cd/m2).
    codes = np.full((16, 16, 3), round(0.3773 * 65535), np.uint16)
    image = pillow_heif.from_bytes(mode="RGB;16", size=(16, 16), data=codes.tobytes())
    image.save(
        tmp_path / "grey.heic",
        quality=-1,
        color_primaries=9,
        transfer_characteristics=16,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    shown = Photo.open(tmp_path / "grey.heic").as_uint8()[8, 8]
    light = 26 / 203
    assert shown == pytest.approx(255 * (1.055 * light ** (1 / 2.4) - 0.055), abs=3)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"gAMA", numbers(1 / 1.8))],
        [(b"cHRM", P3_CHRM)],
        [(b"gAMA", numbers(1.0)), (b"cHRM", P3_CHRM)],
        [(b"cICP", bytes((12, 13, 0, 1)))],
        [(b"cICP", bytes((9, 16, 0, 1))), (b"cLLI", bytes(8))],
        [(b"sRGB", b"\0"), (b"gAMA", numbers(1 / 2.2))],
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_a_png_keeps_what_it_says_about_colour(
    tmp_path: Path, chunks: list[tuple[bytes, bytes]], mode: str
) -> None:
    photo = Photo.open(png(tmp_path / "in.png", chunks, mode))
    saved(photo, tmp_path / "out.png")
    written = chunks_of(tmp_path / "out.png")
    for name, content in chunks:
        assert written[name] == content
    assert b"iCCP" not in written


def test_a_gamma_is_undone_and_becomes_a_profile_elsewhere(tmp_path: Path) -> None:
    photo = Photo.open(png(tmp_path / "in.png", [(b"gAMA", numbers(1.0))]))
    native = origin_of(photo).native / 255
    expected = np.where(
        native <= 0.0031308, native * 12.92, 1.055 * np.maximum(native, 1e-9) ** (1 / 2.4) - 0.055
    )
    assert np.abs(photo.pixels / 255 - expected).max() < 0.006
    again = saved(photo, tmp_path / "out.tif")
    assert origin_of(again).icc is not None


def test_a_profile_goes_before_gamma(tmp_path: Path) -> None:
    icc = rgb_profile(DISPLAY_P3, srgb_curve())
    profile = (b"iCCP", b"x\0\0" + zlib.compress(icc))
    photo = Photo.open(png(tmp_path / "in.png", [profile, (b"gAMA", numbers(1.0))]))
    assert origin_of(photo).icc == icc
    assert origin_of(photo).signals is None


def test_code_points_go_before_a_profile_and_both_are_carried(tmp_path: Path) -> None:
    icc = rgb_profile(DISPLAY_P3, srgb_curve())
    chunks = [(b"iCCP", b"x\0\0" + zlib.compress(icc)), (b"cICP", bytes((9, 16, 0, 1)))]
    photo = Photo.open(png(tmp_path / "in.png", chunks))
    alone = Photo.open(png(tmp_path / "alone.png", chunks[1:]))
    np.testing.assert_array_equal(photo.pixels, alone.pixels)
    saved(photo, tmp_path / "out.png")
    written = chunks_of(tmp_path / "out.png")
    assert zlib.decompress(written[b"iCCP"].split(b"\0\0", 1)[1]) == icc
    assert written[b"cICP"] == chunks[1][1]


@pytest.mark.parametrize(
    "chunk",
    [(b"gAMA", bytes(4)), (b"cHRM", bytes(32)), (b"cICP", b"\xff\xff\0\1"), (b"gAMA", b"x")],
)
def test_signals_without_sense_are_no_signals(tmp_path: Path, chunk: tuple[bytes, bytes]) -> None:
    photo = Photo.open(png(tmp_path / "in.png", [chunk]))
    np.testing.assert_array_equal(photo.pixels, smooth_pixels())


def adobe_exif() -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 0xFFFF
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    return exif


def test_adobe_rgb_by_exif_is_understood_and_stays_in_exif(tmp_path: Path) -> None:
    path = tmp_path / "camera.jpg"
    Image.fromarray(smooth_pixels()).save(path, exif=adobe_exif(), quality=95)
    photo = Photo.open(path)
    assert origin_of(photo).signals is not None
    assert np.abs(photo.pixels.astype(int) - origin_of(photo).native).max() > 5
    save_edit(photo, edit_of(photo), tmp_path / "out.jpg")
    again = origin_of(Photo.open(tmp_path / "out.jpg"))
    assert again.signals is not None
    assert again.signals.in_exif
    with Image.open(tmp_path / "out.jpg") as written:
        assert "icc_profile" not in written.info


@pytest.mark.parametrize(
    "points",
    [(22, 13, 0), (12, 0, 0), (12, 127, 0), (9, 255, 86), (12, 13, 3), (12, 13, 14), (9, 16, 255)],
)
def test_code_points_that_heic_has_no_place_for_become_a_profile_there(
    tmp_path: Path, points: tuple[int, int, int]
) -> None:
    """Written as they are they made a file that nothing could read."""
    photo = Photo.open(png(tmp_path / "a.png", [(b"cICP", bytes((*points, 1)))]))
    edit = edit_of(photo)
    save_edit(photo, edit, tmp_path / "a.heic")
    again = Photo.open(tmp_path / "a.heic").as_uint8().astype(int)
    assert np.abs(again - photo.as_uint8())[outside(photo, edit)].mean() < 2
