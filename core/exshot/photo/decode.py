"""Reading photo files: an allow-list of formats, limits before decoding, plain failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from exshot.errors import ExshotError
from exshot.image.pixels import Pixels, read_only
from exshot.memory import is_out_of_memory
from exshot.photo import exif, refusals
from exshot.photo.color import to_srgb, usable_profile
from exshot.photo.color_signals import (
    ColorSignals,
    exif_signals,
    heif_signals,
    over_profile,
    png_signals,
)
from exshot.photo.early_end import ends_early
from exshot.photo.jpeg_end import with_end_marker
from exshot.photo.jpeg_kind import is_unreadable_kind
from exshot.photo.opening import (
    Source,
    find_source,
    is_named_like_raw,
    open_image,
    opened_file,
)
from exshot.photo.origin import JpegCoding, Origin, PhotoLimits
from exshot.photo.quiet import quiet_pillow
from exshot.photo.stored import TRANSPOSED, StoredPixels, stored_pixels, upright, without_alpha
from exshot.photo.tiff_pages import plain_samples

_TRUNCATED_WORDS = (
    "truncated",
    "end of file",
    "broken data stream",
    "not enough",
    "unexpected end",
)
_MAX_DPI = 65535
_UNUSABLE_PROFILE = "Its colour profile is damaged or none for such a picture; it was left out."
# Adobe's in XMP, Apple's auxiliary picture, ISO 21496-1 in a JPEG's segment.
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_GAIN_MAP_SIGNS = (b"hdr-gain-map/1.0/", b"hdrgainmap", b"urn:iso:std:iso:ts:21496:")


@dataclass(frozen=True)
class Decoded:
    """What a file holds; see `exshot.photo.picture.Photo`, which it becomes."""

    pixels: Pixels
    alpha: Pixels | None
    origin: Origin


@dataclass(frozen=True)
class _Told:
    """What a file says about its picture besides the pixels."""

    exif: Image.Exif
    stored_exif: bytes | None = None
    icc: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    mode: str = ""
    format: str = "TIFF"
    jpeg: JpegCoding | None = None
    signals: ColorSignals | None = None
    notes: tuple[str, ...] = ()


def decode(path: str | PathLike[str], limits: PhotoLimits) -> Decoded:
    """Read the first picture of a JPEG, PNG, TIFF, WebP or HEIC file.

    Of a TIFF that begins with a thumbnail the full picture is read. The picture is turned upright
    by its EXIF orientation and converted to sRGB from its ICC profile, or from what the file says
    in code points, gamma and primaries (from nothing: it is taken for sRGB). 16-bit PNG and TIFF
    and 10- or 12-bit HEIC keep their depth; 16-bit CMYK is read at 8 bits. Palette, grey, 1-bit,
    CMYK, YCbCr and L*a*b* become RGB. `Origin.notes` says what was odd about the file.

    Raises:
        ExshotError: ``FILE_NOT_FOUND``, ``IMAGE_EMPTY``, ``IMAGE_TOO_LARGE`` (told from the
            header, before anything is decoded), ``UNSUPPORTED_FORMAT`` (camera raw files too),
            ``UNSUPPORTED_MODE`` (32-bit integer or floating point), ``TRUNCATED_IMAGE``,
            ``UNREADABLE_IMAGE`` or ``OUT_OF_MEMORY``.
    """
    path = Path(path)
    try:
        with opened_file(path, limits) as file, quiet_pillow(), _said_plainly(path, file):
            source = find_source(path, file)
            try:
                return _read(path, source, limits)
            except Exception as error:
                if not _is_truncation(error):
                    raise
                mended = with_end_marker(file) if _is_jpeg(file) else None
                if mended is None:
                    raise
            note = "The file lacks its end marker; the picture is whole."
            return _read(path, replace(source, file=mended, notes=(*source.notes, note)), limits)
    except ExshotError as error:
        if is_named_like_raw(path, error.code):
            raise refusals.camera_raw(path) from error
        raise


@contextmanager
def _said_plainly(path: Path, file: BinaryIO) -> Iterator[None]:
    """Turn whatever the decoders raise into an `ExshotError`."""
    try:
        yield
    except ExshotError:
        raise
    except UnidentifiedImageError as error:
        ours = _is_one_of_ours(file)
        if is_unreadable_kind(file):
            raise refusals.unsupported_mode(path) from error
        if ours and ends_early(file):
            raise refusals.incomplete(path) from error
        raise (refusals.damaged if ours else refusals.unknown_format)(path) from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        if is_out_of_memory(error):
            raise refusals.out_of_memory(path) from error
        if is_unreadable_kind(file):
            raise refusals.unsupported_mode(path) from error
        if _is_truncation(error) or ends_early(file):
            raise refusals.incomplete(path) from error
        raise refusals.damaged(path) from error


def _is_truncation(error: Exception) -> bool:
    return isinstance(error, EOFError) or any(w in str(error).lower() for w in _TRUNCATED_WORDS)


def _is_jpeg(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(3) == b"\xff\xd8\xff"


def _is_one_of_ours(file: BinaryIO) -> bool:
    file.seek(0)
    start = file.read(64)
    if start[4:8] == b"ftyp" and (b"avif" in start[8:] or b"avis" in start[8:]):
        return False  # what HEIC's container holds here is another format
    return (
        start.startswith((b"\xff\xd8", b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))
        or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")
        or (start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS)
    )


def _check_size(path: Path, size: tuple[int, int], limits: PhotoLimits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise refusals.empty(path, "has no pixels")
    if max(width, height) > limits.max_side:
        raise refusals.too_large(path, f"{width} x {height} pixels", f"{limits.max_side} a side")
    if width * height > limits.max_pixels:
        megapixels, limit = width * height / 1e6, limits.max_pixels / 1e6
        raise refusals.too_large(path, f"{megapixels:.4g} megapixels", f"{limit:.4g}")


def _read(path: Path, source: Source, limits: PhotoLimits) -> Decoded:
    if source.page is not None:
        _check_size(path, source.page.size, limits)
        if source.page.is_packed_oddly:
            raise refusals.unsupported_mode(path)
    if source.page is not None and source.page.is_beyond_pillow:
        return _read_plain(path, source)
    try:
        image = open_image(source.file)
    except UnidentifiedImageError:
        if source.page is None:
            raise
        return _read_plain(path, source)  # a TIFF whose layout Pillow does not know
    with image:
        _check_size(path, image.size, limits)
        mode, jpeg = image.mode, _jpeg_coding(image)  # loading changes them
        stored = stored_pixels(path, image, source.file)
        return _decoded(stored, replace(_told(image, source), mode=mode, jpeg=jpeg))


def _read_plain(path: Path, source: Source) -> Decoded:
    page = source.page
    samples = plain_samples(source.file, page) if page is not None else None
    if page is None or samples is None:
        raise refusals.unsupported_mode(path)
    tags = exif.tags_at(source.file, page.offset)
    icc, xmp = page.tags.get(34675), page.tags.get(700)
    left_out = samples.left_out
    some = "Another channel was" if left_out == 1 else f"{left_out} more channels were"
    note = (f"{some} left out.",) if left_out else ()
    told = _Told(
        exif=tags,
        icc=icc if isinstance(icc, bytes) else None,
        xmp=xmp if isinstance(xmp, bytes) else None,
        dpi=_plausible(tags.get(282), tags.get(283)) if tags.get(296, 2) == 2 else None,
        mode=f"{samples.space};{samples.stored.itemsize * 8}",
        notes=source.notes + note,
    )
    return _decoded(StoredPixels(samples.stored, samples.space), told)


def _told(image: Image.Image, source: Source) -> _Told:
    tags = exif.tags_of(image)
    icc, xmp = image.info.get("icc_profile"), _xmp(image)
    signals = None
    if source.png is not None:
        icc, xmp = source.png.icc or icc, xmp or source.png.xmp
        signals = png_signals(source.png.colors)
    elif image.format == "HEIF":
        signals = heif_signals(image.info)
    elif exif.says_adobe_rgb(tags):
        signals = exif_signals()
    return _Told(
        exif=tags,
        stored_exif=image.info.get("exif"),
        icc=None if image.mode == "LAB" else icc,
        xmp=xmp,
        dpi=_dpi(image),
        format="JPEG" if image.format == "MPO" else image.format or "",
        signals=signals,
        notes=(*source.notes, *_image_notes(image, xmp)),
    )


def _decoded(stored: StoredPixels, told: _Told) -> Decoded:
    turn = exif.orientation(told.exif)
    native, alpha = without_alpha(upright(stored.pixels, turn), stored.space)
    icc = usable_profile(told.icc, stored.space)
    odd = (_UNUSABLE_PROFILE,) if told.icc and icc is None and told.signals is None else ()
    signals = told.signals if stored.space != "CMYK" else None
    if icc is not None and signals is not None:
        signals = over_profile(signals, icc)
    if signals is not None:
        icc = signals.grey if stored.space == "GRAY" else signals.icc
        icc = usable_profile(icc, stored.space)
    height, width = native.shape[:2]
    dpi, jpeg = told.dpi, told.jpeg
    origin = Origin(
        native=read_only(native),
        space=stored.space,
        mode=told.mode,
        format=told.format,
        icc=icc,
        exif=exif.upright_exif(told.stored_exif, told.exif, width, height),
        xmp=told.xmp,
        dpi=(dpi[1], dpi[0]) if dpi and turn in TRANSPOSED else dpi,
        captured_at=exif.captured_at(told.exif),
        jpeg=_turned_coding(jpeg) if jpeg and turn in TRANSPOSED else jpeg,
        signals=signals,
        turned=turn,
        notes=(*told.notes, *odd),
    )
    pixels = to_srgb(origin.native, stored.space, icc)
    return Decoded(read_only(pixels), None if alpha is None else read_only(alpha), origin)


def _image_notes(image: Image.Image, xmp: bytes | None) -> tuple[str, ...]:
    notes = []
    told = [str(list(image.info.get("aux", ()))).lower().encode(), xmp or b""]
    told += [data for _, data in getattr(image, "applist", ()) if isinstance(data, bytes)]
    if any(sign in one for sign in _GAIN_MAP_SIGNS for one in told):
        notes.append("Its HDR gain map is not kept: the result is the standard picture.")
    frames = getattr(image, "n_frames", 1)
    if image.format in ("WEBP", "HEIF") and isinstance(frames, int) and frames > 1:
        which = "main one" if image.format == "HEIF" else "first"
        notes.append(f"The file holds {frames} pictures; the {which} was taken.")
    return tuple(notes)


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
        x, y = image.info["dpi"]
    except (KeyError, TypeError, ValueError):
        return None
    return _plausible(x, y)


def _plausible(x: object, y: object) -> tuple[float, float] | None:
    try:
        x, y = float(x), float(y)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
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
