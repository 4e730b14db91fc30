"""One person's photos are alike, two people's are not, and a user is told."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from exshot import EditOptions, Editor, Photo
from exshot.face.face import Face
from exshot.identity.likeness import STRANGERS_BELOW, likeness_of, strangers

DEMO = Path(__file__).resolve().parents[2] / "core/exshot/demo"


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor()


def face_of(editor: Editor, pixels: np.ndarray) -> Face:
    return editor.faces(Photo.from_array(pixels))[0]


def alike(one: Face, other: Face) -> float:
    found = likeness_of(one, other)
    assert found is not None
    return found


def codes(editor: Editor, pose: Path, expression: Path) -> list[str]:
    options = EditOptions(method="warp", pose_face=0, expression_face=0)
    report = editor.preview(Photo.open(pose), Photo.open(expression), options, size=64).report
    return [warning.code for warning in report.warnings]


def test_the_demo_pair_is_one_person(editor: Editor) -> None:
    assert "different_person" not in codes(editor, DEMO / "pose.jpg", DEMO / "expression.jpg")


def test_size_tilt_and_brightness_leave_a_face_itself(editor: Editor) -> None:
    pixels = Photo.open(DEMO / "pose.jpg").pixels
    height, width = pixels.shape[:2]
    face = face_of(editor, pixels)
    small = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 15, 1)
    tilted = cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    dark = (pixels * 0.55).astype(np.uint8)
    for changed in (small, tilted, dark):
        assert alike(face, face_of(editor, changed)) > 0.7


def test_a_likeness_is_a_direction(editor: Editor) -> None:
    face = face_of(editor, Photo.open(DEMO / "pose.jpg").pixels)
    assert face.likeness is not None
    assert np.linalg.norm(face.likeness) == pytest.approx(1, abs=1e-3)
    assert alike(face, face) == pytest.approx(1, abs=1e-3)


def test_faces_that_were_not_measured_are_not_suspected(editor: Editor) -> None:
    face = face_of(editor, Photo.open(DEMO / "pose.jpg").pixels)
    bare = Face(face.mesh, face.blendshapes, face.head_pose, face.box, face.score)
    assert likeness_of(face, bare) is None
    assert not strangers(face, bare)


def test_a_smile_is_no_other_person_but_another_person_is(
    editor: Editor, shared_data: Path
) -> None:
    neutral = sorted((shared_data / "london/val").glob("*_neutral.jpg"))[:5]
    smiling = [path.with_name(path.name.replace("neutral", "smiling")) for path in neutral]
    for one, other in zip(neutral, smiling, strict=True):
        assert "different_person" not in codes(editor, one, other)
    assert codes(editor, neutral[0], smiling[1])[0] == "different_person"


def test_years_light_and_glasses_raise_no_false_alarm(editor: Editor, shared_data: Path) -> None:
    firsts = sorted((shared_data / "real_pairs").glob("*_a.jpg"))
    pairs = [(path, path.with_name(path.name.replace("_a.", "_b."))) for path in firsts]
    faces = [[editor.faces(Photo.open(path))[0] for path in pair] for pair in pairs]
    assert not [pair for pair, (a, b) in zip(pairs, faces, strict=True) if strangers(a, b)]
    swapped = [alike(a[0], b[1]) for a, b in combinations(faces, 2)]
    assert np.mean(np.array(swapped) < STRANGERS_BELOW) >= 0.9
