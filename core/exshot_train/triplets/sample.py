"""What one training triplet holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from exshot.face.crop import face_crop
from exshot.image.geometry import Crop

Picture = NDArray[np.uint8]
Mesh = NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """One triplet at the network's size; pictures are ``(s, s, 3)`` uint8 sRGB.

    Pose photo and truth share the pose photo's crop, the expression photo has its own, both cut as
    `exshot.editor` cuts them. Meshes were fitted to the pictures as they are, never computed from
    the way they were made: the network has to live with what the fitter sees.

    Attributes:
        pose, expression, truth: the three pictures.
        plain: the expression photo under the truth's light, without occluders and noise.
        weight: ``(s, s)`` uint8, how far the truth can be trusted there, 255 is wholly.
        mesh_pose, mesh_expression: ``(478, 3)`` float32, pixels of the crops.
        origin: which photo or take it was made from, for people who look at pictures.
        independent: the pose photo was taken as such. Else it is the truth redrawn, and shows the
            answer to whoever draws from it; then nothing may learn which photo to draw from.
    """

    pose: Picture
    expression: Picture
    truth: Picture
    plain: Picture
    weight: NDArray[np.uint8]
    mesh_pose: Mesh
    mesh_expression: Mesh
    origin: str
    independent: bool


class TripletMaker(Protocol):
    """Makes triplets; any number of them, each reproducible from its generator."""

    def __call__(self, rng: np.random.Generator) -> Sample | None:
        """One triplet, or None where this draw came to nothing (no face found, say)."""
        ...


@dataclass(frozen=True)
class Uncropped:
    """A triplet in whole photos, before `crop_sample`. Pose, truth and weight share a frame.

    Attributes:
        weight: ``(H, W)`` uint8.
        pose_mesh, expression_mesh: ``(478, 3)`` fitted to ``pose`` and ``expression``, pixels.
    """

    pose: Picture
    truth: Picture
    weight: NDArray[np.uint8]
    expression: Picture
    plain: Picture
    pose_mesh: Mesh
    expression_mesh: Mesh
    origin: str
    independent: bool


def crop_sample(whole: Uncropped, size: int) -> Sample:
    """Cut a triplet to ``size`` pixels, as `exshot.editor` cuts the photos of an edit."""
    here = face_crop(whole.pose_mesh, size)
    there = face_crop(whole.expression_mesh, size)
    inside = _inside(here, whole.weight)
    return Sample(
        pose=here.sample(whole.pose),
        expression=there.sample(whole.expression),
        truth=here.sample(whole.truth),
        plain=there.sample(whole.plain),
        weight=inside,
        mesh_pose=here.to_crop(whole.pose_mesh),
        mesh_expression=there.to_crop(whole.expression_mesh),
        origin=whole.origin,
        independent=whole.independent,
    )


def _inside(crop: Crop, weight: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The weight in a crop; 0 beyond the photo, where pixels only repeat its border."""
    cut = crop.sample(weight[..., None], 0)  # cv2.BORDER_CONSTANT: zeros
    return cut.reshape(crop.size, crop.size)
