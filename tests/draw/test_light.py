"""Colour matching undoes another light and leaves one light alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from exshot.draw.light import apply_gain, match_light
from exshot.draw.shading import measure_shading

SIZE = 256


def ball() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Normals of a sphere that fills the crop, and where it is."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    inside = x * x + y * y < 0.8
    z = -np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    normals = np.stack([x, y, z], axis=2) * inside[..., None]
    return normals.astype(np.float32), inside.astype(np.float32)


def skin_under(normals: NDArray[np.float32], side: float) -> NDArray[np.float32]:
    """A mottled skin tone lit from one side."""
    texture = np.random.default_rng(3).uniform(0.92, 1.0, (SIZE, SIZE, 1))
    light = 0.75 + side * normals[..., :1]
    return (texture * light * np.array([0.75, 0.55, 0.45])).astype(np.float32)


def test_a_light_from_the_other_side_is_undone() -> None:
    normals, skin = ball()
    reference, source = skin_under(normals, 0.25), skin_under(normals, -0.25)
    match = match_light(reference, source, skin, normals, SIZE * 0.8)
    error = np.abs(apply_gain(source, match.gain) - reference)[skin > 0]
    assert match.difference > 0.2
    assert error.mean() < 0.015 < np.abs(source - reference)[skin > 0].mean()


def test_one_light_gives_no_gain() -> None:
    normals, skin = ball()
    photo = skin_under(normals, 0.2)
    match = match_light(photo, photo, skin, normals, SIZE * 0.8)
    np.testing.assert_allclose(match.gain, 1, atol=1e-3)
    assert match.difference < 0.01


def test_dark_hair_over_one_cheek_does_not_stain_the_rest() -> None:
    normals, skin = ball()
    reference = skin_under(normals, 0.1)
    source = reference.copy()
    source[100:200, 40:90] = 0.05
    gain = match_light(reference, source, skin, normals, SIZE * 0.8).gain
    assert np.abs(gain[100:200, 150:220] - 1).max() < 0.12


def test_shading_is_measured_on_skin_and_carried_over_what_is_none() -> None:
    normals, skin = ball()
    reference = skin_under(normals, 0.1)
    source = reference.copy()
    source[100:140, 60:100] *= 1.3  # a highlight
    source[100:140, 160:200] *= 1.3  # an eye, say
    bare = skin.copy()
    bare[90:150, 150:210] = 0
    shading = measure_shading(reference, source, bare, SIZE * 0.8).mean(axis=2)
    assert -0.3 < shading[115:125, 75:85].mean() < -0.15
    assert np.abs(shading[170:, :]).max() < 0.01
    assert np.abs(shading[115:125, 175:185]).max() < 0.01


def test_too_little_skin_gives_no_gain() -> None:
    normals, skin = ball()
    match = match_light(skin_under(normals, 0.2), skin_under(normals, -0.2), skin * 0, normals, 200)
    assert (match.gain == 1).all()


@given(st.floats(0.2, 4.0))
@settings(max_examples=40, deadline=None)
def test_a_gain_never_clips_or_turns_tones_round(gain: float) -> None:
    tones = np.linspace(0, 1, 257, dtype=np.float32)[:, None]
    out = apply_gain(tones, np.full_like(tones, gain))
    assert (np.diff(out[:, 0]) >= -1e-6).all()
    assert 0 <= out.min() <= out.max() <= 1 + 1e-6
    middle = tones * gain < 0.8
    np.testing.assert_allclose(out[middle], (tones * gain)[middle], rtol=1e-4)
