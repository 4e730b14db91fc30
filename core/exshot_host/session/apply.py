"""Makes the layer of one edit: the whole patch from the engine, then the writing of it."""

from __future__ import annotations

from dataclasses import dataclass

from exshot_contract.messages import Edit, EditResult, Report
from exshot_contract.options import Options
from exshot_host.adapter import EditorHost, Patch
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.session.confirmation import Confirmation
from exshot_host.session.new_patch import new_patch
from exshot_host.session.photo_pair import PhotoPair
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator


@dataclass(frozen=True)
class Made:
    """What came of it.

    Attributes:
        layer: id of the new layer; None where the user has to confirm first that both faces are
            one person's.
        name: of the new layer.
    """

    layer: str | None = None
    name: str = ""

    def sentence(self, say: Translator) -> str:
        """What to tell the user."""
        if self.layer is None:
            return say(texts.CONFIRM_PERSON)
        return say(texts.APPLIED).format(layer=self.name)


class LayerMaker:
    """Makes one layer at a time, from the two photos of a pair.

    Attributes:
        running: a layer is being made.
    """

    def __init__(
        self, host: EditorHost, client: EngineClient, pair: PhotoPair, say: Translator
    ) -> None:
        self.running = False
        self._host = host
        self._client = client
        self._pair = pair
        self._say = say
        self._confirmation = Confirmation()
        self._sure = False
        self._asked: Edit | None = None
        self._ticket: PendingRequest | None = None
        self._patch: Patch | None = None

    @property
    def share(self) -> float:
        """How much of the engine's work is done, in [0, 1]."""
        if self._patch is not None:
            return 1.0
        return self._ticket.share if self._ticket is not None else 0.0

    def start(self, *, sure: bool) -> None:
        """Begin; ``sure``: do not ask whether both faces are one person's."""
        self.running, self._sure = True, sure

    def stop(self) -> None:
        """Leave it; the image stays as it is."""
        self.running, self._patch = False, None
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def must_ask(self, report: Report) -> bool:
        """Whether to ask the user now if both faces are one person's; True once for two faces."""
        layers = tuple(photo.layer.id for photo in self._pair.both)
        return self._confirmation.needed(layers, report)

    def advance(self, wanted: Edit, replace: str | None) -> Made | None:
        """Go on; what came of it, once that is known.

        Args:
            wanted: what to ask the engine, if it was not asked yet. The options that it was asked
                with go into the layer's note, whatever is chosen meanwhile.
            replace: id of the layer that the new one replaces, or None.

        Raises:
            HostError: why there is no layer; call `stop`.
        """
        if self._patch is not None:  # made on the last turn: each of the two takes its time
            patch, self._patch = self._patch, None
            made = Made(self._host.write_patch(patch), patch.name)
            self.running = False
            return made
        if self._ticket is None or self._asked is None:
            self._asked, self._ticket = wanted, self._client.submit(wanted)
        elif self._ticket.done:
            # Whatever it holds, it is over: a request that failed may be sent again.
            ticket, self._ticket = self._ticket, None
            result = ticket.result()
            assert isinstance(result, EditResult)
            if not self._sure and self.must_ask(result.report):
                self.stop()
                return Made()
            self._patch = self._make_patch(result, self._asked.options, replace)
            self._host.prepare_patch(self._patch)
        return None

    def _make_patch(self, result: EditResult, options: Options, replace: str | None) -> Patch:
        pose, expression = (photo.layer for photo in self._pair.both)
        if bytes(result.mask).count(0) == len(result.mask):
            raise failures.nothing_to_change(self._say, pose.name)
        # The layer may have been moved or deleted while the engine worked.
        now = next((layer for layer in self._host.layers() if layer.id == pose.id), None)
        if now is None:
            raise failures.layer_gone(self._say, pose.name)
        name = self._say(texts.LAYER_NAME).format(pose=now.name, expression=expression.name)
        return new_patch(
            result,
            pose=now,
            expression=expression,
            options=options,
            replace=replace,
            name=name,
            editor=f"{self._host.name} {self._host.version}",
        )
