"""Best of Sequence… in GIMP's window; it takes docs/images/gimp-best.png, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from gimp.running_gimp import RunningGimp
from gimp.test_pictures import COLORS
from gimp.test_window import press, save_flat, signal_engine, state, undo, wait_for_layers
from group_photos import write_group
from PIL import Image

PHOTOS = ["shot0", "shot1", "shot2"]
SETUP = """
import screen
screen.keys("Escape")  # whatever a failed test left open
if "display" in KEPT:
    KEPT["image"].clean_all()
    KEPT["display"].delete()
image = load(*files)
KEPT["image"] = image
KEPT["main"], KEPT["display"] = screen.show(image)
"""
CHOOSE = """
import screen
screen.window(" GIMP$")
screen.keys("alt+r", "x", "Home", "Return")
KEPT["dialog"] = screen.window("^Best of sequence$")
x, y, width, height = screen.place(KEPT["dialog"])
screen.until_drawn((x + 24, y + 24, 400, 400))
screen.until_still((x + 24, y + 24, 400, 400), 60, 1)
screen.shoot("gimp-best-dialog", KEPT["dialog"])
"""
# The layers are shot2 and shot1; where the faces lie is seen in docs/images/gimp-best-dialog.png.
SAY_WHO_IS_WHO = """
import screen
for face in faces:
    screen.xdotool("mousemove", x + face, y + 174, "click", 1)
    screen.until_still((x + 24, y + 24, 790, 400), 30, 1.5)
screen.shoot("gimp-who-is-who", KEPT["dialog"])
"""
PLACES = """
image = KEPT["image"]
patches = image.get_layers()[0].get_children()[:-1]
result = [[p.get_name(), 3 * p.get_offsets().offset_x // image.get_width()] for p in patches]
"""
# The group comes into the image empty, and then its layers; the dialog goes when all are there.
MAKE = """
import screen
screen.keys("alt+m")
result = screen.gone("^Best of sequence$", 120)
"""
# The line below the preview says so; the dialog stays open.
MESSAGE = """
x, y, _, height = screen.place(KEPT["dialog"])
line = (x + 20, y + 470, 400, 60)
rest = screen.look(*line)
screen.keys("alt+m")
screen.until_still(line, 60, 4)
screen.shoot("gimp-nothing-better", KEPT["dialog"])
result = screen.look(*line) != rest
screen.keys("Escape")
"""


@pytest.fixture(scope="module")
def window(
    editor_folder: EditorFolder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGimp]:
    """GIMP with a window; three shots of three people in its share."""
    share = tmp_path_factory.mktemp("window")
    write_group(share)
    with RunningGimp(editor_folder, share, "window") as running:
        yield running


@pytest.mark.newer_editors
def test_best_of_sequence_from_the_menu_is_undone_in_one_step(window: RunningGimp) -> None:
    window.do(SETUP, files=[f"{name}.png" for name in PHOTOS])
    before = save_flat(window, "before.raw")
    assert window.do(CHOOSE + MAKE), "the dialog stays open"
    (group, layers), *below = wait_for_layers(window, 4)
    assert group == "Best of sequence"
    assert below == PHOTOS
    *patches, base = layers
    start = base.partition(" #")[0]
    assert sorted(patches) == sorted(f"Expression of {x}" for x in PHOTOS if x != start)
    assert save_flat(window, "after.raw") != before
    window.do("""
import screen
screen.window("7 layers.* GIMP$", 60)
screen.keys("shift+ctrl+j")
screen.until_still((300, 200, 700, 600), 60, 3)
screen.shoot("gimp-best")
""")
    for name in ("gimp-best", "gimp-best-dialog"):
        keep(window.share / f"{name}.png")
    undo(window)
    assert wait_for_layers(window, 3) == PHOTOS
    assert save_flat(window, "undone.raw") == before
    assert not state(window)["dirty"], "something is left to undo"


@pytest.mark.newer_editors
def test_the_user_says_who_is_who_and_the_group_is_made_of_that(window: RunningGimp) -> None:
    window.do(SETUP, files=[f"{name}.png" for name in PHOTOS])
    made = window.do(CHOOSE + SAY_WHO_IS_WHO + MAKE, faces=[471, 722])
    assert made, "the dialog stays open"
    wait_for_layers(window, 4)
    # Shot 1 has the laughing face of the one in the middle, who is now said to be somebody else.
    assert window.do(PLACES) == [["Expression of shot2", 2]]


@pytest.mark.newer_editors
def test_cancel_leaves_the_image_alone(window: RunningGimp) -> None:
    window.do(SETUP, files=[f"{name}.png" for name in PHOTOS])
    window.do(CHOOSE)
    signal_engine(window, "SIGSTOP")  # so that it takes as long as it takes to press Cancel
    press(window, "alt+m", "alt+c")
    still_open = window.do('import screen; result = bool(screen.window("^Best of sequence$", 1))')
    signal_engine(window, "SIGCONT")
    assert still_open, "Cancel closed the dialog instead of stopping"
    window.do("import time; time.sleep(3)")
    after = state(window)
    assert (after["names"], after["dirty"]) == (PHOTOS, False)
    press(window, "alt+c")
    assert window.do('import screen; result = screen.gone("^Best of sequence$")')


def test_where_nothing_is_better_gimp_says_so_kindly(window: RunningGimp) -> None:
    window.do(SETUP, files=["shot0.png", "shot0.png"])
    assert window.do(CHOOSE + MESSAGE), "there was no message"
    assert len(state(window)["names"]) == 2
    assert not state(window)["dirty"]


def keep(path: Path) -> None:
    picture = Image.open(path).convert("RGB")
    assert len(picture.getcolors(1 << 24) or ()) > 1000, "the picture shows nothing"
    if folder := os.environ.get("EXSHOT_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        small = picture.quantize(COLORS, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(Path(folder) / path.name, optimize=True)
