"""Eyes, lips and teeth of the other photo come in the pose photo's colours."""

from __future__ import annotations

import cv2
import numpy as np
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.align.retarget import EYES
from exshot.draw.eyes import eye_colors, match_eyes, with_round_irises
from exshot.draw.mouth import BareSkin, match_mouth
from exshot.draw.openings import fill
from exshot.face.topology import LIPS_INNER, LIPS_OUTER
from exshot.image.sampling import Map

SIZE, WIDTH = 512, 300.0
SKIN = np.array([0.8, 0.6, 0.5], np.float32)
Color = tuple[float, float, float]


def face() -> NDArray[np.float32]:
    """A face with wide eyes, for the canonical one's are narrow."""
    mesh = posed_mesh(width=WIDTH, centre=SIZE / 2)
    for ring, iris in EYES:
        rows, middle = list(ring), mesh[list(ring), :2].mean(axis=0)
        mesh[rows, 1] = middle[1] + 1.8 * (mesh[rows, 1] - middle[1])
        mesh[list(iris), :2] += middle - mesh[iris[0], :2]
        width = np.linalg.norm(mesh[ring[0], :2] - mesh[ring[8], :2])
        turns = np.arange(4) * np.pi / 2
        rim = 0.2 * width * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        mesh[list(iris[1:]), :2] = mesh[iris[0], :2] + rim
    return mesh


def with_open_mouth() -> NDArray[np.float32]:
    mesh = face()
    for vertex in LIPS_INNER:
        mesh[vertex, 1] += 12 if mesh[vertex, 1] > mesh[list(LIPS_INNER), 1].mean() else -12
    return mesh


def painted(white: Color, iris: Color, lips: Color = (0.7, 0.4, 0.4)) -> Map:
    mesh = face()
    out = np.full((SIZE, SIZE, 3), SKIN, np.float32)
    for ring, centre in EYES:
        inside = fill(mesh, ring, SIZE) > 0.5
        out[inside] = white
        radius = np.linalg.norm(mesh[centre[1], :2] - mesh[centre[0], :2])
        disk = np.zeros((SIZE, SIZE), np.uint8)
        middle = mesh[centre[0], :2].round().astype(int).tolist()
        cv2.circle(disk, middle, round(float(radius)), (1,), -1)
        out[inside & (disk > 0)] = iris
    out[fill(mesh, LIPS_OUTER, SIZE) > 0.5] = lips
    out[fill(mesh, LIPS_INNER, SIZE) > 0.5] = (0.2, 0.1, 0.1)
    return out


def alike(skin: NDArray[np.float32]) -> BareSkin:
    return BareSkin(skin, skin, skin)


def at(values: Map, vertex: int) -> NDArray[np.float32]:
    x, y = face()[vertex, :2].round().astype(int)
    return values[y, x]


def test_a_dull_eye_gets_the_white_and_the_iris_of_the_pose_photo() -> None:
    own = painted((0.85, 0.83, 0.8), (0.3, 0.2, 0.12))
    drawn = painted((0.6, 0.58, 0.56), (0.25, 0.18, 0.11))
    gain = np.exp(match_eyes(eye_colors(own, face()), drawn, face()))
    np.testing.assert_allclose(at(gain * drawn, 468), [0.3, 0.2, 0.12], atol=0.03)
    white = gain * drawn
    ring = fill(face(), EYES[0][0], SIZE) > 0.9
    assert abs(white[ring].max() - 0.85) < 0.06


def test_skin_beside_the_eye_is_left() -> None:
    own, drawn = (
        painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3)),
        painted((0.6, 0.6, 0.6), (0.2, 0.2, 0.2)),
    )
    gain = match_eyes(eye_colors(own, face()), drawn, face())
    assert np.abs(at(gain, 50)).max() == 0


def test_a_catchlight_is_not_dimmed() -> None:
    own, drawn = (
        painted((0.5, 0.5, 0.5), (0.2, 0.2, 0.2)),
        painted((0.8, 0.8, 0.8), (0.4, 0.4, 0.4)),
    )
    x, y = face()[468, :2].round().astype(int)
    drawn[y - 1 : y + 2, x - 1 : x + 2] = 0.97
    gain = match_eyes(eye_colors(own, face()), drawn, face())
    assert np.abs(gain[y, x]).max() < 0.01
    assert gain[y + 6, x].mean() < -0.2


def test_a_shut_eye_takes_the_colours_of_the_other() -> None:
    shut = face()
    ring = list(EYES[0][0])
    shut[ring, 1] = shut[ring, 1].mean()
    left, right = eye_colors(painted((0.9, 0.88, 0.85), (0.3, 0.2, 0.1)), shut)
    assert left.white is not None
    assert right.white is not None
    np.testing.assert_allclose(left.white, right.white)


