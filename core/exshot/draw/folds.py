"""The folds of an expression, drawn as shading onto the pose photo's own skin.

A smile folds the cheek, a frown the brow: the light there changes, the pores and freckles do not.
So where the skin has to stay the pose photo's, the other photo gives it the ratio of the two
photos' brightness in the scale of folds (the expression ratio image of Liu, Shan and Zhang,
"Expressive expression mapping with ratio images", 2001, with both photos showing an expression).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.draw.light import OFFSET
from exshot.face.topology import LEFT_BROW, LEFT_EYE, NOSE, RIGHT_BROW, RIGHT_EYE
from exshot.image.rasterise import fill_hull
from exshot.image.sampling import Map, blur, channel_mean, ramp

_FINE: Final = 0.008  # of the face width: pores and grain lie below
_COARSE: Final = 0.05  # of the face width: the light lies above
_STRAINED: Final = (0.04, 0.13)  # strain from which on skin folds or flattens
_BARE: Final = (0.05, 0.4)  # of `exshot.align.fields.skin_weights`: no brows, lashes, lips
_NOT_SHADE: Final = (0.5, 0.9)  # log ratio from which on it is hair or a rim that differs
_DARKEST: Final = -0.35
_BRIGHTEST: Final = 0.10  # a fold can be deep; light that a fold gives back is little
FOLD_COLOR: Final = (0.91, 1.01, 1.11)
"""Log factor of red, green and blue in a fold over that of its brightness: light that skin gives
back to skin is redder. Medians over the faces of the training portraits."""
_NOSE_SOFTNESS: Final = 0.02  # of the face width
_INNER_CORNERS: Final = (133, 362)  # of the eyes
_UPPER_LIP: Final = (39, 37, 0, 267, 269)
_ORBIT_SOFTNESS: Final = 0.03


def fold_shading(
    reference: Map, source: Map, strained: Map, skin: Map, visibility: Map, face_width: float
) -> Map:
    """Log factor ``(h, w)`` for the pose photo's pixels; 0 where no fold comes or goes.

    Args:
        reference: ``(h, w, 3)`` in [0, 1], the pose photo on the target mesh.
        source: ``(h, w, 3)`` in [0, 1], the expression photo on it, under the same light.
        strained: ``(h, w)``, of `exshot.draw.strain.strain`.
        skin: ``(h, w)`` in [0, 1], see `exshot.align.fields.skin_weights`.
        visibility: ``(h, w)`` in [0, 1], how well the expression photo shows the place.
        face_width: of the target mesh, pixels of the maps.
    """
    fine, coarse = _FINE * face_width, _COARSE * face_width
    ratio = _log_brightness(source, fine) - _log_brightness(reference, fine)
    shown = np.clip(visibility, 0, 1)
    weight = np.maximum(skin, 0) * shown * (1 - ramp(np.abs(ratio), *_NOT_SHADE)) + np.float32(1e-3)
    weight = weight.astype(np.float32, copy=False)
    around = blur((ratio * weight).astype(np.float32, copy=False), coarse) / blur(weight, coarse)
    shade = np.clip(ratio - around, _DARKEST, _BRIGHTEST)
    # A brow that has moved on is no fold that has gone, and lips of another colour are none either.
    shade *= ramp(skin, *_BARE)
    shade *= ramp(strained, *_STRAINED) * shown
    return shade.astype(np.float32)


def nose_mask(target: NDArray[np.floating], size: int, face_width: float) -> Map:
    """Where the nose is, from its root to the upper lip, ``(size, size)`` in [0, 1], soft.

    Cartilage does not fold; but its wings move, and its shadow, which falls onto the lip, differs.

    Args:
        target: ``(478, 3)`` mesh of the result, pixels of the mask.
        size: side of the mask.
        face_width: of the target mesh, pixels of the mask.
    """
    return blur(
        fill_hull(target[[*NOSE, *_INNER_CORNERS, *_UPPER_LIP], :2], size),
        _NOSE_SOFTNESS * face_width,
    )


def orbit_mask(target: NDArray[np.floating], size: int, face_width: float) -> Map:
    """Where eyes and brows are, ``(size, size)`` in [0, 1], soft; arguments as for `nose_mask`.

    Folds are few and fine there. What the photos differ in is the shade of the brow's bone, the
    lashes, and glasses.
    """
    hulls = [
        fill_hull(target[[*eye, *brow], :2], size)
        for eye, brow in ((LEFT_EYE, LEFT_BROW), (RIGHT_EYE, RIGHT_BROW))
    ]
    return blur(np.maximum(*hulls), _ORBIT_SOFTNESS * face_width)


def _log_brightness(pixels: Map, sigma: float) -> Map:
    return np.log(blur(channel_mean(pixels), sigma) + np.float32(OFFSET))
