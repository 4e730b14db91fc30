"""The dialog of Edit Expression… and Re-edit ExShot Layer…"""

from __future__ import annotations

from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
gi.require_version("GdkPixbuf", "2.0")

from gi.repository import Gdk, GdkPixbuf, Gimp, GimpUi, Gio, GLib, Gtk
from gimp_host import OPTIONS

from exshot_host import outline, texts
from exshot_host.errors import RequestStoppedError
from exshot_host.mnemonics import with_mnemonics
from exshot_host.session import EXPRESSION, POSE, ROLES, EditSession
from exshot_host.texts import Translator
from exshot_host.view import Event, RoleView, State, View

PREVIEW, THUMBNAIL = 400, 170
POLL_MS = 30
MANUAL = Path(__file__).absolute().parent / "manual.html"


class EditDialog:
    """Shows an `EditSession` and hands on what the user does. GIMP makes the options' widgets."""

    def __init__(self, procedure, config, session: EditSession, say: Translator) -> None:
        GimpUi.init("exshot")
        self._config = config
        self._session = session
        self._say = say
        self._finished = False
        self._choosers: dict[str, Gtk.ComboBoxText] = {}
        self._handlers: dict[str, int] = {}
        self._faces: dict[str, FacePicker] = {}
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, say(texts.TITLE))
        self._dialog.set_ok_label(with_mnemonics([say(texts.APPLY)])[0])
        session.set_preview_size(PREVIEW)
        self._build()

    def run(self) -> str:
        """Show it until the layer is made; its id. Raises `RequestStoppedError` on Cancel."""
        self._dialog.connect("response", self._on_response)
        self._dialog.connect("key-press-event", self._on_key)
        self._config.connect("notify", self._on_option)
        timer = GLib.timeout_add(POLL_MS, self._tick)
        self._show_layers(self._session.view())
        self._show_status(self._session.view())
        self._dialog.run()
        GLib.source_remove(timer)
        self._dialog.destroy()
        if not self._finished or self._session.applied_layer is None:
            raise RequestStoppedError
        return self._session.applied_layer

    # --- Widgets ----------------------------------------------------------------------------------

    def _build(self) -> None:
        self._choices = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._choices.pack_start(self._build_layers(), False, False, 0)
        for box in self._build_options():
            self._choices.pack_start(box, False, False, 0)
        columns = Gtk.Box(spacing=12, border_width=12)
        columns.pack_start(self._build_preview(), False, False, 0)
        columns.pack_start(self._choices, True, True, 0)
        columns.show_all()
        area = self._dialog.get_content_area()
        area.pack_start(columns, True, True, 0)
        area.reorder_child(columns, 0)

    def _build_preview(self) -> Gtk.Widget:
        self._picture = Gtk.Image()
        self._picture.set_size_request(PREVIEW, PREVIEW)
        self._before = Gtk.Button(label=self._say(texts.BEFORE))
        self._before.set_tooltip_text(self._say(texts.HOLD_FOR_BEFORE))
        # The state, not "pressed": it also follows the space bar.
        self._before.connect("state-flags-changed", lambda *_: self._show_preview())
        self._progress = Gtk.ProgressBar()
        self._status, self._warning = Gtk.Label(), Gtk.Label()
        for label in (self._status, self._warning):
            label.set_line_wrap(True)
            label.set_max_width_chars(50)
            label.set_xalign(0)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        for widget in (self._picture, self._before, self._progress, self._status, self._warning):
            box.pack_start(widget, False, False, 0)
        return box

    def _build_layers(self) -> Gtk.Widget:
        grid = Gtk.Grid(column_spacing=12, row_spacing=6, column_homogeneous=True)
        titles = {POSE: texts.POSE_LAYER, EXPRESSION: texts.EXPRESSION_LAYER}
        for column, role in enumerate(ROLES):
            chooser = Gtk.ComboBoxText()
            chooser.get_cells()[0].set_property("ellipsize", 2)  # in the middle: names end alike
            self._handlers[role] = chooser.connect("changed", self._on_layer, role)
            label = Gtk.Label(label=self._say(titles[role]), xalign=0)
            picker = FacePicker(lambda face, role=role: self._session.set_face(role, face))
            for row, widget in enumerate((label, chooser, picker.button)):
                grid.attach(widget, column, row, 1, 1)
            self._choosers[role], self._faces[role] = chooser, picker
        swap = Gtk.Button(label=self._say(texts.SWAP))
        swap.connect("clicked", lambda *_: self._session.swap())
        grid.attach(swap, 0, 3, 2, 1)
        return grid

    def _build_options(self) -> list[Gtk.Widget]:
        dialog, groups = self._dialog, {"basic": [], "regions": [], "more": []}
        for name, spec in OPTIONS.items():
            region = spec.key.startswith("regions.")
            groups["regions" if region else "more" if spec.advanced else "basic"].append(name)
            if spec.kind == "number":
                dialog.get_scale_entry(name, 100.0 if spec.percent else 1.0)
        boxes = [dialog.fill_box("exshot-basic", groups["basic"])]
        for group, title in (("regions", texts.REGIONS), ("more", texts.MORE)):
            dialog.get_label(f"exshot-{group}-title", self._say(title), False, False)
            dialog.fill_box(f"exshot-{group}", groups[group])
            boxes.append(
                dialog.fill_expander(
                    f"exshot-{group}-expander", f"exshot-{group}-title", False, f"exshot-{group}"
                )
            )
        return boxes

    # --- What the user does -----------------------------------------------------------------------

    def _on_option(self, config, _spec) -> None:
        for name, spec in OPTIONS.items():
            self._session.set_option(spec.key, config.get_property(name))

    def _on_layer(self, chooser: Gtk.ComboBoxText, role: str) -> None:
        layer_id = chooser.get_active_id()
        if layer_id is not None:
            self._session.set_layer(role, layer_id)

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
            self._help()

    def _on_key(self, _dialog, event) -> bool:
        if event.keyval == Gdk.KEY_F1:
            self._help()
        return event.keyval == Gdk.KEY_F1

    def _help(self) -> None:
        try:
            Gio.AppInfo.launch_default_for_uri(MANUAL.as_uri(), None)
        except GLib.Error:  # no browser: say where the page is
            Gimp.message(str(MANUAL))

    # --- What the session reports -----------------------------------------------------------------

    def _tick(self) -> bool:
        events = self._session.poll()
        view = self._session.view() if events else None
        if view is not None:
            if Event.LAYERS in events:
                self._show_layers(view)
            if Event.LAYERS in events or Event.FACES in events:
                self._show_faces(view)
            if Event.PREVIEW in events:
                self._show_preview()
            self._show_status(view)
        if Event.APPLIED in events:
            self._finished = True
            self._dialog.response(Gtk.ResponseType.OK)
        return True

    def _show_layers(self, view: View) -> None:
        for role, chooser in self._choosers.items():
            chosen = (view.pose if role == POSE else view.expression).layer
            with chooser.handler_block(self._handlers[role]):
                chooser.remove_all()
                for layer in view.layers:
                    chooser.append(layer.id, layer.name)
                chooser.set_active_id(chosen.id if chosen else None)
            if self._config.find_property(role) is not None:
                item = Gimp.Item.get_by_id(int(chosen.id)) if chosen else None
                self._config.set_property(role, item)

    def _show_faces(self, view: View) -> None:
        self._faces[POSE].show(view.pose)
        self._faces[EXPRESSION].show(view.expression)

    def _show_preview(self) -> None:
        preview = self._session.view().preview
        if preview is None:
            self._picture.set_from_icon_name("image-loading", Gtk.IconSize.DIALOG)
            return
        held = self._before.get_state_flags() & Gtk.StateFlags.ACTIVE
        pixels = preview.before if held else preview.after
        self._picture.set_from_pixbuf(_pixbuf(pixels, preview.size, preview.size, 3))

    def _show_status(self, view: View) -> None:
        busy = view.state in (State.WORKING, State.APPLYING)
        self._status.set_text(f"{view.sentence} {view.hint}".strip())
        self._warning.set_markup(f"<b>{GLib.markup_escape_text(view.warning)}</b>")
        self._progress.set_opacity(1.0 if busy else 0.0)
        if view.share is None:
            self._progress.pulse()
        else:
            self._progress.set_fraction(view.share)
        self._choices.set_sensitive(view.state is not State.APPLYING)
        self._dialog.set_response_sensitive(Gtk.ResponseType.OK, view.can_apply)


