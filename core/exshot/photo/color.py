"""Colour conversion between a photo's own profile and sRGB.

Relative colorimetric with black point compensation. 8-bit pixels go through Little CMS (Pillow's
ImageCms), which has no 16-bit interface there: 16-bit pixels go through `matrix_profile`, or, for
the rare 16-bit photo whose profile is a table, through a smooth grid made with ImageCms.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from exshot.image.pixels import Pixels
from exshot.photo.matrix_profile import (
    convert_codes,
    parse_matrix_profile,
    srgb_grey_profile,
    srgb_profile,
)
from exshot.photo.origin import ColorSpace

_PIL_MODE = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}
_ICC_SPACE = {"GRAY": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}
_GRID = 33
_BAND = 1 << 20  # pixels converted at a time


def usable_profile(icc: bytes | None, space: ColorSpace) -> bytes | None:
    """The profile when it describes pixels of that space and works both ways, else None."""
    if not icc:
        return None
    try:
        if icc[16:20] != _ICC_SPACE[space]:
            return None
        _transform(icc, space, to_srgb=True)
        _transform(icc, space, to_srgb=False)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return icc


def is_srgb(icc: bytes | None, space: ColorSpace) -> bool:
    """Whether pixels of the space need no conversion; no profile at all counts as sRGB."""
    if space == "CMYK":
        return False
    if icc is None:
        return True
    profile = parse_matrix_profile(icc)
    like = srgb_profile() if space == "RGB" else srgb_grey_profile()
    return profile is not None and profile.same_as(like)


def to_srgb(native: Pixels, space: ColorSpace, icc: bytes | None) -> Pixels:
    """sRGB-encoded ``(H, W, 3)`` pixels of the same dtype; ``native`` itself where it is sRGB.

    Args:
        native: ``(H, W)`` grey, ``(H, W, 3)`` RGB or ``(H, W, 4)`` CMYK (uint8 only).
        icc: a `usable_profile`.
    """
    if is_srgb(icc, space):
        return native if space == "RGB" else _stacked(native)
    if native.dtype == np.uint8:
        return _convert_8(native, space, icc, to_srgb=True)
    if space == "GRAY":
        return _stacked(_convert_grey_16(native, icc, to_srgb=True))
    return _convert_rgb_16(native, icc, to_srgb=True)


def from_srgb(pixels: Pixels, space: ColorSpace, icc: bytes | None) -> Pixels:
    """The inverse of `to_srgb`: sRGB pixels in a photo's own space, same dtype."""
    if space == "GRAY":
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        if is_srgb(icc, space):
            return grey  # type: ignore[return-value]
        if pixels.dtype == np.uint16:
            return _convert_grey_16(grey, icc, to_srgb=False)  # type: ignore[arg-type]
        return _convert_8(pixels, space, icc, to_srgb=False)
    if is_srgb(icc, space):
        return pixels
    if pixels.dtype == np.uint8:
        return _convert_8(pixels, space, icc, to_srgb=False)
    return _convert_rgb_16(pixels, icc, to_srgb=False)


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """An 8-bit CIE L*a*b* picture (D50) as sRGB."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    transform = ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None
    return converted


def _stacked(grey: Pixels) -> Pixels:
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)  # type: ignore[return-value]


def _cms(icc: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(icc))


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _transform(icc: bytes, space: ColorSpace, *, to_srgb: bool) -> ImageCms.ImageCmsTransform:
    own = (_cms(icc), _PIL_MODE[space])
    srgb = (_srgb(), "RGB")
    source, target = (own, srgb) if to_srgb else (srgb, own)
    return ImageCms.buildTransform(
        source[0],
        target[0],
        source[1],
        target[1],
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _convert_8(native: Pixels, space: ColorSpace, icc: bytes | None, *, to_srgb: bool) -> Pixels:
    source = _PIL_MODE[space] if to_srgb else "RGB"
    target = "RGB" if to_srgb else _PIL_MODE[space]
    transform = None if icc is None else _transform(icc, space, to_srgb=to_srgb)

    def convert(band: Pixels) -> Pixels:
        image = Image.fromarray(band) if source != "CMYK" else _cmyk_image(band)
        if transform is None:  # no profile: the printer's textbook formula
            return np.asarray(image.convert(target))
        return np.asarray(ImageCms.applyTransform(image, transform))

    return _in_bands(convert, native)


def _cmyk_image(pixels: Pixels) -> Image.Image:
    height, width = pixels.shape[:2]
    return Image.frombytes("CMYK", (width, height), np.ascontiguousarray(pixels).tobytes())


def _convert_grey_16(grey: Pixels, icc: bytes | None, *, to_srgb: bool) -> Pixels:
    profile = None if icc is None else parse_matrix_profile(icc)
    if profile is None:  # a grey profile that is no plain curve
        coarse = np.arange(256, dtype=np.uint8)[None]
        if to_srgb:
            ends = _convert_8(coarse, "GRAY", icc, to_srgb=True)[0, :, 0]
        else:
            ends = _convert_8(_stacked(coarse), "GRAY", icc, to_srgb=False)[0]
        table = np.interp(np.arange(65536) / 257, np.arange(256), ends / 255.0)
    else:
        pair = (profile, srgb_grey_profile()) if to_srgb else (srgb_grey_profile(), profile)
        table = convert_codes(np.arange(65536, dtype=np.uint16)[:, None], *pair)[:, 0]
    return np.rint(table * 65535).astype(np.uint16)[grey]


def _convert_rgb_16(native: Pixels, icc: bytes | None, *, to_srgb: bool) -> Pixels:
    assert icc is not None
    profile = parse_matrix_profile(icc)
    if profile is None:
        grid = _grid(icc, to_srgb=to_srgb)
        return _in_bands(lambda band: _through_grid(band, grid), native)
    pair = (profile, srgb_profile()) if to_srgb else (srgb_profile(), profile)

    def convert(band: Pixels) -> Pixels:
        return np.rint(convert_codes(band, *pair) * 65535).astype(np.uint16)  # type: ignore[arg-type]

    return _in_bands(convert, native)


def _grid(icc: bytes, *, to_srgb: bool) -> NDArray[np.float32]:
    """``(33, 33, 33, 3)``: converted colours in [0, 1] at evenly spaced RGB."""
    line = np.rint(np.linspace(0, 255, _GRID)).astype(np.uint8)
    nodes = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1)
    flat = np.ascontiguousarray(nodes.reshape(_GRID * _GRID, _GRID, 3))
    colors = _convert_8(flat, "RGB", icc, to_srgb=to_srgb)
    return (colors.reshape(_GRID, _GRID, _GRID, 3) / 255).astype(np.float32)


def _through_grid(band: Pixels, grid: NDArray[np.float32]) -> Pixels:
    """16-bit colours looked up in a grid, trilinear."""
    # The nodes are whole 8-bit codes, not quite evenly spaced: find the place between two of them.
    nodes = np.rint(np.linspace(0, 255, _GRID)) * 257
    position = np.interp(np.arange(65536), nodes, np.arange(_GRID)).astype(np.float32)[band]
    low = np.minimum(position.astype(np.int32), _GRID - 2)
    part = position - low
    out = np.zeros(band.shape, np.float32)
    for corner in np.ndindex(2, 2, 2):
        at = low + np.array(corner, np.int32)
        weight = np.prod(np.where(corner, part, 1 - part), axis=-1, keepdims=True)
        out += weight * grid[at[..., 0], at[..., 1], at[..., 2]]
    return np.rint(out * 65535).astype(np.uint16)


def _in_bands(convert: Callable[[Pixels], Pixels], pixels: Pixels) -> Pixels:
    """Convert rows band by band: bounded memory, and the cores share the work."""
    rows = max(1, _BAND // pixels.shape[1])
    bands = [pixels[top : top + rows] for top in range(0, pixels.shape[0], rows)]
    if len(bands) == 1:
        return convert(pixels)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return np.concatenate(list(pool.map(convert, bands)))
