"""What covers a face: the pose photo's stays in front, the expression photo's stays out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.align.pair import AlignedPair, CroppedFace, align
from exshot.cover.cover import Cover, Wear
from exshot.draw.covers import keep_covers
from exshot.draw.maps import DrawingMaps
from exshot.draw.warp import drawn_by_warp
from exshot.image.geometry import Crop
from exshot.options import EditOptions

SIZE = 512
LOWER_LIP = 17
OPTIONS = EditOptions(color_match=False)


def cover_at(*spots: tuple[float, float, float], lens: bool = False) -> Cover:
    """Discs ``(x, y, radius)`` in front of the face."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    there = np.zeros((SIZE, SIZE), np.float32)
    for x, y, radius in spots:
        there[np.hypot(columns - x, rows - y) < radius] = 1
    nothing = np.zeros_like(there)
    front, glass = (nothing, there) if lens else (there, nothing)
    wear = Wear(hidden=float(front.any()) * 0.05)
    return Cover(front, nothing, nothing, glass, nothing, nothing, wear)


def glasses_at(*spots: tuple[float, float, float]) -> Cover:
    """Rims as thick as these discs."""
    rims = cover_at(*spots).front
    nothing = np.zeros_like(rims)
    wear = Wear(glasses=True, hidden=0.05)
    return Cover(rims, rims, rims, nothing, nothing, nothing, wear)


def before_a_wall_from(row: float) -> Cover:
    """A bare face; what lies from there on down is background."""
    bare = cover_at()
    wall = np.zeros_like(bare.front)
    wall[round(row) :] = 1
    return replace(bare, background=wall)


def pair_with(own: Cover | None, other: Cover | None, lower: float = 8) -> AlignedPair:
    pixels = np.full((SIZE, SIZE, 3), 0.5, np.float32)
    mesh = posed_mesh()
    open_jaw = mesh.copy()
    open_jaw[mesh[:, 1] > mesh[LOWER_LIP, 1] - 1, 1] += lower
    whole = Crop(0, 0, SIZE, SIZE)
    return align(
        CroppedFace(pixels, mesh, whole, own), CroppedFace(pixels, open_jaw, whole, other), OPTIONS
    )


def kept(own: Cover | None = None, other: Cover | None = None) -> tuple[DrawingMaps, DrawingMaps]:
    pair = pair_with(own, other)
    drawing = drawn_by_warp(pair, OPTIONS)
    return drawing, keep_covers(drawing, pair)


def spot(vertex: int, radius: float) -> tuple[float, float, float]:
    x, y = posed_mesh()[vertex, :2]
    return float(x), float(y), radius


def value(at: tuple[float, float, float], values: NDArray) -> NDArray:
    return values[round(at[1]), round(at[0])]


def test_two_bare_faces_are_drawn_as_ever() -> None:
    before, after = kept()
    assert after is before


def test_a_wall_stays_as_it_is_behind_a_jaw_that_comes_down_before_it() -> None:
    chin = posed_mesh()[152, :2]
    pair = pair_with(before_a_wall_from(chin[1] + 1), None)
    before = drawn_by_warp(pair, OPTIONS)
    after = keep_covers(before, pair)
    old, new = (
        np.abs(drawing.flow_pose - identity_flow(SIZE)).max(axis=2)[:, round(float(chin[0]))]
        for drawing in (before, after)
    )
    lowered = round(float(chin[1])) + 8
    assert old[lowered + 2] > 4
    assert new[lowered + 2 :].max() < 0.01
    np.testing.assert_array_equal(new[: lowered - 1], old[: lowered - 1])
    assert after.mask.sum() < before.mask.sum()


def test_a_wall_that_a_shorter_face_uncovers_is_read_from_beside_it() -> None:
    chin = posed_mesh()[152, :2]
    pair = pair_with(before_a_wall_from(chin[1] + 1), None, lower=-8)
    before = drawn_by_warp(pair, OPTIONS)
    assert keep_covers(before, pair).flow_pose is before.flow_pose


