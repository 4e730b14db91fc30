"""The pipeline, in order: fit, retarget, rasterise, synthesise, compose."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.advice import find_warnings, quality_warnings
from exshot.align.pair import AlignedPair, CroppedFace, align
from exshot.cache import LruCache
from exshot.cover.cover import Cover, bare_shares, find_cover
from exshot.cover.network import CoverNetwork, has_cover_network
from exshot.draw.covers import keep_covers
from exshot.draw.maps import DrawingMaps
from exshot.draw.monochrome import tone_of, toned
from exshot.draw.patch import View, crop_view, draw_patch, patch_box
from exshot.draw.texture import match_texture
from exshot.draw.warp import drawn_by_warp
from exshot.errors import ErrorCode, ExshotError
from exshot.exprnet.network import ExprNet, Network, has_exprnet
from exshot.exprnet.refinement import drawn_by_exprnet
from exshot.face.crop import CROP_SIZE, face_crop
from exshot.face.face import LEAST_WIDTH, Face
from exshot.face.fitter import FaceFitter, FoundFaces
from exshot.face.quality import face_quality
from exshot.identity.likeness import LikenessMeter
from exshot.image.geometry import Box, Crop
from exshot.image.pixels import Pixels, to_8_bit
from exshot.image.sampling import Map, sample_at, to_float
from exshot.model_store import ModelStore
from exshot.options import EditOptions
from exshot.photo import Photo
from exshot.progress import CancelToken, Checkpoint, ProgressCallback
from exshot.result import Edit, EditReport, FaceQuality, HeadTurn, Preview

_FITS_KEPT: Final = 64
_CROPS_KEPT: Final = 16
_PLANS_KEPT: Final = 4
_OUTSIDE_PHOTO: Final = 96  # grey
_PREVIEW_SIZES: Final = (64, 2048)


@dataclass(frozen=True)
class _Subject:
    """A face of a photo together with the crop it is edited in."""

    photo: Photo
    index: int
    face: Face
    crop: Crop

    @property
    def key(self) -> tuple[str, int]:
        """Names the photo's content and the face, for caches."""
        return self.photo.content_hash, self.index


@dataclass(frozen=True)
class _Faces:
    """The two faces of an edit."""

    pose: _Subject
    expression: _Subject

    @property
    def turn(self) -> HeadTurn:
        """From the pose photo's head to the expression photo's."""
        a, b = self.pose.face.head_pose, self.expression.face.head_pose
        return HeadTurn(b.yaw - a.yaw, b.pitch - a.pitch, b.roll - a.roll)


@dataclass(frozen=True)
class _Plan:
    """Everything decided about an edit before its pixels are drawn, and what that took."""

    drawing: DrawingMaps
    report: EditReport
    timings: dict[str, float]


