"""Writing an edit: the flattened picture, or the patch alone as a layer."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike, fspath
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot.image.files import check_writable, not_writable, write_atomically
from exshot.image.pixels import Pixels, to_8_bit
from exshot.memory import is_out_of_memory, out_of_memory
from exshot.path_text import shown
from exshot.photo.color import from_srgb
from exshot.photo.file_formats import (
    CARRIES,
    FORMAT_OF_SUFFIX,
    SIGNALLED,
    Picture,
    encoded,
    writes_heic,
)
from exshot.photo.origin import ColorSpace, JpegCoding, Origin
from exshot.photo.picture import Photo
from exshot.photo.quiet import quiet_pillow
from exshot.photo.xmp import with_provenance
from exshot.result import Edit

_DEFAULT_QUALITY = 95
_LAYER_FORMATS = ("PNG", "TIFF", "WEBP")
_BAND = 256  # rows blended at a time: bounds the memory of the wide integers


def flatten(photo: Photo, edit: Edit) -> Pixels:
    """The photo with the patch blended in.

    Returns ``(H, W, 3)`` sRGB-encoded pixels of the photo's dtype:
    ``(photo * (255 - mask) + layer * mask) / 255``, rounded to nearest; where the mask is 0 they
    equal the photo's bit for bit.
    """
    _check_fits(photo, edit)
    out = photo.pixels.copy()
    _blend_into(out, edit.layer, edit)
    return out


def save_edit(
    photo: Photo,
    edit: Edit,
    path: str | PathLike[str],
    *,
    overwrite: bool = False,
    quality: int | None = None,
) -> None:
    """Write the photo with the patch in it; the suffix of ``path`` says in which format.

    The picture is made in the photo's own colour space: its stored pixels, turned upright, with the
    patch converted to that space. Outside the mask they are bit-identical, except that JPEG, HEIC
    and WebP below quality 100 compress them anew. Colour profile, EXIF, XMP, resolution, alpha and
    depth are kept where the format can hold them. XMP says that the picture is a composite
    (IPTC ``DigitalSourceType``).

    What a format cannot hold: JPEG puts a photo with alpha onto white; JPEG, WebP and HEIC get 8
    bits a channel; CMYK stays CMYK in JPEG and TIFF and becomes sRGB elsewhere; grey stays grey
    (the patch, too) in JPEG, PNG and TIFF, and becomes sRGB elsewhere; palettes become RGB.

    Args:
        photo: the pose photo.
        edit: an edit of that photo.
        path: ``.jpg``, ``.jpeg``, ``.png``, ``.tif``, ``.tiff``, ``.webp``, ``.heic`` or ``.heif``.
        overwrite: replace an existing file.
        quality: 1 to 100 for JPEG, HEIC and WebP; 100 is lossless for WebP. None keeps the
            quantisation tables and chroma subsampling of a JPEG written as JPEG, which changes the
            least, and stands for 95 (JPEG: 4:4:4) otherwise.

    Raises:
        ExshotError: ``UNSUPPORTED_FORMAT``, ``OUTPUT_EXISTS``, ``OUTPUT_NOT_WRITABLE``,
            ``IMAGE_TOO_LARGE`` (for the format) or ``BAD_OPTION``; nothing is written then.
    """
    if quality is not None and not 1 <= quality <= 100:
        raise ExshotError(
            ErrorCode.BAD_OPTION, f"Quality {quality} is not between 1 and 100.", "Try 95."
        )
    _check_fits(photo, edit)
    file_format = _format_for(path, tuple(CARRIES), photo)
    check_writable(path, overwrite=overwrite)
    pixels, space, icc = _native_result(photo, edit, file_format)
    carries = CARRIES[file_format]
    if not carries.deep:
        pixels = to_8_bit(pixels)
    if photo.alpha is not None and space != "CMYK":
        pixels = _with_alpha(pixels, photo.alpha, keep=carries.alpha)
    origin = photo.origin
    jpeg = origin.jpeg if origin and quality is None and space == origin.space else None
    picture = _picture(pixels, space, icc, origin, edit, file_format)
    _write(picture, path, file_format, overwrite, quality or _DEFAULT_QUALITY, quality == 100, jpeg)


def save_layer(
    photo: Photo, edit: Edit, path: str | PathLike[str], *, overwrite: bool = False
) -> None:
    """Write the patch alone, to be laid over the photo: same frame, transparent elsewhere.

    RGBA, sRGB, lossless: the layer's pixels with the mask as straight alpha, at the photo's depth
    where the format has it (WebP: 8 bits). Metadata as in `save_edit`.

    Args:
        path: ``.png``, ``.tif``, ``.tiff`` or ``.webp``.

    Raises:
        ExshotError: as `save_edit`.
    """
    _check_fits(photo, edit)
    file_format = _format_for(path, _LAYER_FORMATS, photo)
    check_writable(path, overwrite=overwrite)
    top = 65535 if edit.layer.dtype == np.uint16 else 255
    rgba = np.zeros((photo.height, photo.width, 4), edit.layer.dtype)
    patch = rgba[edit.box.slices]
    patch[..., :3] = edit.layer
    patch[..., 3] = edit.mask.astype(rgba.dtype) * (top // 255)
    pixels = rgba if CARRIES[file_format].deep else to_8_bit(rgba)
    picture = _picture(pixels, "RGB", None, photo.origin, edit, file_format)
    _write(picture, path, file_format, overwrite, _DEFAULT_QUALITY, True, None)


def _native_result(
    photo: Photo, edit: Edit, file_format: str
) -> tuple[Pixels, ColorSpace, bytes | None]:
    """The edited pixels in the photo's own space, or in sRGB where the format lacks that space."""
    origin = photo.origin
    carried = origin is not None and origin.space in CARRIES[file_format].spaces
    if origin is None or not carried or _is_lost(origin, file_format):
        return flatten(photo, edit), "RGB", None
    out = origin.native.copy()
    if not edit.box.empty:
        _blend_into(out, _in_space(edit.layer, origin), edit)
    return out, origin.space, origin.icc


