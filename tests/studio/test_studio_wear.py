"""What the studio's people wear: six pairs of glasses and a mask, fitted to any face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the studio's optional dependencies are not installed")

from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import both
from exshot_train.studio.head import KINDS, Expression, Head, HeadBuilder
from exshot_train.studio.lenses import through
from exshot_train.studio.people import sample_person
from exshot_train.studio.rig import look_at
from exshot_train.studio.soup import triangulate
from exshot_train.studio.wear import GLASSES, Glass, Worn


@pytest.fixture(scope="module")
def builder(shared_data: Path) -> HeadBuilder:
    if not (shared_data / "makehuman_extra").is_dir():
        pytest.skip("the shared data has no makehuman_extra")
    return HeadBuilder(Assets(shared_data))


def dressed(builder: HeadBuilder, person: int, worn: Worn, **units: float) -> Head:
    who = sample_person(builder.assets, person)
    return builder.build(who, Expression("test", both(**units)), worn=worn)


def vertices(head: Head, name: str) -> np.ndarray:
    return next(part.vertices for part in head.parts if part.name == name)


@pytest.mark.parametrize("name", GLASSES)
@pytest.mark.parametrize("person", [3, 20])
def test_glasses_have_a_lens_before_each_eye(builder: HeadBuilder, name: str, person: int) -> None:
    head = dressed(builder, person, Worn(name))
    eyes, lenses = vertices(head, "eyes"), vertices(head, "lenses")
    for side in (1, -1):
        eye, lens = eyes[side * eyes[:, 0] > 0], lenses[side * lenses[:, 0] > 0]
        middle = eye.mean(0)
        assert (lens.min(0) < middle)[:2].all()
        assert (middle < lens.max(0))[:2].all()
        assert lens[:, 2].mean() > eye[:, 2].max()


def test_a_frame_keeps_its_form_when_the_face_moves(builder: HeadBuilder) -> None:
    calm = vertices(dressed(builder, 5, Worn("wide")), "frame")
    moved = dressed(builder, 5, Worn("wide"), jawOpen=1, browInnerUp=1)
    assert vertices(moved, "frame") == pytest.approx(calm)


def test_a_mask_moves_with_the_jaw(builder: HeadBuilder) -> None:
    calm = vertices(dressed(builder, 5, Worn(mask=True)), "mask")
    moved = vertices(dressed(builder, 5, Worn(mask=True), jawOpen=1), "mask")
    assert (calm - moved)[:, 1].max() > 0.1


def test_who_wears_nothing_is_built_as_before(builder: HeadBuilder) -> None:
    plain = builder.build(sample_person(builder.assets, 7), Expression("neutral", {}))
    assert [part.name for part in dressed(builder, 7, Worn()).parts] == [
        part.name for part in plain.parts
    ]


def test_a_drawn_lens_lets_the_head_be_seen_and_lies_within_its_rim(builder: HeadBuilder) -> None:
    raster = pytest.importorskip("exshot_train.studio.raster")
    if not raster.available():
        pytest.skip("no OpenGL here")
    head = dressed(builder, 3, Worn("wide"))
    soup, camera = triangulate(head), look_at(head.eye_centre, 0, 0, 85, 60, (128, 128))
    drawer = raster.Rasteriser()
    lenses = drawer.lenses(head, soup, camera)[..., 3]
    kinds = drawer.kinds(head, soup, camera)[1::3, 1::3]
    assert 0.01 < lenses.mean() < 0.2
    behind = kinds[lenses > 0.9]
    assert np.isin(behind, [KINDS.index(kind) for kind in ("skin", "eye", "brow", "hair")]).all()
    rim = kinds == KINDS.index("rim")
    assert 0.005 < rim.mean() < 0.2
    assert not (rim & (lenses > 0.99)).any()


def test_dark_lenses_darken_nothing_but_what_lies_behind_them() -> None:
    picture = np.full((40, 40, 3), 0.5, np.float32)
    lenses = np.zeros((40, 40, 4), np.float32)
    lenses[10:20, 10:20, 2:] = 1
    seen = through(picture, lenses, Glass((0.1, 0.1, 0.1)))
    assert seen[10:20, 10:20] == pytest.approx(0.05)
    seen[10:20, 10:20] = 0.5
    assert np.array_equal(seen, picture)