def test_irises_move_as_one() -> None:
    pose, target = face(), face()
    for _, iris in EYES:
        target[list(iris), 0] += 6
    flow = with_round_irises(identity_flow(SIZE), pose, target)
    centre = target[468, :2]
    for dx in (-5, 0, 5):
        x, y = (centre + np.array([dx, 0])).round().astype(int)
        np.testing.assert_allclose(flow[y, x, 0], x - 6, atol=0.6)
    np.testing.assert_array_equal(flow[50, 50], [50, 50])


def test_lips_get_the_pose_photos_colour_and_skin_stays() -> None:
    own = painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3), lips=(0.75, 0.45, 0.45))
    drawn = painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3), lips=(0.6, 0.15, 0.2))
    skin = np.tile(SKIN, (200, 1))
    none = np.zeros_like(drawn)
    change = match_mouth(own, face(), drawn, face(), none, alike(skin), WIDTH)
    lips = np.flatnonzero(
        (fill(face(), LIPS_OUTER, SIZE) > 0.9) & (fill(face(), LIPS_INNER, SIZE) < 0.01)
    )
    redrawn = (drawn * np.exp(change)).reshape(-1, 3)[lips].mean(axis=0)
    wanted, before = np.array([0.75, 0.45, 0.45]), np.array([0.6, 0.15, 0.2])
    assert (np.abs(redrawn - wanted) < 0.75 * np.abs(before - wanted)).all()  # thin, so soft
    assert np.abs(at(change, 50)).max() < 1e-6


def test_lips_that_are_pink_at_one_corner_become_nearly_one_hue() -> None:
    pose = painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3), lips=(0.7, 0.45, 0.4))
    drawn = pose.copy()
    drawn[:, SIZE // 2 :, 2] = np.minimum(1, 1.3 * drawn[:, SIZE // 2 :, 2])
    skin = np.tile(SKIN, (200, 1))
    change = match_mouth(pose, face(), drawn, face(), np.zeros_like(drawn), alike(skin), WIDTH)
    lips = (fill(face(), LIPS_OUTER, SIZE) > 0.9) & (fill(face(), LIPS_INNER, SIZE) < 0.01)
    left, right = lips.copy(), lips.copy()
    left[:, SIZE // 2 - 10 :], right[:, : SIZE // 2 + 10] = False, False

    def apart(pixels: Map) -> float:
        hue = np.log(pixels[..., 2] / pixels[..., 0])
        return float(hue[right].mean() - hue[left].mean())

    assert apart((drawn * np.exp(change)).astype(np.float32)) < 0.7 * apart(drawn)


def test_between_the_lips_one_gain_serves_all() -> None:
    mesh = with_open_mouth()
    drawn = painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3))
    half = np.zeros_like(drawn)
    half[:, : SIZE // 2] = 0.5
    skin = np.tile(SKIN, (200, 1))
    change = match_mouth(drawn, mesh, drawn, mesh, half, alike(skin), WIDTH)
    inside = cv2.erode(fill(mesh, LIPS_INNER, SIZE), np.ones((9, 9))) > 0.99
    assert inside.any()
    assert np.ptp((half + change)[inside], axis=0).max() < 0.15


def test_in_a_flatter_light_teeth_are_less_white_and_a_mouth_is_less_dark() -> None:
    mesh = with_open_mouth()
    drawn = painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3))
    inside = cv2.erode(fill(mesh, LIPS_INNER, SIZE), np.ones((9, 9))) > 0.99
    teeth, dark = inside.copy(), inside.copy()
    teeth[:, SIZE // 2 :] = dark[:, : SIZE // 2] = False
    drawn[teeth], drawn[dark] = (1.0, 0.95, 0.8), (0.1, 0.05, 0.05)
    flat = np.tile(SKIN, (200, 1))
    hard = (flat * np.where(np.arange(200) % 2, 1.5, 0.5)[:, None]).astype(np.float32)
    none = np.zeros_like(drawn)

    def mouth(skin: BareSkin) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        change = match_mouth(
            painted((0.9, 0.9, 0.9), (0.3, 0.3, 0.3)), face(), drawn, mesh, none, skin, WIDTH
        )
        out = drawn * np.exp(change)
        return out[teeth].mean(axis=0), out[dark].mean(axis=0)

    (white, black), (whiter, blacker) = (
        mouth(BareSkin(flat, flat, before)) for before in (hard, flat)
    )
    assert SKIN.mean() < white.mean() < whiter.mean() - 0.05
    assert blacker.mean() < black.mean() < 0.3 * SKIN.mean()
    assert white[0] / white[2] < whiter[0] / whiter[2]
