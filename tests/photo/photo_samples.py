"""Pictures, profiles and edits that the photo tests share."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from exshot.image.geometry import Box
from exshot.image.pixels import Pixels
from exshot.photo import Photo
from exshot.result import Edit, EditReport, HeadTurn

# Linear RGB to XYZ relative to D50, one column for each primary.
DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def report(method: str = "warp") -> EditReport:
    return EditReport(method, 0, 0, HeadTurn(0, 0, 0), 0.0, (), {})


def smooth_pixels(height: int = 48, width: int = 64, dtype: type = np.uint8) -> Pixels:
    """A colourful picture that compresses well, ``(height, width, 3)``."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    channels = (0.2 + 0.6 * x, 0.8 - 0.5 * y, 0.3 + 0.4 * (x + y) / 2)
    return np.rint(np.stack(channels, -1) * np.iinfo(dtype).max).astype(dtype)  # type: ignore[return-value]


def noise(shape: tuple[int, ...], dtype: type = np.uint8, seed: int = 0) -> Pixels:
    top = np.iinfo(dtype).max
    numbers = np.random.default_rng(seed).integers(0, top, shape, endpoint=True)
    return numbers.astype(dtype)  # type: ignore[return-value]


def soft_mask(height: int, width: int) -> NDArray[np.uint8]:
    """0 along the border, 255 in the middle, everything between on the way."""
    y, x = np.mgrid[0:height, 0:width]
    inside = np.minimum(np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x))
    return np.clip(inside * 60, 0, 255).astype(np.uint8)


def edit_of(photo: Photo, *, method: str = "warp", box: Box | None = None) -> Edit:
    """A bright patch in the middle of the photo."""
    w, h = photo.width, photo.height
    box = box or Box(w // 4, h // 4, w - w // 4, h - h // 4)
    layer = noise((box.height, box.width, 3), photo.pixels.dtype.type, seed=7)
    return Edit(layer, soft_mask(box.height, box.width), box, report(method))


def outside(photo: Photo, edit: Edit) -> NDArray[np.bool_]:
    """Where the edit must leave the photo alone, ``(H, W)``."""
    away = np.ones((photo.height, photo.width), bool)
    away[edit.box.slices] = edit.mask == 0
    return away


def rgb_profile(primaries: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    """A display profile of three primaries and one tone curve tag."""
    tags = {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True):
        tags[name] = b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in xyz))
    return _profile(b"RGB ", tags)


def grey_profile(curve: bytes) -> bytes:
    return _profile(b"GRAY", {b"kTRC": curve})


def gamma_curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def srgb_curve() -> bytes:
    numbers = (round(value * 65536) for value in SRGB_CURVE)
    return b"para\0\0\0\0" + struct.pack(">HH5i", 3, 0, *numbers)


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"test"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + bytes(79),
        b"cprt": b"text\0\0\0\0CC0\0",
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        **tags,
    }
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp"
    header += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
