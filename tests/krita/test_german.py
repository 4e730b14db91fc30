"""The docker in German; ``EXSHOT_SCREENSHOTS`` keeps its picture to be looked at."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from krita.docker_use import picture, ready
from krita.remote_krita import RemoteKrita
from PIL import Image

from exshot_host.texts.catalogues import Translator
from tools.translations import marked_texts

GERMAN = {"LANG": "de_DE.UTF-8", "LANGUAGE": "de"}
TEXTS = """
seen = set()
for widget in panel().findChildren(QtWidgets.QWidget):
    if hasattr(widget, 'text') and not isinstance(widget, QtWidgets.QSpinBox):
        seen.add(widget.text())
    if isinstance(widget, QtWidgets.QComboBox) and widget not in panel().layers.values():
        seen.update(widget.itemText(index) for index in range(widget.count()))
    seen.update((widget.toolTip(), widget.accessibleName()))
for name in ('exshot_apply', 'exshot_reedit', 'exshot_best'):
    seen.update((krita.action(name).text().replace('&', ''), krita.action(name).toolTip()))
answer = sorted(text for text in seen if isinstance(text, str))
"""


@pytest.mark.newer_editors
def test_the_docker_is_german_for_a_german(
    editor_folder: EditorFolder, picture_pair: Path, tmp_path: Path
) -> None:
    share = Path(shutil.copytree(picture_pair, tmp_path / "share"))
    with RemoteKrita(editor_folder, share, env=GERMAN) as krita:
        krita("fresh()")
        krita.activate("pose")
        krita.wait("state() not in ('none', 'blocked')")
        krita("choose('pose', 'pose')")
        krita("krita.activeDocument().nodeByName('expression').setName('Ausdruck')")
        krita("docker()._refresh()")
        ready(krita)
        shown = krita(TEXTS)
        krita("docker().setFloating(True); docker().resize(820, 640); docker().move(120, 120)")
        krita("panel().form.more.setChecked(True)")
        picture(krita, "krita-de")
        x, y, width, height = krita.ask("middle(panel())")
        krita("docker().setFloating(False); panel().form.more.setChecked(False)")
    if folder := os.environ.get("EXSHOT_SCREENSHOTS"):
        with Image.open(share / "krita-de.png") as screen:  # the docker only; the rest is Krita's
            box = (x - width // 2, y - height // 2, x + width // 2, y + height // 2)
            screen.crop(box).save(Path(folder) / "krita-de.png")
    german = Translator(["de"])
    english = {text for text in marked_texts() if german(text) != text}
    assert german("Apply") in shown
    assert english.intersection(shown) == set()
