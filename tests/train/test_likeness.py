"""The likeness model's fit: people apart, sets of photos not."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("safetensors")

from exshot_train.likeness import DIMENSIONS, Described, fit, pairs_of

_PEOPLE, _PHOTOS, _LENGTH = 120, 6, 11194


def test_people_are_told_apart_and_sets_are_not() -> None:
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(60, _LENGTH)).astype(np.float32)
    person = rng.normal(size=(_PEOPLE, 30)).repeat(_PHOTOS, axis=0)
    photo = 2 * rng.normal(size=(_PEOPLE * _PHOTOS, 29))
    sets = (np.arange(_PEOPLE) % 3).repeat(_PHOTOS)
    values = np.hstack([person, photo, 4.0 * sets[:, None]]).astype(np.float32) @ directions
    values += 0.3 * rng.normal(size=values.shape).astype(np.float32)
    names = np.arange(_PEOPLE).repeat(_PHOTOS).astype(str)
    found = fit(Described(values, names, sets, np.ones(len(sets), bool)))
    assert found.steps.shape == (_LENGTH, DIMENSIONS)
    likenesses = found.likenesses(values)
    same, other = pairs_of(likenesses, names)
    assert np.quantile(same, 0.02) > np.quantile(other, 0.98)
    means = np.stack([likenesses[sets == number].mean(axis=0) for number in range(3)])
    assert np.abs(np.diff(means, axis=0)).max() < 0.1
