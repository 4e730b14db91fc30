"""Shading: what a matched light leaves between two photos' skin."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.draw.light import OFFSET, WORK_SIZE, mean_over
from exshot.image.sampling import blur, channel_max, enlarge, ramp, shrink, spread

_SIGMA: Final = 0.02  # of the face width
_AROUND: Final = 0.08  # of the face width
_CARRIED: Final = 0.05  # weight of the skin around where there is none
_NOT_LIGHT: Final = (0.5, 0.9)  # log ratio from which on it is hair or a hand that differs


def measure_shading(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    skin: NDArray[np.float32],
    face_width: float,
) -> NDArray[np.float32]:
    """Log ratio ``(h, w, 3)`` of two photos' skin that a matched light leaves, within ±0.9.

    It holds what is too fine for `exshot.draw.light.match_light`: edges of shadows and highlights,
    but the creases of an expression too. Which of them it is, is not decided here. Eyes and mouth
    get what the skin around them has.

    Args:
        reference, source: ``(h, w, 3)`` float32 in [0, 1], both on the target mesh, the second
            after its gain.
        skin: ``(h, w)`` float32 in [0, 1], where both show skin.
        face_width: in pixels of the maps.
    """
    height, width = skin.shape
    ratio = np.log((mean_over(reference, skin) + OFFSET) / (mean_over(source, skin) + OFFSET))
    scale = face_width * WORK_SIZE / width
    weight = shrink(skin, WORK_SIZE) * (1 - ramp(channel_max(np.abs(ratio)), *_NOT_LIGHT))
    total, share = np.zeros_like(ratio), np.full_like(weight, 1e-3)
    for sigma, part in ((_SIGMA, 1.0), (_AROUND, _CARRIED)):
        total += np.float32(part) * blur(ratio * spread(weight, 3), sigma * scale)
        share += np.float32(part) * blur(weight, sigma * scale)
    return enlarge((total / spread(share, 3)).astype(np.float32), width, height)
