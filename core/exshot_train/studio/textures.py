"""Albedo textures of the parts, recoloured for one person; both renderers use these."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot_train.studio.head import Part, Stubble
from exshot_train.studio.lights import to_linear, to_srgb

# Tables, as the textures have millions of pixels.
_LINEAR = to_linear(np.arange(256) / 255)
_SRGB = np.round(to_srgb(np.arange(1 << 16) / ((1 << 16) - 1)) * 255).astype(np.uint8)

_HAIRS_SEED = 5

# Albedo factors that bring the painted textures to what a camera would see.
_WHITENESS = {"teeth": (1.6, 1.5, 1.32), "eye": 0.80, "tongue": 0.55}


def albedo_texture(part: Part) -> NDArray[np.uint8]:
    """The part's texture with its tint, ``(h, w, 4)`` sRGB-encoded RGB and straight alpha.

    Hair, brows and lashes keep only the texture's light and dark and take the tint as colour.
    """
    if part.texture is None:
        return _flat(part)
    picture: Any = cv2.imread(str(part.texture), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ExshotError(
            ErrorCode.UNREADABLE_IMAGE,
            f"The studio's texture {part.texture.name} cannot be read.",
            "Fetch it anew.",
        )
    alpha = picture[..., 3] if picture.shape[2] == 4 else np.full(picture.shape[:2], 255, np.uint8)
    linear = _LINEAR[picture[..., 2::-1]]
    if part.kind == "hair":
        linear = _strands(linear, alpha) * np.array(part.tint, np.float32)
        alpha = _strand_alpha(alpha)
    elif part.kind in ("brow", "lash"):
        tint = part.tint if part.kind == "brow" else (0.012, 0.009, 0.008)
        linear = np.broadcast_to(np.array(tint, np.float32), linear.shape)
    else:
        linear = linear * np.array(part.tint, np.float32)
        linear = linear * np.array(_WHITENESS.get(part.kind, 1.0), np.float32)
    if part.stubble:
        linear = _with_stubble(linear, part.stubble)
    return np.dstack([_encoded(linear), alpha])


def _with_stubble(linear: NDArray[np.float32], stubble: Stubble) -> NDArray[np.float32]:
    """Single hairs where the texture is fine enough for them, over the shade of those below."""
    height, width = linear.shape[:2]
    where = cv2.resize(stubble.where, (width, height), interpolation=cv2.INTER_LINEAR)
    noise = np.random.default_rng(_HAIRS_SEED).random((height, width), np.float32)
    hairs = cv2.GaussianBlur(noise, (0, 0), 0.8, sigmaY=1.3)  # they lie downward
    hairs = np.clip((hairs - hairs.mean()) / hairs.std() - 0.4, 0, 1.6) / 1.6
    patchy = cv2.resize(noise[::96, ::96], (width, height), interpolation=cv2.INTER_CUBIC)
    share = stubble.density * where * (0.75 + 0.5 * patchy) * (0.35 + 0.65 * hairs)
    share = np.clip(share, 0, 0.9)[..., None]
    color = 0.6 * np.array(stubble.color, np.float32) + 0.006
    return linear + share * (color - linear)


def _encoded(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    return _SRGB[(np.clip(linear, 0, 1) * (len(_SRGB) - 1)).astype(np.int32)]


def _flat(part: Part) -> NDArray[np.uint8]:
    color = _encoded(np.array(part.tint))
    return np.broadcast_to(np.append(color, np.uint8(255)), (4, 4, 4)).copy()


def _strands(linear: NDArray[np.float32], alpha: NDArray[np.uint8]) -> Any:
    """Light and dark of the strands without their colour, ``(h, w, 1)``, bright parts about 1."""
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    opaque = luminance[(alpha > 128) & (luminance > 1e-4)]
    bright = np.percentile(opaque, 85) if opaque.size else 1.0
    relative = np.clip(luminance / bright, 0.02, 2.2)
    return (relative**0.75)[..., None]


def _strand_alpha(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Denser alpha: the outer strands are painted so thin that the room shines through them."""
    t = np.clip((np.arange(256) / 255 - 0.08) / 0.42, 0, 1)
    return np.round(t * t * (3 - 2 * t) * 255).astype(np.uint8)[alpha]
