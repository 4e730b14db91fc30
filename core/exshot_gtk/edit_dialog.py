"""Runs an `EditPanel` inside a dialog that an editor has built: Apply, Cancel, Help, the timer."""

from __future__ import annotations

from collections.abc import Callable

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")

from gi.repository import Gdk, GLib, Gtk

from exshot_gtk.panel import EditPanel
from exshot_host.errors import RequestStoppedError
from exshot_host.session.edit_session import EditSession
from exshot_host.session.view import Event, State, View
from exshot_host.texts import texts

POLL_MS = 15
HELP = 77  # a response of our own: editors answer Gtk's with their own manual


class EditDialog:
    """A dialog around a session. It closes when the layer is made, or when the user cancels."""

    def __init__(
        self,
        dialog: Gtk.Dialog,
        session: EditSession,
        panel: EditPanel,
        show_help: Callable[[], None],
        help_label: str,
        begin: Callable[[], object] | None = None,
        may_begin: Callable[[View], bool] = lambda view: view.can_apply,
    ) -> None:
        """``dialog`` answers with Gtk's OK (Apply) and CANCEL; the panel goes to its top, a button
        for ``show_help`` beside its own buttons. ``begin``: what OK does, `EditSession.apply` where
        it is left out; ``may_begin``: whether it may now."""
        self._dialog = dialog
        self._session = session
        self._panel = panel
        self._show_help = show_help
        self._begin = begin or session.apply
        self._may_begin = may_begin
        self._finished = False
        panel.show_all()
        area = dialog.get_content_area()
        area.pack_start(panel, True, True, 0)
        area.reorder_child(panel, 0)
        manual = dialog.get_widget_for_response(Gtk.ResponseType.HELP)
        if manual is not None:
            manual.set_no_show_all(True)
            manual.hide()
        button = dialog.add_button(help_label, HELP)
        button.get_parent().set_child_secondary(button, True)
        dialog.connect("response", self._on_response)
        dialog.connect("key-press-event", self._on_key)
        dialog.connect("key-release-event", self._on_key_up)

    def run(self) -> str:
        """Show it until the layer or group is made; its id. Raises `RequestStoppedError`."""
        self._show(self._session.view(), tuple(Event))
        timer = GLib.timeout_add(POLL_MS, self._tick)
        self._dialog.run()
        GLib.source_remove(timer)
        self._dialog.destroy()
        if not self._finished or self._session.applied_layer is None:
            raise RequestStoppedError
        return self._session.applied_layer

    def _on_response(self, dialog: Gtk.Dialog, response: int) -> None:
        applying = self._session.view().state is State.APPLYING
        if response == Gtk.ResponseType.OK and not self._finished:
            dialog.stop_emission_by_name("response")  # it ends by itself when the layer is there
            self._begin()
        elif response == Gtk.ResponseType.CANCEL and (applying or self._session.suggesting):
            dialog.stop_emission_by_name("response")
            self._session.cancel()
        elif response == HELP:
            dialog.stop_emission_by_name("response")
            self._show_help()

    def _on_key(self, _dialog: Gtk.Dialog, event: Gdk.EventKey) -> bool:
        if event.keyval == Gdk.KEY_F1:
            self._show_help()
        if _is_before_key(event) and not isinstance(self._dialog.get_focus(), Gtk.Entry):
            self._panel.show_before(True)
            return True
        return event.keyval == Gdk.KEY_F1

    def _on_key_up(self, _dialog: Gtk.Dialog, event: Gdk.EventKey) -> bool:
        if _is_before_key(event):
            self._panel.show_before(False)
        return False

    def _tick(self) -> bool:
        events = self._session.poll()
        if events:
            self._show(self._session.view(), events)
        if Event.APPLIED in events:
            self._finished = True
            self._dialog.response(Gtk.ResponseType.OK)
        return True

    def _show(self, view: View, events: tuple[Event, ...]) -> None:
        self._panel.redraw(view, events)
        self._dialog.set_response_sensitive(Gtk.ResponseType.OK, self._may_begin(view))


def _is_before_key(event: Gdk.EventKey) -> bool:
    modifiers = event.state & Gtk.accelerator_get_default_mod_mask()
    plain = not modifiers & ~Gdk.ModifierType.SHIFT_MASK
    return plain and (Gdk.keyval_name(event.keyval) or "").upper() == texts.BEFORE_KEY
