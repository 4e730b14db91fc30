"""What a photo file becomes when it is opened."""

from __future__ import annotations

import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest
from photo.photo_samples import noise, smooth_pixels
from PIL import Image, ImageOps
from PIL.ExifTags import IFD, Base

from exshot.errors import ErrorCode, ExshotError
from exshot.photo import Photo


def with_orientation(path: Path, orientation: int) -> Path:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    Image.fromarray(noise((6, 9, 3))).save(path, exif=exif, lossless=True)  # WebP's word
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jpg"])
def test_a_photo_of_a_turned_camera_stands_upright(
    tmp_path: Path, orientation: int, suffix: str
) -> None:
    path = with_orientation(tmp_path / f"turned{suffix}", orientation)
    photo = Photo.open(path)
    with Image.open(path) as stored:
        np.testing.assert_array_equal(photo.pixels, ImageOps.exif_transpose(stored))
    assert (photo.width, photo.height) == ((9, 6) if orientation < 5 else (6, 9))


def camera_exif(thumbnail: bytes) -> bytes:
    """What a camera writes: orientation 6, 9 x 6 pixels, and a thumbnail in a second directory."""

    def directory(entries: list[tuple[int, int, int, bytes]], following: int) -> bytes:
        packed = b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries)
        return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)

    def number(value: int) -> bytes:
        return struct.pack("<I", value)

    details, second, data = 8 + 42, 8 + 42 + 30, 8 + 42 + 30 + 30
    first = [
        (0x010F, 2, 4, b"Cam\0"),
        (0x0112, 3, 1, number(6)),
        (0x8769, 4, 1, number(details)),
    ]
    size = [(0xA002, 4, 1, number(9)), (0xA003, 4, 1, number(6))]
    small = [(0x0201, 4, 1, number(data)), (0x0202, 4, 1, number(len(thumbnail)))]
    directories = directory(first, second) + directory(size, 0) + directory(small, 0)
    return b"Exif\0\0II*\0" + number(8) + directories + thumbnail


def test_the_thumbnail_and_the_orientation_leave_the_exif_block(tmp_path: Path) -> None:
    path = tmp_path / "camera.jpg"
    exif = camera_exif(b"the face before")
    Image.fromarray(smooth_pixels(6, 9)).save(path, exif=exif)
    origin = Photo.open(path).origin
    assert origin is not None
    assert origin.exif is not None
    assert b"the face before" not in origin.exif
    kept = Image.Exif()
    kept.load(origin.exif)
    assert kept[Base.Orientation] == 1
    assert kept[Base.Make] == "Cam"
    assert kept.get_ifd(IFD.Exif)[Base.ExifImageWidth] == 6
    assert kept.get_ifd(IFD.Exif)[Base.ExifImageHeight] == 9
    assert not kept.get_ifd(IFD.IFD1)


def test_the_moment_of_capture_is_known_to_the_hundredth(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif).update(
        {Base.DateTimeOriginal: "2024:05:06 07:08:09", Base.SubsecTimeOriginal: "25"}
    )
    path = tmp_path / "dated.jpg"
    Image.fromarray(smooth_pixels()).save(path, exif=exif)
    origin = Photo.open(path).origin
    assert origin is not None
    assert origin.captured_at == datetime(2024, 5, 6, 7, 8, 9, 250_000)


