"""The face mesh's fixed structure: canonical model, triangles, rings and names.

Vertex numbers are those of MediaPipe Face Mesh. *Left* and *right* are the person's own, so the
left eye of somebody who faces the camera lies on the right of the picture. Rings run clockwise
as seen in a picture of a frontal face and are not closed (the first vertex is not repeated).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError

CANONICAL_VERTICES: Final = 468
"""Vertices of the canonical model; the fitted mesh adds ten more for the irises."""

# From the middle of the forehead over the left temple to the chin and back.
FACE_OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)

# Lips: from the right corner over the upper lip to the left corner and back below.
LIPS_OUTER: Final = (
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409),
    *(291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
)
LIPS_INNER: Final = (
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415),
    *(308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)

# Eyes: from the corner on the picture's left along the upper lid and back on the lower one.
RIGHT_EYE: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_EYE: Final = (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382)

# Irises: the centre, then four points on the rim; not part of the canonical model.
RIGHT_IRIS: Final = (468, 469, 470, 471, 472)
LEFT_IRIS: Final = (473, 474, 475, 476, 477)

# Brows: the upper edge, then back along the lower one.
RIGHT_BROW: Final = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
LEFT_BROW: Final = (336, 296, 334, 293, 300, 276, 283, 282, 295, 285)

# Nose: bridge from between the eyes to the tip, then the base between the two wings.
NOSE_BRIDGE: Final = (168, 6, 197, 195, 5, 4)
NOSE_BASE: Final = (48, 64, 98, 97, 2, 326, 327, 294, 278)
NOSE: Final = (*NOSE_BRIDGE, 1, 19, 94, *NOSE_BASE, 45, 220, 115, 275, 440, 344)
NOSE_TIP: Final = 1

BLENDSHAPE_NAMES: Final = (
    *("_neutral", "browDownLeft", "browDownRight", "browInnerUp"),
    *("browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight"),
    *("eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight"),
    *("eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight"),
    *("eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight"),
    *("eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight"),
    *("mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight"),
    *("mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight"),
    *("mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight"),
)


@dataclass(frozen=True)
class Topology:
    """The canonical face model (MediaPipe Face Geometry, Apache-2.0).

    Arrays are read-only.

    Attributes:
        vertices: ``(468, 3)`` float32, centimetres; x toward the picture's right, **y up**,
            **z toward the camera**. A frontal face in picture coordinates (y down, z away) is
            therefore ``diag(1, -1, -1)`` times these.
        triangles: ``(898, 3)`` int32, counter-clockwise seen from outside with y up. They cover
            everything inside ``FACE_OVAL``, the eye and mouth openings included (14, 14 and 18
            triangles; see ``inside``). The irises are no part of them.
        uv: ``(468, 2)`` float32 texture coordinates in [0, 1].
        procrustes_indices: ``(33,)`` int32, vertices that hardly move with the expression.
        procrustes_weights: ``(33,)`` float32, their weights for a rigid alignment; positive.
    """

    vertices: NDArray[np.float32]
    triangles: NDArray[np.int32]
    uv: NDArray[np.float32]
    procrustes_indices: NDArray[np.int32]
    procrustes_weights: NDArray[np.float32]

    def inside(self, ring: tuple[int, ...]) -> NDArray[np.bool_]:
        """Which triangles fill a ring, ``(898,)``: those with all three corners on it."""
        return np.all(np.isin(self.triangles, ring), axis=1)


@lru_cache(maxsize=1)
def load_topology() -> Topology:
    """The canonical face model, read once.

    Raises:
        ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED`` when the file in the package is.
    """
    source = resources.files("exshot") / "models" / "face_geometry.npz"
    hint = "Install ExShot again."
    try:
        with source.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            arrays = {name: data[name] for name in Topology.__dataclass_fields__}
    except FileNotFoundError as error:
        sentence = "The face geometry file is missing from the installation."
        raise ExshotError(ErrorCode.MODEL_MISSING, sentence, hint) from error
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        sentence = "The face geometry file of the installation is damaged."
        raise ExshotError(ErrorCode.MODEL_DAMAGED, sentence, hint) from error
    for array in arrays.values():
        array.flags.writeable = False
    return Topology(**arrays)
