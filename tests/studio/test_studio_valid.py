"""The VALID avatars stand where MakeHuman's heads stand and move as they are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the studio's optional dependencies are not installed")

from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import EXPRESSIONS, RECIPES, both
from exshot_train.studio.head import Expression, Head, HeadTurn
from exshot_train.studio.people import AVATARS, PEOPLE, split_of
from exshot_train.studio.takes import plan
from exshot_train.studio.valid_heads import (
    VALID_FIRST,
    build_valid,
    morph_weights,
    valid_names,
    valid_person,
)


@pytest.fixture(scope="module")
def assets(shared_data: Path) -> Assets:
    found = Assets(shared_data)
    if not found.valid.is_dir():
        pytest.skip("the avatars (heads/valid) are not there")
    return found


def posed_head(assets: Assets, **units: float) -> Head:
    return build_valid(assets, valid_person(assets, 24), Expression("test", both(**units)))


def vertices(head: Head, kind: str) -> np.ndarray:
    return np.concatenate([part.vertices for part in head.parts if part.kind == kind])


def test_every_avatar_belongs_to_one_split_and_no_test_set_changes(assets: Assets) -> None:
    numbers = [k for people in AVATARS.values() for k in people]
    assert sorted(numbers) == [VALID_FIRST + k for k in range(len(valid_names(assets)))]
    assert not set(numbers) & {k for people in PEOPLE.values() for k in people}
    assert all(split_of(k) == split for split, people in AVATARS.items() for k in people)
    takes = plan("val", turns=1, cast="avatars")
    assert {take.person for take in takes} == set(AVATARS["val"])
    assert len(takes) == len(AVATARS["val"]) * len(EXPRESSIONS)


def test_an_avatar_has_its_eyes_where_the_other_heads_have_theirs(assets: Assets) -> None:
    head = posed_head(assets)
    base = assets.base.vertices[14598:14742].mean(0)
    assert np.abs(head.eye_centre - base).max() < 1e-6
    assert vertices(head, "eye").mean(0) == pytest.approx(base, abs=0.02)
    skin = vertices(head, "skin")
    assert 1.5 < np.ptp(skin[skin[:, 1] > base[1]][:, 0]) < 2.5  # decimetres, ear to ear
    assert skin[:, 1].min() < base[1] - 2  # shoulders are there


def test_an_open_jaw_moves_the_lower_teeth_and_no_eye(assets: Assets) -> None:
    shut, wide = posed_head(assets), posed_head(assets, jawOpen=1.0)
    lower = [next(p for p in h.parts if p.name == "h_TeethDown").vertices for h in (shut, wide)]
    upper = [next(p for p in h.parts if p.name == "h_TeethUp").vertices for h in (shut, wide)]
    assert (lower[0] - lower[1])[:, 1].mean() > 0.05
    assert np.abs(upper[0] - upper[1]).max() == 0
    assert np.abs(vertices(shut, "eye") - vertices(wide, "eye")).max() == 0


def test_a_wink_closes_the_persons_own_side(assets: Assets) -> None:
    rest, wink = posed_head(assets), posed_head(assets, eyeBlinkLeft=1.0)
    moved = np.abs(vertices(rest, "skin") - vertices(wink, "skin")).max(1) > 0.02
    assert moved.any()
    assert (vertices(rest, "skin")[moved, 0] > 0).mean() > 0.95  # x is the person's left


def test_seams_of_the_texture_do_not_split_the_skin(assets: Assets) -> None:
    skin = next(p for p in posed_head(assets).parts if p.kind == "skin")
    assert len(np.unique(np.round(skin.vertices, 5), axis=0)) == len(skin.vertices)
    assert skin.uv.min() >= -0.01
    assert skin.uv.max() <= 1.01


def test_every_expression_moves_an_avatar(assets: Assets) -> None:
    for name, recipe in RECIPES.items():
        if name != "neutral":
            assert sum(morph_weights(recipe).values()) > 0.8, name


def test_a_turned_head_leaves_its_shoulders_where_they_are(assets: Assets) -> None:
    person, still = valid_person(assets, 3), Expression("neutral", {})
    one, other = (build_valid(assets, person, still, HeadTurn(yaw)) for yaw in (0.0, 20.0))
    apart = np.linalg.norm(vertices(one, "skin") - vertices(other, "skin"), axis=1)
    height = vertices(one, "skin")[:, 1]
    assert apart[height > 7].mean() > 0.1
    assert apart[height < 4.5].max() < 1e-6
