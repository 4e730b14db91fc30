"""`exshot faces`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from typer.testing import Result

Run = Callable[..., Result]


def test_the_table_lists_each_face(exshot: Run, pair: tuple[Path, Path], fake_editor) -> None:
    fake_editor.face_count = 2
    result = exshot("faces", pair[0])
    assert result.exit_code == 0
    assert "+5°" in result.stdout
    assert result.stdout.count("20, 20") == 2


def test_json_names_the_blendshapes_and_may_hold_the_mesh(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object
) -> None:
    face = json.loads(exshot("faces", pair[0], "--json").stdout)["faces"][0]
    assert face["index"] == 0
    assert face["head_pose"] == {"yaw": 5.0, "pitch": -3.0, "roll": 1.0}
    assert len(face["blendshapes"]) == 52
    assert "jawOpen" in face["blendshapes"]
    assert "mesh" not in face
    face = json.loads(exshot("faces", pair[0], "--json", "--mesh").stdout)["faces"][0]
    assert np.shape(face["mesh"]) == (478, 3)


def test_the_overlay_is_the_photo_with_drawings(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, tmp_path: Path
) -> None:
    overlay = tmp_path / "overlay.png"
    assert exshot("faces", pair[0], "--overlay", overlay).exit_code == 0
    drawn, photo = cv2.imread(str(overlay)), cv2.imread(str(pair[0]))
    assert drawn is not None
    assert photo is not None
    assert drawn.shape == photo.shape
    assert (drawn[20:80, 20:80] != photo[20:80, 20:80]).any()
    assert np.array_equal(drawn[:, 110:], photo[:, 110:])


def test_no_face_is_a_failure_with_its_own_code(
    exshot: Run, pair: tuple[Path, Path], fake_editor
) -> None:
    fake_editor.face_count = 0
    result = exshot("faces", pair[0], "--json")
    assert result.exit_code == 10
    assert json.loads(result.stdout)["error"]["code"] == "no_face"
