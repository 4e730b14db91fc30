"""A photo in memory: sRGB pixels, alpha, and what is needed to write it back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from os import PathLike
from typing import Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot.photo.color_signals import ColorSignals

Pixels = NDArray[np.uint8 | np.uint16]
_Depth = TypeVar("_Depth", np.uint8, np.uint16, np.uint8 | np.uint16)
ColorSpace = Literal["GRAY", "RGB", "CMYK"]


@dataclass(frozen=True)
class PhotoLimits:
    """How large a file may be before it is refused; all but the last are read from its header."""

    max_pixels: int = 120_000_000
    max_side: int = 30_000
    max_file_bytes: int = 1 << 30


@dataclass(frozen=True)
class JpegCoding:
    """How a JPEG was compressed, so that it can be written again with the least loss.

    Attributes:
        tables: quantisation tables in natural (row by row) order, 64 values each, by table id.
        subsampling: Pillow's code: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0.
    """

    tables: dict[int, tuple[int, ...]]
    subsampling: int


@dataclass(frozen=True, eq=False)
class Origin:
    """The file a photo came from, as far as writing it back needs it.

    Attributes:
        native: pixels as stored, upright, before colour conversion and without alpha:
            ``(H, W)`` grey, ``(H, W, 3)`` RGB or ``(H, W, 4)`` CMYK; uint8 or uint16; read-only.
        space: what the channels of ``native`` are.
        mode: Pillow's name of the stored pixel mode, before anything was converted.
        format: ``JPEG``, ``PNG``, ``TIFF``, ``WEBP`` or ``HEIF``.
        icc: colour profile of ``native``; None stands for sRGB (or plain grey, plain CMYK).
        exif: EXIF block (starting at its TIFF header) that describes the upright picture.
        xmp: XMP packet as found.
        dpi: resolution in pixels an inch, horizontal and vertical.
        captured_at: EXIF DateTimeOriginal with its sub-seconds, the camera's local time; with its
            zone where the file tells that.
        jpeg: compression settings when the file is a JPEG.
        signals: what the file says about its colour without a profile; ``icc`` is then made from
            it.
        turned: EXIF orientation that was undone, 1 to 8.
        notes: what is odd about the file or not kept of it, in sentences for the user.
    """

    native: Pixels = field(repr=False)
    space: ColorSpace
    mode: str
    format: str
    icc: bytes | None = field(default=None, repr=False)
    exif: bytes | None = field(default=None, repr=False)
    xmp: bytes | None = field(default=None, repr=False)
    dpi: tuple[float, float] | None = None
    captured_at: datetime | None = None
    jpeg: JpegCoding | None = field(default=None, repr=False)
    signals: ColorSignals | None = None
    turned: int = 1
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture, upright and in sRGB, whatever it was stored as.

    Make one with `Photo.open` or `Photo.from_array`; the constructor does not check anything.

    Attributes:
        pixels: ``(H, W, 3)`` uint8 or uint16, sRGB-encoded, origin top left, read-only.
        alpha: ``(H, W)`` of the same dtype, straight (not premultiplied), read-only; or None.
        origin: what is needed to write the photo back; None for a photo made from an array.
    """

    pixels: Pixels = field(repr=False)
    alpha: Pixels | None = field(default=None, repr=False)
    origin: Origin | None = field(default=None, repr=False)

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @cached_property
    def content_hash(self) -> str:
        """BLAKE2b of pixels, alpha, shape and dtype, as 64 hex digits; computed on first use."""
        digest = hashlib.blake2b(digest_size=32)
        digest.update(f"{self.pixels.shape} {self.pixels.dtype} {self.alpha is not None}".encode())
        digest.update(np.ascontiguousarray(self.pixels).data)
        if self.alpha is not None:
            digest.update(np.ascontiguousarray(self.alpha).data)
        return digest.hexdigest()

    def as_uint8(self) -> NDArray[np.uint8]:
        """The pixels as ``(H, W, 3)`` uint8, rounded to nearest; no copy when they already are."""
        return self._pixels_8

    @cached_property
    def _pixels_8(self) -> NDArray[np.uint8]:
        return read_only(to_8_bit(self.pixels))

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        limits: PhotoLimits = PhotoLimits(),
    ) -> Photo:
        """Read a JPEG, PNG, TIFF, WebP or HEIC file; see `exshot.photo.decode.read_photo`."""
        from exshot.photo.decode import read_photo  # decoding builds photos: avoids a cycle

        return read_photo(path, limits)

    @classmethod
    def from_array(cls, pixels: Pixels, alpha: Pixels | None = None) -> Photo:
        """A photo from sRGB-encoded pixels.

        Args:
            pixels: ``(H, W, 3)`` or grey ``(H, W)``, uint8 or uint16. Copied unless read-only.
            alpha: ``(H, W)`` of the same dtype, straight.

        Raises:
            ExshotError: ``UNSUPPORTED_MODE`` for another shape or dtype, ``IMAGE_EMPTY`` for no
                pixels at all.
        """
        pixels = _checked(np.asarray(pixels), "picture", (2, 3))
        if pixels.ndim == 2:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)  # type: ignore[assignment]
        elif pixels.shape[2] != 3:
            raise _wrong_array(f"The picture has {pixels.shape[2]} channels instead of 3.")
        if alpha is not None:
            alpha = _checked(np.asarray(alpha), "alpha channel", (2,))
            if alpha.shape != pixels.shape[:2] or alpha.dtype != pixels.dtype:
                raise _wrong_array("The alpha channel differs from the picture in size or depth.")
        return cls(_owned(pixels), None if alpha is None else _owned(alpha))


def to_8_bit(array: Pixels) -> NDArray[np.uint8]:
    """uint16 scaled to uint8, rounded to nearest; uint8 as it is."""
    if array.dtype == np.uint8:
        return array  # type: ignore[return-value]
    return cv2.convertScaleAbs(array, alpha=1 / 257)  # type: ignore[return-value]


def read_only(array: NDArray[_Depth]) -> NDArray[_Depth]:
    """The same array, marked read-only, C-contiguous."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def _owned(array: Pixels) -> Pixels:
    # Caches key on the content: nobody else may be able to change it afterwards.
    return read_only(array.copy() if array.flags.writeable else array)


def _checked(array: NDArray, what: str, dimensions: tuple[int, ...]) -> Pixels:
    if array.dtype not in (np.uint8, np.uint16):
        raise _wrong_array(f"The {what} is of type {array.dtype} instead of uint8 or uint16.")
    if array.ndim not in dimensions:
        raise _wrong_array(f"The {what} has {array.ndim} dimensions.")
    if array.size == 0:
        raise ExshotError(
            ErrorCode.IMAGE_EMPTY, f"The {what} has no pixels.", "Pass at least one pixel."
        )
    return array


def _wrong_array(sentence: str) -> ExshotError:
    hint = "Pass (height, width, 3) sRGB pixels as uint8 or uint16, alpha as (height, width)."
    return ExshotError(ErrorCode.UNSUPPORTED_MODE, sentence, hint)
