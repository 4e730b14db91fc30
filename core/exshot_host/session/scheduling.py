"""What a session has under way, and in which order it goes on.

One thing after the other: Best of Sequence, else a suggestion, else the two photos are read, and
with them the layer is made or the preview renewed.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence

from exshot_contract.messages import Edit, Report
from exshot_contract.options import Options
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError
from exshot_host.session.apply import LayerMaker, Made
from exshot_host.session.best import BestMaker, BestResult
from exshot_host.session.photo_pair import PhotoPair
from exshot_host.session.preview import PreviewLoop
from exshot_host.session.roles import POSE
from exshot_host.session.same_person import SaidMatches
from exshot_host.session.selection import SelectionUpload
from exshot_host.session.suggest import Found, Suggester
from exshot_host.session.view import Event, State
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator

THUMBNAIL = 96
_READ_BUDGET = 0.025
_numbers = itertools.count(1)


class Scheduler:
    """The work on one pair of photos. `advance` does a few milliseconds of it at a time."""

    def __init__(
        self,
        host: EditorHost,
        client: EngineClient,
        pair: PhotoPair,
        previews: PreviewLoop,
        say: Translator,
        tell: Callable[[Event], None],
    ) -> None:
        """``tell``: is told when faces, the preview or how far it is have changed."""
        self._host = host
        self._pair = pair
        self._previews = previews
        self._say = say
        self._tell = tell
        self._dialog = f"d{os.getpid()}n{next(_numbers)}"
        self._limit = SelectionUpload(client)
        self._suggester = Suggester(host, client)
        self._best = BestMaker(host, client, say)
        self._maker = LayerMaker(host, client, pair, say)
        self._said_matches = SaidMatches()
        self._reread_for_engine = False

    # --- What runs --------------------------------------------------------------------------------

    @property
    def making_layer(self) -> bool:
        """The layer of the two photos is being made."""
        return self._maker.running

    @property
    def making(self) -> bool:
        """That layer is being made, or the group of Best of Sequence."""
        return self._maker.running or self._best.running

    @property
    def step(self) -> str:
        """What is going on, one of `texts`, untranslated; empty where nothing is."""
        if self._best.running:
            return self._best.step
        if self._maker.running:
            return texts.EDITING
        if self._suggester.running:
            return texts.SUGGESTING
        if any(photo.step in ("read", "send") for _, photo in self._pair.chosen):
            return texts.READING
        if not self._pair.ready:
            return texts.FINDING_FACES
        return texts.PREVIEWING if self._previews.stale else ""

    def share(self, state: State) -> float | None:
        """How far it is, in [0, 1]; None where that is unknown. ``state``: of the session."""
        if self._best.running:
            return self._best.share
        if self._suggester.running:
            return self._suggester.share
        reading = self._pair.share
        if state is State.APPLYING:
            return 0.3 * reading + 0.7 * self._maker.share
        return reading if state is State.WORKING and reading < 1 else None

    # --- Begin and stop ---------------------------------------------------------------------------

    def make_way(self) -> None:
        """Something larger is to begin: stop what is under way, keep what the user has said."""
        self._suggester.stop()
        self._previews.stop()
        self._said_matches.add(self._pair.said_match())

    def suggest(self, layers: Sequence[LayerInfo]) -> None:
        """Begin to look for a layer with a better expression than the pose layer's faces."""
        pose, _ = self._pair.both
        meant = self._pair.said_match() is not None or POSE in self._pair.by_user
        face = self._pair.faces[POSE] if meant else None
        self._suggester.start(layers, pose.layer.id, face=face, said=self._said_matches)

    def best(self, layers: Sequence[LayerInfo]) -> None:
        """Begin to make the group of Best of Sequence."""
        self._best.start(layers, said=self._said_matches)

    def make_layer(self, *, sure: bool) -> None:
        """Begin to make the layer; ``sure``: do not ask whether both faces are one person's."""
        self._previews.stop()
        self._said_matches.add(self._pair.said_match())
        self._maker.start(sure=sure)

    def must_ask(self, report: Report) -> bool:
        """Whether to ask the user now if both faces are one person's; True once for two faces."""
        return self._maker.must_ask(report)

    def face_chosen(self) -> None:
        """The user has chosen a face of the pose photo: suggestions begin with it again."""
        self._suggester.face_chosen()

    def take_selection(self) -> None:
        """Limit the edit to what is selected in the image now."""
        self._limit.take(self._host.selection())

    def stop_making(self) -> None:
        """Leave the layer or the group; the image stays as it is."""
        self._best.stop()
        self._maker.stop()

    def stop(self) -> None:
        """Leave everything; the image stays as it is."""
        self.stop_making()
        self._suggester.stop()
        self._previews.stop()

    def close(self) -> None:
        """Leave everything and let go of the photos."""
        self.stop_making()
        self._suggester.stop()
        self._previews.forget()
        self._pair.drop()
        self._limit.drop()

    # --- Going on ---------------------------------------------------------------------------------

    def advance(
        self, options: Options, *, preview: int, replace: str | None
    ) -> Found | BestResult | Made | None:
        """Go on for some 25 ms with a complete pair; what came of a suggestion, group or layer.

        Args:
            options: the chosen ones, without face indexes.
            preview: side of the preview in pixels.
            replace: id of the layer that the new one replaces, or None.

        Raises:
            HostError: what failed; call `mend`, then `stop_making`.
            Exception: whatever the editor's adapter raised.
        """
        if self._best.running:
            return self._best.advance()
        if self._suggester.running:
            return self._suggester.advance(_READ_BUDGET)
        self._read_photos()
        if self._limit.advance():
            self._previews.changed()
        if not self._limit.ready or not self._pair.ready:
            return None
        self._refuse_faceless()
        if self._maker.running:
            made = self._maker.advance(self._request(options, 0), replace)
            if made is not None and made.layer is not None:
                self._reread_for_engine = False
            return made
        if self._previews.advance(self._request(options, preview)):
            self._reread_for_engine = False
            self._tell(Event.PREVIEW)
        return None

    def mend(self, error: HostError) -> bool:
        """Read the photos again where the engine has let go of one; False for all other errors,
        and where that did not help."""
        if error.code != "photo_unknown" or self._reread_for_engine:
            return False
        self._reread_for_engine = True
        self._pair.reread()
        self.take_selection()
        return True

    def _read_photos(self) -> None:
        for role, photo in self._pair.chosen:
            if not photo.ready and photo.advance(_READ_BUDGET, THUMBNAIL):
                self._tell(Event.STATUS)
                if photo.error is not None:
                    raise photo.error
                if photo.ready:
                    self._pair.faces_found(role)
                    self._tell(Event.FACES)
            if photo.step == "read":
                break  # one layer at a time, or a poll would take twice as long

    def _refuse_faceless(self) -> None:
        for _, photo in self._pair.chosen:
            if photo.faces is not None and not photo.faces.faces:
                raise failures.no_face(self._say, photo.layer.name)

    def _request(self, options: Options, preview: int) -> Edit:
        pose, expression = self._pair.both
        return Edit(
            pose=pose.photo,
            expression=expression.photo,
            options=self._pair.face_options(options),
            preview=preview,
            dialog=self._dialog,
            limit=self._limit.photo,
            limit_x=self._limit.x - pose.layer.x,
            limit_y=self._limit.y - pose.layer.y,
            order=pose.order,
        )
