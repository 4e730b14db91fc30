"""Registration finds how far two pictures of one face lie apart, and nothing smaller than that."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.registration import register, shift_flow

SIZE = 256
WIDTH = 140.0


def textured() -> NDArray[np.float32]:
    grain = np.random.default_rng(3).uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(grain, (0, 0), 4)
    return np.asarray(np.clip(0.5 + 4 * (smooth - 0.5), 0, 1), np.float32)


def moved(picture: NDArray[np.float32], x: float, y: float) -> NDArray[np.float32]:
    step = np.array([[1, 0, x], [0, 1, y]], np.float32)
    out = cv2.warpAffine(picture, step, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(out, np.float32)


NOWHERE = np.zeros((SIZE, SIZE), np.float32)
FACE = np.zeros((SIZE, SIZE), np.float32)
FACE[50:200, 60:200] = 1


def test_a_head_that_stands_beside_is_found() -> None:
    picture = textured()
    offset = register(picture, moved(picture, 3, -2), NOWHERE, FACE, WIDTH)
    middle = offset[110:140, 110:150].mean(axis=(0, 1))
    np.testing.assert_allclose(middle, (3, -2), atol=0.4)


def test_pictures_that_lie_on_each_other_stay() -> None:
    picture = textured()
    offset = register(picture, picture, NOWHERE, FACE, WIDTH)
    assert np.abs(offset).max() < 0.05


def test_a_mouth_that_moved_moves_nothing() -> None:
    picture = textured()
    mouth = np.zeros((SIZE, SIZE), np.float32)
    mouth[130:170, 100:160] = 1
    other = np.where(mouth[..., None] > 0, moved(picture, 0, 5), picture)
    offset = register(picture, other.astype(np.float32), mouth, FACE, WIDTH)
    assert np.abs(offset).max() < 0.3


def test_another_motif_altogether_is_not_followed_far() -> None:
    noise = np.random.default_rng(5).uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    offset = register(textured(), noise, NOWHERE, FACE, WIDTH)
    assert np.abs(offset).max() < 0.06 * WIDTH


def test_a_shifted_flow_reads_where_the_offset_says() -> None:
    line = np.arange(SIZE, dtype=np.float32)
    flow = np.stack(np.meshgrid(line, line), axis=-1)
    offset = np.full((SIZE, SIZE, 2), (2.0, -1.0), np.float32)
    np.testing.assert_allclose(shift_flow(flow, offset)[50, 60], (62, 49), atol=1e-3)


def test_a_face_that_is_hidden_altogether_stays() -> None:
    picture = textured()
    assert not register(picture, moved(picture, 3, 0), NOWHERE, NOWHERE, WIDTH).any()
