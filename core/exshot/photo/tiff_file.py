"""TIFF files, 8 or 16 bits a channel, any colour space, with metadata.

Pillow writes colour at 8 bits only, and OpenCV writes no metadata; the layout itself is simple.
Source: TIFF 6.0 and its technical note 3 (Adobe Deflate).
"""

from __future__ import annotations

import io
import os
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

from PIL import Image, TiffImagePlugin, TiffTags
from PIL.ExifTags import IFD

from exshot.image.pixels import Pixels
from exshot.photo.exif import DESCRIPTIVE
from exshot.photo.origin import ColorSpace

_PHOTOMETRIC = {"GRAY": 1, "RGB": 2, "CMYK": 5}
_CHANNELS = {"GRAY": 1, "RGB": 3, "CMYK": 4}
_STRIP_BYTES = 1 << 20
_LEVEL = 2  # higher ones take twice as long for files a few percent smaller
_DEFLATE, _HORIZONTAL = 8, 2
_UNASSOCIATED_ALPHA = 2
_LIMIT = 4_000_000_000  # offsets have 32 bits


def tiff_bytes(
    pixels: Pixels,
    space: ColorSpace,
    *,
    icc: bytes | None,
    exif: bytes | None,
    xmp: bytes | None,
    dpi: tuple[float, float] | None,
) -> bytes:
    """A TIFF with Deflate compression and horizontal differencing.

    Args:
        pixels: ``(H, W)`` or ``(H, W, C)``; one channel more than the space has is straight alpha.
    """
    if pixels.nbytes > _LIMIT:
        raise ValueError("too large for a TIFF file")
    samples = pixels if pixels.ndim == 3 else pixels[..., None]
    height, width, channels = samples.shape
    rows = max(1, min(height, _STRIP_BYTES // (width * channels * samples.itemsize)))
    strips = _strips(samples, rows)
    ifd = TiffImagePlugin.ImageFileDirectory_v2(
        prefix=b"II" if sys.byteorder == "little" else b"MM"
    )
    _describe(ifd, exif)
    ifd[256], ifd[257] = width, height
    ifd[258] = (samples.itemsize * 8,) * channels
    ifd[259] = _DEFLATE
    ifd[262] = _PHOTOMETRIC[space]
    ifd[277] = channels
    ifd[278] = rows
    ifd[284] = 1
    ifd[317] = _HORIZONTAL
    if channels > _CHANNELS[space]:
        ifd[338] = _UNASSOCIATED_ALPHA
    if dpi:
        ifd[282], ifd[283], ifd[296] = dpi[0], dpi[1], 2
    if icc:
        ifd[34675] = icc
    if xmp:
        ifd.tagtype[700] = TiffTags.BYTE
        ifd[700] = xmp
    sizes = [len(strip) for strip in strips]
    ifd.tagtype[273] = ifd.tagtype[279] = TiffTags.LONG
    ifd[279] = tuple(sizes)
    ifd[273] = tuple(accumulate(sizes[:-1], initial=0))  # the directory adds its own end
    file = io.BytesIO()
    ifd.save(file)
    for strip in strips:
        file.write(strip)
    return file.getvalue()


def _strips(samples: Pixels, rows: int) -> list[bytes]:
    def packed(top: int) -> bytes:
        part = samples[top : top + rows].copy()
        part[:, 1:] -= samples[top : top + rows, :-1]  # wraps round, as the predictor asks
        return zlib.compress(part.tobytes(), _LEVEL)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(packed, range(0, samples.shape[0], rows)))


def _describe(ifd: TiffImagePlugin.ImageFileDirectory_v2, exif: bytes | None) -> None:
    """Copy an EXIF block's tags into the directory."""
    if not exif:
        return
    block = Image.Exif()
    block.load(exif)
    for tag in DESCRIPTIVE:
        if tag in block:
            ifd[tag] = block[tag]
    for group in (IFD.Exif, IFD.GPSInfo):
        details = dict(block.get_ifd(group))
        details.pop(IFD.Interop, None)  # an offset into the old file
        if details:
            ifd[group] = details
