"""The bytes of a picture in each of the formats that can be written."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import pillow_heif
from PIL import Image, PngImagePlugin

from exshot.image.pixels import Pixels
from exshot.photo.color_signals import CodePoints, ColorSignals, png_chunks
from exshot.photo.origin import ColorSpace, JpegCoding
from exshot.photo.tiff_file import tiff_bytes

FORMAT_OF_SUFFIX = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".hif": "HEIF",
}
_JPEG_BLOCK_LIMIT = 65533 - 32  # of one segment, less the name that stands before its content
_JPEG_SIDE, _WEBP_SIDE = 65535, 16383
# Higher levels take two to three times as long for files a tenth smaller.
_PNG_LEVEL = 1
_WEBP_METHOD = 2


@dataclass(frozen=True)
class Carries:
    """What pixels a format can hold."""

    spaces: tuple[ColorSpace, ...]
    deep: bool
    alpha: bool
    largest_side: int = 1 << 30
    largest_xmp: int = 1 << 30


CARRIES = {
    "JPEG": Carries(
        ("GRAY", "RGB", "CMYK"),
        deep=False,
        alpha=False,
        largest_side=_JPEG_SIDE,
        largest_xmp=65_000,
    ),
    "PNG": Carries(("GRAY", "RGB"), deep=True, alpha=True),
    "TIFF": Carries(("GRAY", "RGB", "CMYK"), deep=True, alpha=True),
    "WEBP": Carries(("RGB",), deep=False, alpha=True, largest_side=_WEBP_SIDE),
    "HEIF": Carries(("RGB",), deep=True, alpha=True, largest_side=_WEBP_SIDE),
}

# Code points of H.273 that libheif and x265 both know. Matrix 0 would keep RGB as it is.
_HEIC_PRIMARIES = (1, 2, *range(4, 13))
_HEIC_TRANSFERS = (1, 2, *range(4, 19))
_HEIC_MATRICES = (1, 2, *range(4, 11), 12, 13)

SIGNALLED = ("PNG", "HEIF")  # formats that can say that a picture is HDR


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels in the shape a format can hold, and what goes into the file with them.

    Attributes:
        pixels: ``(H, W)`` or ``(H, W, C)``; one channel more than the space has is straight alpha.
        exif: a block that starts at its TIFF header.
        signals: what the file said about the colour of these pixels without a profile; ``icc``
            then means the same, for formats that have no place for it.
    """

    pixels: Pixels
    space: ColorSpace
    icc: bytes | None
    exif: bytes | None
    xmp: bytes
    dpi: tuple[float, float] | None
    signals: ColorSignals | None = None

    @property
    def profile(self) -> bytes | None:
        """The profile to embed; None where EXIF, which the file keeps, says the same."""
        return None if self.signals is not None and self.signals.in_exif else self.icc


@lru_cache
def writes_heic() -> bool:
    """Whether libheif has an encoder here; the standalone program comes without one."""
    try:
        pillow_heif.from_bytes(mode="RGB", size=(64, 64), data=bytes(64 * 64 * 3)).save(
            io.BytesIO()
        )
    except Exception:  # RuntimeError or another, by the version
        return False
    return True


def encoded(
    picture: Picture, file_format: str, *, quality: int, lossless: bool, jpeg: JpegCoding | None
) -> bytes:
    """The picture as a file of that format.

    Args:
        quality: 1 to 100, for JPEG, HEIC and lossy WebP.
        lossless: for WebP.
        jpeg: tables to use instead of those of ``quality``.
    """
    if file_format == "TIFF":
        return tiff_bytes(
            picture.pixels,
            picture.space,
            icc=picture.icc,
            exif=picture.exif,
            xmp=picture.xmp,
            dpi=picture.dpi,
        )
    if file_format == "PNG":
        return _png(picture)
    if file_format == "WEBP":
        return _webp(picture, quality, lossless)
    return _jpeg(picture, quality, jpeg) if file_format == "JPEG" else _heif(picture, quality)


def _image(picture: Picture) -> Image.Image:
    height, width = picture.pixels.shape[:2]
    channels = 1 if picture.pixels.ndim == 2 else picture.pixels.shape[2]
    modes = {("GRAY", 1): "L", ("GRAY", 2): "LA", ("RGB", 3): "RGB", ("RGB", 4): "RGBA"}
    mode = modes.get((picture.space, channels), "CMYK")
    data = np.ascontiguousarray(picture.pixels)
    return Image.frombuffer(mode, (width, height), data, "raw", mode, 0, 1)


