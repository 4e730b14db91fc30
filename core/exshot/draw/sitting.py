"""Whether two photos come from one sitting: one light, one camera, one day's skin.

Within a burst the expression photo's skin is the pose photo's with another expression, and may be
drawn as it is. Between two days make-up, stubble, freckles, grain and light differ, and any skin
that is carried over shows. Two things tell the cases apart: the light that had to be matched, and
the fine drawing of the skin (pores, freckles, lines), which repeats itself within a sitting only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from exshot.draw.light import OFFSET
from exshot.image.sampling import Map, blur, channel_mean, ramp_of

ONE_LIGHT: Final = 0.06
"""Log gain over the skin up to which two photos stand in one light; bursts stay below."""

_OTHER_LIGHT: Final = 0.085
_DETAIL: Final = ((0.58, 0.68), (0.72, 0.82))  # correlation; photos of one sitting lie above
_FAR_LIGHT: Final = (0.15, 0.22)  # log gain, from the first of these limits to the second
_FINE: Final = (0.012, 0.03)  # of the face width: the band that freckles and lines are in
_LEAST_SKIN: Final = 50  # pixels
_HAIR: Final = 0.3  # log brightness beside its surroundings: not skin any more


def different_sittings(
    reference: Map, source: Map, skin: Map, face_width: float, light_difference: float
) -> float:
    """How surely the two photos were not taken in one sitting, in [0, 1].

    Args:
        reference: ``(h, w, 3)`` in [0, 1], the pose photo on the target mesh.
        source: ``(h, w, 3)`` in [0, 1], the expression photo on it, under the same light.
        skin: ``(h, w)`` in [0, 1], where both show skin.
        face_width: of the target mesh, pixels of the maps.
        light_difference: see `exshot.draw.light.LightMatch`.
    """
    other_light = ramp_of(light_difference, ONE_LIGHT, _OTHER_LIGHT)
    if other_light == 0:
        return 0.0
    alike = detail_correlation(reference, source, skin, face_width)
    # The less the lights differ, the likelier is one sitting, and the less skin has to prove it.
    far = ramp_of(light_difference, *_FAR_LIGHT)
    low, high = (a + far * (b - a) for a, b in zip(*_DETAIL, strict=True))
    return other_light * (1 - ramp_of(alike, low, high))


def detail_correlation(reference: Map, source: Map, skin: Map, face_width: float) -> float:
    """Correlation of the skin's fine drawing in two photos on one mesh; 0 where there is no skin.

    Arguments as for `different_sittings`.
    """
    own, other = _detail(reference, face_width), _detail(source, face_width)
    bare = (skin > 0.5) & (np.abs(own) < _HAIR) & (np.abs(other) < _HAIR)
    if bare.sum() < _LEAST_SKIN:
        return 0.0
    a, b = own[bare] - own[bare].mean(), other[bare] - other[bare].mean()
    return float((a @ b) / np.sqrt(max(float((a @ a) * (b @ b)), 1e-12)))


def _detail(pixels: Map, face_width: float) -> Map:
    fine, coarse = (share * face_width for share in _FINE)
    brightness = np.log(channel_mean(pixels) + np.float32(OFFSET))
    return blur(brightness, fine) - blur(brightness, coarse)
