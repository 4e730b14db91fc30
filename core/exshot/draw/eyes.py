"""Eyes under the pose photo's light: colour of white and iris, catchlights, round irises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.retarget import EYES, opening
from exshot.draw.light import OFFSET
from exshot.draw.openings import Mesh, fill
from exshot.image.sampling import Map, blur, channel_mean, ramp

_OPEN: Final = 0.10  # area over width squared: below, an eye shows too little of its white
_IRIS: Final = 0.9  # of the iris's radius: within is iris
_WHITE: Final = 1.15  # of the iris's radius: beyond is white
_RIGID: Final = (1.0, 1.9)  # of the iris's radius: from moving as one to moving with the lids
_CATCHLIGHT: Final = (0.55, 0.80)  # brightness: reflections keep theirs
_BRIGHTER: Final = 0.5  # quantile of the white's brightness from which on it is looked at
_LEAST_PIXELS: Final = 6
_LIMIT: Final = 0.5  # log gain
_HUE_LIMIT: Final = 0.12
_SOFTNESS: Final = 0.12  # of the iris's radius


@dataclass(frozen=True)
class EyeColor:
    """Colours of one eye, ``(3,)`` each in [0, 1]; None where too little of it is seen."""

    white: NDArray[np.float32] | None
    iris: NDArray[np.float32] | None


def eye_colors(pixels: Map, mesh: Mesh) -> tuple[EyeColor, EyeColor]:
    """Colours of both eyes; an eye that is shut has those of the other.

    Args:
        pixels: ``(h, h, 3)`` in [0, 1].
        mesh: ``(478, 3)``, pixels of it.
    """
    left, right = (_color(pixels, mesh, ring, iris) for ring, iris in EYES)
    return _filled(left, right), _filled(right, left)


def match_eyes(own: tuple[EyeColor, EyeColor], drawn: Map, target: Mesh) -> NDArray[np.float32]:
    """Log gain ``(h, w, 3)`` that gives the drawn eyes the colours of the pose photo's.

    Each eye for itself, white and iris apart; brightness within half a unit of log gain, hue within
    a quarter of that. Reflections keep their brightness: an eye without them is dull.

    Args:
        own: of the pose photo, by `eye_colors`.
        drawn: ``(h, w, 3)`` in [0, 1], the expression photo on the target mesh, matched to the
            pose photo's light.
        target: ``(478, 3)`` mesh of the result, pixels of ``drawn``.
    """
    size = len(drawn)
    log_gain = np.zeros_like(drawn)
    for wanted, (ring, iris) in zip(own, EYES, strict=True):
        found = _color(drawn, target, ring, iris)
        dark = _ratio(wanted.iris, found.iris)
        white = _ratio(wanted.white, found.white)
        dark, white = (white if dark is None else dark), (dark if white is None else white)
        if dark is None or white is None:
            continue
        radius = _radius(target, iris)
        disk = _disk(target, iris, size, _IRIS * radius, _SOFTNESS * radius)[..., None]
        inside = blur(fill(target, ring, size), max(_SOFTNESS * radius, 0.5))[..., None]
        log_gain += inside * (white + disk * (dark - white))
    log_gain *= 1 - ramp(channel_mean(drawn), *_CATCHLIGHT)[..., None] * (log_gain < 0)
    return log_gain


def with_round_irises(flow_pose: Map, pose: Mesh, target: Mesh) -> Map:
    """The pose photo's flow with irises that move along the eye as one, instead of being stretched.

    The mesh moves the middle of an iris and pins the lids; between them an iris that looks aside
    would become an oval. Up and down it goes on to follow the lids.

    Args:
        flow_pose: ``(h, w, 2)`` of `exshot.align.flow.WarpMaps`.
        pose, target: ``(478, 3)`` meshes, pixels of the maps.
    """
    size = len(flow_pose)
    out = flow_pose.copy()
    for ring, iris in EYES:
        radius, own = _radius(target, iris), _radius(pose, iris)
        x, y, w, h = cv2.boundingRect(np.round(target[list(ring), :2]).astype(np.int32))
        part = np.s_[max(y, 0) : max(min(y + h, size), 0), max(x, 0) : max(min(x + w, size), 0)]
        if out[part].size == 0 or radius < 1 or own < 1:
            continue
        axis, own_axis = _axis(target, ring), _axis(pose, ring)
        rows, columns = np.mgrid[part[0], part[1]]
        offset = np.stack([columns, rows], axis=2) - target[iris[0], :2]
        along = (offset @ axis) * (own / radius)
        now = (out[part] - pose[iris[0], :2]) @ own_axis
        distance = np.linalg.norm(offset, axis=2) / radius
        share = (1 - ramp(distance, *_RIGID)) * fill(target, ring, size)[part]
        out[part] += (share * (along - now))[..., None] * own_axis.astype(np.float32)
    return out


def _color(pixels: Map, mesh: Mesh, ring: tuple[int, ...], iris: tuple[int, ...]) -> EyeColor:
    if opening(mesh, ring) < _OPEN:
        return EyeColor(None, None)
    size = len(pixels)
    radius = _radius(mesh, iris)
    inside = cv2.erode(fill(mesh, ring, size), np.ones((3, 3))) > 0.9
    white = inside & (_disk(mesh, iris, size, _WHITE * radius, 0.0) < 0.5)
    dark = inside & (_disk(mesh, iris, size, _IRIS * radius, 0.0) > 0.5)
    return EyeColor(
        _mean(pixels[white], brighter=True),
        _mean(pixels[dark], brighter=False),
    )


def _mean(pixels: NDArray[np.float32], *, brighter: bool) -> NDArray[np.float32] | None:
    """Mean of the brighter half; or of the darker one, which leaves out reflections."""
    if len(pixels) < _LEAST_PIXELS:
        return None
    brightness = channel_mean(pixels)
    middle = np.quantile(brightness, _BRIGHTER)
    chosen = brightness >= middle if brighter else brightness <= middle
    return pixels[chosen].mean(axis=0)


def _filled(eye: EyeColor, other: EyeColor) -> EyeColor:
    return EyeColor(
        other.white if eye.white is None else eye.white,
        other.iris if eye.iris is None else eye.iris,
    )


def _ratio(
    wanted: NDArray[np.float32] | None, found: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    if wanted is None or found is None:
        return None
    ratio = np.log((wanted + OFFSET) / (found + OFFSET))
    brightness = float(ratio.mean())
    hue = np.clip(ratio - brightness, -_HUE_LIMIT, _HUE_LIMIT)
    return (np.clip(brightness, -_LIMIT, _LIMIT) + hue).astype(np.float32)


def _radius(mesh: Mesh, iris: tuple[int, ...]) -> float:
    rim = mesh[list(iris[1:]), :2] - mesh[iris[0], :2]
    return float(np.linalg.norm(rim, axis=1).mean())


def _axis(mesh: Mesh, ring: tuple[int, ...]) -> NDArray[np.floating]:
    along = mesh[ring[len(ring) // 2], :2] - mesh[ring[0], :2]
    return along / max(float(np.linalg.norm(along)), 1e-6)


def _disk(mesh: Mesh, iris: tuple[int, ...], size: int, radius: float, softness: float) -> Map:
    centre = mesh[iris[0], :2]
    line = np.arange(size, dtype=np.float32)
    distance = np.hypot(line[None, :] - centre[0], line[:, None] - centre[1])
    if softness <= 0:
        return (distance < radius).astype(np.float32)
    return 1 - ramp(distance, radius - softness, radius + softness)
