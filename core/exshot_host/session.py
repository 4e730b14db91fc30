"""A plug-in's mind, without any toolkit: what is chosen, what runs, what to show.

A plug-in makes one `EditSession` per dialog or docker, calls `EditSession.poll` from a timer (every
30 ms or so) and draws `EditSession.view` when it reports something. Nothing here waits: reading a
layer is cut into pieces of some 25 ms, everything slower happens in the client's threads.

    session = EditSession(host, client)
    session.open()                        # picks the layers and begins
    ... timer: for event in session.poll(): redraw(session.view())
    session.set_option("strength", 0.8)   # from the slider
    session.apply()                       # Event.APPLIED follows; the host has made the layer
    session.close()

`EditSession.run` is the whole of it in one blocking call, for batches and "repeat last".
"""

from __future__ import annotations

import itertools
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exshot_host import matching, options, settings, texts
from exshot_host.best import BestMaker, BestResult
from exshot_host.client import EngineClient
from exshot_host.confirmation import Confirmation
from exshot_host.errors import HostError, RequestStoppedError
from exshot_host.host import EditorHost, LayerInfo, Patch
from exshot_host.limit import Limit
from exshot_host.new_patch import new_patch
from exshot_host.note import Note
from exshot_host.photo_pair import EXPRESSION, POSE, ROLES, PhotoPair, other
from exshot_host.preview_loop import PreviewLoop
from exshot_host.protocol import Edit, EditResult, Options, Report
from exshot_host.said_matches import SaidMatches
from exshot_host.suggester import Found, Suggester
from exshot_host.texts import Translator
from exshot_host.ticket import CancelToken, Ticket
from exshot_host.view import Event, State, View

__all__ = ["EXPRESSION", "POSE", "ROLES", "EditSession"]

THUMBNAIL = 96
_READ_BUDGET = 0.025
_numbers = itertools.count(1)


