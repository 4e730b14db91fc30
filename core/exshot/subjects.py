"""What photos alone tell about their faces, whatever edit they are for; kept by content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np

from exshot.align.pair import CroppedFace
from exshot.cache import LruCache
from exshot.cover.cover import Cover, bare_shares, find_cover
from exshot.cover.network import CoverNetwork, has_cover_network
from exshot.draw.monochrome import tone_of
from exshot.errors import ErrorCode, ExshotError
from exshot.face.crop import PLAN_SIZE, face_crop
from exshot.face.face import LEAST_WIDTH, Face
from exshot.face.fitter import FaceFitter, FoundFaces
from exshot.face.quality import face_quality
from exshot.identity.likeness import LikenessMeter
from exshot.image.geometry import Crop
from exshot.image.pixels import Pixels
from exshot.image.pyramid import Pyramid
from exshot.image.sampling import Map, to_float
from exshot.model_store import ModelStore
from exshot.photo import Photo
from exshot.result import FaceQuality

_FACES_KEPT: Final = 64
_CROPS_KEPT: Final = 16
_CROPPED_FACES_KEPT: Final = 8  # about 2 MB each, with what is measured on them


@dataclass(frozen=True)
class Subject:
    """A face of a photo together with the crop it is edited in.

    Attributes:
        photo: the photo.
        index: of the face in it.
        face: the face.
        crop: around it.
        halves: of the photo's 8-bit pixels, shared by all that is measured for one edit.
    """

    photo: Photo
    index: int
    face: Face
    crop: Crop
    halves: Pyramid

    @property
    def picture(self) -> Pixels | Pyramid:
        """The photo's own pixels, with halves where they are 8 bits deep."""
        return self.halves if self.photo.pixels.dtype == np.uint8 else self.photo.pixels

    @property
    def key(self) -> tuple[str, int]:
        """Names the photo's content and the face, for caches."""
        return self.photo.content_hash, self.index


class Subjects:
    """Finds and measures the faces of photos, each once. Safe to share between threads."""

    def __init__(self, store: ModelStore) -> None:
        """Use the models of ``store``."""
        self._store = store
        self._fitter = FaceFitter(store, LikenessMeter(store))
        self._fits: LruCache[FoundFaces] = LruCache(_FACES_KEPT)
        self._crops: LruCache[Pixels] = LruCache(_CROPS_KEPT)
        self._cropped_faces: LruCache[CroppedFace] = LruCache(_CROPPED_FACES_KEPT)
        self._covers: LruCache[Cover] = LruCache(_FACES_KEPT)
        self._qualities: LruCache[FaceQuality] = LruCache(_FACES_KEPT)
        self._tones: LruCache[Map | None] = LruCache(_FACES_KEPT)
        self._cover_network: LruCache[CoverNetwork] = LruCache(1)

    def find(
        self, photo: Photo, smallest: float | None = None, halves: Pyramid | None = None
    ) -> FoundFaces:
        """See `exshot.editor.Editor.find`; ``halves`` of the photo's 8-bit pixels, if at hand."""
        search = partial(self._fitter.search, halves or photo.as_uint8())
        found = self._fits.get((photo.content_hash, None), search)
        if smallest is not None and not found.whole and found.seen > smallest:
            key = (photo.content_hash, smallest)
            search = partial(search, smallest=smallest)
            found = self._fits.get(key, search)
        return found

    def choose(self, photo: Photo, index: int | None, role: str) -> Subject:
        """The face with that number, or the only one.

        Raises:
            ExshotError: there is none, or several and none was chosen, or it is too small.
        """
        halves = Pyramid(photo.as_uint8())
        faces = self.find(photo, halves=halves).faces
        if index is not None and index >= len(faces):
            faces = self.find(photo, 0, halves).faces  # it may be one of those further back
        chosen = _chosen(len(faces), index, role)
        face = faces[chosen]
        if face.width < LEAST_WIDTH:
            raise ExshotError(
                ErrorCode.FACE_TOO_SMALL,
                f"The face in the {role} photo is only {face.width:.0f} pixels wide.",
                f"Use a photo in which it is at least {LEAST_WIDTH:.0f} pixels wide.",
            )
        return Subject(photo, chosen, face, face_crop(face.mesh), halves)

    def quality(self, subject: Subject) -> FaceQuality:
        """How good the pixels of a face are."""
        measure = partial(face_quality, subject.photo.pixels, subject.face.mesh)
        return self._qualities.get(subject.key, measure)

    def cropped(self, subject: Subject, size: int) -> Pixels:
        """The subject's crop, ``(size, size, 3)`` in the dtype of the photo."""
        key = (*subject.key, size)
        return self._crops.get(key, lambda: subject.crop.resized(size).sample(subject.picture))

    def cropped_face(self, subject: Subject, size: int = PLAN_SIZE) -> CroppedFace:
        """The face in its crop, with what covers it."""

        def make() -> CroppedFace:
            pixels = to_float(self.cropped(subject, size))
            crop = subject.crop.resized(size)
            return CroppedFace(pixels, subject.face.mesh, crop, self.cover(subject, size))

        return self._cropped_faces.get((*subject.key, size), make)

    def cover(self, subject: Subject, size: int = PLAN_SIZE) -> Cover:
        """What is in front of a face; only the photo's border where no network is."""

        def look() -> Cover:
            photo, mesh, crop = subject.photo, subject.face.mesh, subject.crop.resized(size)
            if has_cover_network(self._store):
                network = self._cover_network.get("cover", lambda: CoverNetwork(self._store))
                shares = network.shares(subject.halves, mesh)
            else:
                shares = bare_shares()
            clear = None
            if photo.alpha is not None:
                clear = 1 - to_float(crop.sample(photo.alpha, cv2.BORDER_CONSTANT))
            return find_cover(shares, mesh, crop, (photo.width, photo.height), clear)

        return self._covers.get((*subject.key, size), look)

    def tone(self, subject: Subject) -> Map | None:
        """Colours of a monochrome photo; see `exshot.draw.monochrome.tone_of`."""
        crop = partial(self.cropped, subject, PLAN_SIZE)
        return self._tones.get(subject.key, lambda: tone_of(to_float(crop())))


def _chosen(count: int, index: int | None, role: str) -> int:
    if count == 0:
        raise ExshotError(
            ErrorCode.NO_FACE,
            f"No face was found in the {role} photo.",
            "Use a photo in which the face is visible, upright and not turned far away.",
        )
    if index is None and count > 1:
        raise ExshotError(
            ErrorCode.SEVERAL_FACES,
            f"There are {count} faces in the {role} photo and none was chosen.",
            f"Choose one: 0 is the largest, {count - 1} the smallest.",
        )
    index = index or 0
    if not 0 <= index < count:
        raise ExshotError(
            ErrorCode.FACE_INDEX,
            f"The {role} photo has no face number {index}; it has {count}.",
            f"Choose a number from 0 to {count - 1}.",
        )
    return index
