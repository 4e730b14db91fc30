"""The pipeline, in order: fit, retarget, rasterise, synthesise, compose."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.advice import find_warnings, unlike_pixels
from exshot.align.pair import AlignedPair, align
from exshot.cache import LruCache
from exshot.draw.covers import keep_covers
from exshot.draw.maps import DrawingMaps
from exshot.draw.monochrome import toned
from exshot.draw.patch import View, crop_view, draw_patch, patch_box
from exshot.draw.texture import match_texture
from exshot.draw.warp import drawn_by_warp
from exshot.errors import ErrorCode, ExshotError
from exshot.exprnet.network import ExprNet, Network, has_exprnet
from exshot.exprnet.refinement import drawn_by_exprnet
from exshot.face.crop import CROP_SIZE, PLAN_SIZE
from exshot.face.face import Face
from exshot.face.fitter import FoundFaces
from exshot.image.geometry import Box, within
from exshot.image.pixels import Pixels, to_8_bit
from exshot.model_store import ModelStore
from exshot.options import EditOptions
from exshot.photo import Photo
from exshot.progress import CancelToken, Checkpoint, ProgressCallback
from exshot.result import Edit, EditReport, FaceQuality, HeadTurn, Preview
from exshot.subjects import Subject, Subjects

_PLANS_KEPT: Final = 4
_OUTSIDE_PHOTO: Final = 96  # grey
_PREVIEW_SIZES: Final = (64, 2048)
_FINER: Final = 3.5  # times as many pixels across: smooth in a coarse photo, in any light


@dataclass(frozen=True)
class _Faces:
    """The two faces of an edit."""

    pose: Subject
    expression: Subject

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


@dataclass(frozen=True)
class _Run:
    """One call: what it reports to, what each step took so far, and a thread for work beside it."""

    checkpoint: Checkpoint
    timings: dict[str, float]
    beside: ThreadPoolExecutor

    @classmethod
    @contextmanager
    def begun(cls, progress: ProgressCallback | None, cancel: CancelToken | None) -> Iterator[_Run]:
        beside = ThreadPoolExecutor(1)
        try:
            yield cls(Checkpoint(progress, cancel), {}, beside)
        finally:
            beside.shutdown(cancel_futures=True)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[step] = (time.perf_counter() - start) * 1000


class Editor:
    """Edits expressions; owns the models and the caches. Safe to share between threads.

    Fits, crops and the last edits' maps are kept by the photos' content, so that changing an
    option or drawing the full patch after a preview repeats only what depends on it.
    """

    def __init__(self, store: ModelStore | None = None, network: Network | None = None) -> None:
        """Use the installed models, or those of ``store``; ``network`` replaces its ExprNet."""
        self._store = store or ModelStore()
        self._subjects = Subjects(self._store)
        self._plans: LruCache[_Plan] = LruCache(_PLANS_KEPT)
        self._given_network = network
        self._network: LruCache[Network] = LruCache(1)

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
        found = self._subjects.find(photo, smallest)
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
        with _Run.begun(progress, cancel) as run:
            faces = self._fit(pose, expression, options, run)
            plan = self._plan(faces, options, run)  # retarget, rasterise, synthesise
            layer, mask, box = self._compose(faces, plan.drawing, run)
            run.checkpoint(1.0, "Done")
            return Edit(layer, mask, box, _told(plan, faces, run))

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
        with _Run.begun(progress, cancel) as run:
            faces = self._fit(pose, expression, options, run)
            plan = self._plan(faces, options, run)
            with run.timed("draw"):
                before = self._subjects.cropped(faces.pose, size)
                source = self._subjects.cropped(faces.expression, max(size, CROP_SIZE))
                after, mask = draw_patch(
                    crop_view(before),
                    crop_view(source),
                    plan.drawing,
                    Box(0, 0, size, size),
                    lambda share: run.checkpoint(0.5 + 0.5 * share, "Drawing the preview"),
                    quick=True,
                )
                shown = to_8_bit(before)
            mixed = _under_mask(shown, to_8_bit(after), mask)
        crop = faces.pose.crop
        left, top, side = round(crop.left), round(crop.top), round(crop.side)
        return Preview(
            _within_photo(shown, faces.pose),
            _within_photo(mixed, faces.pose),
            Box(left, top, left + side, top + side),
            _told(plan, faces, run),
        )

    def _fit(self, pose: Photo, expression: Photo, options: EditOptions, run: _Run) -> _Faces:
        """Step 1: the two faces, at the same time; what the network sees in each of them too."""
        network = self._chosen_network(options)

        def look(photo: Photo, index: int | None, role: Literal["pose", "expression"]) -> Subject:
            with run.timed(f"fit_{role}"):
                subject = self._subjects.choose(photo, index, role)
                face = self._subjects.cropped_face(subject, _plan_size(network))
                if network is not None:
                    network.features(subject.key, face, role)
                self._subjects.tone(subject)
                if role == "expression":
                    _ = face.seen  # kept with the face; each plan of a colour photo asks for it
                return subject

        run.checkpoint(0.0, "Fitting the two faces")
        other = run.beside.submit(look, expression, options.expression_face, "expression")
        # Needed late, and of the photo alone: whatever core is free first has time for them.
        run.beside.submit(lambda: self._subjects.quality(other.result()))
        target = look(pose, options.pose_face, "pose")
        run.beside.submit(self._subjects.quality, target)
        run.checkpoint(0.15, "Fitting the two faces")
        return _Faces(target, other.result())

    def _plan(self, faces: _Faces, options: EditOptions, run: _Run) -> _Plan:
        """Steps 2 to 4, or what they came to when the same edit was asked for before."""
        key = (faces.pose.key, faces.expression.key, options)

        def make() -> _Plan:
            network = self._chosen_network(options)
            run.checkpoint(0.3, "Warping")
            with run.timed("warp"):
                pair = self._align(faces, options, network)
            run.checkpoint(0.4, "Matching light and skin")
            with run.timed("synthesise"):
                drawing = self._synthesise(faces, pair, options, network)
            method = "warp" if network is None else "exprnet"
            return _Plan(drawing, self._report(faces, method, drawing), dict(run.timings))

        return self._plans.get(key, make)

    def _align(self, faces: _Faces, options: EditOptions, network: Network | None) -> AlignedPair:
        """Steps 2 and 3: both photos on the target mesh."""
        size = _plan_size(network)
        pose = self._subjects.cropped_face(faces.pose, size)
        expression = self._subjects.cropped_face(faces.expression, size)
        tone = self._subjects.tone(faces.pose)
        if tone is not None:  # a colour photo's hues have no place in it
            expression = replace(expression, pixels=toned(expression.pixels, tone))
        return align(pose, expression, options)

    def _synthesise(
        self, faces: _Faces, pair: AlignedPair, options: EditOptions, network: Network | None
    ) -> DrawingMaps:
        """Step 4: how the method that was chosen draws the edit."""
        if network is None:
            drawing = drawn_by_warp(pair, options)
        else:
            drawing = drawn_by_exprnet(
                pair,
                options,
                network,
                network.features(faces.pose.key, pair.pose, "pose"),
                network.features(self._seen_key(faces), pair.expression, "expression"),
                float(np.hypot(faces.turn.yaw, faces.turn.pitch)),
                unlike_pixels=lambda: self._unlike(faces),
            )
        drawing = keep_covers(drawing, pair)
        texture = match_texture(*self._qualities(faces), faces.pose.crop.side)
        return replace(drawing, tone=self._subjects.tone(faces.pose), texture=texture)

    def _compose(
        self, faces: _Faces, drawing: DrawingMaps, run: _Run
    ) -> tuple[Pixels, NDArray[np.uint8], Box]:
        """Step 5: layer, mask and box at the pose photo's own size."""
        pose, expression = faces.pose, faces.expression
        with run.timed("draw"):
            box = patch_box(drawing.mask, pose.crop, pose.photo.width, pose.photo.height)
            if box.empty:
                return _nothing(pose.photo)
            layer, mask = draw_patch(
                View(pose.photo.pixels, pose.crop),
                View(expression.photo.pixels, expression.crop),
                drawing,
                box,
                lambda share: run.checkpoint(0.5 + 0.5 * share, "Drawing the face"),
            )
        return layer, mask, box

    def _report(self, faces: _Faces, method: str, drawing: DrawingMaps) -> EditReport:
        qualities = self._qualities(faces)
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
                self._subjects.cover(faces.pose).wear,
                self._subjects.cover(faces.expression).wear,
            ),
            timings={},
            pose_quality=qualities[0],
            expression_quality=qualities[1],
        )

    def _chosen_network(self, options: EditOptions) -> Network | None:
        """ExprNet where there is one, unless told otherwise; None to draw by plain warping."""
        installed = self._given_network is not None or has_exprnet(self._store)
        if options.method == "exprnet" and not installed:
            raise ExshotError(
                ErrorCode.MODEL_MISSING,
                "ExprNet's weights are not part of this installation.",
                "Choose the method warp, or leave the choice to auto.",
            )
        if options.method == "warp" or not installed:
            return None
        return self._network.get("exprnet", lambda: self._given_network or ExprNet(self._store))

    def _seen_key(self, faces: _Faces) -> tuple[object, ...]:
        """Names what the network sees of the expression photo; a monochrome pose photo tones it."""
        toned_for = () if self._subjects.tone(faces.pose) is None else (faces.pose.key,)
        return (*faces.expression.key, *toned_for)

    def _unlike(self, faces: _Faces) -> bool:
        """Whether the expression photo's skin would stand out, in whatever light."""
        tones = [self._subjects.tone(one) for one in (faces.pose, faces.expression)]
        grey_in_color = tones[0] is None and tones[1] is not None
        finer = faces.expression.crop.side > _FINER * faces.pose.crop.side
        return grey_in_color or finer or unlike_pixels(*self._qualities(faces))

    def _qualities(self, faces: _Faces) -> tuple[FaceQuality, FaceQuality]:
        return self._subjects.quality(faces.pose), self._subjects.quality(faces.expression)


