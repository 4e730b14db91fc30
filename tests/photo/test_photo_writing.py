"""What becomes of the pose photo when an edit of it is saved."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from photo.photo_samples import edit_of, noise, outside, report, smooth_pixels
from PIL import Image
from PIL.ExifTags import IFD, Base

from exshot.errors import ErrorCode, ExshotError
from exshot.image.geometry import Box
from exshot.photo import Photo, encode, flatten, save_edit, save_layer
from exshot.photo.origin import Origin
from exshot.result import Edit
from exshot.version import __version__

LOSSLESS = [".png", ".tif", ".webp"]
SUFFIXES = [*LOSSLESS, ".jpg", ".heic"]


def origin_of(photo: Photo) -> Origin:
    assert photo.origin is not None
    return photo.origin


def saved(photo: Photo, edit: Edit, path: Path, quality: int | None = None) -> Photo:
    save_edit(photo, edit, path, quality=quality)
    return Photo.open(path)


def xmp_values(photo: Photo) -> dict[str, str]:
    xmp = origin_of(photo).xmp
    assert xmp is not None
    root = ElementTree.fromstring(xmp.decode())
    values = {e.tag.split("}")[1]: e.text or "" for e in root.iter()}
    for element in root.iter():
        values |= {key.split("}")[-1]: value for key, value in element.attrib.items()}
    return values


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_flattening_follows_the_mask_to_the_nearest_value(dtype: type) -> None:
    photo = Photo.from_array(noise((40, 50, 3), dtype))
    edit = edit_of(photo)
    weight = np.zeros((40, 50, 1))
    weight[edit.box.slices] = edit.mask[..., None]
    layer = np.zeros((40, 50, 3))
    layer[edit.box.slices] = edit.layer
    expected = np.rint((photo.pixels * (255 - weight) + layer * weight) / 255)
    result = flatten(photo, edit)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(result[outside(photo, edit)], photo.pixels[outside(photo, edit)])


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("clear", [False, True])
def test_lossless_formats_give_back_the_flattened_pixels(
    tmp_path: Path, suffix: str, dtype: type, clear: bool
) -> None:
    alpha = noise((40, 50), dtype, seed=3) if clear else None
    photo = Photo.from_array(noise((40, 50, 3), dtype), alpha)
    edit = edit_of(photo)
    again = saved(photo, edit, tmp_path / f"out{suffix}", quality=100)
    expected, expected_alpha = flatten(photo, edit), alpha
    if suffix == ".webp" and dtype == np.uint16:  # has 8 bits only
        expected = np.rint(expected / 257)
        expected_alpha = None if alpha is None else np.rint(alpha / 257)
    np.testing.assert_array_equal(again.pixels, expected)
    if expected_alpha is None:
        assert again.alpha is None
    else:
        np.testing.assert_array_equal(again.alpha, expected_alpha)


@pytest.mark.parametrize("suffix", [".jpg", ".heic", ".webp"])
def test_lossy_formats_come_close(tmp_path: Path, suffix: str) -> None:
    photo = Photo.from_array(smooth_pixels(96, 128))
    edit = Edit(
        smooth_pixels(20, 30), np.full((20, 30), 255, np.uint8), Box(9, 8, 39, 28), report()
    )
    again = saved(photo, edit, tmp_path / f"out{suffix}")
    assert np.abs(again.pixels.astype(int) - flatten(photo, edit)).mean() < 4


def test_jpeg_puts_alpha_onto_white_at_8_bits(tmp_path: Path) -> None:
    photo = Photo.from_array(np.zeros((16, 16, 3), np.uint16), np.zeros((16, 16), np.uint16))
    again = saved(photo, edit_of(photo, box=Box(0, 0, 1, 1)), tmp_path / "out.jpg")
    assert again.pixels.dtype == np.uint8
    assert again.pixels.min() > 250


def test_a_jpeg_keeps_its_compression(tmp_path: Path) -> None:
    Image.fromarray(smooth_pixels(64, 64)).save(tmp_path / "in.jpg", quality=80, subsampling=2)
    photo = Photo.open(tmp_path / "in.jpg")
    again = saved(photo, edit_of(photo), tmp_path / "out.jpg")
    assert origin_of(again).jpeg == origin_of(photo).jpeg
    finest = saved(photo, edit_of(photo), tmp_path / "finest.jpg", quality=95)
    assert origin_of(finest).jpeg != origin_of(photo).jpeg


def test_a_jpeg_hardly_changes_where_it_was_not_edited(tmp_path: Path) -> None:
    Image.fromarray(smooth_pixels(64, 64)).save(tmp_path / "in.jpg", quality=85)
    photo = Photo.open(tmp_path / "in.jpg")
    edit = edit_of(photo, box=Box(16, 16, 48, 48))
    again = saved(photo, edit, tmp_path / "out.jpg")
    away = np.ones((64, 64), bool)
    away[8:56, 8:56] = False  # blocks of 16 that the patch does not touch
    assert np.abs(again.pixels.astype(int) - photo.pixels)[away].max() <= 2


@pytest.mark.parametrize(
    ("mode", "suffix", "kept"),
    [
        ("L", ".png", "L"),
        ("L", ".tif", "L"),
        ("L", ".jpg", "L"),
        ("L", ".webp", "RGB"),
        ("LA", ".png", "LA"),
        ("LA", ".tif", "LA"),
        ("1", ".png", "L"),
        ("P", ".png", "RGB"),
        ("RGBA", ".tif", "RGBA"),
        ("RGBA", ".webp", "RGBA"),
        ("CMYK", ".tif", "CMYK"),
        ("CMYK", ".jpg", "CMYK"),
        ("CMYK", ".png", "RGB"),
    ],
)
def test_pixel_modes_survive_where_the_format_has_them(
    tmp_path: Path, mode: str, suffix: str, kept: str
) -> None:
    source = tmp_path / ("in.tif" if mode == "CMYK" else "in.png")
    picture = Image.fromarray(smooth_pixels()).convert(mode)
    if mode.endswith("A"):
        picture.putalpha(100)
    picture.save(source)
    photo = Photo.open(source)
    edit = edit_of(photo)
    again = saved(photo, edit, tmp_path / f"out{suffix}", quality=100)
    assert origin_of(again).mode == kept
    if suffix != ".jpg" and kept == mode:
        away = outside(photo, edit)
        np.testing.assert_array_equal(origin_of(again).native[away], origin_of(photo).native[away])
    if photo.alpha is not None:
        np.testing.assert_array_equal(again.alpha, photo.alpha)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_survive(tmp_path: Path, suffix: str, channels: int) -> None:
    stored = noise((33, 47, channels), np.uint16)
    assert cv2.imwrite(str(tmp_path / f"in{suffix}"), stored)
    photo = Photo.open(tmp_path / f"in{suffix}")
    edit = edit_of(photo)
    again = saved(photo, edit, tmp_path / f"out{suffix}")
    away = outside(photo, edit)
    assert origin_of(again).native.dtype == np.uint16
    np.testing.assert_array_equal(origin_of(again).native[away], origin_of(photo).native[away])
    if channels == 4:
        np.testing.assert_array_equal(again.alpha, photo.alpha)


def test_other_readers_see_the_same_16_bit_tiff(tmp_path: Path) -> None:
    photo = Photo.from_array(noise((700, 500, 3), np.uint16))  # several strips
    edit = edit_of(photo)
    save_edit(photo, edit, tmp_path / "out.tif")
    read = cv2.imread(str(tmp_path / "out.tif"), cv2.IMREAD_UNCHANGED)
    assert read is not None
    np.testing.assert_array_equal(read[..., ::-1], flatten(photo, edit))


def described_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Make] = "Camera"
    exif[Base.Artist] = "Ann"
    exif.get_ifd(IFD.Exif).update(
        {Base.DateTimeOriginal: "2024:05:06 07:08:09", Base.FNumber: 2.5, Base.MakerNote: b"\1\2"}
    )
    exif.get_ifd(IFD.GPSInfo)[1] = "N"
    return exif


@pytest.mark.parametrize("source", [".jpg", ".png", ".tif", ".webp", ".heic"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_exif_survives_from_every_format_to_every_other(
    tmp_path: Path, source: str, suffix: str
) -> None:
    exif = described_exif().tobytes()
    Image.fromarray(smooth_pixels(48, 64)).save(tmp_path / f"in{source}", exif=exif)
    photo = Photo.open(tmp_path / f"in{source}")
    again = saved(photo, edit_of(photo), tmp_path / f"out{suffix}")
    with Image.open(tmp_path / f"out{suffix}") as picture:
        exif = picture.getexif()
        assert exif.get(Base.Orientation, 1) == 1
        assert (exif[Base.Make], exif[Base.Artist]) == ("Camera", "Ann")
        assert exif.get_ifd(IFD.Exif)[Base.FNumber] == 2.5
        assert exif.get_ifd(IFD.Exif)[Base.MakerNote] == b"\1\2"
        assert exif.get_ifd(IFD.GPSInfo)[1] == "N"
    assert origin_of(again).captured_at == origin_of(photo).captured_at is not None
    # libheif turns by its own transformations: EXIF alone does not turn a HEIC picture.
    assert (again.width, again.height) == (photo.width, photo.height)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_the_resolution_survives(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(smooth_pixels()).save(tmp_path / "in.png", dpi=(300, 150))
    photo = Photo.open(tmp_path / "in.png")
    again = saved(photo, edit_of(photo), tmp_path / f"out{suffix}")
    assert origin_of(again).dpi == pytest.approx((300, 150), abs=0.1)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("method", "term"),
    [("warp", "compositeCapture"), ("exprnet", "compositeWithTrainedAlgorithmicMedia")],
)
def test_every_file_says_how_it_came_about(
    tmp_path: Path, suffix: str, method: str, term: str
) -> None:
    photo = Photo.from_array(smooth_pixels())
    values = xmp_values(saved(photo, edit_of(photo, method=method), tmp_path / f"out{suffix}"))
    vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    assert values["DigitalSourceType"] == vocabulary + term
    assert values["CreatorTool"] == values["softwareAgent"] == f"ExShot {__version__}"


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_layer_is_the_patch_in_the_photos_frame(tmp_path: Path, suffix: str) -> None:
    photo = Photo.from_array(smooth_pixels(40, 50))
    edit = edit_of(photo)
    save_layer(photo, edit, tmp_path / f"layer{suffix}")
    layer = Photo.open(tmp_path / f"layer{suffix}")
    assert layer.alpha is not None
    assert (layer.width, layer.height) == (50, 40)
    np.testing.assert_array_equal(layer.pixels[edit.box.slices], edit.layer)
    np.testing.assert_array_equal(layer.alpha[edit.box.slices], edit.mask)
    assert layer.alpha.sum() == edit.mask.sum()
    assert "DigitalSourceType" in xmp_values(layer)


def test_a_layer_keeps_16_bits(tmp_path: Path) -> None:
    photo = Photo.from_array(smooth_pixels(40, 50, np.uint16))
    edit = edit_of(photo)
    save_layer(photo, edit, tmp_path / "layer.png")
    layer = Photo.open(tmp_path / "layer.png")
    np.testing.assert_array_equal(layer.pixels[edit.box.slices], edit.layer)


def refusal(photo: Photo, path: Path | str, **options: bool) -> ExshotError:
    with pytest.raises(ExshotError) as caught:
        save_edit(photo, edit_of(photo), path, **options)
    assert caught.value.hint
    return caught.value


@pytest.fixture
def photo() -> Photo:
    return Photo.from_array(smooth_pixels())


def test_an_existing_file_is_kept(tmp_path: Path, photo: Photo) -> None:
    path = tmp_path / "out.png"
    path.write_text("mine")
    assert refusal(photo, path).code == ErrorCode.OUTPUT_EXISTS
    assert path.read_text() == "mine"
    save_edit(photo, edit_of(photo), path, overwrite=True)
    assert Photo.open(path).width == photo.width


def test_a_file_that_appears_meanwhile_is_kept(
    tmp_path: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.png"
    monkeypatch.setattr(os, "fsync", lambda _: path.write_text("mine"))
    assert refusal(photo, path).code == ErrorCode.OUTPUT_EXISTS
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_links_will_do(
    tmp_path: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "out.png"
    save_edit(photo, edit_of(photo), path)
    assert Photo.open(path).width == photo.width
    assert refusal(photo, path).code == ErrorCode.OUTPUT_EXISTS
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_a_file_stays_a_link(tmp_path: Path, photo: Photo) -> None:
    (tmp_path / "real.png").write_text("old")
    (tmp_path / "link.png").symlink_to("real.png")
    save_edit(photo, edit_of(photo), tmp_path / "link.png", overwrite=True)
    assert (tmp_path / "link.png").is_symlink()
    assert Photo.open(tmp_path / "real.png").width == photo.width


@pytest.mark.parametrize("overwrite", [False, True])
def test_places_that_cannot_be_written(tmp_path: Path, photo: Photo, overwrite: bool) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.png").mkdir()
    for name in ("missing/out.png", "file/out.png", "folder.png", "nul\0l.png", "x" * 300 + ".png"):
        error = refusal(photo, f"{tmp_path}/{name}", overwrite=overwrite)
        assert error.code == ErrorCode.OUTPUT_NOT_WRITABLE
    assert {entry.name for entry in tmp_path.iterdir()} == {"file", "folder.png"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_read_only_folder(tmp_path: Path, photo: Photo) -> None:
    tmp_path.chmod(0o500)
    assert refusal(photo, tmp_path / "out.png").code == ErrorCode.OUTPUT_NOT_WRITABLE
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["out.gif", "out", "out.png.exe", ".png"])
def test_other_suffixes_are_refused(tmp_path: Path, photo: Photo, name: str) -> None:
    assert refusal(photo, tmp_path / name).code == ErrorCode.UNSUPPORTED_FORMAT
    assert not list(tmp_path.iterdir())


def test_a_layer_needs_a_format_with_alpha(tmp_path: Path, photo: Photo) -> None:
    with pytest.raises(ExshotError) as caught:
        save_layer(photo, edit_of(photo), tmp_path / "layer.jpg")
    assert caught.value.code == ErrorCode.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("quality", [0, 101])
def test_quality_has_a_range(tmp_path: Path, photo: Photo, quality: int) -> None:
    with pytest.raises(ExshotError) as caught:
        save_edit(photo, edit_of(photo), tmp_path / "out.jpg", quality=quality)
    assert caught.value.code == ErrorCode.BAD_OPTION


def test_an_exshot_without_an_encoder_for_heic_says_so(
    tmp_path: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "writes_heic", lambda: False)
    with pytest.raises(ExshotError, match="no encoder") as caught:
        save_edit(photo, edit_of(photo), tmp_path / "out.heic")
    assert caught.value.code == ErrorCode.UNSUPPORTED_FORMAT
    assert list(tmp_path.iterdir()) == []


def test_a_side_the_format_cannot_hold(tmp_path: Path) -> None:
    long = Photo.from_array(np.zeros((2, 16_400, 3), np.uint8))
    assert refusal(long, tmp_path / "out.webp").code == ErrorCode.IMAGE_TOO_LARGE


class HalfWritten(io.FileIO):
    """A file whose writing is interrupted half way."""

    def __init__(self, descriptor: int, interruption: type[BaseException] | BaseException) -> None:
        super().__init__(descriptor, "wb")
        self._interruption = interruption

    def write(self, data: Any, /) -> int:
        super().write(data[: len(data) // 2])
        raise self._interruption


@pytest.mark.parametrize("step", ["write", "fsync", "link", "replace"])
@pytest.mark.parametrize(
    "interruption", [KeyboardInterrupt, OSError(errno.ENOSPC, "No space left")]
)
def test_an_interrupted_save_leaves_nothing(
    tmp_path: Path,
    photo: Photo,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    interruption: type[BaseException] | BaseException,
) -> None:
    path = tmp_path / "out.png"
    if step == "replace":
        path.write_text("before")

    def interrupt(*_: object) -> None:
        raise interruption

    if step == "write":
        monkeypatch.setattr(os, "fdopen", lambda fd, _: HalfWritten(fd, interruption))
    elif step == "replace":
        monkeypatch.setattr(Path, "replace", interrupt)
    else:
        monkeypatch.setattr(os, step, interrupt)
    if step == "link" and interruption is not KeyboardInterrupt:
        pytest.skip("a link that fails has its own way round")
    with pytest.raises((KeyboardInterrupt, ExshotError)):
        save_edit(photo, edit_of(photo), path, overwrite=step == "replace")
    assert [entry.name for entry in tmp_path.iterdir()] == (
        ["out.png"] if step == "replace" else []
    )
    if step == "replace":
        assert path.read_text() == "before"
