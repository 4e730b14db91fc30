"""Best of Sequence… in GIMP's window; it takes docs/images/gimp-best.png, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from gimp.running_gimp import RunningGimp
from gimp.test_pictures import COLORS
from gimp.test_window import save_flat, state, undo, wait_for_layers
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
MAKE = """
import screen
screen.keys("alt+m")
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
    window.do(CHOOSE + MAKE)
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
