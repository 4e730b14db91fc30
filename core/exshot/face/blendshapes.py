"""The blendshape network: 52 expression scores from the mesh."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.model_store import ModelStore

MODEL = "face_blendshapes"

# The vertices that the network was trained on, in the order it expects.
POINTS: Final = (
    *(0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65),
    *(66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136),
    *(144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168),
    *(172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276),
    *(282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318),
    *(321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380),
    *(381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466),
    *(468, 469, 470, 471, 472, 473, 474, 475, 476, 477),
)


class BlendshapeScorer:
    """Scores the expression of a mesh."""

    def __init__(self, store: ModelStore) -> None:
        self._session = store.session(MODEL)

    def score(self, mesh: NDArray[np.float32]) -> NDArray[np.float32]:
        """``(52,)`` float32 in [0, 1], in ``BLENDSHAPE_NAMES`` order, of a ``(478, 3)`` mesh.

        Only x and y count; where the face lies and how large it is do not.
        """
        points = np.ascontiguousarray(mesh[list(POINTS), :2], np.float32)[None]
        (scores,) = self._session.run(["scores"], {"points": points})
        return np.clip(np.asarray(scores, np.float32), 0, 1)
