"""16 bits a channel through Pillow, which keeps 8 of them for colour pictures.

Its decoders unpack 16-bit samples by dropping the low byte, whichever of the two the name of the
raw layout says is the low one. Decoding once as stored and once with the byte order swapped gives
both bytes. That costs a second decode, and keeps one decoder, one set of checks and one set of
error messages for every picture.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import numpy as np
from PIL import Image

from exshot.image.pixels import Pixels
from exshot.photo.opening import open_image

# By raw layout without its byte order: Pillow's mode, and the layout to unpack it as.
_LAYOUTS = {
    "RGB;16": ("RGB", "RGB;16"),
    "RGBX;16": ("RGB", "RGBX;16"),
    "RGBA;16": ("RGBA", "RGBA;16"),
    "RGBa;16": ("RGBA", "RGBA;16"),  # as stored: `deep_pixels` divides by alpha at full depth
}
_SWAPPED = {"L": "B", "B": "L"}


def deep_pixels(image: Image.Image, file: BinaryIO) -> Pixels | None:
    """Pixels of a freshly opened, not yet loaded 16-bit picture; None when it is of another kind.

    Returns ``(H, W)`` grey, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGB and straight alpha, uint16.
    A grey picture with alpha comes as four channels. ``file`` is what ``image`` was opened from.
    """
    layout = _raw_layout(image)
    if image.mode.startswith("I;16"):
        return _grey(image, layout)
    if layout == "LA;16B":  # four bytes a pixel: unpacked as if they were R, G, B and A
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]  # type: ignore[attr-defined]
        return _grey_alpha(np.asarray(image))
    base, order = layout[:-1], layout[-1:]
    if base not in _LAYOUTS:
        return None
    order = {"N": "L" if sys.byteorder == "little" else "B"}.get(order, order)
    if order not in _SWAPPED:
        return None
    high = _decoded(image, _LAYOUTS[base], order)
    with open_image(file) as again:
        low = _decoded(again, _LAYOUTS[base], _SWAPPED[order])
    pixels = high.astype(np.uint16)
    pixels <<= 8
    pixels |= low
    return _straight(pixels) if base == "RGBa;16" else pixels


def _raw_layout(image: Image.Image) -> str:
    tiles = getattr(image, "tile", None)
    if not tiles:
        return ""
    args = tiles[0][3]
    layout = args[0] if isinstance(args, tuple) and args else args
    return layout if isinstance(layout, str) else ""


def _decoded(image: Image.Image, layout: tuple[str, str], order: str) -> Pixels:
    mode, raw = layout[0], layout[1] + order
    if image.mode != mode:
        raise ValueError(f"unexpected mode {image.mode}")
    tiles = []
    for tile in image.tile:  # type: ignore[attr-defined]
        args = (raw, *tile.args[1:]) if isinstance(tile.args, tuple) else raw
        tiles.append(tile._replace(args=args))
    image.tile = tiles  # type: ignore[attr-defined]
    return np.asarray(image)


def _grey(image: Image.Image, layout: str) -> Pixels:
    tags = getattr(image, "tag_v2", {})
    grey: Pixels = np.asarray(image).astype(np.uint16)
    if layout == "I;12":
        grey = (grey << np.uint16(4)) | (grey >> np.uint16(8))
    if tags.get(262) == 0:  # PhotometricInterpretation: white is zero
        grey = np.uint16(65535) - grey
    return grey


def _grey_alpha(stored: Pixels) -> Pixels:
    samples = np.ascontiguousarray(stored).view(">u2").astype(np.uint16)
    return samples[..., (0, 0, 0, 1)]


def _straight(pixels: Pixels) -> Pixels:
    """Undo the multiplication of colour by alpha."""
    alpha = pixels[..., 3:].astype(np.float32)
    color = pixels[..., :3] * (65535 / np.maximum(alpha, 1))
    return np.concatenate(
        [np.clip(np.rint(color), 0, 65535).astype(np.uint16), pixels[..., 3:]], -1
    )
