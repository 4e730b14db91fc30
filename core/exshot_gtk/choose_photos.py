"""Asks for the files of a photo sequence."""

from __future__ import annotations

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk

from exshot_host.errors import RequestStoppedError
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator


def choose_photos(say: Translator) -> list[str]:
    """Have the user choose files. Raises `RequestStoppedError` where the dialog is cancelled."""
    title, action = say(texts.CHOOSE_PHOTOS), Gtk.FileChooserAction.OPEN
    chooser = Gtk.FileChooserDialog(title=title, action=action, select_multiple=True)
    chooser.add_button(say(texts.CANCEL), Gtk.ResponseType.CANCEL)
    chooser.add_button(say(texts.OPEN), Gtk.ResponseType.OK)
    chooser.set_default_response(Gtk.ResponseType.OK)
    pictures = Gtk.FileFilter()
    pictures.set_name(say(texts.PHOTOS))
    pictures.add_mime_type("image/*")
    chooser.add_filter(pictures)
    response, chosen = chooser.run(), chooser.get_filenames()
    chooser.destroy()
    if response != Gtk.ResponseType.OK:
        raise RequestStoppedError
    return chosen
