"""A plug-in's mind, without any toolkit: what is chosen, what comes of it, what to show.

A plug-in makes one `EditSession` per dialog or docker, calls `EditSession.poll` from a timer (every
30 ms or so) and draws `EditSession.view` when it reports something. Nothing here waits: reading a
layer is cut into pieces of some 25 ms, everything slower happens in the client's threads.

    session = EditSession(host, client)
    session.open()                        # picks the layers and begins
    ... timer: for event in session.poll(): redraw(session.view())
    session.set_option("strength", 0.8)   # from the slider
    session.apply()                       # Event.APPLIED follows; the host has made the layer
    session.close()

`EditSession.run` is the whole of it in one blocking call, for batches and "repeat last". What runs,
and in which order, is in `scheduling`; what a dialog shows is put together in `new_view`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from exshot_contract import options
from exshot_contract.options import Options
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import CancelToken
from exshot_host.errors import HostError, RequestStoppedError
from exshot_host.session import first_choice, settings
from exshot_host.session.apply import Made
from exshot_host.session.best import BestResult
from exshot_host.session.new_view import new_view
from exshot_host.session.outcome import Outcome
from exshot_host.session.photo_pair import PhotoPair
from exshot_host.session.preview import PreviewLoop
from exshot_host.session.reedit import read_earlier_edit
from exshot_host.session.roles import EXPRESSION, POSE, other
from exshot_host.session.scheduling import Scheduler
from exshot_host.session.suggest import Found
from exshot_host.session.view import Event, View
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator


class EditSession:
    """One dialog or docker on one image.

    All methods are for the editor's main thread. Methods that change a choice never raise; what
    goes wrong is shown by `view` and reported by `poll`.

    Attributes:
        options: the chosen options, without face indexes.
        applied_layer: id of the layer that the last `apply` made; None before.
        unseen: why that layer may not be seen in the image; empty where it is.
    """

    def __init__(
        self,
        host: EditorHost,
        client: EngineClient,
        *,
        preview_size: int = 512,
        translate: Translator | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``preview_size``: side of the preview in pixels, see `set_preview_size`."""
        self.options = Options()
        self.applied_layer: str | None = None
        self.unseen = ""
        self._host = host
        self._client = client
        self._translate = translate or Translator()
        self._preview_size = preview_size
        self._layers: tuple[LayerInfo, ...] = ()
        self._events: set[Event] = set()
        self._pair = PhotoPair(host, client)
        self._previews = PreviewLoop(client, clock)
        self._scheduler = Scheduler(
            host, client, self._pair, self._previews, self._translate, self._events.add
        )
        self._remembered: Options | None = None
        self._replace: str | None = None
        self._outcome = Outcome()
        self._engines_lost = client.engines_lost
        self._status: object = None

    # --- Begin and end ----------------------------------------------------------------------------

    def open(self) -> None:
        """Load the remembered options, pick the layers, start the engine and the first preview."""
        self._replace = None
        with self._guarded():
            self.options = self._remembered = settings.load(self._host)
            self._client.start()
            self._layers = tuple(self._host.layers())
            self._use(*first_choice.first_pair(self._layers, self._host.selected_layers()))
            self._scheduler.take_selection()

    def open_again(self, layer_id: str) -> bool:
        """Edit a layer that ExShot made again: its layers, faces and options; `apply` replaces it.

        False, with the reason in `view`, where the layer has no note or its photos are gone, and
        while a layer is being made.
        """
        if self._scheduler.making:
            return False
        self._scheduler.stop_suggesting()
        self.open()
        with self._guarded():
            edit = read_earlier_edit(self._host, self._layers, layer_id, self._translate)
            self._replace = layer_id
            self.options = self._remembered = options.with_faces(edit.options, None, None)
            self._use(edit.pose, edit.expression)
            self._pair.pick_face(POSE, edit.options.pose_face)
            self._pair.pick_face(EXPRESSION, edit.options.expression_face)
            return True
        return False

    def close(self) -> None:
        """Stop everything, remember the options and let go of the photos. The client lives on."""
        self._scheduler.close()
        self._remember()

    # --- Choices ----------------------------------------------------------------------------------

    def set_layer(self, role: str, layer_id: str) -> None:
        """Choose the layer of a role (`POSE`, `EXPRESSION`); the other role's layer swaps them."""
        layer = next((item for item in self._layers if item.id == layer_id), None)
        if layer is None or self._pair.layer_id(role) == layer_id or not self._may_choose():
            return
        if self._pair.layer_id(other(role)) == layer_id:
            self.swap()
            return
        if role == POSE:
            self._replace = None  # another photo's face takes no older layer's place
        chosen = {**self._pair.layers(), role: layer}
        with self._guarded():
            self._use(chosen[POSE], chosen[EXPRESSION])

    def swap(self) -> None:
        """Exchange pose and expression."""
        if not self._may_choose():
            return
        self._replace = None
        self._pair.swap()
        self._previews.forget()
        self._begin_again()
        self._events |= {Event.LAYERS, Event.FACES, Event.PREVIEW}

    def suggest(self) -> bool:
        """Begin to look for the layer with the best expression for the pose layer's faces.

        The choosers follow by themselves, and the status line says why; again, for the next face.
        A face of the pose layer that the user chose comes first, and a face that he chose in the
        expression layer is taken for the same person. False where there are no two photos.
        """
        if not self._may_begin():
            return False
        self._begin_again()
        with self._guarded():
            self._follow(self._host.layers())
            self._scheduler.suggest(first_choice.candidates(self._layers))
        return self._scheduler.suggesting

    def best(self) -> bool:
        """Begin to make a group with the best expression of every face in all layers.

        `Event.APPLIED` follows, or `Event.NOTHING_BETTER`. False where there are no two photos.
        """
        if not self._may_begin():
            return False
        self._begin_again()
        self._scheduler.make_way()
        with self._guarded():
            self._follow(self._host.layers())
            self._scheduler.best(first_choice.candidates(self._layers))
        return self._scheduler.making

    def set_face(self, role: str, index: int) -> None:
        """Choose a face by its index in `RoleView.faces`; before those are known, too."""
        if not self._may_choose():
            return
        if role == POSE:
            self._scheduler.face_chosen()
        if self._pair.pick_face(role, index):
            self._begin_again()
            self._events.add(Event.FACES)

    def set_option(self, key: str, value: options.Value) -> None:
        """Change an option of the table by its key. Values out of range are ignored."""
        if not options.spec(key).accepts(value):
            return
        changed = options.with_value(self.options, key, value)
        if changed != self.options:
            self.options = changed
            self._begin_again()

    def reset_options(self) -> None:
        """All options back to their defaults."""
        self.options = Options()
        self._begin_again()

    def set_preview_size(self, size: int) -> None:
        """Side of the preview in device pixels, e.g. after the dialog was resized."""
        size = max(64, min(int(size), 1024))
        if size != self._preview_size:
            self._preview_size = size
            self._begin_again()

    def refresh(self) -> None:
        """Look at the image again: layers added, gone or painted on, another selection.

        Call it when the editor reports a change, or before a list of layers pops up.
        """
        with self._guarded():
            layers = tuple(self._host.layers())
            if layers != self._layers:
                self._events.add(Event.LAYERS)
                self._follow(layers)
            self._scheduler.take_selection()
            self._previews.changed()

    # --- Doing ------------------------------------------------------------------------------------

    def apply(self, *, sure: bool = False) -> bool:
        """Begin to make the layer; False where that is not possible now. See `Event.APPLIED`.

        Where the faces are probably not one person's, the first call only asks, in the status line;
        the second one goes on. ``sure`` is for scripts, which cannot be asked.
        """
        if not self._may_begin():
            return False
        shown = None if self._previews.stale else self._previews.preview
        self._begin_again()
        if not sure and shown is not None and self._scheduler.must_ask(shown.report):
            self._say(Made().sentence(self._translate))
            return False
        self._scheduler.make_layer(replace=self._replace, sure=sure)
        with self._guarded():
            self._follow(self._host.layers(), sure=True)
            self._scheduler.take_selection()
        return self._scheduler.making

    def cancel(self) -> None:
        """Stop what is under way. Nothing in the image changes; the next choice starts again.

        Where that is a suggestion, the photos stay as they are, and the preview goes on.
        """
        if self._scheduler.suggesting:
            self._scheduler.stop_suggesting()
            return
        if not self._scheduler.making:
            self._outcome = replace(self._outcome, paused=True)
        self._scheduler.stop()

    def run(
        self, *, timeout: float = 300.0, cancel: CancelToken | None = None, guess: bool = False
    ) -> str:
        """Make the layer and wait for it; its id. Progress goes to the host.

        ``guess`` takes the largest face where there are several; else that is an error.

        Raises:
            HostError: why there is no layer.
        """
        end = time.monotonic() + timeout
        if not self.apply(sure=True):
            view = self.view()
            raise self._outcome.failure or HostError("bad_option", view.sentence, view.hint)
        while Event.APPLIED not in self.poll():
            undecided = self._pair.undecided
            if undecided and not guess:
                self.cancel()
                raise failures.several_faces(self._translate, undecided[0].layer.name)
            if self._outcome.failure is not None:
                raise self._outcome.failure
            view = self.view()
            self._host.progress(view.share or 0.0, view.sentence)
            if time.monotonic() > end or (cancel is not None and cancel.is_set()):
                self.cancel()
                raise RequestStoppedError
            time.sleep(0.01)
        assert self.applied_layer is not None
        return self.applied_layer

    # --- What to show -----------------------------------------------------------------------------

    def poll(self) -> tuple[Event, ...]:
        """Go on with what is under way; what has happened since the last call, in a fixed order."""
        with self._guarded():
            self._go_on()
        if self._client.engines_lost != self._engines_lost:
            self._engines_lost = self._client.engines_lost
            self._say(self._translate(texts.ENGINE_REPLACED))
        view = self.view()
        status = (view.state, view.sentence, view.warning, view.share, view.can_apply, view.stale)
        if status != self._status:
            self._status = status
            self._events.add(Event.STATUS)
        events = tuple(event for event in Event if event in self._events)
        self._events.clear()
        return events

    def view(self) -> View:
        """Everything that a dialog shows now."""
        return new_view(
            self._translate,
            self._layers,
            self._pair,
            self._previews,
            self._scheduler,
            self._outcome,
            reedit=self._replace is not None,
        )

    @property
    def suggesting(self) -> bool:
        """`suggest` is looking for a layer; `cancel` stops just that."""
        return self._scheduler.suggesting

    @property
    def said(self) -> str:
        """What came of the last `apply`, `suggest` or `best`; empty after a new choice."""
        return self._outcome.said

    # --- What comes of it -------------------------------------------------------------------------

    def _may_choose(self) -> bool:
        """Whether the photos may be chosen: not while a layer is made of those that were. A
        suggestion is left, for the user has made up his mind."""
        if self._scheduler.making:
            self._events |= {Event.LAYERS, Event.FACES}  # the lists show again what is chosen
            return False
        self._scheduler.stop_suggesting()
        return True

    def _may_begin(self) -> bool:
        """Whether there are two photos and nothing is being made of them."""
        return self._pair.complete and not self._scheduler.making

    def _go_on(self) -> None:
        if self._outcome.failure is not None or self._outcome.paused or not self._pair.complete:
            return
        came = self._scheduler.advance(self.options, preview=self._preview_size)
        if isinstance(came, Found):
            self._take(came)
        elif isinstance(came, BestResult):
            self._tell_best(came)
        elif isinstance(came, Made):
            self._tell_made(came)

    def _take(self, found: Found) -> None:
        """Choose what the engine suggests, and say why."""
        if found.expression is not None:
            self._use(found.pose, found.expression)
            self._pair.pick_face(POSE, found.pose_face, by_user=False)
            self._pair.pick_face(EXPRESSION, found.expression_face, by_user=False)
        else:
            self._previews.changed()
        self._say(found.sentence(self._translate))

    def _tell_best(self, made: BestResult) -> None:
        """The group is in the image, or there was nothing to make."""
        self._follow(self._host.layers())
        self._previews.changed()
        if made.group is not None:
            self.applied_layer = made.group
        self._say(made.sentence(self._translate))
        happened = Event.APPLIED if made.group is not None else Event.NOTHING_BETTER
        self._events |= {happened, Event.LAYERS}

    def _tell_made(self, made: Made) -> None:
        """The layer is in the image, or the user has to confirm first."""
        self._say(made.sentence(self._translate))
        if made.layer is None:
            return
        self.applied_layer, self.unseen = made.layer, made.unseen
        self._replace = None
        self._layers = tuple(self._host.layers())
        self._remember()
        self._events |= {Event.APPLIED, Event.LAYERS}

    def _say(self, sentence: str) -> None:
        self._outcome = replace(self._outcome, said=sentence)

    def _remember(self) -> None:
        """Keep the options for the next time, where the user has changed them."""
        if self._remembered is not None and self.options != self._remembered:
            with self._guarded():
                settings.save(self._host, self.options)
                self._remembered = self.options

    # --- Layers -----------------------------------------------------------------------------------

    def _use(self, pose: LayerInfo | None, expression: LayerInfo | None) -> None:
        """Make these the two photos; a layer that is one already is not read again."""
        self._pair.use(pose, expression)
        self._previews.forget()
        self._begin_again()
        self._events |= {Event.LAYERS, Event.FACES, Event.PREVIEW}

    def _follow(self, layers: Sequence[LayerInfo], *, sure: bool = False) -> None:
        """Adapt to the layers that are there now; ``sure`` reads again what may have changed."""
        self._layers = tuple(layers)
        gone = self._pair.missing(layers)
        if self._pair.complete and not gone:
            self._pair.follow(layers, sure=sure)
        elif self._scheduler.making_layer:
            raise failures.layer_gone(self._translate, gone[0].name if gone else "")
        else:
            self._replace = None
            self._use(*first_choice.first_pair(layers, self._host.selected_layers()))

    # --- When something goes wrong ----------------------------------------------------------------

    def _begin_again(self) -> None:
        """A choice has changed: forget the failure and what was said about the past."""
        self._outcome = Outcome()
        self._previews.changed()
        self._pair.reread(failed_only=True)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What goes wrong inside becomes the session's failure."""
        try:
            yield
        except RequestStoppedError:
            self._scheduler.stop_making()
        except HostError as error:
            self._fail(error)
        except Exception as error:  # whatever the editor's own Python raises
            self._fail(failures.editor_failed(self._translate, self._host.name, error))

    def _fail(self, error: HostError) -> None:
        if self._scheduler.mend(error):
            return
        self._scheduler.stop_making()
        self._outcome = replace(self._outcome, failure=self._translate.error(error))
        self._events.add(Event.FAILED)
