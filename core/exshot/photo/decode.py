"""Reading photo files: an allow-list of formats, limits before decoding, plain failures."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import pillow_heif
from PIL import Image, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError

from exshot.errors import ErrorCode, ExshotError
from exshot.photo import exif
from exshot.photo.color import lab_to_srgb, to_srgb, usable_profile
from exshot.photo.deep import deep_pixels
from exshot.photo.picture import (
    ColorSpace,
    JpegCoding,
    Origin,
    Photo,
    PhotoLimits,
    Pixels,
    read_only,
)
from exshot.photo.quiet import quiet_pillow

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")
_READABLE = "JPEG, PNG, TIFF, WebP and HEIC photos can be read."
_TRUNCATED_WORDS = (
    "truncated",
    "end of file",
    "broken data stream",
    "not enough",
    "unexpected end",
)
_TRANSPOSED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_MAX_DPI = 65535


def read_photo(path: str | PathLike[str], limits: PhotoLimits) -> Photo:
    """Read the first picture of a JPEG, PNG, TIFF, WebP or HEIC file.

    The picture is turned upright by its EXIF orientation and converted to sRGB from its ICC profile
    (from none: it is taken for sRGB). 16-bit PNG and TIFF keep their depth; deeper HEIC, and 16-bit
    CMYK, are read at 8 bits. Palette, grey, 1-bit, CMYK, YCbCr and L*a*b* become RGB.

    Raises:
        ExshotError: ``FILE_NOT_FOUND``, ``IMAGE_EMPTY``, ``IMAGE_TOO_LARGE`` (told from the
            header, before anything is decoded), ``UNSUPPORTED_FORMAT``, ``UNSUPPORTED_MODE``
            (32-bit integer or floating point), ``TRUNCATED_IMAGE`` or ``UNREADABLE_IMAGE``.
    """
    path = Path(path)
    pillow_heif.register_heif_opener()
    with (
        _opened(path, limits) as file,
        quiet_pillow(),
        _said_plainly(path, file),
        Image.open(file, formats=FORMATS) as image,
    ):
        _check_size(path, image.size, limits)
        return _decode(path, image, file)


@contextmanager
def _opened(path: Path, limits: PhotoLimits) -> Iterator[BinaryIO]:
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise ExshotError(
                ErrorCode.UNREADABLE_IMAGE, f"{path} is not a file.", "Name a photo file."
            )
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise ExshotError(
            ErrorCode.FILE_NOT_FOUND, f"{path} was not found.", "Check the name and the folder."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or error
        raise ExshotError(
            ErrorCode.UNREADABLE_IMAGE,
            f"{path} cannot be read: {reason}.",
            "Check that you may read the file.",
        ) from error
    with file:
        if info.st_size == 0:
            raise ExshotError(
                ErrorCode.IMAGE_EMPTY, f"{path} is empty.", "Copy the photo again from its source."
            )
        if info.st_size > limits.max_file_bytes:
            raise _too_large(
                path, f"{info.st_size / 2**20:.0f} MiB", f"{limits.max_file_bytes / 2**20:.0f} MiB"
            )
        yield file


@contextmanager
def _said_plainly(path: Path, file: BinaryIO) -> Iterator[None]:
    """Turn whatever the decoders raise into an `ExshotError`."""
    try:
        yield
    except ExshotError:
        raise
    except UnidentifiedImageError as error:
        raise _unidentified(path, file) from error
    except Image.DecompressionBombError as error:
        raise _too_large(path, "a size that looks like an attack", "178 megapixels") from error
    except MemoryError as error:
        raise _too_large(path, "more pixels", "this computer's memory") from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        if isinstance(error, EOFError) or any(w in str(error).lower() for w in _TRUNCATED_WORDS):
            raise ExshotError(
                ErrorCode.TRUNCATED_IMAGE,
                f"{path} is incomplete: the end of the picture is missing.",
                "Copy the photo again from its source.",
            ) from error
        raise _damaged(path) from error


def _unidentified(path: Path, file: BinaryIO) -> ExshotError:
    file.seek(0)
    start = file.read(12)
    ours = (
        start.startswith((b"\xff\xd8", b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))
        or (start[:4] == b"RIFF" and start[8:] == b"WEBP")
        or start[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1")
    )
    if ours:
        return _unsupported_mode(path) if _is_odd_tiff(file) else _damaged(path)
    return ExshotError(
        ErrorCode.UNSUPPORTED_FORMAT, f"{path} is not in a supported format.", _READABLE
    )


def _is_odd_tiff(file: BinaryIO) -> bool:
    """Whether it is a sound TIFF with pixels of a kind that Pillow does not read."""
    file.seek(0)
    try:
        TiffImagePlugin.TiffImageFile(file)
    except Exception as error:  # as in `_said_plainly`
        return "unknown pixel mode" in str(error)
    return False


def _unsupported_mode(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.UNSUPPORTED_MODE,
        f"{path} stores its pixels in a way that is not supported.",
        "Save the photo as RGB with 8 or 16 bits a channel.",
    )


def _damaged(path: Path) -> ExshotError:
    return ExshotError(
        ErrorCode.UNREADABLE_IMAGE,
        f"{path} is damaged and cannot be read.",
        "Copy the photo again from its source, or save it anew in another program.",
    )


def _too_large(path: Path, size: str, limit: str) -> ExshotError:
    return ExshotError(
        ErrorCode.IMAGE_TOO_LARGE,
        f"{path} is too large: it has {size}, the limit is {limit}.",
        "Scale the photo down, or crop it around the person.",
    )


def _check_size(path: Path, size: tuple[int, int], limits: PhotoLimits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ExshotError(
            ErrorCode.IMAGE_EMPTY, f"{path} has no pixels.", "Copy the photo again from its source."
        )
    if max(width, height) > limits.max_side:
        raise _too_large(path, f"{width} x {height} pixels", f"{limits.max_side} a side")
    if width * height > limits.max_pixels:
        megapixels, limit = width * height / 1e6, limits.max_pixels / 1e6
        raise _too_large(path, f"{megapixels:.4g} megapixels", f"{limit:.4g}")


def _decode(path: Path, image: Image.Image, file: BinaryIO) -> Photo:
    jpeg = _jpeg_coding(image)
    mode, dpi = image.mode, _dpi(image)
    icc, xmp = image.info.get("icc_profile"), _xmp(image)
    if _deep_by_plane(image):
        raise _unsupported_mode(path)
    stored = deep_pixels(image, file, FORMATS)
    if stored is None:
        image.load()
        stored, space = _shallow_pixels(path, image)
        if mode == "LAB":
            icc = None
    else:
        space = "GRAY" if stored.ndim == 2 else "RGB"
        stored = _with_named_transparency(stored, image.info.get("transparency"))
    turn = exif.orientation(image)
    native, alpha = _without_alpha(_upright(stored, turn), space)
    icc = usable_profile(icc, space)
    height, width = native.shape[:2]
    origin = Origin(
        native=read_only(native),
        space=space,
        mode=mode,
        format="JPEG" if image.format == "MPO" else image.format or "",
        icc=icc,
        exif=exif.upright_exif(image, width, height),
        xmp=xmp,
        dpi=(dpi[1], dpi[0]) if dpi and turn in _TRANSPOSED else dpi,
        captured_at=exif.captured_at(image),
        jpeg=_turned_coding(jpeg) if jpeg and turn in _TRANSPOSED else jpeg,
    )
    pixels = to_srgb(origin.native, space, icc)
    return Photo(read_only(pixels), None if alpha is None else read_only(alpha), origin)


def _shallow_pixels(path: Path, image: Image.Image) -> tuple[Pixels, ColorSpace]:
    """8-bit pixels: ``(H, W)`` or ``(H, W, 2)`` grey, 3 or 4 channels RGB, 4 channels CMYK."""
    mode = image.mode
    clear = "transparency" in image.info
    if mode in ("1", "L") and not clear:
        return np.asarray(image if mode == "L" else image.convert("L")), "GRAY"
    if mode in ("1", "L", "LA", "La"):
        return np.asarray(image if mode == "LA" else image.convert("LA")), "GRAY"
    if mode == "CMYK":
        return np.asarray(image), "CMYK"
    if mode == "LAB":
        return np.asarray(lab_to_srgb(image)), "RGB"
    if mode in ("RGBA", "RGBa", "PA") or (mode in ("P", "RGB") and clear):
        return np.asarray(image if mode == "RGBA" else image.convert("RGBA")), "RGB"
    if mode in ("RGB", "P", "RGBX", "YCbCr"):
        return np.asarray(image if mode == "RGB" else image.convert("RGB")), "RGB"
    raise _unsupported_mode(path)


def _deep_by_plane(image: Image.Image) -> bool:
    """Whether it is a 16-bit TIFF with one plane after the other, which Pillow gets wrong."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(258, (8,))
    return tags.get(284) == 2 and isinstance(bits, tuple) and max(bits) > 8 and len(bits) > 1


