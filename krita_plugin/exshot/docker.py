"""The docker: follows the active document and shows its `EditSession`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from krita import DockWidget, Krita

from exshot_host.engine.client import EngineClient
from exshot_host.session.edit_session import EditSession
from exshot_host.session.view import Event, State, View
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_qt.panel import Panel
from exshot_qt.qt import QtCore

from .host import KritaHost
from .messages import tell
from .replaced import ReplacedLayers
from .workbench import Workbench, is_open

_QUICK, _BUSY, _IDLE, _LOOK = 4, 30, 100, 1000  # ms
_SOON, _TIDY_LATER = 100, 400  # ms, for Krita has to draw first


class ExShotDocker(DockWidget):
    """Works while it is visible on a document, or while an action asked for a layer."""

    def __init__(
        self, client: EngineClient, replaced: ReplacedLayers, translate: Translator
    ) -> None:
        super().__init__()
        self.setWindowTitle("ExShot")
        self.panel = Panel(translate)
        self.setWidget(self.panel)
        self.session: EditSession | None = None
        self._client, self._replaced, self._translate = client, replaced, translate
        self._host: KritaHost | None = None
        self._workbench = Workbench()
        self._asked: Callable[[EditSession], object] | None = None  # by an action
        self._layers: object = None
        self._can_reedit = False
        self._ticking = False
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._looks = QtCore.QTimer(self)
        self._looks.timeout.connect(self._look)
        self.visibilityChanged.connect(lambda *_: self._follow_soon())
        # Krita takes a window's widgets apart one by one and draws in between.
        self.destroyed.connect(lambda *_: self._end())
        self._show_nothing()

    def canvasChanged(self, canvas) -> None:  # noqa: N802 - Krita's name
        """Another document, another view, or none. Krita is still in the middle of it."""
        self._follow_soon()

    def apply_last(self) -> None:
        """Make a layer with the last settings, for the shortcut. Krita stays free meanwhile."""
        # The docker, which would ask whether both are one person, may be hidden.
        self._do_even_hidden(partial(EditSession.apply, sure=True))

    def best_of_all(self) -> None:
        """Make a group with the best expression of every face, for the action."""
        self._do_even_hidden(EditSession.best)
        if self.session is not None:
            self.session.best()  # needs no preview of two layers before

    def edit_again(self) -> None:
        """Open the active layer, one that ExShot made, with the options that made it."""
        self.setVisible(True)
        self.raise_()
        self._follow(even_hidden=True)
        active = self._host.selected_layers() if self._host is not None else ()
        if self.session is not None and active:
            self.session.open_again(active[0])
            self._redraw(tuple(Event))

    # --- Following Krita --------------------------------------------------------------------------

    def _follow_soon(self) -> None:
        QtCore.QTimer.singleShot(0, self._follow)

    def _follow(self, even_hidden: bool = False) -> None:
        document = Krita.instance().activeDocument()
        asked = even_hidden or self._asked is not None
        wanted = document is not None and (self.isVisible() or asked)
        if self._host is not None and (not wanted or self._host.document != document):
            self._leave()
        if wanted and self.session is None:
            self._host = KritaHost(document, self._replaced, self._translate, self._workbench)
            self.session = EditSession(
                self._host,
                self._client,
                preview_size=self.panel.preview.pixels(),
                translate=self._translate,
            )
            self._take_note()
            self.session.open()
            self._timer.start(_BUSY)
            self._looks.start(_LOOK)
            self._redraw(tuple(Event))
            self._tidy_soon()
            QtCore.QTimer.singleShot(_SOON, self._look_at_active_layer)

    def _leave(self) -> None:
        self._timer.stop()
        self._looks.stop()
        if self.session is not None:
            self.session.close()
        if self._host is not None:
            self._host.drop_prepared()
        self.session = self._host = self._asked = None
        self._can_reedit = False
        self._show_nothing()
        self._tidy_soon()

    def _end(self) -> None:
        """The window is gone, and what could be shown with it."""
        self._timer.stop()
        self._looks.stop()
        if self.session is not None:
            self.session.close()
        self.session = self._host = self._asked = None
        QtCore.QTimer.singleShot(_TIDY_LATER, self._workbench.close)

    def _tidy_soon(self) -> None:
        QtCore.QTimer.singleShot(_TIDY_LATER, self._tidy)

    def _tidy(self) -> None:
        """Have the workbench ready while there is an image to work on, and closed else."""
        state = self.session.view().state if self.session is not None else None
        if self._workbench.used or state is State.APPLYING:
            self._tidy_soon()
        elif self._host is None or not is_open(self._host.document):
            self._workbench.close()
        elif self._workbench.full and state is not State.WORKING:
            self._host.clear_workbench()
            self._tidy_soon()
        else:
            self._host.get_ready()

    def _look(self) -> None:
        """Krita does not tell when layers or the selection change."""
        if self._host is None or self._host.document != Krita.instance().activeDocument():
            self._follow()
        elif self.session is not None:
            if self._state_of_layers() != self._layers:
                self._refresh()
            self._look_at_active_layer()
            self._workbench.settle()
            if self._workbench.full:
                self._tidy()

    def _look_at_active_layer(self) -> None:
        """Let a layer that ExShot made be edited again. That is asked seldom: see `_take_note`."""
        host = self._host
        can = host is not None and _ours_active(host)
        if can != self._can_reedit and host is self._host and self.session is not None:
            self._can_reedit = can
            self.panel.show_status(self.session.view(), can)

    def _take_note(self) -> None:
        """What is changed from now on is noticed. Krita 5.3 handles events when it is asked for
        the active layer, so this comes before the work and not after it."""
        self._layers = self._state_of_layers()

    def _state_of_layers(self) -> object:
        host = self._host
        return None if host is None else (host.layers(), host.selection_box())

    def _refresh(self) -> None:
        if self.session is None:
            return
        self._take_note()
        self.session.refresh()
        if self.session is None:
            return
        if self.session.view().state in (State.BLOCKED, State.FAILED):
            self._leave()  # what was missing may be there now: begin anew
            self._follow()

    # --- Working ----------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Go on. Krita runs its event loop in the middle of some calls, and so this timer."""
        if self._ticking:
            return
        self._ticking = True
        try:
            with self._workbench.in_use():
                self._work()
        finally:
            self._ticking = False

    def _work(self) -> None:
        session = self.session
        events = session.poll() if session is not None else ()
        if Event.FAILED in events or Event.APPLIED in events:
            self._take_note()  # a failure may be mended by a change; what we have made is none
            self._tidy_soon()
            QtCore.QTimer.singleShot(_SOON, self._look_at_active_layer)
        if events:
            self._redraw(events)
        if session is None or session is not self.session:
            return  # the image was closed, or another came to the front, in the middle of that
        view = session.view()
        self._go_on(view, events)
        self._timer.setInterval(_pause_before_next(view))

    def _do_even_hidden(self, method: Callable[[EditSession], object]) -> None:
        self._follow(even_hidden=True)
        if self.session is not None:
            self._asked = method
        else:
            self._tell(self._translate(texts.NO_IMAGE))

    def _go_on(self, view: View, events: tuple[Event, ...]) -> None:
        """What an action asked for: begin it when that is possible, and end with it."""
        if self.session is None or self._asked is None:
            return
        failed = view.state in (State.FAILED, State.BLOCKED)
        if failed:
            self._tell(view.sentence, view.hint)
        elif Event.NOTHING_BETTER in events:
            self._tell(self.session.said)
        if failed or Event.APPLIED in events or Event.NOTHING_BETTER in events:
            self._asked = None
            self._follow_soon()
        elif view.state is State.READY:
            self._asked(self.session)

    def _cancel(self) -> None:
        self._asked = None
        if self.session is not None:
            self.session.cancel()
            self._tick()

    def _redraw(self, events: tuple[Event, ...]) -> None:
        if self.session is None or self._host is None:
            return
        # Krita may draw in between, and another document come to the front.
        host, view = self._host, self.session.view()
        if Event.LAYERS in events:
            self.panel.show_layers(view, host.thumbnail)
        if Event.FACES in events:
            self.panel.show_faces(view)
        if Event.PREVIEW in events:
            self.panel.preview.show_preview(view.preview, view.pose.chosen_face)
        if self.session is not None:
            self.panel.show_options(self.session.options)
            self.panel.show_status(view, self._can_reedit)

    def _show_nothing(self) -> None:
        self.panel.show_nothing(self._translate(texts.NO_IMAGE))

    def _tell(self, sentence: str, hint: str = "") -> None:
        if not self.isVisible():  # else the docker's last line says so
            tell(sentence, hint)

    # --- What the user does -----------------------------------------------------------------------

    def _connect(self) -> None:
        panel = self.panel
        panel.lists_opened.connect(self._refresh)
        panel.layer_chosen.connect(self._passing(EditSession.set_layer))
        panel.face_chosen.connect(self._passing(EditSession.set_face))
        panel.option_changed.connect(self._passing(EditSession.set_option))
        panel.preview.resized.connect(self._passing(EditSession.set_preview_size))
        for button, method in (
            (panel.apply, EditSession.apply),
            (panel.best, EditSession.best),
            (panel.swap, EditSession.swap),
            (panel.suggest, EditSession.suggest),
            (panel.reset, EditSession.reset_options),
        ):
            button.clicked.connect(partial(self._pressed, method))
        panel.cancel.clicked.connect(lambda *_: self._cancel())
        panel.reedit.clicked.connect(lambda *_: self.edit_again())

    def _pressed(self, method: Callable[[EditSession], object], *_checked: bool) -> None:
        self._passing(method)()

    def _passing(self, method: Callable[..., object]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            if self.session is not None:
                method(self.session, *arguments)
                self._tick()

        return call


def _pause_before_next(view: View) -> int:
    """Milliseconds until the session goes on. A preview is waited for with short pauses, for it
    comes soon and no layer is read meanwhile."""
    if view.state is State.WORKING and view.share is None:
        return _QUICK
    return _BUSY if view.state in (State.WORKING, State.APPLYING) else _IDLE


def _ours_active(host: KritaHost) -> bool:
    """Whether the active layer is one that ExShot made."""
    active = next(iter(host.selected_layers()), "")
    return bool(active) and host.read_note(active) is not None