def test_where_nothing_moves_beside_a_face_nothing_is_held() -> None:
    pair = pair_with(before_a_wall_from(0), None)
    alone = replace(pair, maps=replace(pair.maps, reach=pair.maps.face))
    before = drawn_by_warp(alone, OPTIONS)
    assert keep_covers(before, alone) is before


def test_nothing_is_drawn_through_what_is_before_the_pose_photos_face() -> None:
    cheek = spot(205, 12)
    before, after = kept(cover_at(cheek))
    assert value(cheek, before.blend) > 0.5
    assert value(cheek, after.mask) == 0


def test_the_skin_beside_it_does_not_move_so_that_it_is_not_drawn_twice() -> None:
    chin = spot(200, 10)
    before, after = kept(cover_at(chin))
    still = identity_flow(SIZE)
    beside = (chin[0] + 13, chin[1], 0.0)
    assert np.abs(value(beside, before.flow_pose - still)).max() > 2
    assert np.abs(value(beside, after.flow_pose - still)).max() < 0.1


def test_what_hides_the_expression_photos_face_is_not_carried_over() -> None:
    cheek = spot(205, 12)
    before, after = kept(other=cover_at(cheek))
    assert value(cheek, before.blend) > 0.5
    assert value(cheek, after.blend) == pytest.approx(0, abs=1e-3)
    far = spot(425, 0)
    assert value(far, after.blend) == pytest.approx(value(far, before.blend), abs=0.02)
    assert after.hidden_share > before.hidden_share


def test_eyes_are_carried_over_behind_clear_lenses() -> None:
    eye = spot(468, 30)
    before, after = kept(cover_at(eye, lens=True))
    assert value(eye, before.blend) > 0.9
    assert value(eye, after.blend) == pytest.approx(value(eye, before.blend))


def test_an_eye_that_is_half_hidden_stays_whole() -> None:
    x, y, _ = spot(468, 0)
    before, after = kept(other=cover_at((x - 12, y, 12)))
    other_half = (x + 10, y, 0.0)
    assert value(other_half, before.blend) > 0.9
    assert value(other_half, after.blend) < 0.05


def test_covered_skin_is_not_compared() -> None:
    cheek = spot(205, 12)
    for pair in (
        pair_with(cover_at(cheek), None),
        pair_with(None, cover_at(cheek)),
        pair_with(cover_at(cheek, lens=True), None),
    ):
        assert value(cheek, pair.bare_skin) == 0
        assert value(cheek, pair.surely_bare_skin) == 0
    assert value(cheek, pair_with(None, None).bare_skin) > 0.5


def test_all_that_lies_beyond_the_border_comes_from_the_pose_photo() -> None:
    outside = np.zeros((SIZE, SIZE), np.float32)
    outside[:, : SIZE // 2 - 20] = 1
    cover = replace(cover_at(), outside=outside, wear=Wear(cut_off=True, hidden=0.4))
    _, after = kept(other=cover)
    assert np.abs(after.blend[:, : SIZE // 2 - 30]).max() < 1e-6
    assert after.blend[:, SIZE // 2 + 20 :].any()


def test_glasses_of_one_sitting_that_sit_on_one_spot_are_a_part_of_the_face() -> None:
    bridge = spot(6, 8)
    before, after = kept(glasses_at(bridge), glasses_at(bridge))
    np.testing.assert_allclose(after.blend, before.blend, atol=1e-6)
    np.testing.assert_allclose(after.mask, before.mask, atol=1e-6)


def test_glasses_that_sit_elsewhere_or_belong_to_another_day_stay_in_front() -> None:
    bridge, cheek = spot(6, 8), spot(205, 8)
    _, after = kept(glasses_at(bridge), glasses_at(cheek))
    assert value(bridge, after.mask) == 0
    pair = pair_with(glasses_at(bridge), glasses_at(bridge))
    another_day = replace(drawn_by_warp(pair, OPTIONS), own_skin=1.0)
    assert value(bridge, keep_covers(another_day, pair).mask) == 0
