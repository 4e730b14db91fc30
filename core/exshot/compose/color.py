"""Colour matching: a smooth gain that carries the pose photo's light onto the expression's pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_WORK_SIZE: Final = 128
_FLOOR: Final = 0.03  # odds are taken between this and one minus this
_LIMIT: Final = 2.2  # largest log gain of the odds
_ROUNDS: Final = 5
_ROBUST: Final = 0.35  # skin that differs by more is taken for a shadow edge or something in front
_RIDGE: Final = 1e-2
_LOCAL_SIGMA: Final = 0.16  # of the face width
_LOCAL_TRUST: Final = 0.15  # weight a neighbourhood needs before its own ratio is believed
_SAME_LIGHT: Final = (0.06, 0.22)  # log gain below which two lights count as one, and above as two
_LEAST_SKIN: Final = 60  # working pixels


@dataclass(frozen=True)
class ColorMatch:
    """Result of `match_color`.

    Attributes:
        gain: ``(h, w, 3)`` float32, factor on the odds ``v / (1 - v)`` of sRGB-encoded values:
            see `apply_gain`.
        difference: root mean square of the log gain over the skin; 0 under one light.
    """

    gain: NDArray[np.float32]
    difference: float


def apply_gain(pixels: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply the odds of every value: ``g v / (1 + (g - 1) v)``.

    Black stays black and white stays white, so a highlight or a tooth keeps its drawing under any
    gain; for dark and middle values it is an ordinary gain.
    """
    scaled = pixels * gain
    return scaled / (1 - pixels + scaled)


def match_color(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    skin: NDArray[np.float32],
    normals: NDArray[np.float32],
    face_width: float,
) -> ColorMatch:
    """Find the gain that puts ``source`` under the light of ``reference``.

    The ratio of the two photos over the skin is explained first by irradiance: second-order
    spherical harmonics of the normals (Ramamoorthi and Hanrahan 2001), fitted robustly, which
    cannot follow a smile line or a strand of hair. What remains is followed locally, at a scale
    larger than any feature, where there is enough skin that agrees. Under one light the gain fades
    to one, so that an expression's own shading stays.

    Args:
        reference: ``(h, w, 3)`` float32 in [0, 1], the pose photo on the target mesh.
        source: ``(h, w, 3)`` float32 in [0, 1], the expression photo on the target mesh.
        skin: ``(h, w)`` float32 in [0, 1], where both show skin.
        normals: ``(h, w, 3)`` of the target mesh; zero where there is no face.
        face_width: in pixels of the maps.
    """
    height, width = skin.shape
    small = (_WORK_SIZE, _WORK_SIZE)
    weight = cv2.resize(skin, small, interpolation=cv2.INTER_AREA)
    if float(weight.sum()) < _LEAST_SKIN:
        return ColorMatch(np.ones((height, width, 3), np.float32), 0.0)
    ratio = _log_odds(_mean_over(reference, skin)) - _log_odds(_mean_over(source, skin))
    low_normals = cv2.resize(normals, small, interpolation=cv2.INTER_AREA)
    light, trust = _fit_light(ratio, _irradiance_basis(low_normals), weight)
    sigma = _LOCAL_SIGMA * face_width * _WORK_SIZE / width
    share = _blur(trust, sigma)[..., None]
    local = _blur((ratio - light) * trust[..., None], sigma) / (share + _LOCAL_TRUST)
    log_gain = np.clip(light + local, -_LIMIT, _LIMIT).astype(np.float32)

    mean_square = (weight[..., None] * log_gain**2).sum() / (3 * weight.sum())
    difference = float(np.sqrt(mean_square))
    low, high = _SAME_LIGHT
    log_gain *= _smoothstep((difference - low) / (high - low))
    on_face = np.linalg.norm(low_normals, axis=2) > 0.5
    gain = np.exp(_carry_outward(log_gain, on_face))
    gain = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return ColorMatch(gain, difference)


def _mean_over(pixels: NDArray[np.float32], skin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shrink, averaging the skin only, so that a dark strand does not darken the cheek beside it."""
    small = (_WORK_SIZE, _WORK_SIZE)
    total = cv2.resize(pixels * skin[..., None], small, interpolation=cv2.INTER_AREA)
    share = cv2.resize(skin, small, interpolation=cv2.INTER_AREA)
    return _blur(total, 1.5) / np.maximum(_blur(share, 1.5), 1e-4)[..., None]


def _log_odds(values: NDArray[np.float32]) -> NDArray[np.float32]:
    clipped = np.clip(values, _FLOOR, 1 - _FLOOR)
    return np.log(clipped / (1 - clipped))


def _irradiance_basis(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Second-order spherical harmonics (unnormalised) of unit normals, ``(h, w, 9)``."""
    length = np.linalg.norm(normals, axis=2, keepdims=True)
    x, y, z = np.moveaxis(normals / np.maximum(length, 1e-3), 2, 0)
    one = np.ones_like(x)
    return np.stack([one, x, y, z, x * y, x * z, y * z, x * x - y * y, 3 * z * z - 1], axis=2)


def _fit_light(
    ratio: NDArray[np.float32], basis: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Robust ridge fit of the log ratio; returns the fit and the final weights."""
    a = basis.reshape(-1, basis.shape[2]).astype(np.float64)
    b = ratio.reshape(-1, 3).astype(np.float64)
    base = weight.reshape(-1).astype(np.float64)
    ridge = _RIDGE * np.eye(a.shape[1]) * base.sum()
    ridge[0, 0] *= 1e-3  # the overall exposure is free
    robust, fit = base, np.zeros_like(b)
    for _ in range(_ROUNDS):
        left = a.T * robust
        fit = a @ np.linalg.solve(left @ a + ridge, left @ b)
        residual = np.abs(b - fit).max(axis=1)
        robust = base / (1 + (residual / _ROBUST) ** 2)
    return (
        fit.reshape(ratio.shape).astype(np.float32),
        robust.reshape(weight.shape).astype(np.float32),
    )


def _carry_outward(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Continue values smoothly beyond where they are known, fading to zero far away."""
    out = np.where(known[..., None], values, np.float32(0))
    masked, share = out.copy(), known.astype(np.float32)
    missing = ~known
    for sigma in (2.0, 4.0, 8.0, 16.0, 32.0):
        total, weight = _blur(masked, sigma), _blur(share, sigma)
        usable = missing & (weight > 0.02)
        out[usable] = total[usable] / weight[usable][:, None]
        missing &= ~usable
    return out


def _blur(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def _smoothstep(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)
