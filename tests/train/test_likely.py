"""The statistics of moves are found again in samples that were drawn from them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("safetensors")

from exshot_train.likely import Moves, fit, sample

_LENGTH, _SAMPLES = 1404, 3000


def test_expression_and_noise_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(_LENGTH, 6)))[0]
    turn = rng.uniform(0, 0.5, _SAMPLES)
    true = rng.normal(size=(_SAMPLES, 3)) @ directions[:, :3].T
    always = 0.1 * rng.normal(size=(_SAMPLES, 1)) @ directions[:, 3:4].T
    turned = np.sqrt(turn)[:, None] * rng.normal(size=(_SAMPLES, 2)) @ directions[:, 4:].T
    given = (true + always + turned).astype(np.float32)
    person = np.zeros(_SAMPLES, np.intp)
    found = fit(Moves(given, true.astype(np.float32), turn, person), components=6)
    inside = found.basis.T @ directions  # (6, 6), the directions in the basis that was found

    def variance(covariance: np.ndarray) -> np.ndarray:
        return np.einsum("ki,kl,li->i", inside, covariance, inside)

    np.testing.assert_allclose(variance(found.expression), [1, 1, 1, 0, 0, 0], atol=0.15)
    np.testing.assert_allclose(variance(found.turned)[4:], [1, 1], atol=0.15)
    assert variance(found.noise)[3] == pytest.approx(0.01, abs=0.005)


def test_samples_are_drawn_of_everybody_with_two_expressions() -> None:
    from align.meshes import posed_mesh

    cameras = np.stack([posed_mesh(yaw) for yaw in (-20, 0, 20)])[:, None]
    jaw = cameras.copy()
    jaw[:, :, 152, 1] += 10
    moves = sample([{"neutral": cameras, "open": jaw}], count=40)
    assert moves.given.shape == moves.true.shape == (40, _LENGTH)
    assert 0 <= moves.turn.min() <= moves.turn.max() < 0.5
    np.testing.assert_allclose(moves.given, moves.true, atol=0.1)