class FacePicker:
    """A photo's thumbnail with its faces outlined; a click picks one, the keyboard the next one."""

    def __init__(self, picked) -> None:
        self._picked = picked
        self._image = Gtk.Image()
        self._image.set_size_request(THUMBNAIL, THUMBNAIL)
        self._role: RoleView | None = None
        self._scale = 1.0
        self._at: tuple[float, float] | None = None
        self.button = Gtk.Button(image=self._image, relief=Gtk.ReliefStyle.NONE)
        self.button.connect("button-press-event", self._on_press)
        self.button.connect("clicked", self._on_click)

    def show(self, role: RoleView) -> None:
        """Draw the photo and its faces."""
        self._role = role
        layer = Gimp.Item.get_by_id(int(role.layer.id)) if role.layer else None
        if layer is None:
            self._image.clear()
            return
        picture = layer.get_thumbnail(THUMBNAIL, THUMBNAIL, Gimp.PixbufTransparency.KEEP_ALPHA)
        width, height = picture.get_width(), picture.get_height()
        self._scale = width / role.layer.width
        stride, channels = picture.get_rowstride(), picture.get_n_channels()
        drawn = outline.outline_faces(
            picture.get_pixels(),
            (width, height),
            stride,
            channels,
            role.faces or (),
            role.face,
            self._scale,
        )
        self._image.set_from_pixbuf(_pixbuf(drawn, width, height, channels, stride))

    def _on_press(self, _button, event) -> None:
        box = self._image.get_allocation()
        own = self.button.get_allocation()
        picture = self._image.get_pixbuf()
        if picture is not None:
            x = event.x - (box.x - own.x) - (box.width - picture.get_width()) / 2
            y = event.y - (box.y - own.y) - (box.height - picture.get_height()) / 2
            self._at = (x / self._scale, y / self._scale)

    def _on_click(self, _button) -> None:
        at, self._at = self._at, None
        faces = self._role.faces if self._role is not None else None
        if not faces:
            return
        if at is None:
            self._picked(((self._role.face or 0) + 1) % len(faces))
        elif (face := outline.face_at(faces, *at)) is not None:
            self._picked(face)


def _pixbuf(pixels, width: int, height: int, channels: int, stride: int = 0) -> GdkPixbuf.Pixbuf:
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(bytes(pixels)),
        GdkPixbuf.Colorspace.RGB,
        channels == 4,
        8,
        width,
        height,
        stride or width * channels,
    )