def test_the_zone_of_the_clock_counts(tmp_path: Path) -> None:
    def taken(zone: str) -> datetime | None:
        exif = Image.Exif()
        exif.get_ifd(IFD.Exif).update(
            {Base.DateTimeOriginal: "2024:05:06 07:08:09", Base.OffsetTimeOriginal: zone}
        )
        Image.fromarray(smooth_pixels()).save(tmp_path / "dated.jpg", exif=exif)
        origin = Photo.open(tmp_path / "dated.jpg").origin
        assert origin is not None
        return origin.captured_at

    assert taken("+02:00") == datetime(2024, 5, 6, 5, 8, 9, tzinfo=timezone.utc)
    assert taken("-03:30") == datetime(2024, 5, 6, 10, 38, 9, tzinfo=timezone.utc)
    assert taken("   :  ") == datetime(2024, 5, 6, 7, 8, 9)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_read_to_the_last_one(tmp_path: Path, suffix: str, channels: int) -> None:
    stored = noise((7, 11, channels), np.uint16)
    path = tmp_path / f"deep{suffix}"
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
    assert cv2.imwrite(str(path), np.ascontiguousarray(stored[..., order]))
    photo = Photo.open(path)
    np.testing.assert_array_equal(photo.pixels, np.broadcast_to(stored[..., :3], (7, 11, 3)))
    if channels == 4:
        np.testing.assert_array_equal(photo.alpha, stored[..., 3])
    np.testing.assert_array_equal(photo.as_uint8(), np.rint(photo.pixels / 257).astype(np.uint8))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_sixteen_bit_tiff_of_either_byte_order(
    tmp_path: Path, order: str, compression: str | None
) -> None:
    tifffile = pytest.importorskip("tifffile")
    stored = noise((5, 6, 3), np.uint16)
    path = tmp_path / "deep.tif"
    tifffile.imwrite(path, stored, photometric="rgb", byteorder=order, compression=compression)
    np.testing.assert_array_equal(Photo.open(path).pixels, stored)


def test_colour_premultiplied_by_alpha_is_divided_by_it(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    color, alpha = noise((5, 6, 3), np.uint16), np.full((5, 6, 1), 32768, np.uint16)
    stored = np.rint(color * (alpha / 65535)).astype(np.uint16)
    path = tmp_path / "premultiplied.tif"
    tifffile.imwrite(
        path, np.dstack([stored, alpha]), photometric="rgb", extrasamples=["assocalpha"]
    )
    assert np.abs(Photo.open(path).pixels.astype(int) - color).max() <= 1


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGBA", "CMYK", "YCbCr", "LAB", "I;16"]
)
def test_every_common_pixel_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(smooth_pixels())
    if mode == "LAB":
        picture = Image.merge("LAB", [Image.new("L", (64, 48), v) for v in (128, 0, 0)])
    elif mode == "I;16":
        picture = Image.fromarray(smooth_pixels(dtype=np.uint16)[..., 0])
    elif mode == "PA":
        picture = picture.convert("P").convert("PA")
    else:
        picture = picture.convert(mode)
    suffix = "png" if mode in ("1", "L", "LA", "P", "RGBA", "I;16") else "tif"
    path = tmp_path / f"picture.{suffix}"
    if mode == "PA":
        picture.convert("RGBA").save(path)
    else:
        # Pillow 12 writes uncompressed YCbCr that it cannot read.
        picture.save(path, **({"compression": "jpeg"} if mode == "YCbCr" else {}))
    photo = Photo.open(path)
    assert photo.pixels.shape == (48, 64, 3)
    assert photo.pixels.dtype == (np.uint16 if mode == "I;16" else np.uint8)
    assert (photo.alpha is not None) == (mode in ("LA", "PA", "RGBA"))


