"""Asks the engine which layer shows a face better: all are sent first, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exshot_contract.messages import Suggest, SuggestResult
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.session.layer_upload import LayerUpload, upload_all
from exshot_host.session.same_person import SaidMatches
from exshot_host.session.steps import Progress, Steps, reply_to
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator

_SENT = 0.9  # share of the progress when all layers are sent


@dataclass(frozen=True)
class Found:
    """The engine's advice.

    Attributes:
        pose: the layer that was asked about.
        expression: the layer to take an expression from; None where no face can be improved.
        pose_face, expression_face: the face in each; without an expression the pose face is the one
            that was asked about, None where all were.
        reasons: codes of what speaks for it, see `exshot_host.texts.texts.REASONS`.
        others: how many more faces of ``pose`` another layer shows better.
    """

    pose: LayerInfo
    expression: LayerInfo | None = None
    pose_face: int | None = None
    expression_face: int = 0
    reasons: tuple[str, ...] = ()
    others: int = 0

    def sentence(self, say: Translator) -> str:
        """What to tell the user."""
        if self.expression is not None:
            reasons = ", ".join(say(texts.REASONS.get(code, "")) for code in self.reasons)
            advice = say(texts.SUGGESTED).format(layer=self.expression.name, reasons=reasons)
        else:
            text = texts.NOTHING_BETTER if self.pose_face is None else texts.FACE_AT_BEST
            advice = say(text).format(layer=self.pose.name)
        more = say(texts.MORE_FACES) if self.others else ""
        return f"{advice} {more}".strip()


class Suggester:
    """Asks for something better than the faces of a layer; again, for the next of its faces."""

    def __init__(self, host: EditorHost, client: EngineClient) -> None:
        self._host = host
        self._client = client
        self._pose = ""
        self._answered: set[int] = set()  # faces of the pose layer that had their turn

    def face_chosen(self) -> None:
        """The user has chosen a face: it may have its turn again."""
        self._answered.clear()

    def look(
        self,
        layers: Sequence[LayerInfo],
        pose: str,
        progress: Progress,
        *,
        face: int | None,
        said: SaidMatches,
    ) -> Steps[Found]:
        """Send all layers, then ask about the one with the id ``pose``.

        Args:
            face: index of the face that the user means; it comes before all others.
            said: what the user says about who is who.

        Raises:
            HostError: the question failed.
            Exception: whatever the editor's adapter raised while it read a layer.
        """
        if pose != self._pose:
            self._answered.clear()
        self._pose = pose
        photos = [LayerUpload(self._host, self._client, layer) for layer in layers]
        try:
            yield from upload_all(photos, progress, _SENT)
            base = next(one for one in photos if one.layer.id == pose)
            names = tuple(dict.fromkeys(one.name for one in photos))  # there may be copies
            question = Suggest(names, base.name, said.about(names))
            reply = yield from reply_to(self._client.submit(question), progress, _SENT, 1.0)
            assert isinstance(reply, SuggestResult)
            return self._understood(
                reply, base.layer, {one.name: one.layer for one in photos}, face
            )
        finally:
            for photo in photos:
                photo.drop()

    def _understood(
        self, reply: SuggestResult, pose: LayerInfo, layers: dict[str, LayerInfo], face: int | None
    ) -> Found:
        best = {one.base_face: one for one in reversed(reply.suggestions)}  # the first of each
        if not best:
            return Found(pose)
        if face in self._answered:
            face = None
        if face is not None and face not in best:
            self._answered.add(face)
            return Found(pose, pose_face=face, others=len(best))
        order = sorted(best.values(), key=lambda one: (-one.score, one.base_face))
        if all(one.base_face in self._answered for one in order):
            self._answered.clear()
        waiting = (one for one in order if one.base_face not in self._answered)
        one = best[face] if face is not None else next(waiting)
        self._answered.add(one.base_face)
        expression = layers[one.photo]
        return Found(pose, expression, one.base_face, one.face, one.reasons, len(order) - 1)