def _with_named_transparency(stored: Pixels, clear: object) -> Pixels:
    """16-bit PNG may name one colour that is transparent: make it an alpha channel."""
    if clear is None or (stored.ndim == 3 and stored.shape[2] == 4):
        return stored
    same = stored == np.asarray(clear, np.uint16)
    clear_at = same.all(axis=-1) if stored.ndim == 3 else same
    color = stored if stored.ndim == 3 else cv2.cvtColor(stored, cv2.COLOR_GRAY2RGB)
    return np.dstack([color, np.where(clear_at, 0, 65535)]).astype(np.uint16)


def _without_alpha(stored: Pixels, space: ColorSpace) -> tuple[Pixels, Pixels | None]:
    if stored.ndim == 2 or stored.shape[2] == 3 or space == "CMYK":
        return stored, None
    if stored.shape[2] == 2:
        return stored[..., 0].copy(), stored[..., 1].copy()
    rgb: Pixels = cv2.cvtColor(stored, cv2.COLOR_RGBA2RGB)  # type: ignore[assignment]
    return rgb, cv2.extractChannel(stored, 3)  # type: ignore


def _upright(stored: Pixels, orientation: int) -> Pixels:
    """Undo the turn and mirroring that the EXIF orientation names (TIFF 6.0, tag 274)."""
    if orientation in _TRANSPOSED:
        stored = cv2.transpose(stored)  # type: ignore[assignment]
    # What is left to do after the transposition: flip columns (1), rows (0) or both (-1).
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return stored if flip is None else cv2.flip(stored, flip)  # type: ignore[return-value]


