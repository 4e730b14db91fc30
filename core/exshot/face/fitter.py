"""From the pixels of a photo to its faces."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot.face.blendshapes import BlendshapeScorer
from exshot.face.detector import Detection, FaceDetector, overlap
from exshot.face.face import LEAST_WIDTH, Face
from exshot.face.head_pose import head_pose_of
from exshot.face.landmarker import Landmarker, MeshFit, region_of_mesh
from exshot.face.search import find_faces
from exshot.image.geometry import Box
from exshot.image.pyramid import Pyramid
from exshot.model_store import ModelStore

MIN_PRESENCE = 0.5
SAME_FACE_OVERLAP = 0.4
MAX_REFINEMENTS = 3
SETTLED = 0.01  # mean change of a coordinate between two fits, of the region's side


LikenessMeasure = Callable[[Pyramid, NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""From a photo, a mesh in it and the mesh network's features to a likeness."""


@dataclass(frozen=True)
class FoundFaces:
    """The faces of a photo, and how far it was searched.

    Attributes:
        faces: the main ones, the largest first, then those that only a search for smaller faces
            than usual finds: a number means the same face however far the search went.
        seen: width of the smallest faces that were looked for, photo pixels.
        whole: whether that is as small as can be found.
    """

    faces: tuple[Face, ...]
    seen: float
    whole: bool

    @property
    def left_out_below(self) -> float:
        """Width in pixels under which faces were not looked for that could be edited; 0: none."""
        return 0.0 if self.whole or self.seen <= LEAST_WIDTH else self.seen


class FaceFitter:
    """Fits every face of a photo. Safe to share between threads."""

    def __init__(self, store: ModelStore, likeness: LikenessMeasure | None = None) -> None:
        """Open the three networks.

        Args:
            store: where they are.
            likeness: measures `Face.likeness`, such as `exshot.identity.likeness.LikenessMeter`;
                it stays None without one.

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        self._detector = FaceDetector(store)
        self._landmarker = Landmarker(store)
        self._scorer = BlendshapeScorer(store)
        self._likeness = likeness

    def fit(self, rgb: NDArray[np.uint8], *, refine: bool = True) -> tuple[Face, ...]:
        """Faces of an ``(H, W, 3)`` uint8 sRGB photo, the largest first; empty where none is.

        Meshes are pixels of that photo, whatever its size. ``refine`` fits each mesh a second
        time in the region that the first fit gives and returns the mean of both; without it the
        result is what MediaPipe's FaceLandmarker finds in a single image.

        Raises:
            ExshotError: ``IMAGE_EMPTY`` for a photo without pixels.
        """
        return self.search(rgb, refine=refine).faces

    def search(
        self,
        rgb: NDArray[np.uint8] | Pyramid,
        *,
        smallest: float | None = None,
        refine: bool = True,
    ) -> FoundFaces:
        """As `fit`, and how far the search went.

        Args:
            smallest: width in pixels of the faces to look for at least; None looks for such as are
                not much smaller than the largest, 0 for all.
        """
        pyramid = Pyramid.of(rgb)
        pixels = pyramid.pixels
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"expected (H, W, 3) uint8, got {pixels.shape} {pixels.dtype}")
        if pixels.size == 0:
            raise ExshotError(
                ErrorCode.IMAGE_EMPTY, "The photo has no pixels.", "Choose another photo."
            )
        fits: list[MeshFit] = []

        def accept(detection: Detection) -> bool:
            fit = self._fit_one(pyramid, detection, refine)
            if fit is not None:
                fits.append(fit)
            return fit is not None

        searched = find_faces(self._detector, pyramid, accept, smallest)
        main = {id(fit) for fit in fits[: searched.main]}
        faces = [(id(fit) not in main, self._face(pyramid, fit)) for fit in without_doubles(fits)]
        faces.sort(key=lambda one: (one[0], -one[1].box.width * one[1].box.height))
        return FoundFaces(tuple(face for _, face in faces), searched.seen, searched.whole)

    def _fit_one(self, picture: Pyramid, detection: Detection, refine: bool) -> MeshFit | None:
        """The mesh of a detection; None where the mesh network sees no face.

        The mesh depends a little on where its crop lies. The mean of two fits in different crops
        moves a third less under small changes of the photo than a single one does.
        """
        fit = self._landmarker.fit(picture, detection.region())
        for _ in range(MAX_REFINEMENTS if refine else 0):
            if fit.presence < MIN_PRESENCE:
                return None
            region = region_of_mesh(fit.mesh)
            last, fit = fit, self._landmarker.fit(picture, region)
            if np.abs(last.mesh - fit.mesh)[:, :2].mean() < SETTLED * region.size:
                mean = (last.mesh + fit.mesh) * np.float32(0.5)
                return MeshFit(mean, min(last.presence, fit.presence), fit.features)
        return fit if fit.presence >= MIN_PRESENCE else None

    def _face(self, picture: Pyramid, fit: MeshFit) -> Face:
        return Face(
            mesh=fit.mesh,
            blendshapes=self._scorer.score(fit.mesh),
            head_pose=head_pose_of(fit.mesh),
            box=box_of(fit.mesh),
            score=fit.presence,
            likeness=self._likeness and self._likeness(picture, fit.mesh, fit.features),
        )


def box_of(mesh: NDArray[np.float32]) -> Box:
    """The smallest box that holds every vertex of a mesh."""
    (x0, y0), (x1, y1) = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
    return Box(math.floor(x0), math.floor(y0), math.ceil(x1) + 1, math.ceil(y1) + 1)


def without_doubles(fits: list[MeshFit]) -> list[MeshFit]:
    """Of meshes that lie on the same face, the one that is most surely on a face."""
    kept: list[MeshFit] = []
    boxes: list[NDArray[np.float32]] = []
    for fit in sorted(fits, key=lambda one: -one.presence):
        points = fit.mesh[:, :2]
        box = np.concatenate([points.min(axis=0), points.max(axis=0)])
        if boxes and overlap(box, np.stack(boxes)).max() > SAME_FACE_OVERLAP:
            continue
        kept.append(fit)
        boxes.append(box)
    return kept
