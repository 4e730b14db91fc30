"""Light: a smooth gain that puts the expression photo's pixels under the pose photo's light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.image.sampling import (
    Map,
    blur,
    channel_max,
    enlarge,
    lengths,
    ramp,
    shrink,
    spread,
    wide_blur,
)

WORK_SIZE: Final = 128
OFFSET: Final = 0.03  # keeps the ratio of near-black pixels tame
_LIMIT: Final = 1.1  # largest log gain, a factor of three
_KNEE: Final = 0.8
_ROUNDS: Final = 5
_ROBUST: Final = 0.12  # skin that differs by more is taken for a shadow edge or something in front
_RIDGE: Final = 1e-2
_LOCAL_SIGMA: Final = 0.16  # of the face width
_LOCAL_TRUST: Final = 0.15  # weight a neighbourhood needs before its own ratio is believed
_HARD_SIGMA: Final = 0.045
_HARD_ROBUST: Final = 0.35
_HARD_LIGHT: Final = (0.10, 0.30)  # log gain over the skin
_NEUTRAL_SHARE: Final = 0.4
_SAME_LIGHT: Final = (0.025, 0.07)  # log gain below which two lights count as one, and above as two
_CARRIED: Final = np.float32(0.02)  # share of neighbours that is enough to be continued
_LEAST_SKIN: Final = 60  # working pixels
_TOGETHER: Final = 2048  # rows of a product that one thread makes


@dataclass(frozen=True)
class LightMatch:
    """Result of `match_light`.

    Attributes:
        gain: ``(h, w, 3)`` float32, factor on sRGB-encoded values; see `apply_gain`.
        difference: root mean square of the log gain over the skin; 0 under one light.
    """

    gain: NDArray[np.float32]
    difference: float


def apply_gain(pixels: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply, with a shoulder instead of clipping.

    A product up to 0.8 is left alone; above, it bends so that a source value of 1 arrives at
    exactly 1. Highlights and teeth keep their drawing under a gain above one.
    """
    out = pixels * gain
    bend_highlights(out, gain)
    return out


def bend_highlights(lit: NDArray[np.float32], gain: NDArray[np.float32]) -> None:
    """The shoulder of `apply_gain`, in place, on what was multiplied already (contiguous)."""
    flat = lit.reshape(-1)
    bent = np.flatnonzero(flat > _KNEE)  # few, mostly: by their places they are soonest reached
    bent = bent[gain.reshape(-1)[bent] > 1] if bent.size else bent
    if bent.size:
        top, bright = gain.reshape(-1)[bent], flat[bent]
        room = (top - _KNEE) / (1 - _KNEE)  # exponent that joins the straight part with its slope
        left = 1 - np.clip((bright - _KNEE) / (top - _KNEE), 0, 1)
        flat[bent] = _KNEE + (1 - _KNEE) * (1 - np.power(left, room))


def match_light(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    skin: NDArray[np.float32],
    normals: NDArray[np.float32],
    face_width: float,
) -> LightMatch:
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
    weight = shrink(skin, WORK_SIZE)
    if float(weight.sum()) < _LEAST_SKIN:
        return LightMatch(np.ones((height, width, 3), np.float32), 0.0)
    ratio = np.log((mean_over(reference, skin) + OFFSET) / (mean_over(source, skin) + OFFSET))
    low_normals = shrink(normals, WORK_SIZE)
    light, trust = _fit_light(ratio, _irradiance_basis(low_normals), weight)
    scale = face_width * WORK_SIZE / width
    log_gain = light + _follow(ratio - light, trust, _LOCAL_SIGMA * scale)
    difference = float(np.sqrt((weight[..., None] * log_gain**2).sum() / (3 * weight.sum())))
    # Hard light has edges that no irradiance has: follow them closer, the harder it is.
    rest = ratio - log_gain
    believed = weight / (1 + (channel_max(np.abs(rest)) / _HARD_ROBUST) ** 2)
    log_gain += ramp(np.array(difference), *_HARD_LIGHT) * _follow(
        rest, believed.astype(np.float32, copy=False), _HARD_SIGMA * scale
    )
    log_gain = np.clip(log_gain, -_LIMIT, _LIMIT).astype(np.float32)
    log_gain *= ramp(np.array(difference), *_SAME_LIGHT)
    on_face = lengths(low_normals) > 0.5
    gain = np.exp(_carry_outward(log_gain, on_face)).astype(np.float32)
    return LightMatch(enlarge(gain, width, height), difference)


