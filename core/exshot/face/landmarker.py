"""The mesh network: 478 vertices of a face inside a region of interest.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (2019);
irises from Ablavatski et al., "Real-time Pupil Tracking from Monocular Video" (2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.region import Region
from exshot.image.pyramid import Pyramid
from exshot.model_store import ModelStore

MODEL = "face_mesh"
SIDE = 256
REGION_SCALE = 1.5
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263


@dataclass(frozen=True)
class MeshFit:
    """What the network finds in a region.

    Attributes:
        mesh: ``(478, 3)`` float32, photo pixels.
        presence: probability that it lies on a face.
        features: ``(8192,)`` float32, activations half-way through the network.
    """

    mesh: NDArray[np.float32]
    presence: float
    features: NDArray[np.float32]


class Landmarker:
    """Fits the mesh to one face of a photo."""

    def __init__(self, store: ModelStore) -> None:
        self._session = store.session(MODEL)

    def fit(self, rgb: NDArray[np.uint8] | Pyramid, region: Region) -> MeshFit:
        """The mesh of the face in ``region`` of an ``(H, W, 3)`` RGB photo.

        The crop comes from the photo at its own resolution.
        """
        crop = region.crop(rgb, SIDE)
        planes = np.multiply(crop.transpose(2, 0, 1)[None], np.float32(1 / 255), dtype=np.float32)
        wanted = ["landmarks", "presence", "features"]
        landmarks, logit, features = self._session.run(wanted, {"image": planes})
        points = np.asarray(landmarks, np.float32).reshape(MESH_VERTICES, 3)
        presence = 1 / (1 + math.exp(-float(np.clip(np.asarray(logit).item(), -80, 80))))
        mesh = region.to_photo(points, SIDE)
        return MeshFit(mesh, presence, np.asarray(features, np.float32).ravel())


def region_of_mesh(mesh: NDArray[np.float32]) -> Region:
    """Where to look again for a face whose mesh is known: MediaPipe's tracking region.

    The square around the mesh's upright bounding box, turned so that the outer eye corners lie
    level.
    """
    low, high = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
    eyes = mesh[LEFT_EYE_OUTER] - mesh[RIGHT_EYE_OUTER]
    x, y = (low + high) / 2
    size = float((high - low).max()) * REGION_SCALE
    return Region(float(x), float(y), size, math.atan2(float(eyes[1]), float(eyes[0])))
