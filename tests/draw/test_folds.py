"""Folds are drawn onto the pose photo's skin; light, freckles and brows are not."""

from __future__ import annotations

import numpy as np
from align.meshes import posed_mesh

from exshot.draw.folds import fold_shading, nose_mask, orbit_mask
from exshot.image.sampling import Map, blur

SIZE, FACE_WIDTH = 256, 150.0
ONE = np.ones((SIZE, SIZE), np.float32)
FOLDED = 0.3 * ONE


def skin() -> Map:
    return np.full((SIZE, SIZE, 3), 0.6, np.float32)


def line(depth: float, sigma: float = 2.5) -> Map:
    """Skin with one vertical crease."""
    crease = np.zeros((SIZE, SIZE), np.float32)
    crease[:, SIZE // 2] = 1
    crease = blur(crease, sigma)
    return skin() * (1 - depth * crease / crease.max())[..., None]


def at_crease(shade: Map) -> float:
    return float(shade[SIZE // 2, SIZE // 2])


def test_a_crease_of_the_expression_darkens_the_skin() -> None:
    assert -0.4 < at_crease(fold_shading(skin(), line(0.3), FOLDED, ONE, ONE, FACE_WIDTH)) < -0.15


def test_a_crease_of_the_pose_photo_is_lit_up_a_little() -> None:
    assert 0.05 < at_crease(fold_shading(line(0.3), skin(), FOLDED, ONE, ONE, FACE_WIDTH)) < 0.101


def test_where_the_mesh_does_not_move_nothing_folds() -> None:
    assert not fold_shading(skin(), line(0.3), 0 * ONE, ONE, ONE, FACE_WIDTH).any()


def test_another_light_is_no_fold() -> None:
    slope = np.linspace(0.8, 1.2, SIZE, dtype=np.float32)[None, :, None]
    shade = fold_shading(skin(), slope * skin(), FOLDED, ONE, ONE, FACE_WIDTH)
    assert np.abs(shade[40:-40, 40:-40]).max() < 0.03


def test_a_brow_that_moved_on_leaves_no_light_patch() -> None:
    hair = 0 * ONE  # not surely bare
    assert fold_shading(line(0.3), skin(), FOLDED, hair, ONE, FACE_WIDTH).max() <= 0


def test_what_the_expression_photo_hides_gives_no_fold() -> None:
    assert not fold_shading(skin(), line(0.3), FOLDED, ONE, 0 * ONE, FACE_WIDTH).any()


def test_the_nose_does_not_fold() -> None:
    mesh = posed_mesh(width=FACE_WIDTH, centre=SIZE / 2)
    nose = nose_mask(mesh, SIZE, FACE_WIDTH)
    x, y = mesh[[1, 195, 50, 13], :2].round().astype(int).T
    assert (nose[y, x] > 0.9).tolist() == [True, True, False, False]
    assert nose[y[2], x[2]] == 0


def test_folds_around_the_eyes_are_told_from_those_of_cheeks_and_forehead() -> None:
    mesh = posed_mesh(width=FACE_WIDTH, centre=SIZE / 2)
    orbit = orbit_mask(mesh, SIZE, FACE_WIDTH)
    x, y = mesh[[159, 386, 52, 50, 151, 9], :2].round().astype(int).T
    assert (orbit[y, x] > 0.5).tolist() == [True, True, True, False, False, False]