def _jpeg(picture: Picture, quality: int, jpeg: JpegCoding | None) -> bytes:
    options: dict[str, object] = {"quality": quality, "subsampling": 0}
    if jpeg:
        tables = [list(jpeg.tables[number]) for number in sorted(jpeg.tables)]
        options |= {"qtables": tables, "subsampling": jpeg.subsampling}
        del options["quality"]
    if picture.dpi:
        options["dpi"] = tuple(round(value) for value in picture.dpi)
    if picture.exif and len(picture.exif) < _JPEG_BLOCK_LIMIT:
        options["exif"] = b"Exif\0\0" + picture.exif
    file = io.BytesIO()
    icc = picture.profile if "exif" in options else picture.icc
    _image(picture).save(file, "JPEG", icc_profile=icc, xmp=picture.xmp, **options)
    return file.getvalue()


def _webp(picture: Picture, quality: int, lossless: bool) -> bytes:
    file = io.BytesIO()
    _image(picture).save(
        file,
        "WEBP",
        quality=quality if not lossless else 50,  # of a lossless file: the effort
        lossless=lossless,
        exact=lossless,
        method=_WEBP_METHOD,
        icc_profile=picture.icc,
        exif=picture.exif or b"",
        xmp=picture.xmp,
    )
    return file.getvalue()


def _has_place_in_heic(points: CodePoints) -> bool:
    """Whether a HEIC with these code points can be written and read again; else a profile tells."""
    return points.primaries in _HEIC_PRIMARIES and points.transfer in _HEIC_TRANSFERS


def _heif(picture: Picture, quality: int) -> bytes:
    """8 bits a channel, or 10 where the pixels are deeper."""
    options: dict[str, object] = {"quality": quality, "xmp": picture.xmp}
    if picture.exif:
        options["exif"] = b"Exif\0\0" + picture.exif
    points = picture.signals.points if picture.signals else None
    if points is not None and _has_place_in_heic(points):
        options |= {
            "color_primaries": points.primaries,
            "transfer_characteristics": points.transfer,
            "matrix_coefficients": points.matrix if points.matrix in _HEIC_MATRICES else 6,
            "full_range_flag": int(points.full_range),
            **(picture.signals.light if picture.signals else {}),
        }
    elif picture.icc:
        options["icc_profile"] = picture.icc
        options["save_nclx_profile"] = False
    height, width = picture.pixels.shape[:2]
    deep = picture.pixels.dtype == np.uint16
    mode = ("RGBA" if picture.pixels.shape[2] == 4 else "RGB") + (";16" if deep else "")
    data = np.ascontiguousarray(picture.pixels).tobytes()
    file = io.BytesIO()
    pillow_heif.from_bytes(mode=mode, size=(width, height), data=data).save(file, **options)
    return file.getvalue()


def _png(picture: Picture) -> bytes:
    if picture.pixels.dtype == np.uint16:
        return _deep_png(picture)
    info = PngImagePlugin.PngInfo()
    signals = png_chunks(picture.signals) if picture.signals else ()
    info.add_itxt("XML:com.adobe.xmp", picture.xmp.decode())
    file = io.BytesIO()
    _image(picture).save(
        file,
        "PNG",
        pnginfo=info,
        icc_profile=None if signals else picture.icc,
        exif=picture.exif,
        dpi=picture.dpi,
        compress_level=_PNG_LEVEL,
    )
    return _with_chunks(file.getvalue(), [_chunk(name, content) for name, content in signals])


def _deep_png(picture: Picture) -> bytes:
    """OpenCV writes the 16-bit pixels, we put the metadata in front of them."""
    pixels = picture.pixels
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels == 2:  # OpenCV has no grey with alpha
        pixels = pixels[..., (0, 0, 0, 1)]
        channels = 4
    if channels > 1:
        code = cv2.COLOR_RGB2BGR if channels == 3 else cv2.COLOR_RGBA2BGRA
        pixels = cv2.cvtColor(np.ascontiguousarray(pixels), code)
    done, stream = cv2.imencode(".png", pixels, (cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL))
    if not done:
        raise ValueError("the picture could not be encoded as PNG")
    data = stream.tobytes()
    chunks = []
    signals = png_chunks(picture.signals) if picture.signals else ()
    chunks += [_chunk(name, content) for name, content in signals]
    # A profile must fit the pixels: grey ones do not go with what has become RGB.
    if picture.icc and not signals and (picture.space == "GRAY") == (channels == 1):
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(picture.icc)))
    if picture.dpi:
        x, y = (round(value / 0.0254) for value in picture.dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", x, y, 1)))
    chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + picture.xmp))
    if picture.exif:
        chunks.append(_chunk(b"eXIf", picture.exif))
    return _with_chunks(data, chunks)


def _with_chunks(data: bytes, chunks: list[bytes]) -> bytes:
    """A PNG with more chunks behind its header."""
    header = 8 + 12 + 13  # signature and IHDR
    return data[:header] + b"".join(chunks) + data[header:]


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
