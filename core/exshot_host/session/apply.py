"""Makes the layer of one edit: the whole patch from the engine, then the writing of it."""

from __future__ import annotations

from dataclasses import dataclass

from exshot_contract.messages import Edit, EditResult, Report
from exshot_host.adapter import EditorHost
from exshot_host.engine.client import EngineClient
from exshot_host.session.confirmation import Confirmation
from exshot_host.session.new_patch import changes_nothing, new_patch, pose_layer_now
from exshot_host.session.photo_pair import PhotoPair
from exshot_host.session.placing import why_unseen
from exshot_host.session.steps import Progress, Steps, reply_to
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator

READING = 0.3  # share of the progress when both photos are sent


@dataclass(frozen=True)
class Made:
    """What came of it.

    Attributes:
        layer: id of the new layer; None where the user has to confirm first that both faces are
            one person's.
        name: of the new layer.
        unseen: why it may not be seen, in the user's language; empty where it is.
    """

    layer: str | None = None
    name: str = ""
    unseen: str = ""

    def sentence(self, say: Translator) -> str:
        """What to tell the user."""
        if self.layer is None:
            return say(texts.CONFIRM_PERSON)
        return f"{say(texts.APPLIED).format(layer=self.name)} {self.unseen}".strip()


class LayerMaker:
    """Makes layers from the two photos of a pair."""

    def __init__(
        self, host: EditorHost, client: EngineClient, pair: PhotoPair, say: Translator
    ) -> None:
        self._host = host
        self._client = client
        self._pair = pair
        self._say = say
        self._confirmation = Confirmation()

    def must_ask(self, report: Report) -> bool:
        """Whether to ask the user now if both faces are one person's; True once for two faces."""
        layers = tuple(photo.layer.id for photo in self._pair.both)
        return self._confirmation.needed(layers, report)

    def make(
        self, edit: Edit, replace: str | None, progress: Progress, *, sure: bool
    ) -> Steps[Made]:
        """Make the layer of an edit of the pair, whose photos are ready.

        Args:
            edit: what to ask the engine. Its options and the pair's layers as they are now go into
                the layer's note, whatever is chosen meanwhile.
            replace: id of the layer that the new one replaces, or None.
            sure: do not ask whether both faces are one person's.

        Raises:
            HostError: why there is no layer.
        """
        pose, expression = (photo.layer for photo in self._pair.both)
        result = yield from reply_to(self._client.submit(edit), progress, READING, 1.0)
        assert isinstance(result, EditResult)
        if not sure and self.must_ask(result.report):
            return Made()
        if changes_nothing(result):
            raise failures.nothing_to_change(self._say, pose.name)
        patch = new_patch(
            self._host,
            self._say,
            result,
            pose=pose_layer_now(self._host, self._say, pose),
            expression=expression,
            options=edit.options,
            replace=replace,
        )
        progress.share = 1.0
        yield
        yield from self._host.prepare_patch(patch)
        yield  # each of these takes its time
        made = self._host.write_patch(patch)
        unseen = why_unseen(self._host.layers(), made, pose.id, self._say)
        return Made(made, patch.name, unseen)
