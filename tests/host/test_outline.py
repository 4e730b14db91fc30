"""Faces outlined on a thumbnail."""

from __future__ import annotations

from exshot_contract.messages import FaceInfo
from exshot_host.widgets.outlines import (
    CHOSEN,
    OTHER,
    face_at,
    face_beside,
    in_places,
    outline_faces,
)

LEFT = FaceInfo(10, 10, 40, 40, 0.9, 0, 0, 0, (10.0, 10.0, 40.0, 10.0, 40.0, 40.0, 10.0, 40.0))
RIGHT = FaceInfo(60, 10, 90, 40, 0.9, 0, 0, 0)
BEHIND = FaceInfo(15, 15, 30, 30, 0.9, 0, 0, 0)


def test_a_click_picks_the_face_under_it_the_smaller_where_two_overlap() -> None:
    faces = (LEFT, RIGHT, BEHIND)
    assert face_at(faces, 70, 20) == 1
    assert face_at(faces, 20, 20) == 2
    assert face_at(faces, 38, 38) == 0
    assert face_at(faces, 50, 90) is None


def test_the_chosen_face_is_drawn_in_another_color() -> None:
    width, height, stride = 50, 25, 160  # rows padded, as GdkPixbuf makes them
    drawn = outline_faces(bytes(stride * height), (width, height), stride, 3, (LEFT, RIGHT), 1, 0.5)

    def at(x: int, y: int) -> tuple[int, ...]:
        return tuple(drawn[y * stride + x * 3 :][:3])

    assert at(5, 10) == OTHER
    assert at(30, 10) == CHOSEN
    assert at(12, 12) == (0, 0, 0)


def test_the_next_face_is_the_one_to_the_right() -> None:
    middle = FaceInfo(40, 10, 60, 40, 0.9, 0, 0, 0)
    faces = (RIGHT, LEFT, middle)
    assert in_places(faces) == [1, 2, 0]
    assert [face_beside(faces, face) for face in (1, 2, 0, None)] == [2, 0, 1, 1]


def test_an_outline_beyond_the_edge_is_cut_off() -> None:
    face = FaceInfo(-20, -20, 80, 80, 0.9, 0, 0, 0)
    drawn = outline_faces(bytes(4 * 4 * 4), (4, 4), 16, 4, (face,), 0, 0.1)
    assert len(drawn) == 64
