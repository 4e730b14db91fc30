"""ExShot in GIMP's window, used with keyboard and mouse as a person uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from gimp.running_gimp import RunningGimp

NAME = "Expression of expression"
DIALOG = "^Edit Expression$"

SETUP = """
import screen
screen.keys("Escape")  # whatever a failed test left open
if "display" in KEPT:
    KEPT["image"].clean_all()
    KEPT["display"].delete()
image = load("pose.jpg", "expression.jpg")
KEPT["image"] = image
image.set_selected_layers([layer_of(image, "pose")])
image.undo_enable()  # off after loading through the PDB
image.clean_all()
KEPT["display"] = Gimp.Display.new(image)
main = screen.window(" GIMP$", 60)
screen.xdotool("windowsize", main, 1390, 860)
screen.xdotool("windowmove", main, 0, 0)
KEPT["main"] = main
"""
# Filters has the mnemonic R, ExShot X; its entries come in the order of registration.
OPEN = """
import screen, time
screen.window(" GIMP$")
screen.keys("alt+r", "x", *["Down"] * entry, "Return")
dialog = screen.window(title)
KEPT["dialog"] = dialog
x, y, width, height = screen.place(dialog)
KEPT["preview"] = (x + 24, y + 24, 400, 400)
screen.until_still(KEPT["preview"], 60, quiet)
result = dialog is not None
"""
STATE = """
image = KEPT["image"]
result = {"names": names(image), "dirty": image.is_dirty(),
          "selected": [layer.get_name() for layer in image.get_selected_layers()],
          "none selected": Gimp.Selection.is_empty(image)}
"""
WAIT_FOR_LAYERS = """
import time
end = time.monotonic() + 60
while len(KEPT["image"].get_layers()) != count and time.monotonic() < end:
    time.sleep(0.02)
result = names(KEPT["image"])
"""


@pytest.fixture(scope="module")
def window(
    editor_folder: EditorFolder, photos: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGimp]:
    """GIMP with a window."""
    share = tmp_path_factory.mktemp("window")
    for photo, name in zip(photos, ("pose.jpg", "expression.jpg")):
        shutil.copy(photo, share / name)
    with RunningGimp(editor_folder, share, "window") as running:
        yield running


@pytest.fixture
def gimp(window: RunningGimp) -> RunningGimp:
    """GIMP shows a new image: the pose photo, below it the expression photo."""
    window.do(SETUP)
    return window


def open_dialog(gimp: RunningGimp, entry: int = 0, title: str = DIALOG, quiet: float = 2.5) -> None:
    assert gimp.do(OPEN, entry=entry, title=title, quiet=quiet), "the dialog did not open"


def save_flat(gimp: RunningGimp, name: str) -> bytes:
    """The picture as seen."""
    gimp.do('flat(KEPT["image"], layout, name)', layout="R'G'B' u8", name=name)
    return (gimp.share / name).read_bytes()


def state(gimp: RunningGimp) -> dict:
    return gimp.do(STATE)


def wait_for_layers(gimp: RunningGimp, count: int) -> list:
    names = gimp.do(WAIT_FOR_LAYERS, count=count)
    assert len(names) == count, names
    return names


def set_strength(gimp: RunningGimp, percent: int) -> None:
    """Type it; returns when the preview has changed."""
    changed = gimp.do(
        """
import screen
screen.window("^Edit Expression$")
before = screen.look(*KEPT["preview"])
screen.keys("alt+t", "ctrl+a")
screen.xdotool("type", str(percent))
screen.xdotool("key", "Tab")
result = screen.until_changed(KEPT["preview"], before)
screen.until_still(KEPT["preview"])
""",
        percent=percent,
    )
    assert changed is not None, "the preview did not change"


def press(gimp: RunningGimp, *keys: str) -> None:
    gimp.do("import screen; screen.window(title); screen.keys(*k)", k=keys, title=DIALOG)


def signal_engine(gimp: RunningGimp, name: str) -> None:
    """Send a signal to the engine of the open dialog."""
    gimp.do(
        """
