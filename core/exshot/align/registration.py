"""Registration: what two photos on one mesh still lie apart, found in their pixels.

Two fits of one face disagree by about a hundredth of its width, and every feature that is carried
over lands that much beside the one it replaces. The paper leaves this to flow refinement (section
3.3); the part of it that concerns the whole head is better measured than learned.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.image.geometry import within
from exshot.image.sampling import Map, blur, enlarge, lengths, sample_at, shrink, spread

_LARGEST: Final = 0.06  # of the face width; an apparent motion beyond it is something else
_SMOOTH: Final = 0.35  # of the face width: larger than a feature, so that none can be moved alone
_DOUBT: Final = 0.03  # share of neighbours that has to be usable before they are believed
_FEATURES: Final = 1.3
_WORK_SIZE: Final = 64  # of the smoothing
_LEAST_SIDE: Final = 32  # pixels that the optical flow needs


def register(
    reference: NDArray[np.float32],
    source: NDArray[np.float32],
    features: NDArray[np.float32],
    usable: NDArray[np.float32],
    face_width: float,
) -> NDArray[np.float32]:
    """Offset ``(h, w, 2)``, pixels: ``source`` shows at x + offset what ``reference`` shows at x.

    Optical flow (Kroeger et al. 2016) over skin, nose and hairline, averaged so widely that the
    offset is nearly that of a rigid head. Eyes and mouth, where the photos are meant to differ,
    have no say in it and follow their surroundings.

    Args:
        reference: ``(h, w, 3)`` float32 in [0, 1], the pose photo on the target mesh.
        source: ``(h, w, 3)`` float32 in [0, 1], the expression photo on it, under the same light.
        features: ``(h, w)`` in [0, 1], eyes and mouth.
        usable: ``(h, w)`` in [0, 1], where both photos show the face.
        face_width: in pixels of the maps.
    """
    height, width = usable.shape
    apart = np.zeros((height, width, 2), np.float32)
    box = within(usable > 0)
    if min(box.width, box.height) < _LEAST_SIDE:
        return apart
    part = box.slices
    optical_flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    optical_flow.setFinestScale(0)  # a crop is small already
    # Each vector is averaged with its wide surroundings: none has to be exact.
    optical_flow.setVariationalRefinementIterations(0)
    optical_flow.setGradientDescentIterations(12)
    apart[part] = optical_flow.calc(_grey(reference[part]), _grey(source[part]), apart[part].copy())
    near = lengths(apart) < _LARGEST * face_width
    weight = (usable * np.clip(1 - _FEATURES * features, 0, 1) * near).astype(np.float32)
    sigma = _SMOOTH * face_width * _WORK_SIZE / width
    total = blur(shrink(apart * spread(weight, 2), _WORK_SIZE), sigma)
    share = blur(shrink(weight, _WORK_SIZE), sigma)[..., None] + np.float32(_DOUBT)
    return enlarge(total / share, width, height)


def shift_flow(flow: Map, offset: Map) -> Map:
    """The flow that reads at ``x + offset(x)`` what ``flow`` reads at x, both ``(h, h, 2)``."""
    return sample_at(flow, identity_flow(len(flow)) + offset)


def _grey(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(np.clip(pixels, 0, 1).astype(np.float32), cv2.COLOR_RGB2GRAY)
    return np.round(255 * grey).astype(np.uint8)
