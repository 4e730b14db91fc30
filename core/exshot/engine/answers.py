"""Answers to the requests that take work, from the Editor's own results."""

from __future__ import annotations

import numpy as np

from exshot.editor import Editor
from exshot.engine import pixels
from exshot.engine.shelf import PhotoShelf
from exshot.errors import ErrorCode, ExshotError
from exshot.face.face import Face
from exshot.face.topology import FACE_OVAL
from exshot.image.geometry import Box
from exshot.options import checked
from exshot.progress import CancelToken, Checkpoint, ProgressCallback
from exshot.result import EditReport
from exshot.sequence import Sighting, look, match_persons, suggest
from exshot.sequence.read import common_depth
from exshot_contract import messages
from exshot_contract.messages import FaceInfo, Reply

_CHOICES = 8  # for each face: nobody asks further, and an answer must fit into a frame


def find_faces(
    editor: Editor,
    shelf: PhotoShelf,
    request: messages.Faces,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> Reply:
    """`FacesResult`: boxes, head poses, ovals, and small pictures where they are asked for."""
    photo = shelf.photo(request.photo)
    search = editor.find(photo, progress=progress, cancel=cancel)
    faces = search.faces[: messages.MAX_FACES]
    pictures = b""
    if request.thumbnail and faces:
        shown = photo.as_uint8()
        squares = [pixels.thumbnail(shown, face.box, request.thumbnail) for face in faces]
        pictures = np.stack(squares).tobytes()
    found = tuple(_face_info(face) for face in faces)
    return messages.FacesResult(
        found, request.thumbnail, pictures, left_out_below=round(search.left_out_below, 1)
    )


def make_edit(
    editor: Editor,
    shelf: PhotoShelf,
    request: messages.Edit,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> Reply:
    """`EditResult`, or `PreviewResult` where a preview is asked for."""
    if request.preview:
        return _preview(editor, shelf, request, progress, cancel)
    pose, expression = shelf.photo(request.pose), shelf.photo(request.expression)
    edit = editor.edit(pose, expression, checked(request.options), progress=progress, cancel=cancel)
    box = edit.box
    mask = pixels.within_alpha(edit.mask, box, pose.alpha)
    if request.limit:
        selection = shelf.mask(request.limit)
        mask = pixels.within_selection(mask, box, selection, request.limit_x, request.limit_y)
    kept = pixels.tight_box(mask)
    return messages.EditResult(
        x=box.x0 + kept.x0,
        y=box.y0 + kept.y0,
        width=kept.width,
        height=kept.height,
        order=request.order,
        depth=edit.layer.dtype.itemsize * 8,
        report=_report(edit.report),
        pixels=pixels.to_bytes(pixels.ordered(edit.layer[kept.slices], request.order)),
        mask=pixels.to_bytes(mask[kept.slices]),
    )


def suggest_photos(
    editor: Editor,
    shelf: PhotoShelf,
    request: messages.Suggest,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> Reply:
    """`SuggestResult`: every face of the base photo that another photo shows better."""
    checkpoint = Checkpoint(progress, cancel)
    sightings: list[Sighting] = []
    seen: list[float] = []
    for number, name in enumerate(request.photos):
        checkpoint(number / len(request.photos), "Looking at the photos")
        search = editor.find(shelf.photo(name))
        seen.append(0.0 if search.whole else search.seen)
        sightings += look(shelf.photo(name), search.faces[: messages.MAX_FACES], number)
    depth = common_depth(sightings)
    for number, name in enumerate(request.photos):
        if depth is None:
            break
        checkpoint(0.95, "Looking for smaller faces")
        photo = shelf.photo(name)
        smallest = depth * max(photo.width, photo.height)
        if seen[number] > smallest:
            faces = editor.faces(photo, smallest=smallest)[: messages.MAX_FACES]
            sightings = [one for one in sightings if one.photo != number]
            sightings += look(photo, faces, number)
    base = request.photos.index(request.base) if request.base else None
    found = suggest(match_persons(sightings, _corrections(request, sightings)), base)
    if found is None:
        raise ExshotError(
            ErrorCode.NO_FACE,
            "No face was found in any of the photos.",
            "Use layers in which the face is visible, upright and not turned far away.",
        )
    suggestions = tuple(
        messages.FaceSuggestion(
            advice.base.sighting.index,
            request.photos[one.sighting.photo],
            one.sighting.index,
            round(one.score.total, 3),
            one.reasons,
        )
        for advice in found.faces
        for one in advice.choices[:_CHOICES]
    )
    return messages.SuggestResult(request.photos[found.base], suggestions)


def _corrections(
    request: messages.Suggest, sightings: list[Sighting]
) -> list[tuple[Sighting, Sighting]]:
    """What the user says about who is who; faces that there are not any more are left out."""
    by_face = {(request.photos[one.photo], one.index): one for one in sightings}
    pairs = [
        (by_face.get((one.photo, one.face)), by_face.get((one.other, one.other_face)))
        for one in request.same
    ]
    return [(one, other) for one, other in pairs if one is not None and other is not None]


def _preview(
    editor: Editor,
    shelf: PhotoShelf,
    request: messages.Edit,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> Reply:
    pose, expression = shelf.photo(request.pose), shelf.photo(request.expression)
    preview = editor.preview(
        pose,
        expression,
        checked(request.options),
        size=request.preview,
        progress=progress,
        cancel=cancel,
    )
    box, after = preview.box, preview.after
    if request.limit:
        selection = pixels.resampled_selection(
            shelf.mask(request.limit), request.limit_x, request.limit_y, box, len(after)
        )
        before = preview.before.astype(np.float32)
        after = np.rint(before + (after - before) * selection).astype(np.uint8)
    return messages.PreviewResult(
        size=len(after),
        x0=box.x0,
        y0=box.y0,
        x1=box.x1,
        y1=box.y1,
        report=_report(preview.report),
        before=pixels.to_bytes(preview.before),
        after=pixels.to_bytes(after),
    )


def _face_info(face: Face) -> FaceInfo:
    box: Box = face.box
    outline = np.round(face.mesh[list(FACE_OVAL), :2].astype(np.float64), 1)
    pose = face.head_pose
    return FaceInfo(
        *(box.x0, box.y0, box.x1, box.y1),
        score=float(face.score),
        yaw=float(pose.yaw),
        pitch=float(pose.pitch),
        roll=float(pose.roll),
        outline=tuple(outline.reshape(-1).tolist()),
    )


def _report(report: EditReport) -> messages.Report:
    turn = report.head_turn
    return messages.Report(
        method=report.method,
        pose_face=report.pose_face,
        expression_face=report.expression_face,
        yaw=float(turn.yaw),
        pitch=float(turn.pitch),
        roll=float(turn.roll),
        hidden_share=float(report.hidden_share),
        warnings=tuple(
            messages.Notice(item.code, item.sentence, item.hint) for item in report.warnings
        ),
        timings={name: round(float(value), 2) for name, value in report.timings.items()},
    )
