"""Whether eyes and mouth are moved or drawn from the expression photo."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.retarget import rigid_fit
from exshot.draw.openings import eye_mask, fill, mouth_mask, needed, opening, with_steady_gaze
from exshot.face.topology import LEFT_EYE, LEFT_IRIS, LIPS_INNER, RIGHT_EYE, RIGHT_IRIS

SIZE, WIDTH = 256, 140.0
STRAIGHT = np.eye(3)
STILL = np.zeros((SIZE, SIZE), np.float32)


def face() -> NDArray[np.float32]:
    return posed_mesh(width=WIDTH, centre=SIZE / 2)


def with_eyes(mesh: NDArray[np.float32], openness: float) -> NDArray[np.float32]:
    out = mesh.copy()
    for ring in (LEFT_EYE, RIGHT_EYE):
        rows = list(ring)
        middle = out[rows, 1].mean()
        out[rows, 1] = middle + openness * (out[rows, 1] - middle)
    return out


def test_the_same_face_needs_nothing() -> None:
    need = needed(face(), face(), STILL)
    assert (need.eyes, need.lips, need.inside) == (False, False, False)


def test_eyes_that_narrow_a_little_stay_the_pose_photos_own() -> None:
    assert not needed(face(), with_eyes(face(), 0.8), STILL).eyes


def test_shut_eyes_cannot_be_opened_by_moving_them() -> None:
    assert needed(with_eyes(face(), 0.1), face(), STILL).eyes
    assert needed(face(), with_eyes(face(), 0.1), STILL).eyes


def test_a_wink_takes_both_eyes_from_one_photo() -> None:
    winking = face()
    rows = list(LEFT_EYE)
    winking[rows, 1] = winking[rows, 1].mean()
    assert needed(face(), winking, STILL).eyes


def looking(
    right: float, eyes: tuple[tuple[int, ...], ...] = (LEFT_IRIS, RIGHT_IRIS)
) -> NDArray[np.float32]:
    mesh = face()
    width = np.linalg.norm(mesh[LEFT_EYE[0], :2] - mesh[LEFT_EYE[8], :2])
    for iris in eyes:
        mesh[list(iris), 0] += right * width
    return mesh


def test_a_look_far_aside_needs_the_other_photos_eyes() -> None:
    assert needed(face(), looking(0.3), STILL).eyes
    assert not needed(face(), looking(0.15), STILL).eyes


def test_irises_move_together() -> None:
    for aside in (looking(0.15), looking(-0.15)):
        moved = with_steady_gaze(face(), aside, STRAIGHT)
        assert np.allclose(moved[:, :2], aside[:, :2], atol=0.2)
    # One iris alone, or both by a hair, is what two fits differ by.
    for aside in (looking(0.1, (LEFT_IRIS,)), looking(0.04)):
        assert np.allclose(
            with_steady_gaze(face(), aside, STRAIGHT)[:, :2], face()[:, :2], atol=0.2
        )


def with_mouth(opened: float) -> NDArray[np.float32]:
    """A face whose mouth is open: area of the opening over its width squared."""
    mesh, ring = face(), list(LIPS_INNER)
    x, y = mesh[ring, 0], mesh[ring, 1].mean()
    corners = x.min(), x.max()
    along = (x - corners[0]) / (corners[1] - corners[0])
    half = 0.5 * np.sin(np.pi * along) * (corners[1] - corners[0]) * np.pi / 2
    upper = np.arange(len(ring)) > len(ring) // 2
    mesh[ring, 1] = y + opened * np.where(upper, -half, half)
    return mesh


@pytest.mark.parametrize(
    ("before", "after", "inside"),
    [
        (0.00, 0.005, False),
        (0.00, 0.02, True),  # a shut mouth has no teeth to move
        (0.05, 0.075, False),
        (0.05, 0.09, True),  # larger teeth are seen
        (0.13, 0.18, False),
        (0.13, 0.21, True),  # a mouth wide open shows another inside
        (0.065, 0.005, False),  # lips that close cover what is there
        (0.21, 0.13, True),
    ],
)
def test_a_mouth_that_opens_further_than_its_own_can_be_stretched_is_new_inside(
    before: float, after: float, inside: bool
) -> None:
    pose, target = with_mouth(before), with_mouth(after)
    assert abs(opening(pose, LIPS_INNER) - before) < 0.004
    need = needed(pose, target, STILL)
    assert (need.inside, need.lips) == (inside, False)


def test_a_mouth_that_grows_wider_shows_more_teeth_too() -> None:
    pose, wide = with_mouth(0.13), with_mouth(0.13)
    middle = wide[list(LIPS_INNER), :2].mean(axis=0)
    wide[:, :2] = middle + 1.25 * (wide[:, :2] - middle)
    assert needed(pose, wide, STILL).inside
    assert not needed(wide, pose, STILL).inside


def test_a_mouth_that_is_pulled_out_of_shape_comes_from_the_expression_photo() -> None:
    assert needed(face(), face(), STILL + 0.6).lips
    assert not needed(face(), face(), STILL + 0.4).lips


def test_eyes_on_the_camera_stay_there_when_the_head_is_turned() -> None:
    turned = posed_mesh(yaw=20, width=WIDTH, centre=SIZE / 2)
    rotation = rigid_fit(turned, face()).rotation
    turned_along = looking(-0.3 * float(rotation[0, 2]))
    steady = with_steady_gaze(face(), turned_along, rotation)
    assert np.allclose(steady[:, :2], face()[:, :2], atol=0.2)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_as_much_of_a_turn_is_taken_back_as_the_gaze_has_of_it(share: float) -> None:
    turned = posed_mesh(yaw=20, width=WIDTH, centre=SIZE / 2)
    rotation = rigid_fit(turned, face()).rotation
    turned_along = looking(-0.3 * share * float(rotation[0, 2]))
    steady = with_steady_gaze(face(), turned_along, rotation, share)
    assert np.allclose(steady[:, :2], face()[:, :2], atol=0.2)


def test_masks_hold_the_features_and_end_before_the_cheeks() -> None:
    mesh = face()
    eyes, mouth = eye_mask(mesh, SIZE, WIDTH), mouth_mask(mesh, SIZE, WIDTH)

    def at(mask: NDArray[np.float32], vertex: int) -> float:
        x, y = mesh[vertex, :2].round().astype(int)
        return float(mask[y, x])

    assert at(eyes, 468) > 0.9
    assert at(mouth, 13) > 0.9
    for vertex in (50, 280, 1, 152):
        assert at(eyes, vertex) < 0.01
        assert at(mouth, vertex) < 0.01


def test_the_area_of_a_filled_ring_is_that_of_its_opening() -> None:
    mesh = with_eyes(face(), 1.5)
    width = np.linalg.norm(mesh[LEFT_EYE[0], :2] - mesh[LEFT_EYE[8], :2])
    area = fill(mesh, LEFT_EYE, SIZE).sum()
    np.testing.assert_allclose(area / width**2, opening(mesh, LEFT_EYE), rtol=0.35)
    assert opening(mesh, LIPS_INNER) >= 0
