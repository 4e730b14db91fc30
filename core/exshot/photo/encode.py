"""Writing an edit: the flattened picture, or the patch alone as a layer."""

from __future__ import annotations

from os import PathLike

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.photo.picture import Photo, Pixels
from exshot.result import Edit


def flatten(photo: Photo, edit: Edit) -> Pixels:
    """The photo with the patch blended in.

    Returns ``(H, W, 3)`` sRGB-encoded pixels of the photo's dtype:
    ``(photo * (255 - mask) + layer * mask) / 255``, rounded to nearest; where the mask is 0 they
    equal the photo's bit for bit.
    """
    out = photo.pixels.copy()
    rows, columns = edit.box.slices
    out[rows, columns] = blend(out[rows, columns], edit.layer, edit.mask)
    return out


def blend(under: Pixels, over: Pixels, mask: NDArray[np.uint8]) -> Pixels:
    """``under`` with ``over`` on top: mask 255 is all ``over``, 0 is ``under``, bit for bit."""
    weight = mask.astype(np.uint32) if under.ndim == 2 else mask.astype(np.uint32)[..., None]
    mixed = (under * (255 - weight) + over * weight + 127) // 255
    return mixed.astype(under.dtype)


def save_edit(
    photo: Photo,
    edit: Edit,
    path: str | PathLike[str],
    *,
    overwrite: bool = False,
    quality: int | None = None,
) -> None:
    raise NotImplementedError


def save_layer(
    photo: Photo, edit: Edit, path: str | PathLike[str], *, overwrite: bool = False
) -> None:
    raise NotImplementedError