def with_neutral_whites(gain: Map, openings: Map) -> Map:
    """The gain with less hue of its own inside the mouth.

    The ratio was measured on skin, whose own colour differs between two days; teeth show a hue
    that it brings in at once.

    Args:
        gain: ``(h, w, 3)``.
        openings: ``(h, w)`` in [0, 1].
    """
    inside = openings > 0.01
    own = np.log(gain[inside])
    share = _NEUTRAL_SHARE * openings[inside][:, None]
    out = gain.copy()
    out[inside] = np.exp(own + share * (own.mean(axis=1, keepdims=True) - own))
    return out


def _follow(rest: Map, weight: Map, sigma: float) -> Map:
    """Weighted local mean of what is left of the ratio; 0 where there is little to go by."""
    share = spread(wide_blur(weight, sigma), 3) + _LOCAL_TRUST
    return (wide_blur(rest * spread(weight, 3), sigma) / share).astype(np.float32)


def mean_over(pixels: NDArray[np.float32], skin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shrink, averaging only the skin: a dark strand does not darken the cheek beside it."""
    total = blur(shrink(pixels * spread(skin, 3), WORK_SIZE), 1.5)
    share = blur(shrink(skin, WORK_SIZE), 1.5)
    return np.clip(total / spread(np.maximum(share, 1e-4), 3), 0, 1).astype(np.float32)


def _irradiance_basis(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Second-order spherical harmonics (unnormalised) of unit normals, ``(h, w, 9)``."""
    unit = normals / spread(np.maximum(lengths(normals), 1e-3), 3)
    x, y, z = np.moveaxis(unit, 2, 0)
    one = np.ones_like(x)
    return np.stack([one, x, y, z, x * y, x * z, y * z, x * x - y * y, 3 * z * z - 1], axis=2)


def _fit_light(
    ratio: NDArray[np.float32], basis: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Robust ridge fit of the log ratio; returns the fit and the final weights."""
    used = weight > 0
    base = weight[used].astype(np.float64)
    a, b = basis[used].astype(np.float64), ratio[used].astype(np.float64)
    ridge = _RIDGE * np.eye(a.shape[1]) * base.sum()
    ridge[0, 0] *= 1e-3  # the overall exposure is free
    robust, coefficients = base, np.zeros((a.shape[1], 3))
    for _ in range(_ROUNDS):
        left = a.T * robust
        coefficients = np.linalg.solve(_product(left, a) + ridge, _product(left, b))
        residual = np.abs(b - a @ coefficients)
        worst = np.maximum(np.maximum(residual[:, 0], residual[:, 1]), residual[:, 2])
        robust = base / (1 + (worst / _ROBUST) ** 2)
    trust = np.zeros_like(weight)
    trust[used] = robust
    return (basis @ coefficients.astype(np.float32)).astype(np.float32), trust


def _product(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """``left @ right`` over a long inner axis, in parts too small to be shared among threads.

    Those would have to be waited for: where something else keeps the cores busy, for long.
    """
    starts = range(0, len(right), _TOGETHER)
    parts = [left[:, i : i + _TOGETHER] @ right[i : i + _TOGETHER] for i in starts]
    return np.sum(parts, axis=0)


def _carry_outward(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Continue values smoothly beyond where they are known, fading to zero far away."""
    out, share = values * spread(known.astype(np.float32), 3), known.astype(np.float32)
    masked, missing = out.copy(), ~known
    for sigma in (2.0, 4.0, 8.0, 16.0):
        total, weight = wide_blur(masked, sigma), wide_blur(share, sigma)
        usable = missing & (weight > _CARRIED)
        mean = total / spread(np.maximum(weight, _CARRIED), 3)
        cv2.copyTo(mean, usable.view(np.uint8), out)
        missing &= ~usable
    return out
