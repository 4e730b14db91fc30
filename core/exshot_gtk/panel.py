"""Preview, layers and faces of an edit; the editor adds the widgets of the options."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GdkPixbuf, GLib, Gtk

from exshot_gtk.face_picker import SIDE, FacePicker
from exshot_gtk.pictures import show_picture, to_pixbuf
from exshot_host.session.edit_session import EditSession
from exshot_host.session.roles import EXPRESSION, POSE, ROLES
from exshot_host.session.view import Event, RoleView, State, View
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_host.widgets import zoom

PREVIEW = 400  # pixels, the least
_ELLIPSIS_IN_THE_MIDDLE = 2  # Pango.EllipsizeMode.MIDDLE: names of photos end alike
Thumbnail = Callable[[str, int], "GdkPixbuf.Pixbuf | None"]


def about(text: str) -> Gtk.Label:
    """A few lines of explanation for the column of the layers."""
    label = Gtk.Label(label=text, xalign=0)
    label.set_line_wrap(True)
    label.set_max_width_chars(40)
    return label


class EditPanel(Gtk.Box):
    """Draws an `EditSession` and hands on what the user does.

    ``thumbnail`` gives a small picture of a layer: its id, the largest side in pixels.
    """

    def __init__(self, session: EditSession, say: Translator, thumbnail: Thumbnail) -> None:
        super().__init__(spacing=12, border_width=12)
        self._session = session
        self._say = say
        self._thumbnail = thumbnail
        self._choosers: dict[str, Gtk.ComboBoxText] = {}
        self._handlers: dict[str, int] = {}
        self._faces: dict[str, FacePicker] = {}
        self._choices = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._choices.pack_start(self._build_layers(), False, False, 0)
        self.pack_start(self._build_preview(), True, True, 0)
        self.connect("notify::scale-factor", lambda *_: self._on_scale())
        self._choices.set_hexpand(False)  # all new room is the preview's, whatever sliders wish
        self.pack_start(self._choices, False, False, 0)
        self._ask_for_size()

    def add_options(self, boxes: Sequence[Gtk.Widget]) -> None:
        """Put widgets below the choice of layers."""
        for box in boxes:
            self._choices.pack_start(box, False, False, 0)

    def redraw(self, view: View, events: Sequence[Event] = tuple(Event)) -> None:
        """Show what has changed; everything where ``events`` is left out."""
        if Event.LAYERS in events:
            self._show_layers(view)
        if Event.LAYERS in events or Event.FACES in events:
            for role, shown in self._roles(view):
                layer = shown.layer
                side = SIDE * self.get_scale_factor()
                picture = self._thumbnail(layer.id, side) if layer is not None else None
                self._faces[role].show_faces(shown, picture)
        if Event.PREVIEW in events:
            self._show_preview()
        self._show_status(view)

    def _build_preview(self) -> Gtk.Widget:
        self._picture, self._side, self._held = Gtk.Image(), PREVIEW, False
        # Does not ask for as much room as its picture has: the dialog may be made smaller again.
        place = Gtk.ScrolledWindow(
            hscrollbar_policy=Gtk.PolicyType.EXTERNAL, vscrollbar_policy=Gtk.PolicyType.EXTERNAL
        )
        place.set_size_request(PREVIEW, PREVIEW)
        frame = Gtk.Viewport(shadow_type=Gtk.ShadowType.NONE)
        frame.add(self._picture)
        place.add(frame)
        place.connect("size-allocate", self._on_size)
        self._before = Gtk.Button(label=self._say(texts.BEFORE))
        hold = self._say(texts.HOLD_FOR_BEFORE).format(key=texts.BEFORE_KEY)
        self._before.set_tooltip_text(hold)
        # The state, not "pressed": it also follows the space bar.
        self._before.connect("state-flags-changed", lambda *_: self._show_preview())
        self._zoom = Gtk.ComboBoxText(tooltip_text=self._say(texts.SHOWN_PART))
        for part, label in texts.SHOWN_PARTS.items():
            self._zoom.append(part, self._say(label))
        self._zoom.set_active_id(zoom.FACE)
        self._zoom.connect("changed", lambda *_: self._ask_for_size())
        row = Gtk.Box(spacing=6)
        row.pack_start(self._before, True, True, 0)
        row.pack_start(self._zoom, False, False, 0)
        self._progress = Gtk.ProgressBar()
        self._status, self._warning = Gtk.Label(), Gtk.Label()
        for label in (self._status, self._warning):
            label.set_line_wrap(True)
            label.set_max_width_chars(50)
            label.set_xalign(0)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        box.pack_start(place, True, True, 0)
        for widget in (row, self._progress, self._status, self._warning):
            box.pack_start(widget, False, False, 0)
        return box

    def _on_size(self, _place, room) -> None:
        side = max(PREVIEW, min(room.width, room.height))
        if side != self._side:
            self._side = side
            GLib.idle_add(self._ask_for_size)  # not in the middle of the layout

    def _ask_for_size(self) -> None:
        """Have the preview made as large as it is shown, and show what there is meanwhile."""
        self._session.set_preview_size(round(self._pixels * zoom.FACTOR[self._part]))
        self._show_preview()

    def _on_scale(self) -> None:
        """The dialog has come to a screen that is scaled otherwise."""
        self._ask_for_size()
        self.redraw(self._session.view(), (Event.FACES,))

    @property
    def _pixels(self) -> int:
        """Side of the preview on the screen; GTK's own pixels may be several of those."""
        return self._side * self.get_scale_factor()

    @property
    def _part(self) -> str:
        return self._zoom.get_active_id() or zoom.FACE

    def show_before(self, held: bool) -> None:
        """Show the picture before the edit while a key is held."""
        self._held = held
        self._show_preview()

    def _build_layers(self) -> Gtk.Widget:
        grid = Gtk.Grid(column_spacing=12, row_spacing=6, column_homogeneous=True)
        titles = {POSE: texts.POSE_LAYER, EXPRESSION: texts.EXPRESSION_LAYER}
        for column, role in enumerate(ROLES):
            chooser = Gtk.ComboBoxText()
            chooser.get_cells()[0].set_property("ellipsize", _ELLIPSIS_IN_THE_MIDDLE)
            self._handlers[role] = chooser.connect("changed", self._on_layer, role)
            label = Gtk.Label(label=self._say(titles[role]), xalign=0)
            label.set_mnemonic_widget(chooser)  # what a screen reader calls it
            picker = FacePicker(
                f"{label.get_text()}: {self._say(texts.FACE)}",
                lambda face, role=role: self._session.set_face(role, face),
            )
            for row, widget in enumerate((label, chooser, picker)):
                grid.attach(widget, column, row, 1, 1)
            self._choosers[role], self._faces[role] = chooser, picker
        swap = Gtk.Button(label=self._say(texts.SWAP))
        swap.connect("clicked", lambda *_: self._session.swap())
        grid.attach(swap, 0, 3, 1, 1)
        self._suggest = Gtk.Button(label=self._say(texts.SUGGEST))
        self._suggest.set_tooltip_text(self._say(texts.SUGGEST_HELP))
        self._suggest.connect("clicked", lambda *_: self._session.suggest())
        grid.attach(self._suggest, 1, 3, 1, 1)
        return grid

    def _on_layer(self, chooser: Gtk.ComboBoxText, role: str) -> None:
        layer_id = chooser.get_active_id()
        if layer_id is not None:
            self._session.set_layer(role, layer_id)

    def _show_layers(self, view: View) -> None:
        for role, shown in self._roles(view):
            chooser = self._choosers[role]
            with chooser.handler_block(self._handlers[role]):
                chooser.remove_all()
                for layer in view.layers:
                    chooser.append(layer.id, layer.name)
                chooser.set_active_id(shown.layer.id if shown.layer else None)

    def _show_preview(self) -> None:
        view = self._session.view()
        preview = view.preview
        self._picture.set_valign(Gtk.Align.CENTER if preview is None else Gtk.Align.START)
        if preview is None:
            self._picture.set_from_icon_name("image-loading", Gtk.IconSize.DIALOG)
            return
        held = self._held or self._before.get_state_flags() & Gtk.StateFlags.ACTIVE
        whole = to_pixbuf(preview.before if held else preview.after, preview.size, preview.size)
        left, top, side = zoom.shown_part(preview, view.pose.chosen_face, self._part)
        shown = whole.new_subpixbuf(left, top, side, side)
        if side != self._pixels:
            shown = shown.scale_simple(self._pixels, self._pixels, GdkPixbuf.InterpType.BILINEAR)
        show_picture(self._picture, shown)

    def _show_status(self, view: View) -> None:
        self._status.set_text(f"{view.sentence} {view.hint}".strip())
        self._warning.set_markup(f"<b>{GLib.markup_escape_text(view.warning)}</b>")
        busy = view.state in (State.WORKING, State.APPLYING)
        self._progress.set_opacity(1.0 if busy else 0.0)
        if view.share is None:
            self._progress.pulse()
        else:
            self._progress.set_fraction(view.share)
        self._suggest.set_sensitive(len(view.layers) > 1)
        self._choices.set_sensitive(view.state is not State.APPLYING)

    def _roles(self, view: View) -> tuple[tuple[str, RoleView], ...]:
        return ((POSE, view.pose), (EXPRESSION, view.expression))
