"""Light maps: loading, even exposure, turning, what is seen behind the sitter, tone curve.

Direction to picture, the same as Blender's after its change of axes: column share
``0.5 + atan2(z, x) / 2π``, row share ``0.5 - asin(y) / π`` in the studio frame.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot_train.studio.people import Split

Pixels = NDArray[np.float32]

# Eight maps light nobody but the test people, four nobody but the validation people.
TEST_LIGHTS = (
    "apartment", "brown_photostudio_06", "city", "forest", "hall", "lab",
    "leadenhall_market", "studio_small_05",
)  # fmt: skip
VAL_LIGHTS = ("brown_photostudio_07", "chinese_garden", "lobby", "venice")
FRONT_IRRADIANCE = 2.0  # of every map after normalising; white paper facing the lens is 0.64


def lights_of(split: Split, names: list[str]) -> list[str]:
    """The light maps of a split, sorted."""
    if split == "test":
        return sorted(TEST_LIGHTS)
    if split == "val":
        return sorted(VAL_LIGHTS)
    return sorted(set(names) - set(TEST_LIGHTS) - set(VAL_LIGHTS))


def read_light(path: Path, turn: float = 0.0) -> Pixels:
    """A light map with normalised exposure.

    Args:
        path: Radiance HDR file.
        turn: degrees to turn the room around the sitter, to the nearest column.

    Returns:
        ``(256, 512, 3)`` linear RGB radiance; its mean irradiance on surfaces facing forward,
        a quarter left, right and up is ``FRONT_IRRADIANCE``.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ExshotError(
            ErrorCode.UNREADABLE_IMAGE,
            f"The light map {path.name} cannot be read.",
            "Fetch it anew.",
        )
    rgb = cv2.resize(picture[..., ::-1], (512, 256), interpolation=cv2.INTER_AREA)
    return normalised(np.roll(rgb, round(turn / 360 * 512), axis=1).astype(np.float32))


def normalised(rgb: Pixels) -> Pixels:
    """Linear radiance ``(h, w, 3)`` scaled to the exposure that `read_light` promises."""
    facing = np.array([[0, 0, 1], [-0.7, 0, 0.7], [0.7, 0, 0.7], [0, 0.7, 0.7]])
    luminance = irradiance(rgb, facing) @ np.array([0.2126, 0.7152, 0.0722])
    return rgb * np.float32(FRONT_IRRADIANCE / max(luminance.mean(), 1e-6))


def directions(height: int, width: int) -> NDArray[np.float64]:
    """Unit direction of every pixel of a light map, ``(height, width, 3)``."""
    longitude = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    lon, lat = np.meshgrid(longitude, latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.sin(lat), np.cos(lat) * np.sin(lon)], -1)


def solid_angles(height: int, width: int) -> NDArray[np.float64]:
    """Solid angle of every pixel of a light map, ``(height, 1)`` steradians."""
    edges = np.sin((0.5 - np.arange(height + 1) / height) * np.pi)
    return (edges[:-1] - edges[1:])[:, None] * 2 * np.pi / width


def harmonics(rays: NDArray[np.float64]) -> NDArray[np.float64]:
    """Real spherical harmonics to the second order of unit directions ``(…, 3)``: ``(…, 9)``."""
    x, y, z = rays[..., 0], rays[..., 1], rays[..., 2]
    return np.stack(
        [
            np.full_like(x, 0.282095),
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ],
        axis=-1,
    )


def irradiance(light: Pixels, normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Irradiance ``(n, 3)`` on unit (or shorter, then unit is made) normals ``(n, 3)``."""
    small = cv2.resize(light, (64, 32), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    cosine = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    cosine = np.maximum(cosine @ directions(32, 64).reshape(-1, 3).T, 0)
    return (cosine * np.repeat(solid_angles(32, 64), 64)) @ small


def look_up(light: Pixels, rays: NDArray[np.floating]) -> Pixels:
    """Radiance along unit directions ``(h, w, 3)``, bilinear: ``(h, w, 3)``."""
    height, width = light.shape[:2]
    x = (0.5 + np.arctan2(rays[..., 2], rays[..., 0]) / (2 * np.pi)) * width - 0.5
    y = (0.5 - np.arcsin(np.clip(rays[..., 1], -1, 1)) / np.pi) * height - 0.5
    seen = cv2.remap(
        light,
        x.astype(np.float32),
        np.clip(y, 0, height - 1).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return np.asarray(seen, np.float32)


def blurred(light: Pixels, degrees: float) -> Pixels:
    """A light map seen through a blur of this standard deviation; its columns wrap around."""
    if degrees <= 0:
        return light
    height, width = light.shape[:2]
    scale = min(1.0, max(8 / height, 2.5 / (degrees / 180 * height)))
    size = (max(16, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    sigma = degrees / 180 * size[1]
    pad = min(size[0], int(4 * sigma) + 1)
    tall = cv2.copyMakeBorder(small, pad, pad, 0, 0, cv2.BORDER_REPLICATE)
    wide = np.concatenate([tall[:, -pad:], tall, tall[:, :pad]], 1)
    soft = cv2.GaussianBlur(wide, (0, 0), sigma)[pad:-pad, pad:-pad]
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def tone_map(linear: NDArray[np.floating], exposure: float = 1.0) -> Pixels:
    """Linear light to sRGB-encoded [0, 1] with a soft shoulder, as a camera's standard curve."""
    x = np.maximum(linear * exposure, 0).astype(np.float32)
    knee = 0.55
    over = np.maximum(x - knee, 0)
    x = np.where(x > knee, knee + (1 - knee) * (1 - np.exp(-over / (1 - knee))), x)
    return to_srgb(x)


def to_srgb(linear: NDArray[np.floating]) -> Pixels:
    """Linear [0, 1] to sRGB-encoded [0, 1]."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def to_linear(encoded: NDArray[np.floating]) -> Pixels:
    """sRGB-encoded [0, 1] to linear [0, 1]."""
    x = np.clip(encoded, 0, 1)
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)
