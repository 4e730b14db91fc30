"""The best expression of every face of a sequence: one patch for each face that can be improved.

For menu entries and batches; it waits until all is done, and changes nothing itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from exshot_host import matching, texts
from exshot_host.client import EngineClient
from exshot_host.errors import HostError, RequestStoppedError
from exshot_host.host import EditorHost, LayerInfo, Patch
from exshot_host.layer_photo import LayerPhoto
from exshot_host.new_patch import new_patch
from exshot_host.options import with_faces
from exshot_host.protocol import (
    Edit,
    EditResult,
    FaceSuggestion,
    Options,
    Request,
    Suggest,
    SuggestResult,
)
from exshot_host.texts import Translator
from exshot_host.ticket import CancelToken

_READ_BUDGET = 0.025
_READING, _LOOKING = 0.5, 0.6  # shares of the progress at the end of these steps


@dataclass(frozen=True)
class BestResult:
    """What to put into the image.

    Attributes:
        base: the layer to start from.
        patches: a layer for each face of it that another layer shows better; empty where every
            face is at its best.
        sentences: for each patch where the face comes from and why.
    """

    base: LayerInfo
    patches: tuple[Patch, ...]
    sentences: tuple[str, ...]


def best_of_sequence(
    host: EditorHost,
    client: EngineClient,
    say: Translator,
    *,
    base: str | None = None,
    cancel: CancelToken | None = None,
) -> BestResult:
    """Look at all layers and make the patches.

    Args:
        base: id of the layer to start from; None has the engine choose it.

    Raises:
        HostError: there are no two photos, none has a face, or a layer cannot be read.
        RequestStoppedError: ``cancel`` was set.
    """
    layers = matching.candidates(host.layers())
    if len(layers) < 2:
        raise HostError("bad_option", say(texts.ONE_LAYER), say(texts.ONE_LAYER_HINT))
    photos = _sent(host, client, say, layers, cancel)

    def ask(request: Request, start: float, end: float, text: str):  # type: ignore[no-untyped-def]
        def progress(share: float, _step: str) -> None:
            host.progress(start + (end - start) * share, say(text))

        return client.call(request, progress=progress, cancel=cancel)

    try:
        by_layer = {photo.layer.id: photo for photo in photos}
        if base is not None and base not in by_layer:
            sentence = say(texts.NO_SUCH_LAYER).format(layer=base)
            raise HostError("bad_option", sentence, say(texts.CHOOSE_LAYER_HINT))
        by_name = {photo.photo: photo for photo in reversed(photos)}
        wanted = Suggest(tuple(by_name), by_layer[base].photo if base is not None else "")
        found = ask(wanted, _READING, _LOOKING, texts.SUGGESTING)
        assert isinstance(found, SuggestResult)
        chosen: dict[int, FaceSuggestion] = {}
        for one in found.suggestions:  # the first of each face is the best
            chosen.setdefault(one.base_face, one)
        pose = by_layer[base] if base is not None else by_name[found.base]
        return _made(host, say, ask, pose, by_name, list(chosen.values()))
    finally:
        for photo in photos:
            photo.drop()


def _sent(
    host: EditorHost,
    client: EngineClient,
    say: Translator,
    layers: tuple[LayerInfo, ...],
    cancel: CancelToken | None,
) -> list[LayerPhoto]:
    """Every layer, read and sent."""
    photos = [LayerPhoto(host, client, layer) for layer in layers]
    try:
        for number, photo in enumerate(photos):
            while not photo.ready:
                if cancel is not None and cancel.is_set():
                    raise RequestStoppedError
                if not photo.advance(_READ_BUDGET, 0) and photo.step != "read":
                    time.sleep(0.005)
                if photo.error is not None:
                    raise photo.error
                share = (number + photo.share) / len(photos)
                host.progress(_READING * share, say(texts.READING))
    except BaseException:
        for photo in photos:
            photo.drop()
        raise
    return photos


def _made(
    host: EditorHost,
    say: Translator,
    ask: Callable[[Request, float, float, str], object],
    pose: LayerPhoto,
    photos: dict[str, LayerPhoto],
    chosen: list[FaceSuggestion],
) -> BestResult:
    patches, sentences = [], []
    for number, one in enumerate(chosen):
        source = photos[one.photo]
        options = with_faces(Options(), one.base_face, one.face)
        request = Edit(
            pose=pose.photo,
            expression=source.photo,
            options=options,
            preview=0,
            dialog="",
            order=pose.order,
        )
        each = (1 - _LOOKING) / len(chosen)
        start = _LOOKING + number * each
        result = ask(request, start, start + each, texts.EDITING)
        assert isinstance(result, EditResult)
        if bytes(result.mask).count(0) == len(result.mask):
            continue
        name = say(texts.LAYER_NAME).format(pose=pose.layer.name, expression=source.layer.name)
        patches.append(
            new_patch(
                result,
                pose=pose.layer,
                expression=source.layer,
                options=options,
                replace=None,
                name=name,
                editor=f"{host.name} {host.version}",
            )
        )
        reasons = ", ".join(say(texts.REASONS.get(code, "")) for code in one.reasons)
        sentences.append(say(texts.SUGGESTED).format(layer=source.layer.name, reasons=reasons))
    return BestResult(pose.layer, tuple(patches), tuple(sentences))
