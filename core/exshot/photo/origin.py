"""Where a photo came from: the limits of what is read, and what writing it back needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from exshot.image.pixels import Pixels
from exshot.photo.color_signals import ColorSignals

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