import os, signal, subprocess
found = subprocess.run(["pgrep", "-f", "exshot.engine"], capture_output=True, text=True).stdout
assert found
for pid in found.split():
    os.kill(int(pid), getattr(signal, name))
""",
        name=name,
    )


def undo(gimp: RunningGimp) -> None:
    gimp.do('import screen; screen.window(" GIMP$"); screen.keys("ctrl+z")')


def test_an_edit_from_the_menu_to_one_undo_and_again(gimp: RunningGimp) -> None:
    before = save_flat(gimp, "before.raw")
    open_dialog(gimp)
    set_strength(gimp, 60)
    held = gimp.do(
        """
import screen
x, y, _, _ = screen.place(KEPT["dialog"])
screen.xdotool("mousemove", x + 224, y + 446)
after = screen.look(*KEPT["preview"])
screen.xdotool("mousedown", 1)
changed = screen.until_changed(KEPT["preview"], after, 5)
screen.shoot("held", KEPT["dialog"])
screen.xdotool("mouseup", 1)
screen.until_still(KEPT["preview"], 5, 0.5)
result = [changed is not None, screen.look(*KEPT["preview"]) == after]
"""
    )
    assert held == [True, True], "holding the button does not show the picture before the edit"
    gimp.do('import screen; screen.shoot("dialog", KEPT["dialog"])')
    press(gimp, "alt+a")
    assert wait_for_layers(gimp, 3) == [NAME, "pose", "expression"]
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    assert state(gimp)["selected"] == [NAME]
    undo(gimp)
    assert wait_for_layers(gimp, 2) == ["pose", "expression"]
    after = save_flat(gimp, "after.raw")
    now = state(gimp)
    assert now["dirty"] is False, "more than one step was needed"
    assert now["selected"] == ["pose"]
    assert before == after, "one undo did not restore the picture"
    open_dialog(gimp)  # the settings were remembered
    strength = gimp.do(
        """
import screen
screen.keys("alt+t", "ctrl+a", "ctrl+c")
screen.keys("Escape")
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
display = Gdk.Display.open(":9")
result = Gtk.Clipboard.get_for_display(display, Gdk.SELECTION_CLIPBOARD).wait_for_text()
"""
    )
    assert strength is None or strength.startswith("60")


def test_a_layer_is_edited_again_in_its_place(gimp: RunningGimp) -> None:
    open_dialog(gimp)
    press(gimp, "alt+a")
    wait_for_layers(gimp, 3)
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    first = gimp.do('result = KEPT["image"].get_layers()[0].get_id()')
    open_dialog(gimp, entry=2)  # the menu is sorted
    gimp.do('import screen; screen.shoot("reedit", KEPT["dialog"])')
    set_strength(gimp, 40)
    press(gimp, "alt+a")
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    assert state(gimp)["names"] == [NAME, "pose", "expression"]
    note, now = gimp.do(
        """
layer = KEPT["image"].get_layers()[0]
data = layer.get_parasite("exshot-edit").get_data()
result = [bytes(value & 255 for value in data).decode(), layer.get_id()]
"""
    )
    assert '"strength":0.4' in note
    assert now != first


def test_cancel_during_an_edit_leaves_the_image_alone(gimp: RunningGimp) -> None:
    open_dialog(gimp)
    signal_engine(gimp, "SIGSTOP")  # so that the edit takes as long as it takes to press Cancel
    press(gimp, "alt+a", "alt+c")
    still_open = gimp.do('import screen; result = bool(screen.window("^Edit Expression$", 1))')
    assert still_open, "Cancel closed the dialog instead of stopping the edit"
    signal_engine(gimp, "SIGCONT")
    gimp.do("import time; time.sleep(2)")
    after = state(gimp)
    assert after["names"] == ["pose", "expression"]
    assert after["dirty"] is False
    press(gimp, "alt+c")
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')


def test_an_engine_that_is_killed_is_replaced_and_gimp_lives(gimp: RunningGimp) -> None:
    open_dialog(gimp)
    signal_engine(gimp, "SIGKILL")
    set_strength(gimp, 50)
    press(gimp, "alt+a")
    assert wait_for_layers(gimp, 3) == [NAME, "pose", "expression"]
