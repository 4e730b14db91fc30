"""The dialog on a screen that is scaled twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from editors.folder import EditorFolder
from gimp.running_gimp import RunningGimp
from gimp.test_window import DIALOG, OPEN, SETUP, press, undo, wait_for_layers
from PIL import Image

TWICE = {"GDK_SCALE": "2", "SCREEN": "2800x1800x24"}
WIDTH = 1600  # of a photo: the preview shows about one pixel of it with each of its own
# What is 400 pixels wide is 800 on the screen.
OPEN_TWICE = OPEN.replace("(x + 24, y + 24, 400, 400)", "(x + 48, y + 48, 800, 800)")
CLICK = """
import screen
dialog = screen.window(title)
x, y, _, _ = screen.place(dialog)
screen.xdotool("mousemove", x + 2 * left, y + 2 * 177, "click", 1)
screen.until_still(KEPT["preview"], 30, 1.5)
screen.shoot(f"face{left}", dialog)
"""
HOLD = """
import screen
x, y, _, _ = screen.place(KEPT["dialog"])
after = screen.look(*KEPT["preview"])
screen.xdotool("mousemove", x + 2 * 224, y + 2 * 446, "mousedown", 1)
result = screen.until_changed(KEPT["preview"], after, 5) is not None
screen.xdotool("mouseup", 1)
screen.until_still(KEPT["preview"], 5, 0.5)
"""


@pytest.mark.newer_editors
def test_the_preview_is_sharp_and_clicks_land(
    editor_folder: EditorFolder, photos: tuple[Path, Path], tmp_path: Path
) -> None:
    random = np.random.default_rng(22)
    for photo, name in zip(photos, ("pose", "expression")):
        with Image.open(photo) as picture:
            size = (WIDTH, round(WIDTH / picture.width * picture.height))
            large = np.asarray(picture.convert("RGB").resize(size), float)
        grainy = np.round(large + random.normal(0, 12, large.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(np.hstack([grainy, grainy])).save(tmp_path / f"{name}.jpg", quality=95)
    with RunningGimp(editor_folder, tmp_path, "window", TWICE) as gimp:
        gimp.do(SETUP)
        gimp.do('import screen; screen.xdotool("windowsize", KEPT["main"], 2780, 1720)')
        assert gimp.do(OPEN_TWICE, entry=1, title=DIALOG, quiet=2.5), "the dialog did not open"
        gimp.do(CLICK, left=485, title=DIALOG)
        gimp.do(CLICK, left=569, title=DIALOG)
        assert gimp.do(HOLD), "holding the button does not show the picture before the edit"
        width = gimp.do('result = KEPT["image"].get_width()')
        press(gimp, "alt+a")
        wait_for_layers(gimp, 3)
        layer = 'KEPT["image"].get_layers()[0]'
        left = gimp.do(f"result = {layer}.get_offsets().offset_x")
        undo(gimp)
    assert left >= width / 2, "the click did not take the right face"
    shown = np.asarray(Image.open(tmp_path / "face569.png").convert("L"), float)
    inside = shown[48 + 200 : 48 + 600, 48 + 200 : 48 + 600]
    halves = inside.reshape(200, 2, 200, 2).mean(axis=(1, 3)).repeat(2, 0).repeat(2, 1)
    assert np.abs(inside - halves).mean() > 1.5, "the preview was made for half as many pixels"
