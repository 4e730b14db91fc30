"""Keyboard, mouse and eyes for the tests with a window. Runs inside GIMP's batch process."""

import subprocess
import time

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk

_root = Gdk.Display.open(":9").get_default_screen().get_root_window()


def xdotool(*words):
    """Run xdotool; what it prints."""
    done = subprocess.run(
        ["xdotool", *map(str, words)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def keys(*names):
    """Press keys one after the other, slowly enough for menus."""
    for name in names:
        xdotool("key", "--clearmodifiers", name)
        time.sleep(0.25)


def window(title, seconds=30.0):
    """Wait for a window whose title matches, and activate it; its id, or None."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = xdotool("search", "--onlyvisible", "--name", title).split()
        if found:
            xdotool("windowactivate", "--sync", found[-1])
            return found[-1]
        time.sleep(0.03)
    return None


def show(image):
    """Show an image, unchanged and with undo, in GIMP's own window; that window and its display."""
    from gi.repository import Gimp

    image.undo_enable()  # off after loading through the PDB
    image.clean_all()
    display = Gimp.Display.new(image)
    main = window(" GIMP$", 60)
    xdotool("windowsize", main, 1390, 860)
    xdotool("windowmove", main, 0, 0)
    return main, display


def gone(title, seconds=30.0):
    """Wait until no window's title matches; whether that came about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not xdotool("search", "--onlyvisible", "--name", title):
            return True
        time.sleep(0.03)
    return False


def place(window_id):
    """A window's ``x, y, width, height`` on the screen."""
    # Not xdotool's getwindowgeometry, which is off by the window's frame.
    command = ["xwininfo", "-id", window_id]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
    return [int(told.partition(f"{name}:")[2].split()[0]) for name in wanted]


def look(x, y, width, height):
    """Pixels of a part of the screen."""
    return _part(x, y, width, height).get_pixels()


def _part(*box):
    # Where the display is scaled, GDK counts in pixels of its own.
    scale = _root.get_scale_factor()
    return Gdk.pixbuf_get_from_window(_root, *(round(value / scale) for value in box))


def until_changed(box, before, seconds=30.0):
    """Wait until a part of the screen is no longer ``before``; seconds waited, or None."""
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        if look(*box) != before:
            return time.monotonic() - start
        time.sleep(0.005)
    return None


def until_still(box, seconds=30.0, quiet=1.0):
    """Wait until a part of the screen has not changed for a while; its pixels."""
    end, last, since = time.monotonic() + seconds, look(*box), time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < quiet:
        time.sleep(0.03)
        now = look(*box)
        if now != last:
            last, since = now, time.monotonic()
    return last


def until_drawn(box, seconds=120.0):
    """Wait until a part of the screen shows a photo: an icon or a plain area has fewer shades."""
    end = time.monotonic() + seconds
    while len(set(look(*box))) < 150 and time.monotonic() < end:
        time.sleep(0.1)


def shoot(name, window_id=None):
    """Save a picture of a window, or of the screen, to the share."""
    whole = [side * _root.get_scale_factor() for side in (_root.get_width(), _root.get_height())]
    box = place(window_id) if window_id else (0, 0, *whole)
    _part(*box).savev(f"/share/{name}.png", "png", [], [])
