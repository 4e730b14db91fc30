"""ExShot in GIMP's window, used with keyboard and mouse as a person uses it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from gimp.running_gimp import RunningGimp
from PIL import Image

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
KEPT["main"], KEPT["display"] = screen.show(image)
"""
# Filters has the mnemonic R, ExShot X; its entries are sorted, Best of Sequence… being the first.
OPEN = """
import screen, time
screen.window(" GIMP$")
screen.keys("alt+r", "x", *["Down"] * entry, "Return")
dialog = screen.window(title)
KEPT["dialog"] = dialog
x, y, width, height = screen.place(dialog)
KEPT["preview"] = (x + 24, y + 24, 400, 400)
screen.until_drawn(KEPT["preview"])
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
# Drags the knob of the strength, whose place is that of a person's eye: in the dialog's pixels.
DRAG = """
import screen, time
x0, y0, _, _ = screen.place(screen.window("^Edit Expression$"))
before = screen.look(*KEPT["preview"])
screen.xdotool("mousemove", x0 + x, y0 + 330, "mousedown", 1)
for step in range(1, 11):
    screen.xdotool("mousemove", x0 + x + (to - x) * step // 10, y0 + 330)
    time.sleep(0.03)
result = screen.until_changed(KEPT["preview"], before, 10) is not None
screen.xdotool("mouseup", 1)
screen.until_still(KEPT["preview"])
"""
# A program that opens web pages, and tells which.
READER = """
from pathlib import Path
reader = Path("/share/reader")
reader.write_text('#!/bin/sh\\necho "$1" >/share/opened\\n')
reader.chmod(0o755)
programs = Path.home() / ".local/share/applications"
programs.mkdir(parents=True, exist_ok=True)
entry = "[Desktop Entry]\\nType=Application\\nName=Reader\\nExec=/share/reader %u\\n"
(programs / "reader.desktop").write_text(entry + "MimeType=text/html;\\n")
chosen = Path.home() / ".config/mimeapps.list"
chosen.write_text("[Default Applications]\\ntext/html=reader.desktop\\n")
"""
WAIT_FOR_FILE = """
import time
from pathlib import Path
end = time.monotonic() + 20
while not (Path(name).exists() and Path(name).read_text()) and time.monotonic() < end:
    time.sleep(0.05)
result = Path(name).read_text() if Path(name).exists() else ""
"""
CHOOSE = """
import screen, time
screen.window(" GIMP$")
screen.keys("alt+r", "x", "Down", "Down", "Return")
chooser = screen.window("^Choose")
time.sleep(1)
for key in ("slash", *"share", "slash", *"burst", "slash"):  # the first one opens the entry
    screen.keys(key)
screen.keys("Return")
time.sleep(1)
screen.keys("ctrl+a")
screen.shoot("chooser", chooser)
screen.keys("Return")
end = time.monotonic() + 60
opened = []
while not opened and time.monotonic() < end:
    time.sleep(0.1)
    others = [image for image in Gimp.get_images() if image != KEPT["image"]]
    opened = [image for image in others if len(image.get_layers()) == 2]
result = names(opened[0])
opened[0].clean_all()
screen.window("2 layers.* GIMP$")
screen.keys("ctrl+w")
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


def open_dialog(gimp: RunningGimp, entry: int = 1, title: str = DIALOG, quiet: float = 2.5) -> None:
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


def note(gimp: RunningGimp) -> str:
    """What the topmost layer remembers of its edit."""
    return gimp.do(
        """
data = KEPT["image"].get_layers()[0].get_parasite("exshot-edit").get_data()
result = bytes(value & 255 for value in data).decode()
"""
    )


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


@pytest.mark.newer_editors
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
    press(gimp, "alt+a")
    wait_for_layers(gimp, 3)
    assert '"strength":0.6' in note(gimp)


@pytest.mark.newer_editors
def test_the_preview_grows_enlarges_the_mouth_and_a_held_key_shows_the_picture_before(
    gimp: RunningGimp,
) -> None:
    open_dialog(gimp)
    changed = gimp.do(
        """
import screen
dialog = KEPT["dialog"]
x, y, width, height = screen.place(dialog)
screen.xdotool("windowmove", dialog, 10, 10)
screen.xdotool("windowsize", dialog, width + 220, height + 220)
screen.until_still((0, 0, 1300, 880), 30, 2.5)
x, y, width, height = screen.place(dialog)
preview = (x + 24, y + 24, 600, 600)
screen.until_drawn((x + 24, y + 24, 600, 200))
screen.until_still(preview, 30, 1)
screen.shoot("large", dialog)
large = screen.look(*preview)
result = [len(set(large)) > 50]
screen.xdotool("keydown", "b")
result.append(screen.until_changed(preview, large, 5) is not None)
screen.xdotool("keyup", "b")
screen.until_still(preview, 5, 0.5)
result.append(screen.look(*preview) == large)
screen.keys("alt+t", *["shift+Tab"] * 8, "Down", "Down")  # back to the list below the preview
screen.until_still(preview, 30, 2.5)
screen.shoot("mouth", dialog)
result.append(screen.look(*preview) != large)
"""
    )
    press(gimp, "alt+c")
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    assert changed == [True, True, True, True]


def test_a_dragged_slider_is_followed(gimp: RunningGimp) -> None:
    open_dialog(gimp)
    reset = gimp.do(DRAG, x=613, to=650)
    lowered = gimp.do(DRAG, x=650, to=530)
    assert (reset, lowered) == (True, True), "the preview did not follow while the button was down"
    press(gimp, "alt+a")
    wait_for_layers(gimp, 3)
    strength = json.loads(note(gimp))["options"]["strength"]
    assert 0.1 < strength < 0.3


def test_the_help_page_opens_with_f1_and_by_its_button(gimp: RunningGimp) -> None:
    gimp.do(READER)
    open_dialog(gimp)
    gimp.do('import screen; screen.shoot("help", KEPT["dialog"])')
    opened = []
    for key in ("F1", "alt+h"):
        (gimp.share / "opened").unlink(missing_ok=True)
        press(gimp, key)
        opened.append(gimp.do(WAIT_FOR_FILE, name="/share/opened").strip())
    press(gimp, "alt+c")
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    assert [page.rpartition("/")[2] for page in opened] == ["manual.html"] * 2, opened


def show_two_faces(gimp: RunningGimp, photos: tuple[Path, Path]) -> float:
    """Show an image whose photos have the same person twice, side by side; half its width."""
    for photo, name in zip(photos, ("pose", "expression")):
        with Image.open(photo) as picture:
            group = Image.new("RGB", (2 * picture.width, picture.height))
            group.paste(picture, (0, 0))
            group.paste(picture, (picture.width, 0))
            group.save(gimp.share / f"group_{name}.png")
    gimp.do(
        SETUP.replace("pose.jpg", "group_pose.png")
        .replace("expression.jpg", "group_expression.png")
        .replace('"pose"', '"group_pose"')
    )
    return gimp.do('result = KEPT["image"].get_width()') / 2


def apply_to_half(gimp: RunningGimp, half: float) -> int:
    """Apply and undo it; which half of the image the new layer was in."""
    press(gimp, "alt+a")
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    layer = 'KEPT["image"].get_layers()[0]'
    left, width = gimp.do(f"result = [{layer}.get_offsets().offset_x, {layer}.get_width()]")
    undo(gimp)
    wait_for_layers(gimp, 2)
    place = int(left >= half)
    assert left + width <= (place + 1) * half + 1, (left, width)
    return place


@pytest.mark.newer_editors
def test_another_face_is_picked_with_the_mouse(
    gimp: RunningGimp, photos: tuple[Path, Path]
) -> None:
    half = show_two_faces(gimp, photos)
    for place, left in enumerate((485, 569)):
        open_dialog(gimp)
        gimp.do(
            """
import screen
dialog = screen.window("^Edit Expression$")
x, y, _, _ = screen.place(dialog)
screen.xdotool("mousemove", x + left, y + 177, "click", 1)
screen.until_still(KEPT["preview"], 30, 1.5)
screen.shoot(f"face{left}", dialog)
""",
            left=left,
        )
        assert apply_to_half(gimp, half) == place


@pytest.mark.newer_editors
def test_another_face_is_picked_with_the_keyboard(
    gimp: RunningGimp, photos: tuple[Path, Path]
) -> None:
    half = show_two_faces(gimp, photos)
    places = []
    for times in (1, 2):  # the space bar goes to the next face, from the last one to the first
        open_dialog(gimp)
        changed = gimp.do(
            """
import screen
screen.window("^Edit Expression$")
screen.keys("alt+t", *["shift+Tab"] * 5)  # from the strength back to the pose layer's photo
result = []
for time in range(times):
    before = screen.look(*KEPT["preview"])
    screen.keys("space")
    result.append(screen.until_changed(KEPT["preview"], before) is not None)
    screen.until_still(KEPT["preview"], 30, 1.5)
screen.shoot(f"key{times}", KEPT["dialog"])
""",
            times=times,
        )
        places.append(apply_to_half(gimp, half))
        assert changed == [True] * times
    assert sorted(places) == [0, 1], "the keyboard did not pick the other face"


def test_a_sequence_is_chosen_in_the_file_chooser(
    gimp: RunningGimp, photos: tuple[Path, Path]
) -> None:
    burst = gimp.share / "burst"
    burst.mkdir(exist_ok=True)
    for photo, name in zip(photos, ("a.jpg", "b.jpg")):
        shutil.copy(photo, burst / name)
    names = gimp.do(CHOOSE)
    assert [name.split()[0] for name in sorted(names)] == ["a", "b"]


def test_a_layer_is_edited_again_in_its_place(gimp: RunningGimp) -> None:
    open_dialog(gimp)
    press(gimp, "alt+a")
    wait_for_layers(gimp, 3)
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    first = gimp.do('result = KEPT["image"].get_layers()[0].get_id()')
    open_dialog(gimp, entry=3)  # the menu is sorted
    gimp.do('import screen; screen.shoot("reedit", KEPT["dialog"])')
    set_strength(gimp, 40)
    press(gimp, "alt+a")
    assert gimp.do('import screen; result = screen.gone("^Edit Expression$")')
    assert state(gimp)["names"] == [NAME, "pose", "expression"]
    assert '"strength":0.4' in note(gimp)
    assert gimp.do('result = KEPT["image"].get_layers()[0].get_id()') != first


@pytest.mark.newer_editors
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
    gimp.do('import screen, time; time.sleep(1); screen.shoot("killed", KEPT["dialog"])')
    set_strength(gimp, 50)
    press(gimp, "alt+a")
    assert wait_for_layers(gimp, 3) == [NAME, "pose", "expression"]