def _plan_size(network: Network | None) -> int:
    """Side of the crops that an edit is decided on."""
    return max(PLAN_SIZE, network.size) if network else PLAN_SIZE


def _within_photo(shown: NDArray[np.uint8], subject: Subject) -> NDArray[np.uint8]:
    """The crop with grey where it leaves the photo; drawing needs its border repeated there."""
    photo, crop = subject.photo, subject.crop.resized(len(shown))
    edges = np.array([[-0.5, -0.5], [photo.width - 0.5, photo.height - 0.5]], np.float32)
    (left, top), (right, bottom) = np.clip(np.round(crop.to_crop(edges) + 0.5), 0, None).astype(int)
    out = np.full_like(shown, _OUTSIDE_PHOTO)
    out[top:bottom, left:right] = shown[top:bottom, left:right]
    return out


def _under_mask(
    below: NDArray[np.uint8], above: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """One picture over another one, ``(h, w, 3)`` both, as far as the mask says."""
    out = below.copy()
    part = within(mask > 0).slices
    share = mask[part].astype(np.float32) / 255
    if share.size:
        out[part] = cv2.blendLinear(above[part], below[part], share, 1 - share)
    return out


def _file_notes(pose: Photo, expression: Photo) -> tuple[str, ...]:
    return tuple(
        f"{role} photo: {note}"
        for role, photo in (("Pose", pose), ("Expression", expression))
        for note in (photo.origin.notes if photo.origin else ())
    )


def _nothing(photo: Photo) -> tuple[Pixels, NDArray[np.uint8], Box]:
    """The patch that changes nothing: one pixel under an empty mask."""
    return photo.pixels[:1, :1].copy(), np.zeros((1, 1), np.uint8), Box(0, 0, 1, 1)


def _told(plan: _Plan, faces: _Faces, run: _Run) -> EditReport:
    """The plan's report with what belongs to this edit alone: a plan serves all photos of one
    content, whatever their files were like."""
    notes = _file_notes(faces.pose.photo, faces.expression.photo)
    return replace(plan.report, notes=notes, timings={**plan.timings, **run.timings})
