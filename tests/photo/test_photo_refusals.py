"""Files that cannot be used are refused with one sentence, never with a traceback."""

from __future__ import annotations

import errno
import io
import os
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photo.photo_samples import noise, smooth_pixels
from PIL import Image

from exshot.errors import ErrorCode, ExshotError
from exshot.photo import Photo, PhotoLimits

KINDS = ["JPEG", "PNG", "PNG16", "TIFF", "TIFF16", "TIFF-LZW", "WEBP", "HEIF"]


@lru_cache
def sample(kind: str) -> bytes:
    """A sound file of the kind."""
    if kind.endswith("16"):
        pixels = noise((20, 24, 3), np.uint16)
        return cv2.imencode(".png" if kind == "PNG16" else ".tif", pixels)[1].tobytes()
    pillow_heif.register_heif_opener()
    file = io.BytesIO()
    options = {"compression": "tiff_lzw"} if kind == "TIFF-LZW" else {}
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(smooth_pixels()).save(file, kind.split("-")[0], exif=exif, **options)
    return file.getvalue()


def refused(path: Path | str, limits: PhotoLimits | None = None) -> ExshotError:
    with pytest.raises(ExshotError) as caught:
        Photo.open(path, limits=limits or PhotoLimits())
    assert caught.value.sentence.endswith(".")
    assert caught.value.hint
    return caught.value


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.jpg").code == ErrorCode.FILE_NOT_FOUND
    (tmp_path / "file").write_text("x")
    assert refused(tmp_path / "file" / "none.jpg").code == ErrorCode.FILE_NOT_FOUND


def test_a_link_to_nothing_and_a_loop_are_called_so(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to("none.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    assert "link to nothing" in refused(tmp_path / "gone.jpg").sentence
    assert refused(tmp_path / "loop.jpg").code == ErrorCode.UNREADABLE_IMAGE


def test_a_folder_is_not_a_photo(tmp_path: Path) -> None:
    assert refused(tmp_path).code == ErrorCode.UNREADABLE_IMAGE


def test_a_name_no_file_can_have(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "a\0b.jpg")).code == ErrorCode.UNREADABLE_IMAGE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert refused(tmp_path / "pipe.jpg").code == ErrorCode.UNREADABLE_IMAGE


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "private.png"
    path.write_bytes(sample("PNG"))
    path.chmod(0)
    assert refused(path).code == ErrorCode.UNREADABLE_IMAGE


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    assert refused(tmp_path / "empty.jpg").code == ErrorCode.IMAGE_EMPTY


@pytest.mark.parametrize("file_format", ["GIF", "BMP", "PPM", "ICNS", "EPS", "JPEG2000"])
def test_other_formats_are_refused_whatever_their_name(tmp_path: Path, file_format: str) -> None:
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (64, 64)).save(path, file_format)
    assert refused(path).code == ErrorCode.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("mode", ["F", "I"])
def test_thirty_two_bits_are_refused(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (4, 4)).save(tmp_path / "deep.tif")
    assert refused(tmp_path / "deep.tif").code == ErrorCode.UNSUPPORTED_MODE


@pytest.mark.parametrize(
    "limits",
    [PhotoLimits(max_pixels=3000), PhotoLimits(max_side=60), PhotoLimits(max_file_bytes=9)],
)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "HEIF"])
def test_a_photo_over_the_limits_is_too_large(
    tmp_path: Path, limits: PhotoLimits, kind: str
) -> None:
    (tmp_path / "photo").write_bytes(sample(kind))
    assert refused(tmp_path / "photo", limits).code == ErrorCode.IMAGE_TOO_LARGE


@pytest.mark.parametrize("size", [(12_001, 10_000), (30_001, 1), (60_000, 60_000), (2**31 - 1, 1)])
def test_a_bomb_is_told_from_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "bomb.png").write_bytes(png_header(*size))
    assert refused(tmp_path / "bomb.png").code == ErrorCode.IMAGE_TOO_LARGE


@pytest.mark.parametrize("size", [(15_000, 13_400), (29_000, 29_000)])
def test_one_limit_is_named_and_it_is_the_documented_one(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    (tmp_path / "huge.png").write_bytes(png_header(*size))
    sentence = refused(tmp_path / "huge.png").sentence
    assert f"{size[0] * size[1] / 1e6:.4g} megapixels, the limit is 120." in sentence


def test_a_larger_limit_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_header(20_000, 20_000))
    limits = PhotoLimits(max_pixels=500_000_000)
    assert refused(tmp_path / "huge.png", limits).code == ErrorCode.TRUNCATED_IMAGE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_cut_file_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    data = sample(kind)
    (tmp_path / "cut").write_bytes(data[: int(len(data) * share)])
    assert refused(tmp_path / "cut").code in (
        ErrorCode.TRUNCATED_IMAGE,
        ErrorCode.UNREADABLE_IMAGE,
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_file_cut_in_its_middle_is_called_incomplete(tmp_path: Path, kind: str) -> None:
    data = sample(kind)
    (tmp_path / "cut").write_bytes(data[: len(data) * 4 // 5])
    assert refused(tmp_path / "cut").code == ErrorCode.TRUNCATED_IMAGE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.6])
def test_a_disk_or_cloud_that_hands_out_no_more_is_not_taken_for_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, share: float
) -> None:
    """A card that was pulled out, a file that only OneDrive has and cannot fetch."""
    path = tmp_path / "there"
    path.write_bytes(sample(kind))
    sound = int(share * path.stat().st_size)

    class Failing(io.FileIO):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            if self.tell() >= sound:
                raise OSError(errno.EIO, "Input/output error")
            return super().readinto(buffer[: sound - self.tell()])

        def readall(self) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "open", lambda self, *_, **__: Failing(str(self)))
    error = refused(path)
    assert "could not be read to its end: Input/output error" in error.sentence
    assert "OneDrive" in error.hint


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_damaged_files_give_a_picture_or_a_sentence(
    tmp_path: Path, data: st.DataObject, kind: str
) -> None:
    content = bytearray(sample(kind))
    places = st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    # Headers deserve more than their share of the damage.
    for place in data.draw(st.lists(st.integers(0, min(200, len(content) - 1)), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.one_of(st.just(len(content)), places))]
    path = tmp_path / "damaged"
    path.write_bytes(content)
    outcome = opened_or_refused(path)
    if isinstance(outcome, ExshotError):
        assert outcome.code != ErrorCode.INTERNAL
        assert outcome.sentence
        assert outcome.hint
    else:
        assert outcome.pixels.shape == (outcome.height, outcome.width, 3)


def opened_or_refused(path: Path) -> Photo | ExshotError:
    try:
        return Photo.open(path, limits=PhotoLimits(max_pixels=1_000_000))
    except ExshotError as error:
        return error
