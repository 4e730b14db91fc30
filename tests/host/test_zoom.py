"""The preview enlarged to the eyes or the mouth."""

from __future__ import annotations

import pytest

from exshot_contract.messages import FaceInfo, PreviewResult, Report
from exshot_host.texts import texts
from exshot_host.widgets.zoom import EYES, FACE, FACTOR, MOUTH, shown_part

SIZE = 500
PREVIEW = PreviewResult(SIZE, 100, 100, 350, 350, Report("warp", 0, 0, 0, 0, 0, 0), b"", b"")


def face(roll: float = 0.0) -> FaceInfo:
    """A face 100 pixels wide and 120 high in the middle of the preview's square."""
    return FaceInfo(175, 165, 275, 285, 1.0, 0.0, 0.0, roll)


def middle(part: str, roll: float = 0.0) -> tuple[float, float]:
    left, top, side = shown_part(PREVIEW, face(roll), part)
    assert 0 <= left <= SIZE - side
    assert 0 <= top <= SIZE - side
    return left + side / 2, top + side / 2


def test_the_whole_face_is_the_whole_preview() -> None:
    assert shown_part(PREVIEW, face(), FACE) == (0, 0, SIZE)
    assert shown_part(PREVIEW, None, EYES) == (0, 0, SIZE)


def test_every_part_has_a_name_and_a_size() -> None:
    assert set(texts.SHOWN_PARTS) == set(FACTOR) == {FACE, EYES, MOUTH}


def test_the_eyes_lie_above_the_mouth_and_both_are_enlarged() -> None:
    eyes, mouth = middle(EYES), middle(MOUTH)
    assert eyes[0] == pytest.approx(SIZE / 2, abs=1)
    assert mouth[0] == pytest.approx(SIZE / 2, abs=1)
    assert eyes[1] < SIZE / 2 < mouth[1]
    assert all(shown_part(PREVIEW, face(), part)[2] < SIZE / 2 for part in (EYES, MOUTH))


def test_a_tilted_head_has_its_mouth_to_the_side() -> None:
    assert middle(MOUTH, 30)[0] < SIZE / 2 < middle(MOUTH, -30)[0]
    assert middle(MOUTH, 180)[1] < SIZE / 2


def test_a_face_at_the_edge_stays_inside() -> None:
    edge = FaceInfo(90, 90, 140, 150, 1.0, 0.0, 0.0, 0.0)
    left, top, side = shown_part(PREVIEW, edge, EYES)
    assert (left, top) == (0, 0)
    assert side <= SIZE
