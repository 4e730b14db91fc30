"""The pictures of docs/gimp.md, taken with the demo pair (rendered heads, nobody's photo).

`EXSHOT_SCREENSHOTS=docs/images make test-gimp` keeps them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from editors.folder import EditorFolder
from gimp.conftest import demo_photos
from gimp.running_gimp import RunningGimp
from gimp.test_window import SETUP, open_dialog, press, wait_for_layers
from PIL import Image

COLORS = 256  # keeps the files small
PICTURES = ("gimp-menu", "gimp-dialog", "gimp-suggested", "gimp-result")
# Presses the button below the expression layer; the line below the preview then says why.
SUGGEST = """
import screen, time
x, y, _, _ = screen.place(KEPT["dialog"])
line = (x + 20, y + 470, 400, 60)
before = screen.look(*line)
screen.xdotool("mousemove", x + 730, y + 290, "click", 1)
screen.until_still(line, 30, 2)
result = screen.look(*line) != before
screen.shoot("gimp-suggested", KEPT["dialog"])
"""


def test_the_page_shows_what_a_user_sees(editor_folder: EditorFolder, tmp_path: Path) -> None:
    for photo, name in zip(demo_photos(), ("pose.jpg", "expression.jpg")):
        shutil.copy(photo, tmp_path / name)
    with RunningGimp(editor_folder, tmp_path, "window") as gimp:
        gimp.do(SETUP)
        gimp.do(
            """
import screen, time
screen.window(" GIMP$")
screen.keys("shift+ctrl+j")
time.sleep(1)
screen.keys("alt+r", "x")
time.sleep(0.5)
screen.shoot("gimp-menu")
screen.keys("Escape", "Escape", "Escape")
"""
        )
        open_dialog(gimp, quiet=4)
        gimp.do(
            """
import screen, time
time.sleep(1)
screen.shoot("gimp-dialog", KEPT["dialog"])
"""
        )
        assert gimp.do(SUGGEST), "the status line did not change"
        press(gimp, "alt+a")
        assert len(wait_for_layers(gimp, 3)) == 3
        gimp.do(
            """
import screen
screen.gone("^Edit Expression$")
screen.window("3 layers.* GIMP$", 60)  # GIMP draws when it has nothing else to do
screen.until_still((300, 200, 700, 600), 60, 3)
screen.shoot("gimp-result")
"""
        )
    for name in PICTURES:
        picture = Image.open(tmp_path / f"{name}.png").convert("RGB")
        assert len(picture.getcolors(1 << 24) or ()) > 1000, f"{name} shows nothing"
        if folder := os.environ.get("EXSHOT_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            small = picture.quantize(COLORS, dither=Image.Dither.FLOYDSTEINBERG)
            small.save(Path(folder) / f"{name}.png", optimize=True)
