"""The dialog of Edit Expression… and Re-edit ExShot Layer…"""

from __future__ import annotations

from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import Gdk, Gimp, GimpUi, Gio, GLib, Gtk
from gimp_host import OPTIONS

from exshot_gtk.panel import EditPanel
from exshot_host import texts
from exshot_host.errors import RequestStoppedError
from exshot_host.mnemonics import with_mnemonics
from exshot_host.session import EditSession
from exshot_host.texts import Translator
from exshot_host.view import Event, State, View

POLL_MS = 30
MANUAL = Path(__file__).absolute().parent / "manual.html"


class EditDialog:
    """GIMP's own dialog for a procedure, which makes the options' widgets, around a panel."""

    def __init__(self, procedure, config, session: EditSession, say: Translator) -> None:
        GimpUi.init("exshot")
        self._config = config
        self._session = session
        self._say = say
        self._finished = False
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, say(texts.TITLE))
        self._dialog.set_ok_label(with_mnemonics([say(texts.APPLY)])[0])
        self._panel = EditPanel(session, say, _thumbnail)
        self._panel.add_options(self._build_options())
        self._panel.show_all()
        area = self._dialog.get_content_area()
        area.pack_start(self._panel, True, True, 0)
        area.reorder_child(self._panel, 0)

    def run(self) -> str:
        """Show it until the layer is made; its id. Raises `RequestStoppedError` on Cancel."""
        self._dialog.connect("response", self._on_response)
        self._dialog.connect("key-press-event", self._on_key)
        self._config.connect("notify", self._on_option)
        self._show(self._session.view(), tuple(Event))
        timer = GLib.timeout_add(POLL_MS, self._tick)
        self._dialog.run()
        GLib.source_remove(timer)
        self._dialog.destroy()
        if not self._finished or self._session.applied_layer is None:
            raise RequestStoppedError
        return self._session.applied_layer

    def _build_options(self) -> list[Gtk.Widget]:
        dialog, groups = self._dialog, {"basic": [], "regions": [], "more": []}
        for name, spec in OPTIONS.items():
            region = spec.key.startswith("regions.")
            groups["regions" if region else "more" if spec.advanced else "basic"].append(name)
            if spec.kind == "number":
                dialog.get_scale_entry(name, 100.0 if spec.percent else 1.0)
        boxes = [dialog.fill_box("exshot-basic", groups["basic"])]
        for group, title in (("regions", texts.REGIONS), ("more", texts.MORE)):
            box, label = f"exshot-{group}", f"exshot-{group}-title"
            dialog.get_label(label, self._say(title), False, False)
            dialog.fill_box(box, groups[group])
            boxes.append(dialog.fill_expander(f"{box}-expander", label, False, box))
        return boxes

    def _on_option(self, config, _spec) -> None:
        for name, spec in OPTIONS.items():
            self._session.set_option(spec.key, config.get_property(name))

    def _on_response(self, dialog, response: int) -> None:
        applying = self._session.view().state is State.APPLYING
        if response == Gtk.ResponseType.OK and not self._finished:
            dialog.stop_emission_by_name("response")  # it ends by itself when the layer is there
            self._session.apply()
        elif response == Gtk.ResponseType.CANCEL and applying:
            dialog.stop_emission_by_name("response")
            self._session.cancel()
        elif response == Gtk.ResponseType.HELP:
            dialog.stop_emission_by_name("response")
            _help()

    def _on_key(self, _dialog, event) -> bool:
        if event.keyval == Gdk.KEY_F1:
            _help()
        return event.keyval == Gdk.KEY_F1

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
        self._dialog.set_response_sensitive(Gtk.ResponseType.OK, view.can_apply)


def _thumbnail(layer_id: str, side: int):
    layer = Gimp.Item.get_by_id(int(layer_id))
    return layer and layer.get_thumbnail(side, side, Gimp.PixbufTransparency.KEEP_ALPHA)


def _help() -> None:
    try:
        Gio.AppInfo.launch_default_for_uri(MANUAL.as_uri(), None)
    except GLib.Error:  # no browser: say where the page is
        Gimp.message(str(MANUAL))
