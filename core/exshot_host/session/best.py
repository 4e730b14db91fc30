"""The best expression of every face of a sequence, as one group of masked layers.

Nothing in the image changes before the last step of `BestMaker.make`. `best_of_sequence` is the
blocking form, for menu entries and batches.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from exshot_contract.messages import (
    Edit,
    EditResult,
    FaceSuggestion,
    Suggest,
    SuggestResult,
)
from exshot_contract.options import Options, with_faces
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import CancelToken
from exshot_host.errors import HostError, RequestStoppedError
from exshot_host.session import first_choice
from exshot_host.session.layer_upload import LayerUpload, upload_all
from exshot_host.session.new_patch import changes_nothing, new_patch, pose_layer_now
from exshot_host.session.same_person import SaidMatches
from exshot_host.session.steps import Progress, Steps, Task, reply_to
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator

_READING, _LOOKING = 0.5, 0.6  # shares of the progress at the end of these steps
_WAIT = 0.005


@dataclass(frozen=True)
class BestResult:
    """What was made.

    Attributes:
        base: the layer that was started from.
        group: id of the new group; None where every face is at its best.
        faces: how many faces the group shows better.
    """

    base: LayerInfo
    group: str | None = None
    faces: int = 0

    def sentence(self, say: Translator) -> str:
        """What to tell the user."""
        if self.group is None:
            return say(texts.NOTHING_BETTER).format(layer=self.base.name)
        return say(texts.BEST_MADE).format(layer=self.base.name, count=self.faces)


@dataclass(frozen=True)
class _NewFace:
    """The engine's answer for one face, and the layer that the expression is from."""

    result: EditResult
    source: LayerInfo
    options: Options


class BestMaker:
    """Makes groups from the layers of a sequence."""

    def __init__(self, host: EditorHost, client: EngineClient, say: Translator) -> None:
        self._host = host
        self._client = client
        self._say = say

    def make(
        self,
        layers: Sequence[LayerInfo],
        progress: Progress,
        *,
        base: str | None = None,
        said: SaidMatches | None = None,
    ) -> Steps[BestResult]:
        """Make a group, or none where every face is at its best.

        Args:
            base: id of the layer to start from; None has the engine choose it.
            said: what the user says about who is who.

        Raises:
            HostError: why there is no group; nothing was changed.
            Exception: whatever the editor's adapter raised.
        """
        photos = [LayerUpload(self._host, self._client, layer) for layer in layers]
        try:
            yield from upload_all(photos, progress, _READING)
            pose, chosen = yield from self._choose(photos, base, said or SaidMatches(), progress)
            by_name = {photo.name: photo for photo in reversed(photos)}
            faces = yield from self._edit(pose, by_name, chosen, progress)
        except HostError as error:
            raise self._final(error) from None
        finally:
            for photo in photos:
                photo.drop()
        if not faces:
            return BestResult(pose.layer)
        group = yield from self._write(pose.layer, faces)
        return BestResult(pose.layer, group, len(faces))

    def _choose(
        self,
        photos: Sequence[LayerUpload],
        base: str | None,
        said: SaidMatches,
        progress: Progress,
    ) -> Steps[tuple[LayerUpload, list[FaceSuggestion]]]:
        """The photo to start from, and for each of its faces that can be improved by what."""
        pose = next((photo for photo in photos if photo.layer.id == base), None)
        if base is not None and pose is None:
            raise failures.layer_gone(self._say, base)
        names = tuple(dict.fromkeys(photo.name for photo in photos))  # layers may be copies
        start = pose.name if pose is not None else ""
        question = Suggest(names, start, said.about(names))
        progress.step = texts.SUGGESTING
        asked = self._client.submit(question)
        found = yield from reply_to(asked, progress, _READING, _LOOKING)
        assert isinstance(found, SuggestResult)
        best: dict[int, FaceSuggestion] = {}
        for one in found.suggestions:  # the first of each face is the best
            best.setdefault(one.base_face, one)
        pose = pose or next(photo for photo in photos if photo.name == found.base)
        return pose, list(best.values())

    def _edit(
        self,
        pose: LayerUpload,
        photos: dict[str, LayerUpload],
        chosen: Sequence[FaceSuggestion],
        progress: Progress,
    ) -> Steps[list[_NewFace]]:
        progress.step = texts.EDITING
        faces = []
        each = (1 - _LOOKING) / max(len(chosen), 1)
        for number, one in enumerate(chosen):
            source = photos[one.photo]
            options = with_faces(Options(), one.base_face, one.face)
            request = Edit(pose.name, source.name, options, order=pose.order)
            start = _LOOKING + number * each
            asked = self._client.submit(request)
            result = yield from reply_to(asked, progress, start, start + each)
            assert isinstance(result, EditResult)
            if not changes_nothing(result):
                faces.append(_NewFace(result, source.layer, options))
        return faces

    def _write(self, base: LayerInfo, faces: Sequence[_NewFace]) -> Steps[str]:
        """Make the group; its id."""
        now = pose_layer_now(self._host, self._say, base)
        writer = self._host.begin_group(now.id, self._say(texts.BEST_GROUP))
        try:
            for face in faces:
                yield
                patch = new_patch(
                    self._host,
                    self._say,
                    face.result,
                    pose=now,
                    expression=face.source,
                    options=face.options,
                )
                yield from writer.add(patch)
            yield
            return writer.finish()
        finally:
            writer.close()

    def _final(self, error: HostError) -> HostError:
        """The error, or another for one that a session mends by reading its two layers again."""
        if error.code != "photo_unknown":
            return error
        sentence, hint = texts.ERRORS["internal"]
        return HostError("internal", self._say(sentence), self._say(hint))


def best_of_sequence(
    host: EditorHost,
    client: EngineClient,
    say: Translator,
    *,
    base: str | None = None,
    cancel: CancelToken | None = None,
) -> BestResult:
    """Look at all layers, make the group and wait for it. Progress goes to the host.

    Args:
        base: id of the layer to start from; None has the engine choose it.

    Raises:
        HostError: there are no two photos, none has a face, or a layer cannot be read.
        RequestStoppedError: ``cancel`` was set.
    """
    layers = first_choice.candidates(host.layers())
    if len(layers) < 2:
        raise HostError("bad_option", say(texts.ONE_LAYER), say(texts.ONE_LAYER_HINT))
    progress = Progress(texts.READING)
    task: Task[BestResult] = Task()
    task.start(BestMaker(host, client, say).make(layers, progress, base=base), progress)
    try:
        while True:
            result = task.advance()
            if result is not None:
                return result
            if cancel is not None and cancel.is_set():
                raise RequestStoppedError
            host.progress(progress.share, say(progress.step))
            time.sleep(_WAIT)
    finally:
        task.stop()