def test_a_palette_with_a_transparent_colour_gets_alpha(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((1, 2), 1)
    picture.save(tmp_path / "palette.png", transparency=1)
    photo = Photo.open(tmp_path / "palette.png")
    assert photo.alpha is not None
    assert photo.alpha[2, 1] == 0
    assert photo.alpha[0, 0] == 255
    assert tuple(photo.pixels[0, 0]) == (255, 0, 0)


def test_a_deep_grey_png_may_name_a_colour_that_is_clear(tmp_path: Path) -> None:
    grey = np.full((4, 4), 30000, np.uint16)
    grey[2, 1] = 1000
    Image.fromarray(grey).save(tmp_path / "grey.png", transparency=1000)
    photo = Photo.open(tmp_path / "grey.png")
    assert photo.pixels.shape == (4, 4, 3)
    assert photo.pixels[0, 0].tolist() == [30000] * 3
    assert photo.alpha is not None
    assert photo.alpha[2, 1] == 0
    assert photo.alpha[0, 0] == np.iinfo(photo.alpha.dtype).max


def test_a_print_shops_jpeg_is_not_inverted(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(path, quality=95)  # stored inverted: Adobe
    assert np.abs(Photo.open(path).pixels.astype(int) - (255, 0, 0)).max() <= 3


def test_only_the_first_frame_counts(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    for name in ("frames.tif", "frames.png", "frames.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], lossless=True)
        red = Photo.open(tmp_path / name).pixels[4, 4].astype(int)
        assert np.abs(red - (255, 0, 0)).max() <= 1, name


@pytest.mark.parametrize("name", ["one.png", "one.jpg", "one.tif", "one.webp"])
def test_a_single_pixel_is_a_photo(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (1, 1), (200, 100, 50)).save(tmp_path / name, quality=100)
    assert Photo.open(tmp_path / name).pixels.shape == (1, 1, 3)


def test_a_hundred_megapixels_open(tmp_path: Path) -> None:
    Image.new("L", (10_000, 10_000)).save(tmp_path / "huge.png")
    photo = Photo.open(tmp_path / "huge.png")
    assert (photo.width, photo.height) == (10_000, 10_000)


def test_a_heic_photo_opens(tmp_path: Path) -> None:
    import pillow_heif

    pixels = smooth_pixels()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(tmp_path / "phone.heic", quality=95)
    photo = Photo.open(tmp_path / "phone.heic")
    assert np.abs(photo.pixels.astype(int) - pixels).mean() < 3


def test_odd_metadata_neither_warns_nor_fails(tmp_path: Path) -> None:
    path = tmp_path / "odd.jpg"
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0broken"
    Image.fromarray(smooth_pixels()).save(path, exif=exif, icc_profile=b"no profile")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = Photo.open(path)
    assert photo.origin is not None
    assert photo.origin.icc is None


def test_reading_in_many_threads_leaves_the_warning_filters_alone(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(smooth_pixels()).save(path)
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(lambda _: Photo.open(path).content_hash, range(64)))
    assert len(hashes) == 1
    assert list(warnings.filters) == before


def test_pillow_prints_nothing_for_a_doubtful_file(tmp_path: Path) -> None:
    path = tmp_path / "doubtful.tif"
    Image.fromarray(smooth_pixels()).save(path, tiffinfo={270: "x" * 200})
    data = bytearray(path.read_bytes())
    at = data.index(b"x" * 200)
    path.write_bytes(data[: at + 100])
    code = (
        "import sys; from exshot.photo import Photo; from exshot.errors import ExshotError\n"
        "try: Photo.open(sys.argv[1])\n"
        "except ExshotError: pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_an_array_is_copied_so_that_it_cannot_change_underneath() -> None:
    pixels = smooth_pixels()
    photo = Photo.from_array(pixels)
    before = photo.content_hash
    pixels[:] = 0
    assert photo.pixels.any()
    assert photo.content_hash == before
    assert not photo.pixels.flags.writeable
    assert Photo.from_array(photo.pixels).pixels is photo.pixels


def test_the_content_hash_tells_photos_apart() -> None:
    pixels = smooth_pixels()
    other = pixels.copy()
    other[3, 4, 1] ^= 1
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    photos = [
        Photo.from_array(pixels),
        Photo.from_array(other),
        Photo.from_array(pixels.reshape(64, 48, 3)),
        Photo.from_array(pixels, alpha),
        Photo.from_array(pixels.astype(np.uint16)),
    ]
    assert len({photo.content_hash for photo in photos}) == len(photos)
    assert Photo.from_array(pixels.copy()).content_hash == photos[0].content_hash


@pytest.mark.parametrize(
    ("pixels", "code"),
    [
        (np.zeros((4, 4, 3), np.float32), ErrorCode.UNSUPPORTED_MODE),
        (np.zeros((4, 4, 4), np.uint8), ErrorCode.UNSUPPORTED_MODE),
        (np.zeros((4,), np.uint8), ErrorCode.UNSUPPORTED_MODE),
        (np.zeros((0, 4, 3), np.uint8), ErrorCode.IMAGE_EMPTY),
    ],
)
def test_arrays_that_are_no_picture_are_refused(pixels: np.ndarray, code: ErrorCode) -> None:
    with pytest.raises(ExshotError) as caught:
        Photo.from_array(pixels)
    assert caught.value.code == code


def test_a_grey_array_is_stacked() -> None:
    grey = noise((5, 7))
    np.testing.assert_array_equal(Photo.from_array(grey).pixels, np.dstack([grey] * 3))
