"""ICC profiles made of tone curves and a matrix, evaluated in floating point.

Pillow's binding of Little CMS handles 8 bits a channel only; 16-bit photos need more. Nearly all
profiles of cameras, screens and working spaces (sRGB, Display P3, Adobe RGB, ProPhoto) are of this
kind, which takes a few lines to evaluate exactly. Source: ICC.1:2022, sections 8.3.3, 10.6, 10.18.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

_STEPS = 65536
_INVERSE_STEPS = 1 << 18
_SAME_COLOR = 0.5 / 255  # sRGB units


@dataclass(frozen=True, eq=False)
class MatrixProfile:
    """Encoded values to linear light, and linear light to the profile connection space.

    Attributes:
        curves: ``(channels, 65536)`` float32, linear light in [0, 1] at each 16-bit code; one
            channel for grey, three for RGB.
        to_xyz: ``(3, 3)`` float64, linear RGB to XYZ relative to D50; None for grey.
    """

    curves: NDArray[np.float32]
    to_xyz: NDArray[np.float64] | None

    @cached_property
    def inverse(self) -> NDArray[np.float32]:
        """``(channels, 262144)`` codes in [0, 1] at evenly spaced square roots of linear light.

        The square root spends the entries where the eye and the codes are: in the shadows.
        """
        linear = np.linspace(0, 1, _INVERSE_STEPS) ** 2
        codes = np.linspace(0, 1, _STEPS)
        rising = np.maximum.accumulate(self.curves, axis=1)
        return np.stack([np.interp(linear, curve, codes) for curve in rising]).astype(np.float32)

    def same_as(self, other: MatrixProfile) -> bool:
        """Whether no colour differs by more than half an 8-bit step."""
        if (self.to_xyz is None) != (other.to_xyz is None):
            return False
        line = np.linspace(0, 65535, 9).astype(np.uint16)
        if self.to_xyz is None:
            codes = np.arange(_STEPS, dtype=np.uint16)[:, None]
        else:
            codes = np.stack(np.meshgrid(line, line, line), axis=-1).reshape(-1, 3)
        moved = convert_codes(codes, self, other)
        return bool(np.abs(moved - codes / 65535).max() <= _SAME_COLOR)


def convert_codes(
    codes: NDArray[np.uint16], source: MatrixProfile, target: MatrixProfile
) -> NDArray[np.float32]:
    """Colours of one profile in another, relative colorimetric, clipped to the target's gamut.

    Args:
        codes: ``(..., channels)`` 16-bit values; both profiles have that many channels.

    Returns:
        ``(..., channels)`` float32 encoded values in [0, 1].
    """
    channels = range(codes.shape[-1])
    linear = np.stack([source.curves[c][codes[..., c]] for c in channels], axis=-1)
    if source.to_xyz is not None and target.to_xyz is not None:
        matrix = np.linalg.solve(target.to_xyz, source.to_xyz)
        linear = linear @ matrix.T.astype(np.float32)
    np.clip(linear, 0, 1, out=linear)
    np.sqrt(linear, out=linear)
    at = np.rint(linear * (_INVERSE_STEPS - 1)).astype(np.int32)
    return np.stack([target.inverse[c][at[..., c]] for c in channels], axis=-1)


@lru_cache(maxsize=1)
def srgb_profile() -> MatrixProfile:
    """sRGB as a matrix profile."""
    profile = parse_matrix_profile(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    assert profile is not None
    return profile


@lru_cache(maxsize=1)
def srgb_grey_profile() -> MatrixProfile:
    """Grey with the tone curve of sRGB."""
    return MatrixProfile(srgb_profile().curves[:1], None)


@lru_cache(maxsize=8)
def parse_matrix_profile(icc: bytes) -> MatrixProfile | None:
    """Read a grey or RGB profile; None when it is of another kind, or damaged."""
    try:
        tags = _tags(icc)
        space, connection = icc[16:20], icc[20:24]
        if space == b"GRAY" and b"A2B0" not in tags:
            return MatrixProfile(_curve(tags[b"kTRC"])[None], None)
        if space != b"RGB " or connection != b"XYZ " or b"A2B0" in tags or b"A2B1" in tags:
            return None
        curves = np.stack([_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")])
        columns = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        to_xyz = np.array(columns, np.float64).T
        return MatrixProfile(curves, to_xyz) if np.linalg.cond(to_xyz) < 1e6 else None
    except (KeyError, ValueError, IndexError, struct.error, np.linalg.LinAlgError):
        return None


def _tags(icc: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", icc, 128)
    if count > 200:
        raise ValueError("implausible number of tags")
    entries = (struct.unpack_from(">4sII", icc, 132 + 12 * i) for i in range(count))
    return {name: icc[at : at + size] for name, at, size in entries}


def _xyz(tag: bytes) -> tuple[float, float, float]:
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes) -> NDArray[np.float32]:
    """Linear light at each 16-bit code."""
    x = np.linspace(0, 1, _STEPS)
    if tag[:4] == b"para":
        with np.errstate(all="ignore"):  # damaged numbers: the check below catches them
            values = _parametric(tag, x)
    elif tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            values = x
        elif count == 1:
            values = x ** (struct.unpack_from(">H", tag, 12)[0] / 256)
        else:
            samples = np.frombuffer(tag, ">u2", count, 12) / 65535
            values = np.interp(x, np.linspace(0, 1, count), samples)
    else:
        raise ValueError("unknown curve type")
    if not np.all(np.isfinite(values)):
        raise ValueError("curve without values")
    return np.clip(values, 0, 1).astype(np.float32)


def _parametric(tag: bytes, x: NDArray[np.float64]) -> NDArray[np.float64]:
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    numbers = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b, c, d, e, f = [*numbers, *[0.0] * (7 - count)]
    if kind == 0:
        return x**g
    if kind in (1, 2):
        if a == 0:
            raise ValueError("curve without slope")
        # Below -b/a the curve is flat: 0 for kind 1, the constant c for kind 2.
        return np.where(x >= -b / a, np.maximum(a * x + b, 0) ** g, 0) + c
    # Kinds 3 and 4 have a straight part below d; kind 4 adds offsets to both parts.
    return np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
