"""A photo's thumbnail on which a face can be picked."""

from __future__ import annotations

from collections.abc import Callable

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GdkPixbuf, Gtk

from exshot_gtk.pictures import show_picture, to_pixbuf
from exshot_host.session.view import RoleView
from exshot_host.widgets import outlines

SIDE = 170


class FacePicker(Gtk.Button):
    """The thumbnail with its faces outlined. A click picks a face, the keyboard the next one
    to the right."""

    def __init__(self, label: str, picked: Callable[[int], None]) -> None:
        """``label`` is read out; ``picked`` is called with the index of a face."""
        self._picture = Gtk.Image()
        self._picture.set_size_request(SIDE, SIDE)
        super().__init__(image=self._picture, relief=Gtk.ReliefStyle.NONE)
        self.get_accessible().set_name(label)
        self._picked = picked
        self._role: RoleView | None = None
        self._size, self._scale = (0, 0), 1.0
        self._at: tuple[float, float] | None = None
        self.connect("button-press-event", self._on_press)
        self.connect("clicked", self._on_click)

    def show_faces(self, role: RoleView, thumbnail: GdkPixbuf.Pixbuf | None) -> None:
        """Draw a photo, at most `SIDE` a side in pixels of the screen's scale, and its faces."""
        self._role = role
        if thumbnail is None or role.layer is None:
            self._picture.clear()
            return
        width, height = thumbnail.get_width(), thumbnail.get_height()
        stride, channels = thumbnail.get_rowstride(), thumbnail.get_n_channels()
        self._size, self._scale = (width, height), width / role.layer.width
        drawn = outlines.outline_faces(
            thumbnail.get_pixels(),
            self._size,
            stride,
            channels,
            role.faces or (),
            role.face,
            self._scale,
            pen=self.get_scale_factor(),
        )
        show_picture(self._picture, to_pixbuf(drawn, width, height, channels, stride))

    def _on_press(self, _button, event) -> None:
        shown, own = self._picture.get_allocation(), self.get_allocation()
        if self._picture.get_storage_type() == Gtk.ImageType.EMPTY:
            return
        dense = self.get_scale_factor()
        x = (event.x - (shown.x - own.x) - shown.width / 2) * dense + self._size[0] / 2
        y = (event.y - (shown.y - own.y) - shown.height / 2) * dense + self._size[1] / 2
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
