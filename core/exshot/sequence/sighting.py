"""What is kept of one face in one photo: small measurements, no pixels of the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.crop import face_crop
from exshot.face.face import Face
from exshot.face.topology import BLENDSHAPE_NAMES, LEFT_EYE, LIPS_INNER, RIGHT_EYE
from exshot.image.pixels import to_8_bit
from exshot.photo import Photo
from exshot.sequence.skin import Skin, skin_of

_SHARPNESS_SIDE: Final = 256  # pixels of the crop that sharpness is measured on
_APPEARANCE_SIDE: Final = 24
_DARK, _BRIGHT = 12, 243  # 255ths beyond which a pixel says nothing
_LID_PAIRS: Final = {  # upper and lower lid; corners
    "left": (((386, 374), (385, 380), (387, 373)), (LEFT_EYE[0], LEFT_EYE[8])),
    "right": (((159, 145), (158, 153), (160, 144)), (RIGHT_EYE[0], RIGHT_EYE[8])),
}


@dataclass(frozen=True)
class Sighting:
    """One face of one photo of a sequence.

    Attributes:
        photo: index of the photo in the sequence.
        index: index of the face in the photo, as `Editor.faces` counts.
        face: the fit.
        place: centre of the face, shares of the photo's longer side.
        size: width of the face, share of the photo's longer side.
        eyes: how far the left and the right eye are open: lid gap over the eye's width.
        mouth_gap: gap between the inner lips over the mouth's width.
        sharpness: log of the variance of the Laplacian over the face; only comparable between
            sightings of one person.
        clipped: share of the face that is black or blown out, in [0, 1].
        appearance: ``(n,)`` float32 unit vector: the head with hair and collar, small, without its
            mean colour's brightness.
        skin: the face's colours, unfolded; None where they were not looked at.
    """

    photo: int
    index: int
    face: Face
    place: tuple[float, float]
    size: float
    eyes: tuple[float, float]
    mouth_gap: float
    sharpness: float
    clipped: float
    appearance: NDArray[np.float32]
    skin: Skin | None = None

    def blendshape(self, *names: str) -> float:
        """Mean score of the named blendshapes, in [0, 1]."""
        return float(np.mean([self.face.blendshapes[BLENDSHAPE_NAMES.index(n)] for n in names]))


def look(photo: Photo, faces: tuple[Face, ...], number: int) -> tuple[Sighting, ...]:
    """Measure the faces of one photo.

    Args:
        faces: as `Editor.faces` found them.
        number: index of the photo in its sequence.
    """
    longer = max(photo.width, photo.height)
    return tuple(_measure(photo, face, number, index, longer) for index, face in enumerate(faces))


def _measure(photo: Photo, face: Face, number: int, index: int, longer: int) -> Sighting:
    place = face_crop(face.mesh, _SHARPNESS_SIDE)
    crop = to_8_bit(place.sample(photo.pixels))
    low, high = face.mesh[:, :2].min(axis=0), face.mesh[:, :2].max(axis=0)
    centre = (low + high) / 2 / longer
    middle = _face_part(crop)
    luma = cv2.cvtColor(middle, cv2.COLOR_RGB2GRAY)
    # A face that is enlarged to the crop has no more detail than its own pixels.
    sharpness = float(np.log1p(cv2.Laplacian(luma, cv2.CV_32F).var()))
    return Sighting(
        photo=number,
        index=index,
        face=face,
        place=(float(centre[0]), float(centre[1])),
        size=face.width / longer,
        eyes=(_eye_opening(face.mesh, "left"), _eye_opening(face.mesh, "right")),
        mouth_gap=_mouth_gap(face.mesh),
        sharpness=sharpness,
        clipped=float(np.mean((luma < _DARK) | (luma > _BRIGHT))),
        appearance=_appearance(crop),
        skin=skin_of(crop, place.to_crop(face.mesh)),
    )


def _face_part(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle of a face crop: skin, eyes and mouth, no background."""
    side = len(crop)
    return np.ascontiguousarray(crop[side * 5 // 16 : side * 11 // 16, side // 3 : side * 2 // 3])


def _eye_opening(mesh: NDArray[np.float32], side: str) -> float:
    pairs, (one, other) = _LID_PAIRS[side]
    gaps = [np.linalg.norm(mesh[upper] - mesh[lower]) for upper, lower in pairs]
    return float(np.mean(gaps) / max(float(np.linalg.norm(mesh[one] - mesh[other])), 1e-6))


def _mouth_gap(mesh: NDArray[np.float32]) -> float:
    width = _distance(mesh, LIPS_INNER[0], LIPS_INNER[10])
    return _distance(mesh, 13, 14) / max(width, 1e-6)


def _distance(mesh: NDArray[np.float32], one: int, other: int) -> float:
    return float(np.linalg.norm(mesh[one] - mesh[other]))


def _appearance(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    side = _APPEARANCE_SIDE
    small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] -= lab[..., 0].mean()  # exposure changes from shot to shot, hues hardly do
    lab[..., 1:] *= 3.0
    flat = lab.astype(np.float32).ravel()
    return flat / max(float(np.linalg.norm(flat)), 1e-6)