class EditSession:
    """One dialog or docker on one image.

    All methods are for the editor's main thread. Methods that change a choice never raise; what
    goes wrong is shown by `view` and reported by `poll`.

    Attributes:
        options: the chosen options, without face indexes.
        applied_layer: id of the layer that the last `apply` made; None before.
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
        self._host = host
        self._client = client
        self._translate = translate or Translator()
        self._dialog = f"d{os.getpid()}n{next(_numbers)}"
        self._preview_size = preview_size
        self._layers: tuple[LayerInfo, ...] = ()
        self._pair = PhotoPair(host, client)
        self._suggester = Suggester(host, client)
        self._best = BestMaker(host, client, self._translate)
        self._said_matches = SaidMatches()
        self._previews = PreviewLoop(client, clock)
        self._limit = Limit(client)
        self._confirmation = Confirmation()
        self._sure = False
        self._remembered: Options | None = None
        self._replace: str | None = None
        self._failure: HostError | None = None
        self._paused = False
        self._reread_for_engine = False
        self._applying = False
        self._edit: Ticket | None = None
        self._patch: Patch | None = None
        self._said = ""
        self._engines_lost = client.engines_lost
        self._events: set[Event] = set()
        self._status: object = None

    # --- Begin and end ----------------------------------------------------------------------------

    def open(self) -> None:
        """Load the remembered options, pick the layers, start the engine and the first preview."""
        self._replace = None
        with self._guarded():
            self.options = self._remembered = settings.load(self._host)
            self._client.start()
            self._layers = tuple(self._host.layers())
            pose, expression = matching.first_pair(self._layers, self._host.selected_layers())
            self._use(pose, expression)
            self._limit.take(self._host.selection())

    def open_again(self, layer_id: str) -> bool:
        """Edit a layer that ExShot made again: its layers, faces and options; `apply` replaces it.

        False, with the reason in `view`, where the layer has no note or its photos are gone.
        """
        self.open()
        with self._guarded():
            note = Note.from_text(self._host.read_note(layer_id))
            name = next((layer.name for layer in self._layers if layer.id == layer_id), layer_id)
            if note is None:
                raise self._error("bad_option", texts.NOT_OURS, texts.NOT_OURS_HINT, name)
            layers = [reference.find(self._layers) for reference in (note.pose, note.expression)]
            for reference, layer in zip((note.pose, note.expression), layers):
                if layer is None:
                    raise self._gone(reference.name)
            self._replace = layer_id
            self.options = self._remembered = options.with_faces(note.options, None, None)
            self._use(layers[0], layers[1])
            self._pair.pick_face(POSE, note.options.pose_face)
            self._pair.pick_face(EXPRESSION, note.options.expression_face)
            return True
        return False

    def close(self) -> None:
        """Stop everything, remember the options and let go of the photos. The client lives on."""
        self._stop_edit()
        self._suggester.stop()
        self._previews.forget()
        self._pair.drop()
        self._limit.drop()
        self._remember()

    # --- Choices ----------------------------------------------------------------------------------

    def set_layer(self, role: str, layer_id: str) -> None:
        """Choose the layer of a role (`POSE`, `EXPRESSION`); the other role's layer swaps them."""
        layer = next((item for item in self._layers if item.id == layer_id), None)
        if layer is None or self._pair.layer_id(role) == layer_id:
            return
        if self._pair.layer_id(other(role)) == layer_id:
            self.swap()
            return
        chosen = {**self._pair.layers(), role: layer}
        with self._guarded():
            self._use(chosen[POSE], chosen[EXPRESSION])

    def swap(self) -> None:
        """Exchange pose and expression."""
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
        pose = self._pair.layer_id(POSE)
        if pose is None or self._blocked() is not None or self._applying or self._best.running:
            return False
        self._begin_again()
        self._previews.stop()
        said = self._pair.said_match()
        self._said_matches.add(said)
        meant = said is not None or POSE in self._pair.by_user
        face = self._pair.faces[POSE] if meant else None
        layers = matching.candidates(self._layers)
        self._suggester.start(layers, pose, face=face, said=self._said_matches)
        return True

    def best(self) -> bool:
        """Begin to make a group with the best expression of every face in all layers.

        `Event.APPLIED` follows, or `Event.NOTHING_BETTER`. False where there are no two photos.
        """
        if self._blocked() is not None or self._applying or self._best.running:
            return False
        self._begin_again()
        self._suggester.stop()
        self._previews.stop()
        self._said_matches.add(self._pair.said_match())
        with self._guarded():
            self._layers = tuple(self._host.layers())
            self._follow(self._layers)
            self._best.start(matching.candidates(self._layers), said=self._said_matches)
        return self._best.running

    def set_face(self, role: str, index: int) -> None:
        """Choose a face by its index in `RoleView.faces`; before those are known, too."""
        if role == POSE:
            self._suggester.face_chosen()
        if self._pair.pick_face(role, index):
            self._begin_again()
            self._events.add(Event.FACES)

    def set_option(self, key: str, value: options.Value) -> None:
        """Change an option of `exshot_host.options.OPTIONS`. Values out of range are ignored."""
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
                self._layers = layers
                self._events.add(Event.LAYERS)
                self._follow(layers)
            self._limit.take(self._host.selection())
            self._previews.changed()

    # --- Doing ------------------------------------------------------------------------------------

    def apply(self, *, sure: bool = False) -> bool:
        """Begin to make the layer; False where that is not possible now. See `Event.APPLIED`.

        Where the faces are probably not one person's, the first call only asks, in the status line;
        the second one goes on. ``sure`` is for scripts, which cannot be asked.
        """
        if self._blocked() is not None or self._applying or self._best.running:
            return False
        shown = None if self._previews.stale else self._previews.preview
        self._begin_again()
        self._sure = sure
        if shown is not None and self._asks(shown.report):
            return False
        self._previews.stop()
        self._said_matches.add(self._pair.said_match())
        self._applying = True
        with self._guarded():
            self._layers = tuple(self._host.layers())
            self._follow(self._layers, sure=True)
            self._limit.take(self._host.selection())
        return self._applying

    def cancel(self) -> None:
        """Stop what is under way. Nothing in the image changes; the next choice starts again."""
        if not (self._applying or self._best.running):
            self._paused = True
        self._stop_edit()
        self._suggester.stop()
        self._previews.stop()

    @property
    def said(self) -> str:
        """What came of the last `apply`, `suggest` or `best`; empty after a new choice."""
        return self._said

    def poll(self) -> tuple[Event, ...]:
        """Go on with what is under way; what has happened since the last call, in a fixed order."""
        with self._guarded():
            self._advance()
        if self._client.engines_lost != self._engines_lost:
            self._engines_lost = self._client.engines_lost
            self._said = self._translate(texts.ENGINE_REPLACED)
        view = self.view()
        status = (view.state, view.sentence, view.warning, view.share, view.can_apply, view.stale)
        if status != self._status:
            self._status = status
            self._events.add(Event.STATUS)
        events = tuple(event for event in Event if event in self._events)
        self._events = set()
        return events

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
            raise self._failure or HostError("bad_option", view.sentence, view.hint)
        while Event.APPLIED not in self.poll():
            if not guess:
                self._refuse_ambiguous()
            if self._failure is not None:
                raise self._failure
            view = self.view()
            self._host.progress(view.share or 0.0, view.sentence)
            if time.monotonic() > end or (cancel is not None and cancel.is_set()):
                self.cancel()
                raise RequestStoppedError
            time.sleep(0.01)
        assert self.applied_layer is not None
        return self.applied_layer

    # --- What to show -----------------------------------------------------------------------------

    def view(self) -> View:
        """Everything that a dialog shows now."""
        state, sentence, hint = self._where()
        report = self._previews.preview.report if self._previews.preview is not None else None
        notices = report.warnings if report is not None else ()
        return View(
            state=state,
            sentence=sentence,
            hint=hint,
            details=self._failure.details if self._failure is not None else "",
            warning=" ".join(self._translate.notice(n.code, n.sentence) for n in notices),
            share=self._share(state),
            layers=matching.candidates(self._layers),
            pose=self._pair.view(POSE),
            expression=self._pair.view(EXPRESSION),
            preview=self._previews.preview,
            stale=self._previews.stale,
            can_apply=state in (State.READY, State.WORKING) or self._may_retry(),
            can_cancel=state in (State.WORKING, State.APPLYING),
            reedit=self._replace is not None,
        )

    def _where(self) -> tuple[State, str, str]:
        """State, sentence and hint."""
        say = self._translate
        blocked = self._blocked()
        if self._failure is not None:
            return State.FAILED, self._failure.sentence, self._failure.hint
        if blocked is not None:
            return State.BLOCKED, say(blocked[0]), say(blocked[1])
        if self._best.running:
            return State.APPLYING, say(self._best.step), ""
        if self._applying:
            return State.APPLYING, say(texts.EDITING), ""
        if self._paused:
            return State.READY, "", ""
        if self._suggester.running:
            return State.WORKING, say(texts.SUGGESTING), ""
        if any(photo.step in ("read", "send") for _, photo in self._pair.chosen):
            return State.WORKING, say(texts.READING), ""
        if not self._pair.ready:
            return State.WORKING, say(texts.FINDING_FACES), ""
        if self._previews.stale:
            return State.WORKING, say(texts.PREVIEWING), ""
        if self._said:
            return State.READY, self._said, ""
        if self._pair.undecided and not self._pair.picked:
            return State.READY, "", say(texts.SEVERAL_FACES_HINT)
        return State.READY, say(texts.READY), ""

    def _share(self, state: State) -> float | None:
        if self._best.running:
            return self._best.share
        if self._suggester.running:
            return self._suggester.share
        reading = self._pair.share
        if state is State.APPLYING:
            return 0.3 * reading + 0.7 * (self._edit.share if self._edit is not None else 0.0)
        return reading if state is State.WORKING and reading < 1 else None

    def _blocked(self) -> tuple[str, str] | None:
        """Why nothing can be done and what to do about it; None where something can."""
        if self._pair.complete:
            return None
        if not self._layers:
            return texts.NO_IMAGE, ""
        return texts.ONE_LAYER, texts.ONE_LAYER_HINT

    def _may_retry(self) -> bool:
        failed = self._failure is not None and self._failure.code != "no_face"
        return failed and self._blocked() is None

    # --- Going on ---------------------------------------------------------------------------------

    def _advance(self) -> None:
        if self._failure is not None or self._paused or self._blocked() is not None:
            return
        if self._best.running:
            made = self._best.advance()
            if made is not None:
                self._tell_best(made)
            return
        if self._suggester.running:
            found = self._suggester.advance(_READ_BUDGET)
            if found is not None:
                self._take(found)
            return
        for role, photo in self._pair.chosen:
            if not photo.ready and photo.advance(_READ_BUDGET, THUMBNAIL):
                self._events.add(Event.STATUS)
                if photo.error is not None:
                    raise photo.error
                if photo.ready:
                    self._pair.faces_found(role)
                    self._events.add(Event.FACES)
            if photo.step == "read":
                break  # one layer at a time, or a poll would take twice as long
        if self._limit.advance():
            self._previews.changed()
        if not self._limit.ready or not self._pair.ready:
            return
        for _, photo in self._pair.chosen:
            if photo.faces is not None and not photo.faces.faces:
                raise self._error("no_face", texts.NO_FACE, texts.NO_FACE_HINT, photo.layer.name)
        if self._applying:
            self._advance_edit()
        elif self._previews.advance(self._request(self._preview_size)):
            self._reread_for_engine = False
            self._events.add(Event.PREVIEW)

    def _take(self, found: Found) -> None:
        """Choose what the engine suggests, and say why."""
        say = self._translate
        if found.expression is None:
            text = texts.NOTHING_BETTER if found.pose_face is None else texts.FACE_AT_BEST
            self._say_found(say(text).format(layer=found.pose.name), found)
            self._previews.changed()
            return
        self._use(found.pose, found.expression)
        self._pair.pick_face(POSE, found.pose_face, by_user=False)
        self._pair.pick_face(EXPRESSION, found.expression_face, by_user=False)
        reasons = ", ".join(say(texts.REASONS.get(code, "")) for code in found.reasons)
        suggested = say(texts.SUGGESTED).format(layer=found.expression.name, reasons=reasons)
        self._say_found(suggested, found)

    def _say_found(self, sentence: str, found: Found) -> None:
        more = self._translate(texts.MORE_FACES) if found.others else ""
        self._said = f"{sentence} {more}".strip()

    def _tell_best(self, made: BestResult) -> None:
        """The group is in the image, or there was nothing to make."""
        self._layers = tuple(self._host.layers())
        self._follow(self._layers)
        self._previews.changed()
        if made.group is not None:
            self.applied_layer = made.group
        self._said = made.sentence(self._translate)
        happened = Event.APPLIED if made.group is not None else Event.NOTHING_BETTER
        self._events |= {happened, Event.LAYERS}

    def _refuse_ambiguous(self) -> None:
        for photo in self._pair.undecided:
            self.cancel()
            hint = texts.SEVERAL_FACES_HINT
            raise self._error("several_faces", texts.SEVERAL_FACES, hint, photo.layer.name)

    def _request(self, preview: int) -> Edit:
        pose, expression = self._pair.both
        return Edit(
            pose=pose.photo,
            expression=expression.photo,
            options=self._pair.face_options(self.options),
            preview=preview,
            dialog=self._dialog,
            limit=self._limit.photo,
            limit_x=self._limit.x - pose.layer.x,
            limit_y=self._limit.y - pose.layer.y,
            order=pose.order,
        )

    def _advance_edit(self) -> None:
        if self._edit is None:
            self._edit = self._client.submit(self._request(0))
            return
        if self._patch is not None:  # made on the last turn: each of the two takes its time
            patch, self._patch, self._edit = self._patch, None, None
            self._write(patch)
            self._applying = False
            self._reread_for_engine = False
        elif self._edit.done:
            reply = self._edit.result()
            assert isinstance(reply, EditResult)
            if self._asks(reply.report):
                self._stop_edit()
                return
            self._patch = self._make_patch(reply)
            self._host.prepare_patch(self._patch)

    def _asks(self, report: Report) -> bool:
        """Whether the user has to say first that these faces are one person's; the line says so."""
        layers = self._pair.layer_id(POSE), self._pair.layer_id(EXPRESSION)
        if self._sure or not self._confirmation.needed(layers, report):
            return False
        self._said = self._translate(texts.CONFIRM_PERSON)
        return True

    def _make_patch(self, result: EditResult) -> Patch:
        pose, expression = self._pair.both
        if bytes(result.mask).count(0) == len(result.mask):
            hint = texts.NOTHING_TO_CHANGE_HINT
            raise self._error("bad_option", texts.NOTHING_TO_CHANGE, hint, pose.layer.name)
        # The layer may have been moved or deleted while the engine worked.
        now = self._layer_now(pose.layer)
        return new_patch(
            result,
            pose=now,
            expression=expression.layer,
            options=self._pair.face_options(self.options),
            replace=self._replace,
            name=self._translate(texts.LAYER_NAME).format(
                pose=now.name, expression=expression.layer.name
            ),
            editor=f"{self._host.name} {self._host.version}",
        )

    def _write(self, patch: Patch) -> None:
        self.applied_layer = self._host.write_patch(patch)
        self._replace = None
        self._said = self._translate(texts.APPLIED).format(layer=patch.name)
        self._layers = tuple(self._host.layers())
        self._remember()
        self._events |= {Event.APPLIED, Event.LAYERS}

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

    def _follow(self, layers: tuple[LayerInfo, ...], *, sure: bool = False) -> None:
        """Adapt to the layers that are there now; ``sure`` reads again what may have changed."""
        by_id = {layer.id: layer for layer in layers}
        chosen = self._pair.chosen
        if len(chosen) < 2 or any(photo.layer.id not in by_id for _, photo in chosen):
            if self._applying:
                gone = next((p.layer for _, p in chosen if p.layer.id not in by_id), None)
                raise self._gone(gone.name if gone is not None else "")
            self._use(*matching.first_pair(layers, self._host.selected_layers()))
            return
        for _, photo in chosen:
            now, before = by_id[photo.layer.id], photo.layer
            moved = (now.width, now.height) != (before.width, before.height)
            unsure = sure and now.revision is None and photo.ready
            if moved or now.revision != before.revision or unsure:
                photo.reread(now)
            else:
                photo.layer = now

    def _layer_now(self, layer: LayerInfo) -> LayerInfo:
        for now in self._host.layers():
            if now.id == layer.id:
                return now
        raise self._gone(layer.name)

    # --- When something goes wrong ----------------------------------------------------------------

    def _begin_again(self) -> None:
        """A choice has changed: forget the failure and what was said about the past."""
        self._failure = None
        self._paused = False
        self._said = ""
        self._previews.changed()
        self._pair.reread(failed_only=True)

    def _stop_edit(self) -> None:
        self._best.stop()
        self._applying, self._patch = False, None
        if self._edit is not None:
            self._edit.cancel()
            self._edit = None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What goes wrong inside becomes the session's failure."""
        try:
            yield
        except RequestStoppedError:
            self._applying = False
        except HostError as error:
            self._fail(error)
        except Exception as error:  # whatever the editor's own Python raises
            say, editor = self._translate, self._host.name
            self._fail(
                HostError(
                    "internal",
                    say(texts.EDITOR_FAILED).format(editor=editor, reason=error),
                    say(texts.EDITOR_FAILED_HINT).format(editor=editor),
                    details=traceback.format_exc(),
                )
            )

    def _fail(self, error: HostError) -> None:
        if error.code == "photo_unknown" and not self._reread_for_engine:
            self._reread_for_engine = True  # the engine let go of a photo: give it another time
            self._pair.reread()
            self._limit.take(self._host.selection())
            return
        self._stop_edit()
        self._failure = self._translate.error(error)
        self._events.add(Event.FAILED)

    def _error(self, code: str, sentence: str, hint: str, layer_name: str) -> HostError:
        return HostError(
            code, self._translate(sentence).format(layer=layer_name), self._translate(hint)
        )

    def _gone(self, layer_name: str) -> HostError:
        return self._error("bad_option", texts.NO_SUCH_LAYER, texts.CHOOSE_LAYER_HINT, layer_name)
