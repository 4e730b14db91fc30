"""Pixels as GTK shows them."""

from __future__ import annotations

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

try:
    gi.require_foreign("cairo")
except ImportError:  # GIMP 3.0 of Debian does not ask for pycairo
    _SURFACES = False
else:
    _SURFACES = True


def to_pixbuf(pixels, width: int, height: int, channels: int = 3, stride: int = 0):
    """A `GdkPixbuf.Pixbuf` of 8-bit RGB (or, with 4 channels, RGBA) rows of ``stride`` bytes."""
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(bytes(pixels)),
        GdkPixbuf.Colorspace.RGB,
        channels == 4,
        8,
        width,
        height,
        stride or width * channels,
    )


def show_picture(image: Gtk.Image, pixbuf: GdkPixbuf.Pixbuf) -> None:
    """Have a widget show a picture that has as many pixels as the screen has there: several to each
    of GTK's own where the display is scaled."""
    scale = image.get_scale_factor()
    if scale == 1:
        image.set_from_pixbuf(pixbuf)
    elif _SURFACES:
        image.set_from_surface(Gdk.cairo_surface_create_from_pixbuf(pixbuf, scale, None))
    else:  # GTK enlarges it again
        size = (max(1, pixbuf.get_width() // scale), max(1, pixbuf.get_height() // scale))
        image.set_from_pixbuf(pixbuf.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR))
