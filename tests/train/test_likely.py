"""The statistics of moves are found again in samples that were drawn from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors")

from exshot_train.likely import Photographed, fit
from exshot_train.moves import Moves, Portrait, mirror_moves, mirrored, sample_views, smile_moves

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
    moves = sample_views([{"neutral": cameras, "open": jaw}], count=40)
    assert moves.given.shape == moves.true.shape == (40, _LENGTH)
    assert 0 <= moves.turn.min() <= moves.turn.max() < 0.5
    np.testing.assert_allclose(moves.given, moves.true, atol=0.1)


def test_a_face_and_its_mirror_picture_differ_by_nothing_but_the_fit() -> None:
    from align.meshes import posed_mesh

    seen = posed_mesh(15)
    moves = mirror_moves([Portrait(Path("p.jpg"), seen, posed_mesh(-15))])
    assert moves.given.shape == (2, _LENGTH)  # either one laid on the other
    np.testing.assert_allclose(np.degrees(np.arcsin(np.sqrt(moves.turn))), 30, atol=1)
    np.testing.assert_allclose(moves.error, 0, atol=0.1)


def test_a_smile_is_no_error() -> None:
    from align.meshes import posed_mesh

    neutral, smiling = posed_mesh(), posed_mesh()
    smiling[61, 0] -= 10
    sitting = [
        Portrait(Path(f"{name}.jpg"), mesh, mirrored(mesh))
        for name, mesh in (("1_neutral", neutral), ("1_smiling", smiling), ("2_neutral", neutral))
    ]
    moves = smile_moves(sitting)
    assert len(moves.given) == 4  # there and back, and in the mirror
    assert not moves.error.any()
    assert np.abs(moves.true).max() > 0.3


def test_real_people_are_heard_beside_renders() -> None:
    rng = np.random.default_rng(1)
    directions = np.linalg.qr(rng.normal(size=(_LENGTH, 4)))[0].astype(np.float32)

    def moves(sizes: tuple[float, float, float, float], wrong: bool) -> Moves:
        given = (rng.normal(size=(_SAMPLES, 4)) * sizes).astype(np.float32) @ directions.T
        true = np.zeros_like(given) if wrong else given
        return Moves(given, true, rng.uniform(0, 0.5, _SAMPLES), np.zeros(_SAMPLES, np.intp))

    views = moves((1, 0.1, 0.1, 0.1), wrong=False)
    alone = fit(views, components=4)
    both = fit(
        views,
        Photographed(moves((0, 1, 0, 0), wrong=True), moves((0, 0, 1, 0), wrong=False)),
        components=4,
    )
    expected = (("expression", 2), ("noise", 1))  # a smile and a standing error, which renders lack
    for name, direction in expected:
        inside = alone.basis.T @ directions[:, direction]
        before, after = (inside @ getattr(found, name) @ inside for found in (alone, both))
        assert after > before + 0.03
