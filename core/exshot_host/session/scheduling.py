"""What a session has under way, and in which order it goes on.

One thing at a time: the layer of the two photos, the group of Best of Sequence, or a suggestion;
where none is asked for, the two photos are read and their preview is kept up to date.
"""

from __future__ import annotations

import enum
import itertools
import os
from collections.abc import Callable, Sequence

from exshot_contract.messages import Edit, Report
from exshot_contract.options import Options
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError
from exshot_host.session.apply import READING, LayerMaker, Made
from exshot_host.session.best import BestMaker, BestResult
from exshot_host.session.photo_pair import PhotoPair
from exshot_host.session.preview import PreviewLoop
from exshot_host.session.roles import POSE
from exshot_host.session.same_person import SaidMatches
from exshot_host.session.selection import SelectionUpload
from exshot_host.session.steps import Progress, Steps, Task
from exshot_host.session.suggest import Found, Suggester
from exshot_host.session.view import Event, State
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator

_numbers = itertools.count(1)


class _Kind(enum.Enum):
    """What the user asked for."""

    LAYER = "layer"
    GROUP = "group"
    SUGGESTION = "suggestion"


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
        self._selection = SelectionUpload(client)
        self._suggester = Suggester(host, client)
        self._best = BestMaker(host, client, say)
        self._maker = LayerMaker(host, client, pair, say)
        self._said_matches = SaidMatches()
        self._reread_for_engine = False
        self._task: Task[Made | BestResult | Found] = Task()
        self._kind = _Kind.LAYER
        self._options = Options()

    # --- What runs --------------------------------------------------------------------------------

    @property
    def making_layer(self) -> bool:
        """The layer of the two photos is being made."""
        return self._task.running and self._kind is _Kind.LAYER

    @property
    def making(self) -> bool:
        """That layer is being made, or the group of Best of Sequence."""
        return self._task.running and self._kind is not _Kind.SUGGESTION

    @property
    def suggesting(self) -> bool:
        """A layer with a better expression is being looked for."""
        return self._task.running and self._kind is _Kind.SUGGESTION

    @property
    def step(self) -> str:
        """What is going on, one of `texts`, untranslated; empty where nothing is."""
        if self._task.running:
            return self._task.progress.step
        if any(photo.step in ("read", "send") for _, photo in self._pair.chosen):
            return texts.READING
        if not self._pair.ready:
            return texts.FINDING_FACES
        return texts.PREVIEWING if self._previews.stale else ""

    def share(self, state: State) -> float | None:
        """How far it is, in [0, 1]; None where that is unknown. ``state``: of the session."""
        if self._task.running:
            return self._task.progress.share
        reading = self._pair.share
        return reading if state is State.WORKING and reading < 1 else None

    # --- Begin and stop ---------------------------------------------------------------------------

    def make_way(self) -> None:
        """Something larger is to begin: stop what is under way, keep what the user has said."""
        self._task.stop()
        self._previews.stop()
        self._said_matches.add(self._pair.said_match())

    def suggest(self, layers: Sequence[LayerInfo]) -> None:
        """Begin to look for a layer with a better expression than the pose layer's faces."""
        pose, _ = self._pair.both
        meant = self._pair.said_match() is not None or POSE in self._pair.by_user
        face = self._pair.faces[POSE] if meant else None
        progress = Progress(texts.SUGGESTING)
        said = self._said_matches
        steps = self._suggester.look(layers, pose.layer.id, progress, face=face, said=said)
        self._begin(_Kind.SUGGESTION, steps, progress)

    def best(self, layers: Sequence[LayerInfo]) -> None:
        """Begin to make the group of Best of Sequence."""
        progress = Progress(texts.READING)
        steps = self._best.make(layers, progress, said=self._said_matches)
        self._begin(_Kind.GROUP, steps, progress)

    def make_layer(self, *, replace: str | None, sure: bool) -> None:
        """Begin to make the layer.

        Args:
            replace: id of the layer that the new one replaces, or None.
            sure: do not ask whether both faces are one person's.
        """
        progress = Progress(texts.EDITING, READING * self._pair.share)
        self._begin(_Kind.LAYER, self._make(progress, replace, sure=sure), progress)

    def must_ask(self, report: Report) -> bool:
        """Whether to ask the user now if both faces are one person's; True once for two faces."""
        return self._maker.must_ask(report)

    def face_chosen(self) -> None:
        """The user has chosen a face of the pose photo: suggestions begin with it again."""
        self._suggester.face_chosen()

    def take_selection(self) -> None:
        """Limit the edit to what is selected in the image now."""
        self._selection.take(self._host.selection())

    def stop_suggesting(self) -> None:
        """Leave the suggestion; the photos stay as they are chosen."""
        if self.suggesting:
            self._task.stop()
            self._previews.changed()

    def stop_making(self) -> None:
        """Leave the layer or the group; the image stays as it is."""
        if self.making:
            self._task.stop()

    def stop(self) -> None:
        """Leave everything; the image stays as it is."""
        self._task.stop()
        self._previews.stop()

    def close(self) -> None:
        """Leave everything and let go of the photos."""
        self._task.stop()
        self._previews.forget()
        self._pair.drop()
        self._selection.drop()

    def _begin(
        self, kind: _Kind, steps: Steps[Made] | Steps[BestResult] | Steps[Found], progress: Progress
    ) -> None:
        """Begin what the user asked for, in place of all else."""
        self.make_way()
        self._kind = kind
        self._task.start(steps, progress)

    # --- Going on ---------------------------------------------------------------------------------

    def advance(self, options: Options, *, preview: int) -> Made | BestResult | Found | None:
        """Go on for some 25 ms with a complete pair; what came of what the user asked for.

        Args:
            options: the chosen ones, without face indexes.
            preview: side of the preview in pixels.

        Raises:
            HostError: what failed; call `mend`, then `stop_making`.
            Exception: whatever the editor's adapter raised.
        """
        self._options = options
        if self._task.running:
            return self._task.advance()
        if self._photos_ready() and self._previews.advance(self._edit(preview)):
            self._reread_for_engine = False
            self._tell(Event.PREVIEW)
        return None

    def mend(self, error: HostError) -> bool:
        """Read the photos again where the engine has let go of one, or a layer was changed during
        an edit; False for all other errors, and where that did not help."""
        if error.code not in ("photo_unknown", "layer_changed") or self._reread_for_engine:
            return False
        self._reread_for_engine = True
        try:
            self._pair.follow(self._host.layers())
            self._pair.reread()
            self.take_selection()
        except Exception as worse:  # the editor's own Python; the first error tells more
            error.__context__ = worse
            return False
        return True

    def _make(self, progress: Progress, replace: str | None, *, sure: bool) -> Steps[Made]:
        """Make the layer of what is chosen when both photos are ready."""
        try:
            made = yield from self._make_once(progress, replace, sure)
        except HostError as error:
            if not self.mend(error):
                raise
            made = yield from self._make_once(progress, replace, sure)
        if made.layer is not None:
            self._reread_for_engine = False
        return made

    def _make_once(self, progress: Progress, replace: str | None, sure: bool) -> Steps[Made]:
        while not self._photos_ready():
            progress.share = READING * self._pair.share
            yield
        edit = self._edit(0)
        made = yield from self._maker.make(edit, replace, progress, sure=sure)
        return made

    def _photos_ready(self) -> bool:
        """Go on with reading and sending; whether both photos and the selection are there.

        Raises:
            HostError: one could not be sent, or has no face.
            Exception: whatever the editor's adapter raised.
        """
        for role, photo in self._pair.chosen:
            if photo.advance():
                self._tell(Event.STATUS)
                if photo.ready:
                    self._pair.faces_found(role)
                    self._tell(Event.FACES)
            if photo.step == "read":
                break  # one layer at a time, or a poll would take twice as long
        if self._selection.advance():
            self._previews.changed()
        if not self._selection.ready or not self._pair.ready:
            return False
        pose, _ = self._pair.both
        if pose.layer.mixed:
            raise failures.mixed_layer(self._say, pose.layer.name)
        for _, photo in self._pair.chosen:
            if photo.faces is not None and not photo.faces.faces:
                raise failures.no_face(self._say, photo.layer.name)
        return True

    def _edit(self, preview: int) -> Edit:
        """What is chosen now, as a request; ``preview``: side in pixels, 0 for the layer."""
        pose, expression = self._pair.both
        return Edit(
            pose=pose.name,
            expression=expression.name,
            options=self._pair.face_options(self._options),
            preview=preview,
            dialog=self._dialog,
            limit=self._selection.name,
            limit_x=self._selection.x - pose.layer.x,
            limit_y=self._selection.y - pose.layer.y,
            order=pose.order,
        )
