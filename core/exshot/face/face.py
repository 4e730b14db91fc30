"""A fitted face: the mesh, its blendshape scores and its head pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exshot.image.geometry import Box

MESH_VERTICES = 478
LEAST_WIDTH = 32.0
"""Width of the smallest face that can be edited, pixels."""


@dataclass(frozen=True)
class HeadPose:
    """Similarity that carries the canonical face model into the photo.

    ``photo = scale * rotation @ canonical + translation``, pixels of the photo, x right, y down,
    z away from the camera. Angles are in degrees: yaw is positive when the face turns toward the
    image's right, pitch positive when it looks up, roll positive when the head tilts clockwise
    as seen in the picture.
    """

    scale: float
    rotation: NDArray[np.float32]  # (3, 3)
    translation: NDArray[np.float32]  # (3,)
    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Face:
    """One face of a photo.

    Attributes:
        mesh: MediaPipe Face Mesh vertices, ``(478, 3)`` float32, pixels of the photo
            (pixel centres at integers); z in the same unit, smaller is nearer.
        blendshapes: the 52 ARKit-style scores in [0, 1], in ``BLENDSHAPE_NAMES`` order.
        head_pose: similarity from the canonical face model.
        box: bounding box of the mesh, clipped to nothing (may leave the photo).
        score: probability in [0, 1] that a face is there.
        likeness: ``(200,)`` float32 unit vector that is much the same for all photos of a person
            (`exshot.identity.likeness`); None where nobody measured it.
    """

    mesh: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    head_pose: HeadPose
    box: Box
    score: float
    likeness: NDArray[np.float32] | None = None

    @property
    def width(self) -> float:
        """Extent of the mesh along x, pixels."""
        return float(np.ptp(self.mesh[:, 0]))
