"""Colour that a file tells without an ICC profile: code points, gamma and primaries, EXIF.

A photo whose colour is told so gets a profile of the same meaning to be edited in, and is written
with its own signals again where the format has them, so that every viewer shows what it showed.
Sources: ITU-T H.273 (code points), BT.2100 (PQ, HLG), BT.2408 (reference white), PNG third edition
sections 11.3.2 to 11.3.4, EXIF 2.32 with DCF 2.0 (Adobe RGB), ICC.1:2022.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Primaries = tuple[tuple[float, float], ...]  # x, y of red, green, blue and white

_D65 = (0.3127, 0.3290)
_REC709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)
_PRIMARIES: dict[int, Primaries] = {
    1: _REC709,
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), (0.310, 0.316)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    22: ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}
_ADOBE_RGB: Primaries = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), _D65)
_SRGB_TRANSFERS = (1, 2, 6, 13, 14, 15)  # video's curves are shown like sRGB's, as viewers do
_PQ, _HLG = 16, 18
_WHITE = 203.0  # cd/m2 of a white sheet in PQ and HLG
_PEAK = 10000.0
_SHOULDER_FROM, _SHOULDER = 0.5, 12.890  # see `_toned`
_SAMPLES = 4096
_D50 = np.array([0.96422, 1.0, 0.82521])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True)
class CodePoints:
    """H.273 code points, as ``nclx`` in HEIC and ``cICP`` in PNG hold them."""

    primaries: int
    transfer: int
    matrix: int = 0
    full_range: bool = True

    @property
    def is_srgb(self) -> bool:
        return self.primaries in (1, 2) and self.transfer in _SRGB_TRANSFERS


@dataclass(frozen=True)
class ColorSignals:
    """What a file without a profile says about its colour.

    Attributes:
        points: its code points, if it has any.
        png: PNG chunks that say it, in order.
        light: mastering and light levels of a HEIC, as pillow-heif names them.
        in_exif: that EXIF says it is Adobe RGB.
        icc: an RGB profile of the same meaning; None where that is sRGB.
        grey: the same for grey pixels.
    """

    points: CodePoints | None = None
    png: tuple[tuple[bytes, bytes], ...] = ()
    light: Mapping[str, Any] = field(default_factory=dict)
    in_exif: bool = False
    icc: bytes | None = field(default=None, repr=False)
    grey: bytes | None = field(default=None, repr=False)

    @property
    def is_hdr(self) -> bool:
        return self.points is not None and self.points.transfer in (_PQ, _HLG)


def png_signals(chunks: Mapping[bytes, bytes]) -> ColorSignals | None:
    """From a PNG's colour chunks; cICP goes before sRGB, and that before gAMA and cHRM."""
    kept = tuple(chunks.items())
    code = chunks.get(b"cICP", b"")
    if len(code) == 4 and code[0] in _PRIMARIES:
        points = CodePoints(code[0], code[1], code[2], bool(code[3]))
        return ColorSignals(
            points, kept, icc=profile_of(points), grey=profile_of(points, grey=True)
        )
    if b"sRGB" in chunks:
        return ColorSignals(png=kept)
    gamma = _gamma(chunks.get(b"gAMA", b""))
    primaries = _chromaticities(chunks.get(b"cHRM", b""))
    if gamma is None and primaries is None:
        return None
    curve = _para(gamma) if gamma is not None else _SRGB_CURVE
    icc = _profile(primaries or _REC709, curve)
    return None if icc is None else ColorSignals(png=kept, icc=icc, grey=_grey_profile(curve))


def over_profile(signals: ColorSignals, icc: bytes) -> ColorSignals | None:
    """What counts where a file has a profile too; None where the profile does.

    A PNG's code points go before its profile, which is written again for viewers that do not know
    them. In all other files the profile goes first.
    """
    if signals.points is None or not signals.png:
        return None
    profile = (b"iCCP", b"ICC profile\0\0" + zlib.compress(icc))
    return replace(signals, png=(profile, *signals.png))