def _jpeg_coding(image: Image.Image) -> JpegCoding | None:
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    tables = {number: tuple(table) for number, table in image.quantization.items()}
    sound = all(len(t) == 64 and min(t) >= 1 and max(t) <= 255 for t in tables.values())
    if not tables or not sound:
        return None
    return JpegCoding(tables, max(0, JpegImagePlugin.get_sampling(image)))


def _turned_coding(jpeg: JpegCoding) -> JpegCoding:
    """Tables for the transposed picture; halving the width only would now halve the height."""
    tables = {
        number: tuple(np.reshape(table, (8, 8)).T.ravel().tolist())
        for number, table in jpeg.tables.items()
    }
    return JpegCoding(tables, 0 if jpeg.subsampling == 1 else jpeg.subsampling)


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        x, y = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return (x, y) if 1 <= x <= _MAX_DPI and 1 <= y <= _MAX_DPI else None


def _xmp(image: Image.Image) -> bytes | None:
    # PNG has the text under its keyword, TIFF under its tag when it is not in `info`.
    for found in (
        image.info.get("xmp"),
        image.info.get("XML:com.adobe.xmp"),
        getattr(image, "tag_v2", {}).get(700),
    ):
        if isinstance(found, str):
            return found.encode()
        if isinstance(found, bytes):
            return found
    return None
