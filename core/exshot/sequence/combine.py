"""Several patches on one photo as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exshot.image.geometry import Box
from exshot.photo import Photo
from exshot.result import Edit


def combine(photo: Photo, edits: Sequence[Edit]) -> Edit:
    """One patch that gives what the patches give one after the other, the first at the bottom.

    Where masks overlap, the layer is the mix that the upper mask makes; the report is the first
    edit's.

    Args:
        photo: the photo that all patches are for.
        edits: at least one.
    """
    drawn = [edit for edit in edits if edit.mask.any()] or edits[:1]
    box = Box(
        min(edit.box.x0 for edit in drawn),
        min(edit.box.y0 for edit in drawn),
        max(edit.box.x1 for edit in drawn),
        max(edit.box.y1 for edit in drawn),
    )
    layer = photo.pixels[box.slices].copy()
    mask = np.zeros((box.height, box.width), np.uint8)
    for edit in drawn:
        rows, columns = edit.box.slices
        place = (
            slice(rows.start - box.y0, rows.stop - box.y0),
            slice(columns.start - box.x0, columns.stop - box.x0),
        )
        under, upper = mask[place].astype(np.float32) / 255, edit.mask.astype(np.float32) / 255
        both = upper + under * (1 - upper)
        share = np.divide(upper, both, out=np.zeros_like(upper), where=both > 0)[..., None]
        below = layer[place].astype(np.float32)
        mixed = np.rint(below + share * (edit.layer.astype(np.float32) - below))
        layer[place] = np.where(upper[..., None] > 0, mixed, below).astype(layer.dtype)
        mask[place] = np.rint(both * 255).astype(np.uint8)
    return Edit(layer, mask, box, edits[0].report)
