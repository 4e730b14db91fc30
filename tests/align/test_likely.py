"""What an expression is likely to move: little is lost of a move, much of what fits err by."""

from __future__ import annotations

import numpy as np
import pytest

from exshot.align.likely import load_likely
from exshot.face.topology import CANONICAL_VERTICES

ACROSS_40_DEGREES = float(np.sin(np.radians(40)) ** 2)


def drawn_from(covariance: np.ndarray, seed: int) -> np.ndarray:
    """A move with this covariance, ``(468, 3)`` centimetres."""
    likely, rng = load_likely(), np.random.default_rng(seed)
    strengths, directions = np.linalg.eigh(covariance)
    parts = directions @ (np.sqrt(np.maximum(strengths, 0)) * rng.normal(size=len(strengths)))
    return (likely.basis @ parts).reshape(CANONICAL_VERTICES, 3)


def test_nothing_moved_moves_nothing() -> None:
    still = np.zeros((CANONICAL_VERTICES, 3))
    assert not load_likely()(still, ACROSS_40_DEGREES).any()


@pytest.mark.parametrize("seed", range(4))
def test_seen_from_one_side_an_expression_is_kept(seed: int) -> None:
    move = drawn_from(load_likely().expression, seed)
    assert np.linalg.norm(load_likely()(move, 0.01) - move) < 0.15 * np.linalg.norm(move)


@pytest.mark.parametrize("seed", range(4))
def test_across_a_turn_most_of_what_fits_err_by_goes_and_the_expression_stays(seed: int) -> None:
    likely = load_likely()
    move = drawn_from(likely.expression, seed)
    error = drawn_from(likely.noise + ACROSS_40_DEGREES * likely.turned, seed + 50)
    found = likely(move + error, ACROSS_40_DEGREES)
    assert np.linalg.norm(found - move) < 0.75 * np.linalg.norm(error)


@pytest.mark.parametrize("seed", range(4))
def test_a_pulled_face_is_no_error(seed: int) -> None:
    move = 8 * drawn_from(load_likely().expression, seed)
    assert np.linalg.norm(load_likely()(move, 0.03) - move) < 0.06 * np.linalg.norm(move)


def test_detail_that_is_too_fine_for_the_statistics_is_kept() -> None:
    likely = load_likely()
    fine = np.random.default_rng(0).normal(size=(CANONICAL_VERTICES, 3))
    fine -= (likely.basis @ (fine.reshape(-1) @ likely.basis)).reshape(fine.shape)
    np.testing.assert_allclose(likely(fine, ACROSS_40_DEGREES), fine, atol=1e-3)