def heif_signals(info: Mapping[Any, Any]) -> ColorSignals | None:
    """From what pillow-heif tells of a picture."""
    try:
        nclx = info["nclx_profile"]
        points = CodePoints(
            int(nclx["color_primaries"]),
            int(nclx["transfer_characteristics"]),
            int(nclx["matrix_coefficients"]),
            bool(nclx["full_range_flag"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    names = ("content_light_level", "mastering_display_colour_volume")
    light = {name: info[name] for name in names if info.get(name)}
    grey = profile_of(points, grey=True)
    return ColorSignals(points, light=light, icc=profile_of(points), grey=grey)


def exif_signals() -> ColorSignals:
    """Of a JPEG whose EXIF says Adobe RGB (DCF optional colour space)."""
    icc = _profile(_ADOBE_RGB, _para(563 / 256))
    return ColorSignals(in_exif=True, icc=icc)


def png_chunks(signals: ColorSignals) -> tuple[tuple[bytes, bytes], ...]:
    """The chunks that say the same in a PNG; none where it has to be a profile."""
    if signals.png:
        return signals.png
    points = signals.points
    if points is None or points.is_srgb:
        return ()
    return ((b"cICP", bytes((points.primaries, points.transfer, 0, 1))),)


@lru_cache(maxsize=16)
def profile_of(points: CodePoints, *, grey: bool = False) -> bytes | None:
    """An ICC profile for pixels of these code points; None where they are sRGB or unknown."""
    primaries = _PRIMARIES.get(points.primaries, _REC709)
    curve = _curve_of(points.transfer)
    if points.is_srgb or (curve == _SRGB_CURVE and (grey or primaries is _REC709)):
        return None
    return _grey_profile(curve) if grey else _profile(primaries, curve)


def _curve_of(transfer: int) -> bytes:
    """The tone curve tag; sRGB's where the code is unknown."""
    if transfer in (4, 5, 8):
        return _para({4: 2.2, 5: 2.8, 8: 1.0}[transfer])
    curves: dict[int, Curve] = {
        7: _smpte_240,
        _PQ: lambda x: _toned(_pq(x)),
        17: lambda x: np.minimum(x**2.6 * 52.37 / 48, 1.0),
        _HLG: lambda x: _toned(_hlg(x)),
    }
    if transfer not in curves:
        return _SRGB_CURVE
    values = np.rint(np.clip(curves[transfer](np.linspace(0, 1, _SAMPLES)), 0, 1) * 65535)
    return b"curv\0\0\0\0" + struct.pack(">I", _SAMPLES) + values.astype(">u2").tobytes()


def _smpte_240(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(x < 0.0913, x / 4, ((x + 0.1115) / 1.1115) ** (1 / 0.45))


def _pq(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light relative to a white sheet (BT.2100 table 4)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = x ** (1 / m2)
    return (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * _PEAK / _WHITE


def _hlg(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same on a display of 1000 cd/m2, channel by channel (BT.2100 table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(x <= 0.5, x**2 / 3, (np.exp((x - c) / a) + b) / 12)
    return scene**1.2 * 1000 / _WHITE


def _toned(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """HDR light in [0, 1]: unchanged below half of white, then a shoulder up to PQ's peak.

    It rises everywhere, so that what is drawn in the converted picture goes back to the same
    light. The shoulder is logarithmic and begins with the slope 1.
    """
    k, start = _SHOULDER, _SHOULDER_FROM
    most = np.log1p(k * (_PEAK / _WHITE - start))
    over = start + (1 - start) * np.log1p(k * np.maximum(light - start, 0)) / most
    return np.where(light < start, light, over)


def _gamma(chunk: bytes) -> float | None:
    """Exponent from code to light."""
    if len(chunk) != 4:
        return None
    value = struct.unpack(">I", chunk)[0] / 100_000
    return 1 / value if 0.1 <= value <= 5 else None


def _chromaticities(chunk: bytes) -> Primaries | None:
    if len(chunk) != 32:
        return None
    numbers = [value / 100_000 for value in struct.unpack(">8I", chunk)]
    points = [(numbers[i], numbers[i + 1]) for i in range(0, 8, 2)]
    white, *colors = points
    if any(not (0 < x < 1 and 0 < y < 1) for x, y in points):
        return None
    return (*colors, white)


def _para(gamma: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HHi", 0, 0, round(gamma * 65536))


_SRGB_CURVE = b"para\0\0\0\0" + struct.pack(
    ">HH5i", 3, 0, *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


def _profile(primaries: Primaries, curve: bytes) -> bytes | None:
    """A display profile with these primaries and tone curve; None where they make no sense."""
    try:
        columns = _to_d50(primaries).T
    except np.linalg.LinAlgError:
        return None
    colors = {name: _xyz(one) for name, one in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns)}
    return _packed(b"RGB ", {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve, **colors})


def _grey_profile(curve: bytes) -> bytes:
    return _packed(b"GRAY", {b"kTRC": curve})


def _packed(space: bytes, own: Mapping[bytes, bytes]) -> bytes:
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 7) + b"ExShot\0" + bytes(79),
        b"cprt": b"text\0\0\0\0CC0\0",
        b"wtpt": _xyz(_D50),
        **own,
    }
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", start + len(body), len(content))
        body += padded
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += struct.pack(">3i", *(round(v * 65536) for v in _D50))
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _to_d50(primaries: Primaries) -> NDArray[np.float64]:
    """``(3, 3)`` linear RGB to XYZ, adapted to D50 (Bradford)."""
    xyz = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in primaries])
    colors, white = xyz[:3].T, xyz[3]
    matrix = colors * np.linalg.solve(colors, white)
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ matrix


def _xyz(value: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(v) * 65536) for v in value))