class Editor:
    """Edits expressions; owns the models and the caches. Safe to share between threads.

    Fits, crops and the last edits' maps are kept by the photos' content, so that changing an
    option or drawing the full patch after a preview repeats only what depends on it.
    """

    def __init__(self, store: ModelStore | None = None, network: Network | None = None) -> None:
        """Use the installed models, or those of ``store``; ``network`` replaces its ExprNet."""
        self._store = store or ModelStore()
        self._fitter = FaceFitter(self._store, LikenessMeter(self._store))
        self._fits: LruCache[FoundFaces] = LruCache(_FITS_KEPT)
        self._crops: LruCache[Pixels] = LruCache(_CROPS_KEPT)
        self._covers: LruCache[Cover] = LruCache(_FITS_KEPT)
        self._qualities: LruCache[FaceQuality] = LruCache(_FITS_KEPT)
        self._tones: LruCache[Map | None] = LruCache(_FITS_KEPT)
        self._plans: LruCache[_Plan] = LruCache(_PLANS_KEPT)
        self._given_network = network
        self._network: LruCache[Network] = LruCache(1)
        self._cover_network: LruCache[CoverNetwork] = LruCache(1)

    def faces(
        self,
        photo: Photo,
        *,
        smallest: float | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> tuple[Face, ...]:
        """Faces of the photo, the largest first. Empty when none is found.

        Args:
            smallest: as for `find`.
        """
        return self.find(photo, smallest=smallest, progress=progress, cancel=cancel).faces

    def find(
        self,
        photo: Photo,
        *,
        smallest: float | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> FoundFaces:
        """Faces of the photo, and how far it was searched.

        Args:
            smallest: width in pixels of the faces to look for at least. None looks for such as are
                not much smaller than the largest: people further back are seldom meant, and looking
                for them takes ten times as long. 0 looks for all. Found later, they come after the
                others, so that a number means one face.
        """
        checkpoint = Checkpoint(progress, cancel)
        checkpoint(0.0, "Looking for faces")
        key = (photo.content_hash, None)
        found = self._fits.get(key, lambda: self._fitter.search(photo.as_uint8()))
        if smallest is not None and not found.whole and found.seen > smallest:
            key = (photo.content_hash, smallest)
            search = partial(self._fitter.search, photo.as_uint8(), smallest=smallest)
            found = self._fits.get(key, search)
        checkpoint(1.0, "Faces found")
        return found

    def edit(
        self,
        pose: Photo,
        expression: Photo,
        options: EditOptions = EditOptions(),  # noqa: B008 - frozen
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> Edit:
        """Put the expression of one photo onto the head of another.

        Returns a patch at the pose photo's own resolution; neither photo is changed. At strength 0
        the mask is empty.

        Raises:
            ExshotError: no face, several faces and none chosen, a face too small, a damaged model.
            Cancelled: ``cancel`` was set.
        """
        checkpoint = Checkpoint(progress, cancel)
        timings: dict[str, float] = {}
        faces = self._fit(pose, expression, options, checkpoint, timings)
        plan = self._plan(faces, options, checkpoint, timings)  # retarget, rasterise, synthesise
        layer, mask, box = self._compose(faces, plan.drawing, checkpoint, timings)
        checkpoint(1.0, "Done")
        return Edit(layer, mask, box, replace(plan.report, timings={**plan.timings, **timings}))

    def preview(
        self,
        pose: Photo,
        expression: Photo,
        options: EditOptions = EditOptions(),  # noqa: B008 - frozen
        *,
        size: int = 512,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> Preview:
        """The same edit at a small size, for dialogs: a square crop around the face."""
        low, high = _PREVIEW_SIZES
        if not low <= size <= high:
            raise ExshotError(
                ErrorCode.BAD_OPTION,
                f"The preview size is {size}, outside {low} to {high}.",
                f"Choose a size from {low} to {high} pixels.",
            )
        checkpoint = Checkpoint(progress, cancel)
        timings: dict[str, float] = {}
        faces = self._fit(pose, expression, options, checkpoint, timings)
        plan = self._plan(faces, options, checkpoint, timings)
        with _timed(timings, "draw"):
            before = self._cropped(faces.pose, size)
            source = self._cropped(faces.expression, max(size, CROP_SIZE))
            after, mask = draw_patch(
                crop_view(before),
                crop_view(source),
                plan.drawing,
                Box(0, 0, size, size),
                lambda share: checkpoint(0.5 + 0.5 * share, "Drawing the preview"),
                quick=True,
            )
            share = mask[..., None].astype(np.float32) / 255
            mixed = before + share * (after.astype(np.float32) - before)
        crop = faces.pose.crop
        left, top, side = round(crop.left), round(crop.top), round(crop.side)
        return Preview(
            _within_photo(to_8_bit(before), faces.pose),
            _within_photo(to_8_bit(np.round(mixed).astype(before.dtype)), faces.pose),
            Box(left, top, left + side, top + side),
            replace(plan.report, timings={**plan.timings, **timings}),
        )

    def _fit(
        self,
        pose: Photo,
        expression: Photo,
        options: EditOptions,
        checkpoint: Checkpoint,
        timings: dict[str, float],
    ) -> _Faces:
        """Step 1: the two faces, at the same time; what the photos alone tell about them too."""

        def look(photo: Photo, index: int | None, role: str) -> _Subject:
            with _timed(timings, f"fit_{role}"):
                subject = self._subject(photo, index, role)
                self._quality(subject)
                self._cropped(subject, CROP_SIZE)
                return subject

        checkpoint(0.0, "Fitting the two faces")
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(look, expression, options.expression_face, "expression")
            target = look(pose, options.pose_face, "pose")
            checkpoint(0.15, "Fitting the two faces")
            return _Faces(target, other.result())

    def _plan(
        self,
        faces: _Faces,
        options: EditOptions,
        checkpoint: Checkpoint,
        timings: dict[str, float],
    ) -> _Plan:
        """Steps 2 to 4, or what they came to when the same edit was asked for before."""
        key = (faces.pose.key, faces.expression.key, options)

        def make() -> _Plan:
            checkpoint(0.3, "Warping")
            with _timed(timings, "warp"):
                pose, expression = (
                    self._cropped_face(face) for face in (faces.pose, faces.expression)
                )
                tone = self._tone(faces.pose)
                if tone is not None:  # a colour photo's hues have no place in it
                    expression = replace(expression, pixels=toned(expression.pixels, tone))
                pair = align(pose, expression, options)
            checkpoint(0.4, "Matching light and skin")
            with _timed(timings, "synthesise"):
                method, drawing = self._synthesise(faces, pair, options)
                texture = match_texture(*self._qualities_of(faces), faces.pose.crop.side)
                drawing = replace(drawing, tone=tone, texture=texture)
            return _Plan(drawing, self._report(faces, method, drawing), dict(timings))

        return self._plans.get(key, make)

    def _synthesise(
        self, faces: _Faces, pair: AlignedPair, options: EditOptions
    ) -> tuple[str, DrawingMaps]:
        """Step 4: the method that was chosen, and how it draws the edit."""
        method = _choose_method(
            options, self._given_network is not None or has_exprnet(self._store)
        )
        if method == "warp":
            drawing = drawn_by_warp(pair, options)
        else:
            network = self._network.get(
                "exprnet", lambda: self._given_network or ExprNet(self._store)
            )
            drawing = drawn_by_exprnet(
                pair,
                options,
                network,
                network.features(faces.pose.key, pair.pose, "pose"),
                network.features(self._seen_key(faces), pair.expression, "expression"),
                float(np.hypot(faces.turn.yaw, faces.turn.pitch)),
                unlike_pixels=self._unlike(faces),
            )
        return method, _within_alpha(keep_covers(drawing, pair), faces.expression)

    def _compose(
        self,
        faces: _Faces,
        drawing: DrawingMaps,
        checkpoint: Checkpoint,
        timings: dict[str, float],
    ) -> tuple[Pixels, NDArray[np.uint8], Box]:
        """Step 5: layer, mask and box at the pose photo's own size."""
        pose, expression = faces.pose, faces.expression
        with _timed(timings, "draw"):
            box = patch_box(drawing.mask, pose.crop, pose.photo.width, pose.photo.height)
            if box.empty:
                return _nothing(pose.photo)
            layer, mask = draw_patch(
                View(pose.photo.pixels, pose.crop),
                View(expression.photo.pixels, expression.crop),
                drawing,
                box,
                lambda share: checkpoint(0.5 + 0.5 * share, "Drawing the face"),
            )
        return layer, mask, box

    def _report(self, faces: _Faces, method: str, drawing: DrawingMaps) -> EditReport:
        qualities = self._qualities_of(faces)
        return EditReport(
            method=method,
            pose_face=faces.pose.index,
            expression_face=faces.expression.index,
            head_turn=faces.turn,
            hidden_share=drawing.hidden_share,
            warnings=find_warnings(
                faces.pose.face,
                faces.expression.face,
                faces.turn,
                drawing,
                *qualities,
                self._cover(faces.pose).wear,
                self._cover(faces.expression).wear,
            ),
            timings={},
            pose_quality=qualities[0],
            expression_quality=qualities[1],
            notes=_file_notes(faces.pose.photo, faces.expression.photo),
        )

    def _subject(self, photo: Photo, index: int | None, role: str) -> _Subject:
        faces = self.faces(photo)
        if index is not None and index >= len(faces):
            faces = self.faces(photo, smallest=0)  # it may be one of those further back
        chosen = _choose_face(len(faces), index, role)
        face = faces[chosen]
        if face.width < LEAST_WIDTH:
            raise ExshotError(
                ErrorCode.FACE_TOO_SMALL,
                f"The face in the {role} photo is only {face.width:.0f} pixels wide.",
                f"Use a photo in which it is at least {LEAST_WIDTH:.0f} pixels wide.",
            )
        return _Subject(photo, chosen, face, face_crop(face.mesh))

    def _seen_key(self, faces: _Faces) -> tuple[object, ...]:
        """Names what the network sees of the expression photo; a monochrome pose photo tones it."""
        toned_for = () if self._tone(faces.pose) is None else (faces.pose.key,)
        return (*faces.expression.key, *toned_for)

    def _unlike(self, faces: _Faces) -> bool:
        """Whether the expression photo's skin would stand out, in whatever light."""
        differ = self._tone(faces.expression) is not None and self._tone(faces.pose) is None
        return differ or bool(quality_warnings(*self._qualities_of(faces)))

    def _tone(self, subject: _Subject) -> Map | None:
        """Colours of a monochrome photo, cached; see `exshot.draw.monochrome.tone_of`."""

        def find() -> Map | None:
            return tone_of(to_float(self._cropped(subject, CROP_SIZE)))

        return self._tones.get(subject.key, find)

    def _qualities_of(self, faces: _Faces) -> tuple[FaceQuality, FaceQuality]:
        return self._quality(faces.pose), self._quality(faces.expression)

    def _quality(self, subject: _Subject) -> FaceQuality:
        measure = partial(face_quality, subject.photo.pixels, subject.face.mesh)
        return self._qualities.get(subject.key, measure)

    def _cropped(self, subject: _Subject, size: int) -> Pixels:
        """The subject's crop at another size, cached; dtype of the photo."""
        key = (*subject.key, size)
        return self._crops.get(key, lambda: subject.crop.resized(size).sample(subject.photo.pixels))

    def _cropped_face(self, subject: _Subject) -> CroppedFace:
        pixels = to_float(self._cropped(subject, CROP_SIZE))
        return CroppedFace(pixels, subject.face.mesh, subject.crop, self._cover(subject))

    def _cover(self, subject: _Subject) -> Cover:
        """What is in front of a face, cached; only the photo's border where no network is."""

        def look() -> Cover:
            photo, mesh = subject.photo, subject.face.mesh
            if has_cover_network(self._store):
                network = self._cover_network.get("cover", lambda: CoverNetwork(self._store))
                shares = network.shares(photo.as_uint8(), mesh)
            else:
                shares = bare_shares()
            return find_cover(shares, mesh, subject.crop, (photo.width, photo.height))

        return self._covers.get((*subject.key, "cover"), look)


def _within_photo(shown: NDArray[np.uint8], subject: _Subject) -> NDArray[np.uint8]:
    """The crop with grey where it leaves the photo; drawing needs its border repeated there."""
    photo, crop = subject.photo, subject.crop.resized(len(shown))
    edges = np.array([[-0.5, -0.5], [photo.width - 0.5, photo.height - 0.5]], np.float32)
    (left, top), (right, bottom) = np.clip(np.round(crop.to_crop(edges) + 0.5), 0, None).astype(int)
    out = np.full_like(shown, _OUTSIDE_PHOTO)
    out[top:bottom, left:right] = shown[top:bottom, left:right]
    return out


def _within_alpha(drawing: DrawingMaps, expression: _Subject) -> DrawingMaps:
    """Draw nothing from where the expression photo is transparent."""
    alpha = expression.photo.alpha
    if alpha is None:
        return drawing
    size = len(drawing.flow_expression)
    shown = to_float(expression.crop.resized(size).sample(alpha, cv2.BORDER_CONSTANT))
    return replace(drawing, blend=drawing.blend * sample_at(shown, drawing.flow_expression))


def _choose_method(options: EditOptions, has_network: bool) -> str:
    """The method that will run: ExprNet where there is one, unless told otherwise."""
    if options.method == "exprnet" and not has_network:
        raise ExshotError(
            ErrorCode.MODEL_MISSING,
            "ExprNet's weights are not part of this installation.",
            "Choose the method warp, or leave the choice to auto.",
        )
    if options.method == "warp":
        return "warp"
    return "exprnet" if has_network else "warp"


def _file_notes(pose: Photo, expression: Photo) -> tuple[str, ...]:
    return tuple(
        f"{role} photo: {note}"
        for role, photo in (("Pose", pose), ("Expression", expression))
        for note in (photo.origin.notes if photo.origin else ())
    )


def _choose_face(count: int, index: int | None, role: str) -> int:
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


def _nothing(photo: Photo) -> tuple[Pixels, NDArray[np.uint8], Box]:
    """The patch that changes nothing: one pixel under an empty mask."""
    return photo.pixels[:1, :1].copy(), np.zeros((1, 1), np.uint8), Box(0, 0, 1, 1)


@contextmanager
def _timed(timings: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[step] = (time.perf_counter() - start) * 1000
