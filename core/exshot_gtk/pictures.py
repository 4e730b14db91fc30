"""Pixels as GTK shows them."""

from __future__ import annotations

from gi.repository import GdkPixbuf, GLib


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
