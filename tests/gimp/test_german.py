"""The dialogs in German; ``EXSHOT_SCREENSHOTS`` keeps their pictures to be looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from gimp.conftest import demo_photos
from gimp.running_gimp import RunningGimp
from gimp.test_best import keep
from gimp.test_window import SETUP

GERMAN = {"LANG": "de_DE.UTF-8", "LANGUAGE": "de"}
# The menu's keys depend on the language, so the procedures are called; they return when Escape is
# pressed. What waits for a dialog must not be the thread that talks to GIMP.
SHOOT = """
import screen, threading
found = Gimp.get_pdb().lookup_procedure(procedure)
config = found.create_config()
config.set_property("run-mode", Gimp.RunMode.INTERACTIVE)
config.set_property("image", KEPT["image"])
config.set_core_object_array("drawables", [layer_of(KEPT["image"], "pose")])
running = threading.Thread(target=found.run, args=(config,))
running.start()
dialog = screen.window(title, 60)
result = dialog is not None
if result:
    x, y, width, height = screen.place(dialog)
    preview = (x + 24, y + 24, 400, 400)
    screen.until_drawn(preview)
    screen.until_still(preview, 60, 2)
    screen.shoot(name, dialog)
    screen.keys("Escape")
running.join(30)
"""


@pytest.mark.parametrize(
    ("procedure", "title", "name"),
    [
        ("plug-in-exshot-edit", "^Gesichtsausdruck bearbeiten$", "gimp-dialog-de"),
        ("plug-in-exshot-best", "^Das Beste der Serie$", "gimp-best-dialog-de"),
    ],
)
def test_the_dialog_is_german_for_a_german(
    editor_folder: EditorFolder, tmp_path: Path, procedure: str, title: str, name: str
) -> None:
    for photo, german in zip(demo_photos(), ("pose.jpg", "ausdruck.jpg")):
        shutil.copy(photo, tmp_path / german)
    with RunningGimp(editor_folder, tmp_path, "window", GERMAN) as gimp:
        gimp.do(SETUP.replace("expression.jpg", "ausdruck.jpg"))
        assert gimp.do(SHOOT, procedure=procedure, title=title, name=name), "no such dialog"
        keep(tmp_path / f"{name}.png")
