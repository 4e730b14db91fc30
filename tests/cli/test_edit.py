"""`exshot edit`: files, flags and messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import Result

from exshot.errors import ErrorCode, ExshotError
from exshot.options import EditOptions, RegionWeights
from exshot.result import EditWarning

Run = Callable[..., Result]
LAYER_BGR = [20, 10, 250]


def read(path: Path) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture


def test_the_result_is_the_pose_photo_with_the_patch(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    result = exshot("edit", *pair, "-o", out)
    assert result.exit_code == 0, result.output
    picture, pose = read(out), read(pair[0])
    assert picture[40, 50].tolist() == LAYER_BGR
    picture[30:50, 40:70] = pose[30:50, 40:70]
    assert np.array_equal(picture, pose)
    assert "heads differ by 7 degrees" in result.stdout
    assert "12% not visible" in result.stdout


def test_the_layer_is_the_patch_alone_in_the_photos_frame(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, tmp_path: Path
) -> None:
    layer = tmp_path / "layer.png"
    exshot("edit", *pair, "-o", tmp_path / "out.png", "--layer", layer)
    picture = read(layer)
    assert picture.shape == (96, 128, 4)
    assert picture[40, 50].tolist() == [*LAYER_BGR, 255]
    assert picture[0, 0, 3] == 0


def test_flags_reach_the_pipeline(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    flags = "--strength 0.7 --regions mouth=1,eyes=0.5 --gaze pose --method warp --no-color-match"
    faces = "--feather 0.1 --pose-face 1 --expression-face 2"
    result = exshot("edit", *pair, "-o", tmp_path / "o.png", *flags.split(), *faces.split())
    assert result.exit_code == 0, result.output
    assert fake_editor.calls == [
        EditOptions(
            method="warp",
            strength=0.7,
            regions=RegionWeights(eyes=0.5, brows=0, nose=0, mouth=1, cheeks=0, jaw=0),
            gaze="pose",
            color_match=False,
            feather=0.1,
            pose_face=1,
            expression_face=2,
        )
    ]


def test_without_flags_the_librarys_defaults_hold(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    exshot("edit", *pair, "-o", tmp_path / "o.png")
    assert fake_editor.calls == [EditOptions()]


def test_json_and_report_say_how_the_edit_was_made(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    result = exshot("edit", *pair, "-o", tmp_path / "o.png", "--json", "--report", report)
    record = json.loads(result.stdout)
    assert record == json.loads(report.read_text())
    assert record["box"] == {"x0": 40, "y0": 30, "x1": 70, "y1": 50}
    assert record["report"]["head_turn"] == {"yaw": 7.0, "pitch": -2.0, "roll": 0.5}
    assert record["report"]["hidden_share"] == 0.12
    assert record["options"]["strength"] == 1.0


def test_warnings_go_to_stderr(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    fake_editor.warnings = (EditWarning("large_turn", "The heads differ a lot.", "Look closely."),)
    result = exshot("edit", *pair, "-o", tmp_path / "o.png", "--json")
    assert result.exit_code == 0
    assert "The heads differ a lot." in result.stderr
    assert "Look closely." in result.stderr
    assert json.loads(result.stdout)["report"]["warnings"][0]["code"] == "large_turn"


def test_an_existing_file_stays_unless_told_otherwise(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"mine")
    result = exshot("edit", *pair, "-o", out)
    assert result.exit_code == 31
    assert out.read_bytes() == b"mine"
    assert "--overwrite" in result.stderr
    assert fake_editor.calls == []
    assert exshot("edit", *pair, "-o", out, "--overwrite").exit_code == 0
    assert read(out).shape == (96, 128, 3)


def test_an_input_photo_is_never_replaced(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object
) -> None:
    before = pair[0].read_bytes()
    result = exshot("edit", *pair, "-o", pair[0], "--overwrite")
    assert result.exit_code == 31
    assert pair[0].read_bytes() == before


@pytest.mark.parametrize(
    ("regions", "word"),
    [("mouth,mouth", "twice"), ("teeth", "teeth"), ("mouth=2", "0 to 1"), ("mouth=x", "'x'")],
)
def test_wrong_regions_are_explained(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, regions: str, word: str
) -> None:
    result = exshot("edit", *pair, "-o", pair[0].with_name("o.png"), "--regions", regions)
    assert result.exit_code == 2
    assert word in result.stderr


def test_errors_are_a_sentence_and_a_hint_and_json_for_machines(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    fake_editor.raises = ExshotError(ErrorCode.SEVERAL_FACES, "There are 3 faces.", "Choose one.")
    result = exshot("edit", *pair, "-o", tmp_path / "o.png", "--json")
    assert result.exit_code == 11
    assert result.stderr.splitlines() == ["exshot: There are 3 faces.", "        Choose one."]
    error = {"code": "several_faces", "sentence": "There are 3 faces.", "hint": "Choose one."}
    assert json.loads(result.stdout) == {"error": error}
    assert not (tmp_path / "o.png").exists()


def test_a_missing_photo_is_named(exshot: Run, fake_editor: object, tmp_path: Path) -> None:
    result = exshot("edit", tmp_path / "no.jpg", tmp_path / "no2.jpg", "-o", tmp_path / "o.png")
    assert result.exit_code == 20
    assert "no.jpg" in result.stderr


def test_a_missing_output_folder_is_named_before_the_work(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    result = exshot("edit", *pair, "-o", tmp_path / "absent" / "o.png")
    assert result.exit_code == 30
    assert "absent" in result.stderr
    assert fake_editor.calls == []


def test_an_unexpected_failure_shows_no_traceback(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    fake_editor.raises = RuntimeError("broken inside")
    result = exshot("edit", *pair, "-o", tmp_path / "o.png")
    assert result.exit_code == 1
    assert "broken inside" in result.stderr
    assert "Traceback" not in result.output


def test_ctrl_c_leaves_nothing_behind(
    exshot: Run, pair: tuple[Path, Path], fake_editor, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    fake_editor.raises = KeyboardInterrupt()
    result = exshot("edit", *pair, "-o", tmp_path / "o.png")
    assert result.exit_code == 130
    assert sorted(tmp_path.iterdir()) == before


def test_where_the_layer_cannot_be_written_nothing_is(
    exshot: Run, pair: tuple[Path, Path], fake_editor: object, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    result = exshot("edit", *pair, "-o", tmp_path / "o.png", "--layer", tmp_path / "layer.jpg")
    assert result.exit_code == 22
    assert sorted(tmp_path.iterdir()) == before
