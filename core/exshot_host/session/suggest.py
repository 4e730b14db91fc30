"""Asks the engine which layer shows a face better: all are sent first, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exshot_contract.messages import Suggest, SuggestResult
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.session.layer_upload import LayerUpload
from exshot_host.session.same_person import SaidMatches
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator


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
    """One question at a time. `advance` does a few milliseconds of work at a time."""

    def __init__(self, host: EditorHost, client: EngineClient) -> None:
        self._host = host
        self._client = client
        self._photos: list[LayerUpload] = []
        self._pose = ""
        self._face: int | None = None
        self._said = SaidMatches()
        self._answered: set[int] = set()  # faces of the pose layer that had their turn
        self._ticket: PendingRequest | None = None

    @property
    def running(self) -> bool:
        return bool(self._photos)

    @property
    def share(self) -> float:
        """How much of it is done, in [0, 1]."""
        sent = sum(photo.share for photo in self._photos) / max(len(self._photos), 1)
        return 0.9 * sent + 0.1 * (self._ticket.share if self._ticket is not None else 0.0)

    def start(
        self,
        layers: Sequence[LayerInfo],
        pose: str,
        *,
        face: int | None = None,
        said: SaidMatches | None = None,
    ) -> None:
        """Begin to ask for something better than the faces of the layer with the id ``pose``.

        Asked again about the same layer, it answers for the next of its faces.

        Args:
            face: index of the face that the user means; it comes before all others.
            said: what the user says about who is who.
        """
        self.stop()
        if pose != self._pose:
            self._answered.clear()
        self._pose, self._face, self._said = pose, face, said or SaidMatches()
        self._photos = [LayerUpload(self._host, self._client, layer) for layer in layers]

    def face_chosen(self) -> None:
        """The user has chosen a face: it may have its turn again."""
        self._answered.clear()

    def stop(self) -> None:
        """Forget the question."""
        for photo in self._photos:
            photo.drop()
        self._photos = []
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def advance(self, budget: float) -> Found | None:
        """Go on for about ``budget`` seconds; the advice once it is there.

        Raises:
            HostError: the question failed, and is forgotten.
            Exception: whatever the editor's adapter raised while it read a layer.
        """
        try:
            return self._advance(budget)
        except BaseException:
            self.stop()
            raise

    def _advance(self, budget: float) -> Found | None:
        for photo in self._photos:
            if not photo.ready:
                photo.advance(budget, 0)
                if photo.error is not None:
                    raise photo.error
                return None
        if self._ticket is None:
            base = next(one.photo for one in self._photos if one.layer.id == self._pose)
            names = tuple(dict.fromkeys(one.photo for one in self._photos))  # there may be copies
            self._ticket = self._client.submit(Suggest(names, base, self._said.about(names)))
        if not self._ticket.done:
            return None
        reply = self._ticket.result()
        assert isinstance(reply, SuggestResult)
        found = self._understood(reply)
        self.stop()
        return found

    def _understood(self, reply: SuggestResult) -> Found:
        layers = {one.photo: one.layer for one in self._photos}
        pose = next(one.layer for one in self._photos if one.layer.id == self._pose)
        best = {one.base_face: one for one in reversed(reply.suggestions)}  # the first of each
        if not best:
            return Found(pose)
        face = self._face if self._face not in self._answered else None
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
