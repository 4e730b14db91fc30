"""The best expression of every face of a sequence, as one group of masked layers.

Like a session it never waits: `BestMaker.advance` does a few milliseconds of work at a time, and
nothing in the image changes before the last of them. `best_of_sequence` is the blocking form, for
menu entries and batches.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from exshot_contract.messages import (
    Edit,
    EditResult,
    FaceSuggestion,
    Reply,
    Request,
    Suggest,
    SuggestResult,
)
from exshot_contract.options import Options, with_faces
from exshot_host.adapter import EditorHost, LayerInfo, Patch
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import CancelToken
from exshot_host.errors import HostError, RequestStoppedError
from exshot_host.session import first_choice
from exshot_host.session.layer_upload import LayerUpload
from exshot_host.session.new_patch import new_patch
from exshot_host.session.same_person import SaidMatches
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator

_READ_BUDGET = 0.025
_READING, _LOOKING = 0.5, 0.6  # shares of the progress at the end of these steps
_WAIT = 0.005

_Answer = TypeVar("_Answer")
_Steps = Generator[None, None, _Answer]


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
    """Makes one group at a time.

    Attributes:
        share: how much of it is done, in [0, 1].
        step: what is going on, one of `exshot_host.texts.texts`, untranslated.
    """

    def __init__(self, host: EditorHost, client: EngineClient, say: Translator) -> None:
        self.share = 0.0
        self.step = texts.READING
        self._host = host
        self._client = client
        self._say = say
        self._work: _Steps[BestResult] | None = None

    @property
    def running(self) -> bool:
        return self._work is not None

    def start(
        self,
        layers: Sequence[LayerInfo],
        *,
        base: str | None = None,
        said: SaidMatches | None = None,
    ) -> None:
        """Begin with the layers of a sequence.

        Args:
            base: id of the layer to start from; None has the engine choose it.
            said: what the user says about who is who.
        """
        self.stop()
        self.share, self.step = 0.0, texts.READING
        self._work = self._make(layers, base, said or SaidMatches())

    def stop(self) -> None:
        """Leave it; the image stays as it is."""
        if self._work is not None:
            self._work.close()
            self._work = None

    def advance(self) -> BestResult | None:
        """Go on for some 25 ms; the result once the group is in the image, or none is needed.

        Raises:
            HostError: why there is no group; nothing was changed.
        """
        if self._work is None:
            return None
        try:
            next(self._work)
        except StopIteration as end:
            self._work = None
            return end.value
        except BaseException:
            self._work = None
            raise
        return None

    # Each `yield` below gives the editor's main thread back.

    def _make(
        self, layers: Sequence[LayerInfo], base: str | None, said: SaidMatches
    ) -> _Steps[BestResult]:
        photos = [LayerUpload(self._host, self._client, layer) for layer in layers]
        try:
            yield from self._send(photos)
            pose, chosen = yield from self._choose(photos, base, said)
            by_name = {photo.photo: photo for photo in reversed(photos)}
            faces = yield from self._edit(pose, by_name, chosen)
        finally:
            for photo in photos:
                photo.drop()
        if not faces:
            return BestResult(pose.layer)
        group = yield from self._write(pose.layer, faces)
        return BestResult(pose.layer, group, len(faces))

    def _send(self, photos: Sequence[LayerUpload]) -> _Steps[None]:
        """Read and send every layer; one is read while the engine looks at those before."""
        while not all(photo.ready for photo in photos):
            for photo in photos:
                reading = photo.step == "read"
                photo.advance(_READ_BUDGET, 0)
                if photo.error is not None:
                    raise self._final(photo.error)
                if reading:
                    break
            self.share = _READING * sum(photo.share for photo in photos) / len(photos)
            yield

    def _choose(
        self, photos: Sequence[LayerUpload], base: str | None, said: SaidMatches
    ) -> _Steps[tuple[LayerUpload, list[FaceSuggestion]]]:
        """The photo to start from, and for each of its faces that can be improved by what."""
        pose = next((photo for photo in photos if photo.layer.id == base), None)
        if base is not None and pose is None:
            raise failures.layer_gone(self._say, base)
        names = tuple(dict.fromkeys(photo.photo for photo in photos))  # layers may be copies
        start = pose.photo if pose is not None else ""
        question = Suggest(names, start, said.about(names))
        found = yield from self._ask(question, _READING, _LOOKING, texts.SUGGESTING)
        assert isinstance(found, SuggestResult)
        best: dict[int, FaceSuggestion] = {}
        for one in found.suggestions:  # the first of each face is the best
            best.setdefault(one.base_face, one)
        pose = pose or next(photo for photo in photos if photo.photo == found.base)
        return pose, list(best.values())

    def _edit(
        self, pose: LayerUpload, photos: dict[str, LayerUpload], chosen: Sequence[FaceSuggestion]
    ) -> _Steps[list[_NewFace]]:
        faces = []
        each = (1 - _LOOKING) / max(len(chosen), 1)
        for number, one in enumerate(chosen):
            source = photos[one.photo]
            options = with_faces(Options(), one.base_face, one.face)
            request = Edit(pose.photo, source.photo, options, order=pose.order)
            start = _LOOKING + number * each
            result = yield from self._ask(request, start, start + each, texts.EDITING)
            assert isinstance(result, EditResult)
            if bytes(result.mask).count(0) < len(result.mask):
                faces.append(_NewFace(result, source.layer, options))
        return faces

    def _write(self, base: LayerInfo, faces: Sequence[_NewFace]) -> _Steps[str]:
        """Make the group; its id."""
        # The layer may have been moved or deleted while the engine worked.
        now = next((layer for layer in self._host.layers() if layer.id == base.id), None)
        if now is None:
            raise failures.layer_gone(self._say, base.name)
        writer = self._host.begin_group(now.id, self._say(texts.BEST_GROUP))
        try:
            for face in faces:
                yield
                writer.add(self._patch(now, face))
            yield
            return writer.finish()
        finally:
            writer.close()

    def _patch(self, base: LayerInfo, face: _NewFace) -> Patch:
        name = self._say(texts.LAYER_NAME).format(pose=base.name, expression=face.source.name)
        return new_patch(
            face.result,
            pose=base,
            expression=face.source,
            options=face.options,
            replace=None,
            name=name,
            editor=f"{self._host.name} {self._host.version}",
        )

    def _ask(self, request: Request, start: float, end: float, step: str) -> _Steps[Reply]:
        """The engine's answer; progress goes from ``start`` to ``end`` meanwhile."""
        self.step = step
        ticket = self._client.submit(request)
        try:
            while not ticket.done:
                self.share = start + (end - start) * ticket.share
                yield
            if ticket.error is not None:
                raise self._final(ticket.error)
            return ticket.result()
        finally:
            ticket.cancel()

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
    maker = BestMaker(host, client, say)
    maker.start(layers, base=base)
    try:
        while True:
            result = maker.advance()
            if result is not None:
                return result
            if cancel is not None and cancel.is_set():
                raise RequestStoppedError
            host.progress(maker.share, say(maker.step))
            time.sleep(_WAIT)
    finally:
        maker.stop()
