"""Other light on a photo: ratio images from normals and pairs of light maps (paper section 3.4).

A face under light *a* shows albedo times ``irradiance_a(normal)``. Multiplied by
``irradiance_b / irradiance_a`` of any pair of light maps, it looks as if the light had changed,
whatever it was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.exprnet.inputs import own_geometry
from exshot_train.studio.lights import (
    directions,
    harmonics,
    read_light,
    solid_angles,
    to_linear,
    to_srgb,
)

_WORK_SIZE: Final = 48
_RATIO_RANGE: Final = (0.3, 3.0)
_SPREAD: Final = 0.06  # of the photo's side, how far normals of the face are carried outward
_COSINE: Final = np.array([np.pi, *[2 * np.pi / 3] * 3, *[np.pi / 4] * 5])
_STUDIO_AXES: Final = np.array([1.0, -1.0, -1.0])  # pictures have y down and z away


def relight(
    photo: NDArray[np.uint8],
    mesh: NDArray[np.floating],
    lights: Sequence[Path],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The photo as if one of ``lights`` had been replaced by another.

    The lights are Radiance maps, randomly turned; strength, white balance and exposure of the
    change are random too.
    """
    normals = _spread_normals(photo.shape[:2], mesh)
    before, after = (_irradiance(lights, normals, rng) for _ in range(2))
    ratio = np.power(after / np.maximum(before, 1e-3), rng.uniform(0.4, 1.0))
    ratio /= np.exp(np.log(ratio).mean())
    balance = np.exp(rng.normal(0, 0.05, 3))
    ratio = np.clip(ratio * balance * np.exp(rng.normal(0, 0.18)), *_RATIO_RANGE)
    size = (photo.shape[1], photo.shape[0])
    full = cv2.resize(ratio.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return developed(to_linear(photo.astype(np.float32) / 255) * full)


def developed(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Linear light as an sRGB picture, with a soft shoulder as cameras have.

    Clipped cheeks would tell the network nothing.
    """
    over = np.maximum(linear - 0.8, 0)
    bent = np.where(linear > 0.8, 0.8 + 0.2 * (1 - np.exp(-over / 0.2)), linear)
    return np.round(to_srgb(bent) * 255).astype(np.uint8)


def _irradiance(
    lights: Sequence[Path], normals: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Of a random light, randomly turned; second-order harmonics (Ramamoorthi, Hanrahan 2001)."""
    path = lights[int(rng.integers(len(lights)))]
    room = np.roll(_small_light(path), int(rng.integers(64)), axis=1)
    height, width = room.shape[:2]
    basis = harmonics(directions(height, width)) * solid_angles(height, width)[..., None]
    coefficients = np.einsum("hwk,hwc->kc", basis, room) * _COSINE[:, None]
    flood = np.maximum(harmonics(normals) @ coefficients, 0)
    return flood + 0.05 * flood.mean(axis=(0, 1))


@lru_cache(maxsize=64)
def _small_light(path: Path) -> NDArray[np.float32]:
    return cv2.resize(read_light(path), (64, 32), interpolation=cv2.INTER_AREA).astype(np.float32)


def _spread_normals(shape: tuple[int, int], mesh: NDArray[np.floating]) -> NDArray[np.float64]:
    """Normals of the whole head, roughly, ``(48, 48, 3)``: the face's, smoothed and carried on."""
    height, width = shape
    scale = np.array([_WORK_SIZE / width, _WORK_SIZE / height, _WORK_SIZE / width])
    normals, face = own_geometry(mesh * scale, _WORK_SIZE)
    total, share = np.zeros_like(normals), np.zeros_like(face)
    for factor in (1.0, 2.5, 6.0):
        sigma = _SPREAD * _WORK_SIZE * factor
        weight = 0.1 ** (factor - 1)
        total += weight * cv2.GaussianBlur(normals, (0, 0), sigma)
        share += weight * cv2.GaussianBlur(face, (0, 0), sigma)
    spread = total / np.maximum(share, 1e-6)[..., None]
    spread += np.array([0, 0, -1e-3])
    spread = spread / np.linalg.norm(spread, axis=2, keepdims=True)
    return (spread * _STUDIO_AXES).astype(np.float64)
