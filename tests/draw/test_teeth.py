"""Teeth keep the pose photo's own colour."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from exshot.draw.teeth import match_teeth

SKIN, LIPS, DARK = (0.8, 0.55, 0.45), (0.7, 0.3, 0.3), (0.15, 0.05, 0.05)
WHITE, YELLOW = (0.9, 0.85, 0.8), (0.8, 0.72, 0.6)
SIZE = 64
OPENINGS = np.zeros((SIZE, SIZE), np.float32)
OPENINGS[40:50, 20:44] = 1
BARE = np.zeros((SIZE, SIZE), np.float32)
BARE[:36] = 1

Color = tuple[float, float, float]


def face(teeth: Color, skin: Color = SKIN, shown: int = 6) -> NDArray[np.float32]:
    """A mouth with ``shown`` rows of teeth above its dark, in a face of one colour."""
    pixels = np.full((SIZE, SIZE, 3), skin, np.float32)
    pixels[38:52, 18:46] = LIPS
    pixels[40:50, 20:44] = DARK
    pixels[40 : 40 + shown, 20:44] = teeth
    return pixels


def test_teeth_of_one_colour_stay() -> None:
    np.testing.assert_allclose(match_teeth(face(WHITE), face(WHITE), OPENINGS, BARE), 0, atol=1e-6)


def test_yellow_teeth_become_white_as_in_the_pose_photo() -> None:
    gain = np.exp(match_teeth(face(WHITE), face(YELLOW), OPENINGS, BARE))
    np.testing.assert_allclose(np.array(YELLOW) * gain, WHITE, atol=0.02)
    assert gain[2] > gain[1] > gain[0] > 1


def test_a_tan_is_not_carried_to_the_teeth() -> None:
    tanned = face(WHITE, skin=(0.7, 0.42, 0.3))
    np.testing.assert_allclose(match_teeth(face(WHITE), tanned, OPENINGS, BARE), 0, atol=1e-6)


@pytest.mark.parametrize("which", ["reference", "source"])
def test_nothing_is_compared_where_a_photo_shows_no_teeth(which: str) -> None:
    shown, hidden = face(YELLOW), face(LIPS, shown=10)
    pair = (hidden, shown) if which == "reference" else (shown, hidden)
    np.testing.assert_array_equal(match_teeth(*pair, OPENINGS, BARE), 0)


def test_a_closed_mouth_has_no_teeth() -> None:
    closed = np.zeros_like(OPENINGS)
    np.testing.assert_array_equal(match_teeth(face(WHITE), face(YELLOW), closed, BARE), 0)


def test_the_change_is_bounded() -> None:
    gain = match_teeth(face((1, 1, 1)), face((0.5, 0.45, 0.4)), OPENINGS, BARE)
    np.testing.assert_allclose(gain, 0.35, atol=1e-6)
