"""From what the network says to what covers a face, in the crop of an edit and in words."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.cover.cover import Cover, bare_shares, find_cover
from exshot.cover.crop import COVER_SIZE, cover_crop
from exshot.cover.kinds import CLEAR_LENS, DARK_LENS, GLARE, HAIR, OTHER, RIM, SKIN
from exshot.face.crop import face_crop
from exshot.face.topology import LEFT_BROW, LEFT_EYE, RIGHT_EYE

MESH = posed_mesh()
CROP = face_crop(MESH)
PHOTO = (512, 512)


def shares_with(kind: int, *areas: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """A bare face with something of a kind in areas of the photo (left, top, right, bottom)."""
    shares = bare_shares()
    for left, top, right, bottom in areas:
        corners = np.array([[left, top], [right, bottom]], np.float32)
        (x0, y0), (x1, y1) = cover_crop(MESH).to_crop(corners).round().astype(int)
        shares[SKIN, y0:y1, x0:x1] = 0
        shares[kind, y0:y1, x0:x1] = 1
    return shares


def eye_areas(grown: float = 1.0) -> list[tuple[float, float, float, float]]:
    areas = []
    for ring in (RIGHT_EYE, LEFT_EYE):
        eye = MESH[list(ring), :2]
        low, high = eye.min(0), eye.max(0)
        more = grown * (high - low)[[0, 0]] / 2
        areas.append((*(low - more), *(high + more)))
    return areas


def found(shares: NDArray[np.float32]) -> Cover:
    return find_cover(shares, MESH, CROP, PHOTO)


def at(cover_map: NDArray[np.float32], point: NDArray[np.float32]) -> float:
    x, y = CROP.to_crop(point[None, :2].astype(np.float32))[0].round().astype(int)
    return float(cover_map[y, x])


def test_a_bare_face_has_no_cover() -> None:
    cover = found(bare_shares())
    assert not cover.any
    assert not cover.front.any()
    assert cover.wear.hidden == 0


def test_a_thing_lies_in_the_edits_crop_where_it_lies_in_the_photo() -> None:
    left, top = MESH[205, :2] - 12
    cover = found(shares_with(OTHER, (left, top, left + 24, top + 24)))
    assert at(cover.front, MESH[205]) == pytest.approx(1)
    assert at(cover.front, MESH[425]) == 0
    rows, columns = np.nonzero(cover.front > 0.5)
    middle = np.array([[columns.mean(), rows.mean()]], np.float32)
    assert CROP.to_photo(middle)[0] == pytest.approx(MESH[205, :2], abs=1.5)


def test_clear_lenses_cover_nothing_but_are_no_skin_to_measure() -> None:
    cover = found(shares_with(CLEAR_LENS, *eye_areas()))
    assert cover.wear.glasses
    assert not cover.wear.sunglasses
    assert at(cover.front, MESH[468]) == 0
    assert at(cover.incomparable, MESH[468]) == pytest.approx(1)


def test_the_white_of_an_eye_is_no_reflection() -> None:
    """A wide open eye was taken for glare, and the other photo's was never drawn."""
    cover = found(shares_with(GLARE, *eye_areas(0.1)))
    assert not cover.front.any()
    assert not cover.wear.glasses
    behind_glass = found(shares_with(GLARE, *eye_areas(1.5)))
    assert at(behind_glass.front, MESH[468]) == pytest.approx(1)


def test_a_hand_before_an_eye_covers_it() -> None:
    cover = found(shares_with(OTHER, *eye_areas(0.8)[:1]))
    assert at(cover.front, MESH[468]) == pytest.approx(1)


def test_dark_lenses_hide_the_eyes() -> None:
    cover = found(shares_with(DARK_LENS, *eye_areas()))
    assert cover.wear.sunglasses
    assert at(cover.front, MESH[468]) == pytest.approx(1)


def test_a_rim_is_in_front_and_no_hand() -> None:
    y = float(MESH[6, 1])
    cover = found(shares_with(RIM, (float(MESH[234, 0]), y - 3, float(MESH[454, 0]), y + 3)))
    assert at(cover.front, MESH[6]) == pytest.approx(1)
    assert not cover.wear.thing


def test_hair_beside_the_face_is_no_cover_and_a_fringe_is() -> None:
    beside = found(shares_with(HAIR, (100, 100, 140, 300)))
    assert not beside.front.any()
    fringe = found(shares_with(HAIR, (*(MESH[151, :2] - 20), *(MESH[151, :2] + 20))))
    assert at(fringe.front, MESH[151]) == pytest.approx(1)


def test_the_end_of_a_brow_is_no_hair_and_hair_over_all_of_it_is() -> None:
    brow = MESH[list(LEFT_BROW), :2]
    low, high, end = brow.min(0), brow.max(0), MESH[300, :2]
    tail = found(shares_with(HAIR, (high[0] - 10, low[1] - 2, high[0] + 4, high[1] + 2)))
    assert at(tail.front, end) < 0.1
    over = (low[0] - 30, low[1] - 40, high[0] + 30, high[1] + 15)
    fringe = found(shares_with(HAIR, over))
    assert at(fringe.front, brow.mean(0)) == pytest.approx(1)


def test_a_speck_is_nothing() -> None:
    x, y = MESH[50, :2]
    assert not found(shares_with(OTHER, (x, y, x + 3, y + 3))).front.any()


def test_what_lies_beyond_the_photos_border_is_hidden() -> None:
    nose = float(MESH[4, 0])
    moved = MESH - np.array([nose, 0, 0], np.float32)  # the border runs through the nose
    crop = face_crop(moved)
    cover = find_cover(bare_shares(), moved, crop, PHOTO)
    assert cover.wear.cut_off
    assert cover.wear.hidden == pytest.approx(0.5, abs=0.05)
    x = crop.to_crop(np.array([[0, 256]], np.float32))[0, 0]
    assert cover.hidden[256, : int(x) - 1].all()
    assert not cover.hidden[256, int(x) + 2 :].any()


def test_maps_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="probabilities"):
        find_cover(np.zeros((9, 128, 128), np.float32), MESH, CROP, PHOTO)
    assert bare_shares().shape[1:] == (COVER_SIZE, COVER_SIZE)
