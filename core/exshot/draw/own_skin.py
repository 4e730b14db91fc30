"""Where to keep the pose photo's own skin: light too hard to redraw, and no fold in the way."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.strain import strain
from exshot.image.sampling import Map, blur, channel_mean, enlarge, ramp, shrink

_REDRAWN: Final = (0.02, 0.08)  # log gain beyond the warp method's
_HARD_LIGHT: Final = (0.10, 0.18)  # its root mean square over the neighbourhood
_HARD_LIGHT_SIGMA: Final = 0.1  # of the face width
_FEATURE: Final = (0.9, 1.0)  # of `exshot.align.fields.feature_weights`: within lids and lips
_FOLDED: Final = (0.15, 0.30)  # strain from which on skin folds or flattens
_TORN: Final = (0.3, 0.6)  # strain that no skin bears, beside the other photo's skin
_STRAIN_SIGMA: Final = 0.012  # of the face width
_EDGE_SIGMA: Final = 0.025  # of the face width


def own_skin(
    fine_log_gain: Map,
    features: Map,
    flow_pose: NDArray[np.float32],
    face_width: float,
    size: int,
) -> Map:
    """Share of the pose photo's own skin in place of the expression photo's, ``(h, h)`` in [0, 1].

    A gain can take away the shadow of another light, but brings up what lay in it: noise,
    compression, the colour of a highlight. Where it had to work that finely, the skin that stands
    in the right light already is better, moved by the mesh. Not so in eyes and mouth, nor where
    the mesh says that skin folds or flattens: those are the expression. Only where all around is
    lit that differently, no fold can be told from a shadow, and eyes and mouth alone are spared.

    Args:
        fine_log_gain: ``(h, h, 3)``, log of the gain over that of the warp method.
        features: ``(h, h)`` in [0, 1], see `exshot.align.fields.feature_weights`.
        flow_pose: ``(h, h, 2)``, see `exshot.align.flow.WarpMaps`.
        face_width: of the target mesh, pixels of the maps.
        size: to work at, at most ``h``; nothing here is finer.
    """
    full = len(features)
    width = face_width * size / full
    fine = shrink(fine_log_gain, size)
    redrawn = blur(ramp(channel_mean(np.abs(fine)), *_REDRAWN), _EDGE_SIGMA * width)
    moved = shrink(flow_pose - identity_flow(full), size) * np.float32(size / full)
    strained = strain(moved, _STRAIN_SIGMA * width)
    around = np.sqrt(blur(channel_mean(fine**2), _HARD_LIGHT_SIGMA * width))
    hard = ramp(around, *_HARD_LIGHT) * (1 - ramp(strained, *_TORN))
    kept = np.maximum(redrawn * (1 - ramp(strained, *_FOLDED)), hard)
    return enlarge(kept * (1 - ramp(shrink(features, size), *_FEATURE)), full, full)
