"""A photo's thumbnail on which a face can be picked."""

from __future__ import annotations

from collections.abc import Callable

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GdkPixbuf, Gtk

from exshot_gtk.pictures import to_pixbuf
from exshot_host.session.view import RoleView
from exshot_host.widgets import outlines

SIDE = 170


class FacePicker(Gtk.Button):
    """The thumbnail with its faces outlined. A click picks a face, the keyboard the next one
    to the right."""

    def __init__(self, picked: Callable[[int], None]) -> None:
        """``picked`` is called with the index of a face."""
        self._picture = Gtk.Image()
        self._picture.set_size_request(SIDE, SIDE)
        super().__init__(image=self._picture, relief=Gtk.ReliefStyle.NONE)
        self._picked = picked
        self._role: RoleView | None = None
        self._scale = 1.0
        self._at: tuple[float, float] | None = None
        self.connect("button-press-event", self._on_press)
        self.connect("clicked", self._on_click)

    def show_faces(self, role: RoleView, thumbnail: GdkPixbuf.Pixbuf | None) -> None:
        """Draw a photo, at most `SIDE` a side, and its faces."""
        self._role = role
        if thumbnail is None or role.layer is None:
            self._picture.clear()
            return
        width, height = thumbnail.get_width(), thumbnail.get_height()
        stride, channels = thumbnail.get_rowstride(), thumbnail.get_n_channels()
        self._scale = width / role.layer.width
        pixels, faces = thumbnail.get_pixels(), role.faces or ()
        size, scale = (width, height), self._scale
        drawn = outlines.outline_faces(pixels, size, stride, channels, faces, role.face, scale)
        self._picture.set_from_pixbuf(to_pixbuf(drawn, width, height, channels, stride))

    def _on_press(self, _button, event) -> None:
        shown, own = self._picture.get_allocation(), self.get_allocation()
        picture = self._picture.get_pixbuf()
        if picture is not None:
            x = event.x - (shown.x - own.x) - (shown.width - picture.get_width()) / 2
            y = event.y - (shown.y - own.y) - (shown.height - picture.get_height()) / 2
            self._at = (x / self._scale, y / self._scale)

    def _on_click(self, _button) -> None:
        at, self._at = self._at, None
        faces = self._role.faces if self._role is not None else None
        if not faces or self._role is None:
            return
        if at is None:
            self._picked(outlines.face_beside(faces, self._role.face))
        elif (face := outlines.face_at(faces, *at)) is not None:
            self._picked(face)
