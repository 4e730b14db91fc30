"""Photos of one sitting are told from photos of two days."""

from __future__ import annotations

import numpy as np
import pytest

from exshot.draw.sitting import ONE_LIGHT, detail_correlation, different_sittings
from exshot.image.sampling import Map, blur

SIZE, FACE_WIDTH = 256, 150.0
SKIN = np.ones((SIZE, SIZE), np.float32)
OTHER_LIGHT = 0.2


def skin(seed: int, strength: float = 0.1) -> Map:
    """Skin with freckles of its own."""
    freckles = np.random.default_rng(seed).standard_normal((SIZE, SIZE)).astype(np.float32)
    freckles = blur(freckles, 3.0)
    freckles *= strength / freckles.std()
    return np.repeat(0.6 * np.exp(freckles)[..., None], 3, axis=2)


def test_one_light_is_one_sitting() -> None:
    assert different_sittings(skin(1), skin(2), SKIN, FACE_WIDTH, ONE_LIGHT) == 0


def test_the_same_freckles_under_another_light_are_one_sitting() -> None:
    assert different_sittings(skin(1), 0.7 * skin(1), SKIN, FACE_WIDTH, OTHER_LIGHT) < 0.01


def test_other_freckles_under_another_light_are_two_days() -> None:
    assert different_sittings(skin(1), skin(2), SKIN, FACE_WIDTH, OTHER_LIGHT) == 1


def test_the_decision_is_between_in_between() -> None:
    share = different_sittings(skin(1), skin(1), SKIN, FACE_WIDTH, 0.072)
    assert share == pytest.approx(0, abs=0.01)
    assert 0.2 < different_sittings(skin(1), skin(2), SKIN, FACE_WIDTH, 0.072) < 0.8


def test_light_and_pores_do_not_count_as_detail() -> None:
    slope = np.linspace(0.5, 1.5, SIZE, dtype=np.float32)[None, :, None]
    grain = np.random.default_rng(3).normal(0, 0.02, (SIZE, SIZE, 1)).astype(np.float32)
    assert detail_correlation(skin(1), slope * skin(1) + grain, SKIN, FACE_WIDTH) > 0.9


def test_without_skin_nothing_is_alike() -> None:
    assert detail_correlation(skin(1), skin(1), np.zeros_like(SKIN), FACE_WIDTH) == 0
