"""The docker on a screen that is scaled twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from editors.folder import EditorFolder
from krita.docker_use import click, picture, ready
from krita.remote_krita import RemoteKrita

TWICE = {"QT_SCALE_FACTOR": "2", "SCREEN": "2800x1800x24"}


@pytest.mark.newer_editors
def test_the_preview_is_sharp_and_clicks_land(
    editor_folder: EditorFolder, picture_pair: Path, tmp_path: Path
) -> None:
    share = Path(shutil.copytree(picture_pair, tmp_path / "share"))
    for name in ("pose", "expression"):
        one = cv2.imread(str(share / f"{name}.png"))
        assert one is not None
        cv2.imwrite(str(share / f"{name}.png"), np.hstack([one, one]))
    with RemoteKrita(editor_folder, share, env=TWICE) as krita:
        krita("fresh()")
        krita.activate("pose")
        krita.wait("state() not in ('none', 'blocked')")
        krita("choose('pose', 'pose')")
        ready(krita)
        assert krita.ask("panel().devicePixelRatioF()") == 2
        for place in (1, 0):
            click(krita, f"panel().faces['pose'].findChildren(QtWidgets.QToolButton)[{place}]")
            at = f"sorted(face.x0 for face in view().pose.faces)[{place}]"
            krita.wait(f"view().pose.face is not None and view().pose.chosen_face.x0 == {at}")
            ready(krita)
        x, y, width, height = krita.ask("middle(panel().preview)")  # and scrolled into view
        picture(krita, "screen")
        side = min(width, height)
        assert krita.ask("view().preview.size") == side
        krita(f"xdotool('mousemove', {x}, {y}, 'mousedown', 1)")
        krita.wait("panel().preview._show_before", 10)
        krita("xdotool('mouseup', 1)")
        krita.wait("not panel().preview._show_before", 10)
        krita("open('/share/preview.raw', 'wb').write(bytes(view().preview.after))")
    screen = cv2.imread(str(share / "screen.png"))
    assert screen is not None
    # What the preview is made of is on the screen, pixel for pixel.
    wanted = np.fromfile(share / "preview.raw", np.uint8).reshape(side, side, 3)[..., ::-1]
    middle = slice(side // 4, 3 * side // 4)
    part = np.ascontiguousarray(wanted[middle, middle])
    off = cv2.minMaxLoc(cv2.matchTemplate(screen, part, cv2.TM_SQDIFF))[0]
    assert off / part.size < 1.0