def _is_lost(origin: Origin, file_format: str) -> bool:
    """Whether the format cannot say that the pixels are HDR: they must become SDR then."""
    return origin.signals is not None and origin.signals.is_hdr and file_format not in SIGNALLED


def _in_space(layer: Pixels, origin: Origin) -> Pixels:
    return from_srgb(np.ascontiguousarray(layer), origin.space, origin.icc)


def _blend_into(under: Pixels, over: Pixels, edit: Edit) -> None:
    """Blend by the edit's mask, in place; 255 is all ``over``, 0 leaves ``under`` as it is."""
    patch = under[edit.box.slices]
    for top in range(0, patch.shape[0], _BAND):
        rows = slice(top, top + _BAND)
        weight = edit.mask[rows].astype(np.uint32)
        if patch.ndim == 3:
            weight = weight[..., None]
        patch[rows] = (patch[rows] * (255 - weight) + over[rows] * weight + 127) // 255


def _with_alpha(pixels: Pixels, alpha: Pixels, *, keep: bool) -> Pixels:
    if pixels.dtype != alpha.dtype:
        alpha = to_8_bit(alpha)
    if keep:
        return np.dstack([pixels, alpha])
    top = 65535 if pixels.dtype == np.uint16 else 255
    weight: NDArray[np.uint64] = alpha.astype(np.uint64)
    if pixels.ndim == 3:
        weight = weight[..., None]
    return ((pixels * weight + top * (top - weight) + top // 2) // top).astype(pixels.dtype)


def _picture(
    pixels: Pixels,
    space: ColorSpace,
    icc: bytes | None,
    origin: Origin | None,
    edit: Edit,
    file_format: str,
) -> Picture:
    native = origin is not None and space == origin.space and icc == origin.icc
    turned = origin.turned if origin else 1
    xmp = with_provenance(origin.xmp if origin else None, edit.report.method, turned=turned)
    if len(xmp) > CARRIES[file_format].largest_xmp:
        xmp = with_provenance(None, edit.report.method)
    return Picture(
        pixels=pixels,
        space=space,
        icc=icc,
        exif=origin.exif if origin else None,
        xmp=xmp,
        dpi=origin.dpi if origin else None,
        signals=origin.signals if origin and native else None,
    )


def _write(
    picture: Picture,
    path: str | PathLike[str],
    file_format: str,
    overwrite: bool,
    quality: int,
    lossless: bool,
    jpeg: JpegCoding | None,
) -> None:
    def attempt(picture: Picture, jpeg: JpegCoding | None) -> bytes:
        with quiet_pillow():
            return encoded(picture, file_format, quality=quality, lossless=lossless, jpeg=jpeg)

    try:
        try:
            data = attempt(picture, jpeg)
        except Exception:  # odd EXIF or tables must not cost the user the picture
            data = attempt(replace(picture, exif=None), None)
    except Exception as error:  # encoders complain in many ways; the user needs one
        if is_out_of_memory(error):
            raise out_of_memory(f"to write {shown(path)}") from error
        raise not_writable(path, f"the {file_format} encoder failed ({error})") from error
    write_atomically(path, data, overwrite=overwrite)


def check_format(
    path: str | PathLike[str], *, layer: bool = False, photo: Photo | None = None
) -> str:
    """The format that a name asks for, before anything is made for it.

    Args:
        layer: whether it is for `save_layer`.
        photo: the pose photo, where its size is to be checked, too.

    Raises:
        ExshotError: ``UNSUPPORTED_FORMAT``, or ``IMAGE_TOO_LARGE`` for the format.
    """
    allowed = _LAYER_FORMATS if layer else tuple(CARRIES)
    return _format_of(path, allowed) if photo is None else _format_for(path, allowed, photo)


def _format_of(path: str | PathLike[str], allowed: tuple[str, ...]) -> str:
    suffix = PurePath(fspath(path)).suffix.lower()
    file_format = FORMAT_OF_SUFFIX.get(suffix, "")
    if file_format not in allowed:
        known = [s for s, f in FORMAT_OF_SUFFIX.items() if f in allowed]
        raise ExshotError(
            ErrorCode.UNSUPPORTED_FORMAT,
            f"{shown(path)} does not end in a format that can be written.",
            f"Use one of {', '.join(known)}.",
        )
    if file_format == "HEIF" and not writes_heic():
        raise ExshotError(
            ErrorCode.UNSUPPORTED_FORMAT,
            f"{shown(path)} cannot be written: this ExShot reads HEIC, but has no encoder for it.",
            "Write a .tif, .png, .webp or .jpg file, or use an ExShot that pip installed.",
        )
    return file_format


def _format_for(path: str | PathLike[str], allowed: tuple[str, ...], photo: Photo) -> str:
    file_format = _format_of(path, allowed)
    suffix = PurePath(fspath(path)).suffix.lower()
    side = CARRIES[file_format].largest_side
    if max(photo.width, photo.height) > side:
        raise ExshotError(
            ErrorCode.IMAGE_TOO_LARGE,
            f"The picture has more than {side} pixels a side, which {suffix} cannot hold.",
            "Write a TIFF or PNG file.",
        )
    return file_format


def _check_fits(photo: Photo, edit: Edit) -> None:
    """Catch a patch that belongs to another photo; a mistake of the caller, not of the user."""
    size = (edit.box.height, edit.box.width)
    inside = edit.box == edit.box.clipped(photo.width, photo.height)
    if edit.layer.dtype != photo.pixels.dtype or not inside:
        raise ValueError("the edit was not made on this photo")
    if edit.layer.shape != (*size, 3) or edit.mask.shape != size or edit.mask.dtype != np.uint8:
        raise ValueError("layer, mask and box of the edit do not agree")
