"""Sound files of unusual make: read right, or called by their name."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from photo.photo_samples import edit_of, noise, smooth_pixels
from PIL import Image, ImageCms

from exshot.errors import ErrorCode, ExshotError
from exshot.photo import Photo, save_edit
from exshot.photo.camera_raw import SUFFIXES
from exshot.photo.origin import Origin

tifffile = pytest.importorskip("tifffile")

FULL = smooth_pixels(240, 320)
SMALL = np.ascontiguousarray(FULL[::8, ::8])
CFA = (32803, [(33421, "H", 2, (2, 2)), (33422, "B", 4, (0, 1, 1, 2))])


def origin_of(path: Path) -> Origin:
    origin = Photo.open(path).origin
    assert origin is not None
    return origin


def is_raw(path: Path) -> bool:
    with pytest.raises(ExshotError) as caught:
        Photo.open(path)
    return "camera raw" in caught.value.sentence and "Develop it first" in caught.value.hint


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("name", ["photo.tif", "photo.nef"])
def test_the_full_picture_of_a_sub_directory_is_the_photo(
    tmp_path: Path, big: bool, dtype: type, compression: str | None, name: str
) -> None:
    full = smooth_pixels(240, 320, dtype)
    with tifffile.TiffWriter(tmp_path / name, bigtiff=big) as file:
        file.write(SMALL, photometric="rgb", subifds=1, subfiletype=1)
        file.write(full, photometric="rgb", subfiletype=0, compression=compression)
    origin = origin_of(tmp_path / name)
    np.testing.assert_array_equal(origin.native, full)
    assert "thumbnail" in origin.notes[0]


def test_the_full_picture_of_a_later_page_is_the_photo(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(SMALL, photometric="rgb", subfiletype=1)
        file.write(FULL, photometric="rgb", subfiletype=0)
    np.testing.assert_array_equal(origin_of(tmp_path / "a.tif").native, FULL)


def test_of_ordinary_pages_the_first_is_the_photo(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(SMALL, photometric="rgb")
        file.write(FULL, photometric="rgb")
    origin = origin_of(tmp_path / "a.tif")
    np.testing.assert_array_equal(origin.native, SMALL)
    assert "2 pictures" in origin.notes[0]


@pytest.mark.parametrize("name", ["a.nef", "a.dng", "a.tif", "a.jpg"])
@pytest.mark.parametrize("first_is_reduced", [True, False])
def test_what_the_sensor_saw_is_called_camera_raw(
    tmp_path: Path, name: str, first_is_reduced: bool
) -> None:
    sensor = noise((240, 320), np.uint16)
    with tifffile.TiffWriter(tmp_path / name) as file:
        file.write(SMALL, photometric="rgb", subifds=1, subfiletype=int(first_is_reduced))
        file.write(sensor, photometric=CFA[0], subfiletype=0, extratags=CFA[1])
    assert is_raw(tmp_path / name)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_raw_name_gets_the_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"IMG_1{suffix.upper()}"
    path.write_bytes(noise((500,)).tobytes())
    assert is_raw(path)
    with tifffile.TiffWriter(path) as file:  # in TIFF clothing, nothing but a thumbnail to read
        file.write(SMALL, photometric="rgb", subfiletype=1)
    assert is_raw(path)


@pytest.mark.parametrize(
    "start", [b"FUJIFILMCCD-RAW 0201", b"IIRO\x08", b"IIU\0\x18", b"\0\0\0\x18ftypcrx "]
)
def test_raw_files_are_known_by_their_first_bytes_too(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(start + bytes(500))
    assert is_raw(tmp_path / "photo.jpg")


def test_a_jpeg_with_a_raw_name_is_a_jpeg(tmp_path: Path) -> None:
    Image.fromarray(FULL).save(tmp_path / "a.nef", "JPEG")
    assert origin_of(tmp_path / "a.nef").format == "JPEG"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("predictor", [False, True])
@pytest.mark.parametrize("tile", [None, (64, 64)])
@pytest.mark.parametrize("planar", ["separate", "contig"])
@pytest.mark.parametrize("extra", [(), ("unspecified",), ("unassalpha", "unspecified")])
def test_channels_may_lie_in_any_order_and_be_too_many(
    tmp_path: Path,
    dtype: type,
    order: str,
    predictor: bool,
    tile: tuple[int, int] | None,
    planar: str,
    extra: tuple[str, ...],
) -> None:
    stored = noise((70, 90, 3 + len(extra)), dtype)
    tifffile.imwrite(
        tmp_path / "a.tif",
        stored if planar == "contig" else stored.transpose(2, 0, 1),
        photometric="rgb",
        planarconfig=planar,
        extrasamples=extra,
        byteorder=order,
        tile=tile,
        compression="zlib" if predictor else None,
        predictor=predictor,
    )
    photo = Photo.open(tmp_path / "a.tif")
    np.testing.assert_array_equal(photo.pixels, stored[..., :3])
    if "unassalpha" in extra:
        assert photo.alpha is not None
        np.testing.assert_array_equal(photo.alpha, stored[..., 3])


def test_grey_with_alpha_at_sixteen_bits(tmp_path: Path) -> None:
    stored = noise((20, 30, 2), np.uint16)
    tifffile.imwrite(
        tmp_path / "a.tif", stored, photometric="minisblack", extrasamples=("unassalpha",)
    )
    photo = Photo.open(tmp_path / "a.tif")
    np.testing.assert_array_equal(photo.pixels[..., 1], stored[..., 0])
    assert photo.alpha is not None
    np.testing.assert_array_equal(photo.alpha, stored[..., 1])


def test_tags_of_a_planar_file_are_kept(tmp_path: Path) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tifffile.imwrite(
        tmp_path / "a.tif",
        noise((3, 20, 30), np.uint16),
        photometric="rgb",
        planarconfig="separate",
        iccprofile=icc,
        extratags=[(274, "H", 1, 6), (271, "s", 0, "Maker")],
    )
    photo = Photo.open(tmp_path / "a.tif")
    assert (photo.width, photo.height) == (20, 30)
    assert photo.origin is not None
    assert photo.origin.icc == icc
    assert b"Maker" in (photo.origin.exif or b"")


def jpeg(pixels: NDArray[np.uint8 | np.uint16], **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("width", [320, 313])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_end_marker_is_whole(
    tmp_path: Path, progressive: bool, width: int, missing: int
) -> None:
    data = jpeg(FULL[:, :width], progressive=progressive)
    (tmp_path / "a.jpg").write_bytes(data[:-missing])
    origin = origin_of(tmp_path / "a.jpg")
    np.testing.assert_array_equal(origin.native, np.asarray(Image.open(io.BytesIO(data))))
    assert "end marker" in origin.notes[0]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [8, 50, 1000])
def test_a_jpeg_that_lacks_pixels_is_incomplete(
    tmp_path: Path, progressive: bool, missing: int
) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(FULL, progressive=progressive)[:-missing])
    with pytest.raises(ExshotError) as caught:
        Photo.open(tmp_path / "a.jpg")
    assert caught.value.code == ErrorCode.TRUNCATED_IMAGE


LONG = noise((1 << 20,)).tobytes().hex().encode()


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"zTXt", b"Comment\0\0" + zlib.compress(LONG))],
        [(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(LONG))],
        [(b"iTXt", b"Comment\0\0\0\0\0" + LONG)],
        [(b"tEXt", b"Comment\0" + LONG)],
        [(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100 << 20)))],
        [(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 20)))] * 80,
        [(b"pHYs", b"short")],
        [(b"tIME", b"")],
    ],
)
def test_long_and_broken_texts_do_not_cost_the_picture(
    tmp_path: Path, chunks: list[tuple[bytes, bytes]]
) -> None:
    (tmp_path / "a.png").write_bytes(png_with(chunks))
    np.testing.assert_array_equal(origin_of(tmp_path / "a.png").native, FULL)


def test_a_wrong_checksum_beside_the_pixels_does_not_cost_the_picture(tmp_path: Path) -> None:
    data = bytearray(png_with([(b"tEXt", b"Comment\0text")]))
    data[33 + 8 + 12 + 3] ^= 1
    (tmp_path / "a.png").write_bytes(data)
    np.testing.assert_array_equal(origin_of(tmp_path / "a.png").native, FULL)


def test_a_profile_over_a_megabyte_is_used(tmp_path: Path) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = b"long\0\0" + zlib.compress(icc + noise((2 << 20,)).tobytes())
    (tmp_path / "a.png").write_bytes(png_with([(b"iCCP", content)]))
    assert (origin_of(tmp_path / "a.png").icc or b"").startswith(icc)


def png_with(chunks: list[tuple[bytes, bytes]]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(FULL).save(file, "PNG")
    data = file.getvalue()
    parts = [
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    ]
    return data[:33] + b"".join(parts) + data[33:]


@pytest.mark.parametrize(("suffix", "options"), [(".webp", {}), (".png", {})])
def test_an_animation_is_its_first_picture(
    tmp_path: Path, suffix: str, options: dict[str, object]
) -> None:
    frames = [Image.fromarray(FULL), Image.fromarray(255 - FULL)]
    path = tmp_path / f"a{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    origin = origin_of(path)
    np.testing.assert_array_equal(origin.native, FULL)
    assert origin.notes


GAIN_MAP_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF>'
    b"</x:xmpmeta>"
)


@pytest.mark.parametrize("told", ["xmp", "segment"])
def test_a_gain_map_that_is_not_kept_is_said(tmp_path: Path, told: str) -> None:
    data = jpeg(FULL, xmp=GAIN_MAP_XMP) if told == "xmp" else jpeg(FULL)
    if told == "segment":
        content = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)
        data = data[:2] + b"\xff\xe2" + struct.pack(">H", len(content) + 2) + content + data[2:]
    (tmp_path / "a.jpg").write_bytes(data)
    photo = Photo.open(tmp_path / "a.jpg")
    assert photo.origin is not None
    assert "gain map" in photo.origin.notes[0]
    save_edit(photo, edit_of(photo), tmp_path / "out.jpg")
    written = (tmp_path / "out.jpg").read_bytes()
    assert b"hdrgm" not in written
    assert b"21496" not in written


def test_a_thumbnail_of_plain_pixels_leaves_the_exif_block_too(tmp_path: Path) -> None:
    face = b"the face before, as plain pixels"
    header = b"Exif\0\0II*\0" + struct.pack("<I", 8)
    first = struct.pack("<HHHII", 1, 0x0112, 3, 1, 1) + struct.pack("<I", 26)
    second = struct.pack("<HHHIIHHIII", 2, 273, 4, 1, 56, 279, 4, 1, len(face), 0)
    exif = header + first + second + face
    assert exif.index(face) == 6 + 56
    (tmp_path / "a.jpg").write_bytes(jpeg(FULL, exif=exif))
    photo = Photo.open(tmp_path / "a.jpg")
    save_edit(photo, edit_of(photo), tmp_path / "out.jpg")
    assert face in (tmp_path / "a.jpg").read_bytes()
    assert b"Exif" in (tmp_path / "out.jpg").read_bytes()
    assert face not in (tmp_path / "out.jpg").read_bytes()


def frame(marker: int, precision: int, channels: int) -> bytes:
    content = struct.pack(">BHHB", precision, 8, 8, channels) + b"\1\x11\0" * channels
    return b"\xff\xd8\xff" + bytes((marker,)) + struct.pack(">H", len(content) + 2) + content


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (frame(0xC3, 8, 3), "lossless.jpg"),
        (frame(0xC1, 12, 3), "twelve bits.jpg"),
        (frame(0xC0, 8, 2), "two channels.jpg"),
    ],
)
def test_kinds_of_jpeg_that_cannot_be_read_are_not_called_damaged(
    tmp_path: Path, data: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(data + bytes(50))
    with pytest.raises(ExshotError) as caught:
        Photo.open(tmp_path / name)
    assert caught.value.code == ErrorCode.UNSUPPORTED_MODE


def test_a_compression_nobody_knows_is_not_called_damage(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", FULL, photometric="rgb", compression="zlib")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    at = data.index(struct.pack("<HHI", 259, 3, 1))
    struct.pack_into("<H", data, at + 8, 34712)  # JPEG 2000
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(ExshotError) as caught:
        Photo.open(tmp_path / "a.tif")
    assert caught.value.code == ErrorCode.UNSUPPORTED_MODE


def test_avif_in_the_containers_general_brand_is_another_format(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(99))
    with pytest.raises(ExshotError) as caught:
        Photo.open(tmp_path / "a.heic")
    assert caught.value.code == ErrorCode.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_big_tiff_of_the_other_byte_order_is_read(
    tmp_path: Path, dtype: type, compression: str | None
) -> None:
    pixels = smooth_pixels(240, 320, dtype)
    tifffile.imwrite(
        tmp_path / "a.tif",
        pixels,
        photometric="rgb",
        bigtiff=True,
        byteorder=">",
        compression=compression,
    )
    np.testing.assert_array_equal(origin_of(tmp_path / "a.tif").native, pixels)


def test_a_mask_before_the_picture_is_not_called_a_thumbnail(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(FULL[..., 0] > 99, photometric=4, subfiletype=4)
        file.write(FULL, photometric="rgb")
    origin = origin_of(tmp_path / "a.tif")
    np.testing.assert_array_equal(origin.native, FULL)
    assert origin.notes == ("The file begins with a mask; its full picture was taken.",)


@pytest.mark.parametrize("kind", ["WEBP", "HEIF"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_the_first_part_of_a_file_is_called_incomplete(
    tmp_path: Path, kind: str, share: float
) -> None:
    file = io.BytesIO()
    Image.fromarray(noise((240, 320, 3))).save(file, kind, quality=80)
    whole = file.getvalue()
    (tmp_path / "a").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ExshotError) as caught:
        Photo.open(tmp_path / "a")
    assert caught.value.code is ErrorCode.TRUNCATED_IMAGE


@pytest.mark.parametrize("profile", ["LAB", "XYZ", "cut"])
def test_a_profile_that_cannot_be_used_is_noted(tmp_path: Path, profile: str) -> None:
    name = "sRGB" if profile == "cut" else profile
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]
    icc = made[:100] if profile == "cut" else made
    Image.fromarray(FULL).save(tmp_path / "a.png", icc_profile=icc)
    origin = origin_of(tmp_path / "a.png")
    np.testing.assert_array_equal(origin.native, FULL)
    assert "colour profile" in origin.notes[0]
