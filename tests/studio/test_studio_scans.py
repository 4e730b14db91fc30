"""Scanned faces on the base mesh: who has them, how they move, what folds and stubble do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the studio's optional dependencies are not installed")

from exshot_train.studio import raster
from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import EXPRESSIONS, both
from exshot_train.studio.head import Expression, Head, HeadBuilder, Part, vertex_normals
from exshot_train.studio.people import AVATARS, PEOPLE, SCANNED, scanned_person, split_of
from exshot_train.studio.scans import Carried, carried
from exshot_train.studio.takes import plan
from exshot_train.studio.textures import albedo_texture

BEARDED, DEXTER = 201, 200  # a man with stubble; any other


@pytest.fixture(scope="module")
def faces(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Carried:
    assets = Assets(shared_data)
    if not assets.scans.is_dir():
        pytest.skip("the face model (heads/ict) is not there")
    if not raster.available():
        pytest.skip("no OpenGL here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXSHOT_STUDIO_CACHE", str(tmp_path_factory.mktemp("studio")))
        return carried(assets)


@pytest.fixture(scope="module")
def builder(shared_data: Path, faces: Carried) -> HeadBuilder:
    return HeadBuilder(Assets(shared_data), faces=faces)


def part(head: Head, name: str) -> Part:
    return next(part for part in head.parts if part.name == name)


def shown(builder: HeadBuilder, person: int, **units: float) -> Head:
    who = scanned_person(builder.assets, person)
    return builder.build(who, Expression("test", both(**units)))


def test_every_scanned_face_belongs_to_one_split_and_is_drawn_alike(shared_data: Path) -> None:
    assets = Assets(shared_data)
    numbers = [k for people in SCANNED.values() for k in people]
    others = [k for cast in (PEOPLE, AVATARS) for people in cast.values() for k in people]
    assert len(set(numbers)) == len(numbers) == 64
    assert not set(numbers) & set(others)
    assert all(split_of(k) == split for split, people in SCANNED.items() for k in people)
    takes = plan("test", turns=1, cast="scans")
    assert len(takes) == len(SCANNED["test"]) * len(EXPRESSIONS)
    assert scanned_person(assets, 207) == scanned_person(assets, 207)
    assert scanned_person(assets, 207).scan != scanned_person(assets, 215).scan


def test_the_base_mesh_lies_on_the_face_model_wherever_that_has_skin(faces: Carried) -> None:
    place = faces.on_body @ faces.model.vertices
    face = faces.share > 0.8
    apart = np.linalg.norm(place - faces.body[:], axis=1)[face]
    assert face.sum() > 1500
    assert np.percentile(apart, 90) < 0.02  # decimetres


def test_an_identity_changes_the_face_and_neither_shoulders_nor_eyeballs(
    builder: HeadBuilder, faces: Carried
) -> None:
    plain = builder.assets.base.vertices
    changed = faces.shaped(plain, (0.0, 2.0, -2.0, 1.5))
    apart = np.linalg.norm(changed - plain, axis=1)
    assert apart[:13380][faces.share > 0.8].max() > 0.05
    assert apart[:13380][plain[:13380, 1] < 5.0].max() < 0.01
    eye = changed[14598:14670] - changed[14598:14670].mean(0)
    before = plain[14598:14670] - plain[14598:14670].mean(0)
    assert eye == pytest.approx(before, abs=1e-6)


def test_an_open_jaw_parts_the_lips(faces: Carried, builder: HeadBuilder) -> None:
    plain = builder.assets.base.vertices
    moved = faces.posed(plain, {"jawOpen": 1.0}) - plain
    upper_lip, lower_lip, chin = 537, 493, 991
    assert moved[chin, 1] < -0.1
    assert moved[lower_lip, 1] < -0.08
    assert abs(moved[upper_lip, 1]) < 0.03


def test_lids_move_as_they_fit_their_eyeballs(faces: Carried, builder: HeadBuilder) -> None:
    from exshot_train.studio.assets import shaped

    plain = builder.assets.base.vertices
    own = shaped(plain, builder.assets, {"eyeBlinkLeft": 1.0})
    assert np.array_equal(faces.posed(plain, {"eyeBlinkLeft": 1.0}), own)


def test_a_smile_folds_the_cheeks_and_a_calm_face_has_no_folds(builder: HeadBuilder) -> None:
    def depth(head: Head) -> np.ndarray:
        skin = part(head, "body")
        flat = vertex_normals(skin.vertices, skin.corners)
        return np.degrees(np.arccos(np.clip((skin.normals() * flat).sum(1), -1, 1)))

    calm = depth(shown(builder, DEXTER))
    smile = depth(shown(builder, DEXTER, mouthSmileLR=0.9, cheekSquintLR=0.5))
    assert calm.max() < 1e-3
    assert np.percentile(smile[smile > 0.1], 95) > 4  # degrees
    assert (smile > 3).sum() > 150


def test_stubble_darkens_the_chin_and_no_forehead(builder: HeadBuilder) -> None:
    who = scanned_person(builder.assets, BEARDED)
    assert who.stubble > 0
    skin = part(builder.build(who, Expression("neutral", {})), "body")
    stubble = skin.stubble
    assert stubble is not None
    bare = albedo_texture(Part(*(getattr(skin, k) for k in Part.__match_args__[:8])))
    bristly = albedo_texture(skin)
    height, width = stubble.where.shape
    base = builder.assets.base
    where = {}
    for name, vertex in (("chin", 991), ("forehead", forehead(base.vertices))):
        corner = np.argwhere(base.corners == vertex)[0]
        u, v = base.uv[base.uv_corners[tuple(corner)]]
        row, column = int((1 - v) * bare.shape[0]), int(u * bare.shape[1])
        square = np.s_[row - 12 : row + 12, column - 12 : column + 12, :3]
        where[name] = float(bristly[square].mean()) / float(bare[square].mean())
    assert where["chin"] < 0.97
    assert where["forehead"] == pytest.approx(1.0, abs=1e-3)
    assert 0.01 < float((stubble.where > 0.5).mean()) < 0.2, (height, width)


def forehead(vertices: np.ndarray) -> int:
    return int(np.linalg.norm(vertices[:13380] - np.array([0.0, 7.6, 1.45]), axis=1).argmin())


def test_who_wears_glasses_wears_them_in_every_take(shared_data: Path, faces: Carried) -> None:
    from exshot_train.studio.render import Studio

    studio = Studio(Assets(shared_data), 64)
    wearer = next(k for k in SCANNED["train"] if scanned_person(studio.assets, k).glasses)
    for take in (t for t in plan("train", turns=1, cast="scans") if t.person == wearer):
        if take.expression in (0, 2):
            kinds = {p.kind for p in studio.sit(take).head.parts}
            assert {"rim", "lens"} <= kinds
