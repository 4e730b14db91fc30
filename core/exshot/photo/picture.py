"""A photo in memory: sRGB pixels, alpha, and where it came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from os import PathLike

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cache import kept_property
from exshot.errors import ErrorCode, ExshotError
from exshot.image.pixels import Pixels, read_only, to_8_bit
from exshot.photo.decode import decode
from exshot.photo.origin import Origin, PhotoLimits


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

    @kept_property
    def content_hash(self) -> str:
        """SHA-256 of pixels, alpha, shape and dtype, as 64 hex digits; computed on first use."""
        digest = hashlib.sha256()  # processors have instructions for it: half of BLAKE2b's time
        digest.update(f"{self.pixels.shape} {self.pixels.dtype} {self.alpha is not None}".encode())
        digest.update(np.ascontiguousarray(self.pixels).data)
        if self.alpha is not None:
            digest.update(np.ascontiguousarray(self.alpha).data)
        return digest.hexdigest()

    def as_uint8(self) -> NDArray[np.uint8]:
        """The pixels as ``(H, W, 3)`` uint8, rounded to nearest; no copy when they already are."""
        return self._pixels_8

    @kept_property
    def _pixels_8(self) -> NDArray[np.uint8]:
        return read_only(to_8_bit(self.pixels))

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        limits: PhotoLimits = PhotoLimits(),  # noqa: B008 - frozen
    ) -> Photo:
        """Read a JPEG, PNG, TIFF, WebP or HEIC file; see `exshot.photo.decode.decode`."""
        decoded = decode(path, limits)
        return cls(decoded.pixels, decoded.alpha, decoded.origin)

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
