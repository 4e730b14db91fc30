"""The pixels of an opened picture, as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import pillow_heif
from PIL import Image

from exshot.image.pixels import Pixels
from exshot.photo import refusals
from exshot.photo.color import lab_to_srgb
from exshot.photo.deep import deep_pixels
from exshot.photo.origin import ColorSpace

TRANSPOSED = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@dataclass(frozen=True, eq=False)
class StoredPixels:
    """``(H, W)`` or ``(H, W, C)``; one channel more than the space has is straight alpha."""

    pixels: Pixels
    space: ColorSpace


def stored_pixels(path: Path, image: Image.Image, file: BinaryIO) -> StoredPixels:
    """Decode a freshly opened picture. Raises `ExshotError` ``UNSUPPORTED_MODE``."""
    deep = _deep_heif(image, file)
    if deep is None:
        deep = deep_pixels(image, file)
    if deep is None:
        image.load()
        return _shallow_pixels(path, image)
    space = "GRAY" if deep.ndim == 2 else "RGB"
    return StoredPixels(_with_named_transparency(deep, image.info.get("transparency")), space)


def _deep_heif(image: Image.Image, file: BinaryIO) -> Pixels | None:
    """HEIC of 10 or 12 bits at its own depth, scaled to 16 bits; None for other pictures."""
    if image.format != "HEIF" or image.info.get("bit_depth", 8) <= 8:
        return None
    file.seek(0)
    heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=False)
    pixels = np.asarray(heif[heif.primary_index])
    if pixels.dtype != np.uint16 or pixels.ndim not in (2, 3):
        return None
    # Left-aligned codes: the low bits repeat the high ones, so that white is 65535.
    pixels = pixels | (pixels >> np.uint16(image.info["bit_depth"]))
    if pixels.ndim == 3 and pixels.shape[2] not in (3, 4):
        return None
    return np.ascontiguousarray(pixels, np.uint16)


def _shallow_pixels(path: Path, image: Image.Image) -> StoredPixels:
    mode = image.mode
    clear = "transparency" in image.info
    if mode in ("1", "L") and not clear:
        return StoredPixels(np.asarray(image if mode == "L" else image.convert("L")), "GRAY")
    if mode in ("1", "L", "LA", "La"):
        return StoredPixels(np.asarray(image if mode == "LA" else image.convert("LA")), "GRAY")
    if mode == "CMYK":
        return StoredPixels(np.asarray(image), "CMYK")
    if mode == "LAB":
        return StoredPixels(np.asarray(lab_to_srgb(image)), "RGB")
    if mode in ("RGBA", "RGBa", "PA") or (mode in ("P", "RGB") and clear):
        return StoredPixels(np.asarray(image if mode == "RGBA" else image.convert("RGBA")), "RGB")
    if mode in ("RGB", "P", "RGBX", "YCbCr"):
        return StoredPixels(np.asarray(image if mode == "RGB" else image.convert("RGB")), "RGB")
    raise refusals.unsupported_mode(path)


def _with_named_transparency(stored: Pixels, clear: object) -> Pixels:
    """16-bit PNG may name one colour that is transparent: make it an alpha channel."""
    if clear is None or (stored.ndim == 3 and stored.shape[2] == 4):
        return stored
    same = stored == np.asarray(clear, np.uint16)
    clear_at = same.all(axis=-1) if stored.ndim == 3 else same
    return np.dstack([stored, np.where(clear_at, 0, 65535)]).astype(np.uint16)


def without_alpha(stored: Pixels, space: ColorSpace) -> tuple[Pixels, Pixels | None]:
    """Colours, and the alpha channel where there is one."""
    if stored.ndim == 2 or stored.shape[2] == 3 or space == "CMYK":
        return stored, None
    if stored.shape[2] == 2:
        return stored[..., 0].copy(), stored[..., 1].copy()
    rgb: Pixels = cv2.cvtColor(stored, cv2.COLOR_RGBA2RGB)  # type: ignore[assignment]
    return rgb, cv2.extractChannel(stored, 3)  # type: ignore


def upright(stored: Pixels, orientation: int) -> Pixels:
    """Undo the turn and mirroring that the EXIF orientation names (TIFF 6.0, tag 274)."""
    if orientation in TRANSPOSED:
        stored = cv2.transpose(stored)  # type: ignore[assignment]
    # What is left to do after the transposition: flip columns (1), rows (0) or both (-1).
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return stored if flip is None else cv2.flip(stored, flip)  # type: ignore[return-value]
