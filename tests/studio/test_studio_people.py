"""The studio's people: assembled from the CC0 assets, moved by face units, lit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the studio's optional dependencies are not installed")

from exshot_train.studio.assets import Assets, shaped
from exshot_train.studio.expressions import EXPRESSIONS, RECIPES, both, posed
from exshot_train.studio.head import Expression, Head, HeadBuilder, HeadTurn, Part, head_share
from exshot_train.studio.lights import (
    FRONT_IRRADIANCE,
    directions,
    harmonics,
    irradiance,
    look_up,
    read_light,
    solid_angles,
)
from exshot_train.studio.paper_set import paper_set
from exshot_train.studio.people import PEOPLE, sample_person
from exshot_train.studio.relight import light_harmonics
from exshot_train.studio.rig import look_at
from exshot_train.studio.soft_light import soft_studio
from exshot_train.studio.soup import Soup, triangulate
from exshot_train.studio.store import Store
from exshot_train.studio.testsplit import HASHES, TRIPLETS, chosen_views
from exshot_train.studio.traced import changed_views, export


@pytest.fixture(scope="module")
def assets(shared_data: Path) -> Assets:
    return Assets(shared_data)


@pytest.fixture(scope="module")
def builder(assets: Assets) -> HeadBuilder:
    return HeadBuilder(assets)


def part(head: Head, name: str) -> Part:
    return next(p for p in head.parts if p.name == name)


def head_with(builder: HeadBuilder, **units: float) -> Head:
    person = sample_person(builder.assets, 10)
    return builder.build(person, Expression("test", both(**units)))


def test_a_target_moves_its_vertices_by_its_weight(assets: Assets) -> None:
    base = assets.base.vertices
    indices, displacements = assets.target("jawOpen")
    moved = shaped(base, assets, {"jawOpen": 0.5, "mouthPucker": 0.0})
    assert moved[indices] - base[indices] == pytest.approx(0.5 * displacements)
    others = np.setdiff1d(np.arange(len(base)), indices)
    assert np.array_equal(moved[others], base[others])


def test_everyone_is_the_same_on_every_run_and_differs_from_the_rest(assets: Assets) -> None:
    people = [sample_person(assets, i) for group in PEOPLE.values() for i in group]
    assert sample_person(assets, 7) == people[7]
    assert len({tuple(sorted(p.shape.items())) for p in people}) == len(people) == 52
    assert len({p.skin for p in people}) >= 12
    assert {p.sex for p in people} == {"female", "male"}


def test_nobody_wears_hair_over_the_eyes(assets: Assets) -> None:
    worn = {sample_person(assets, i).hair for group in PEOPLE.values() for i in group}
    assert worn <= {"long01", "ponytail01", "short01", "short02", "short04", None}


def test_recipes_use_face_units_that_exist(assets: Assets) -> None:
    units = set(assets.unit_names())
    assert set(RECIPES) == set(EXPRESSIONS)
    assert len(EXPRESSIONS) == 12
    for name, recipe in RECIPES.items():
        assert set(recipe) <= units, name
        shown = posed(sample_person(assets, 3), name, 0)
        assert set(shown.units) <= units
        assert all(0 <= weight <= 1 for weight in shown.units.values())


def test_two_people_smile_differently_and_one_does_so_alike(assets: Assets) -> None:
    one, other = sample_person(assets, 3), sample_person(assets, 5)
    assert posed(one, "smile", 0) == posed(one, "smile", 0)
    assert posed(one, "smile", 0).units != posed(one, "smile", 1).units
    assert posed(one, "smile", 0).units != posed(other, "smile", 0).units


def test_the_lower_teeth_go_down_with_the_jaw_and_the_upper_stay(builder: HeadBuilder) -> None:
    shut = part(head_with(builder), "teeth").vertices
    moved = part(head_with(builder, jawOpen=0.6), "teeth").vertices[:, 1] - shut[:, 1]
    assert moved.min() < -0.1
    assert (np.abs(moved) < 1e-9).mean() > 0.3


def test_closing_the_eyes_moves_the_lashes_but_not_the_eyeballs(builder: HeadBuilder) -> None:
    wide, closed = head_with(builder), head_with(builder, eyeBlinkLR=1.0)
    assert np.allclose(part(wide, "eyes").vertices, part(closed, "eyes").vertices)
    drop = part(closed, "lashes").vertices[:, 1] - part(wide, "lashes").vertices[:, 1]
    assert drop.min() < -0.08


def test_gaze_turns_eyeballs_without_changing_their_shape(builder: HeadBuilder) -> None:
    person = sample_person(builder.assets, 10)
    ahead = part(builder.build(person, Expression("a", {})), "eyes").vertices
    aside = part(builder.build(person, Expression("a", {}, gaze_yaw=20)), "eyes").vertices
    left = ahead[:, 0] > 0
    assert aside[left].mean(0) == pytest.approx(ahead[left].mean(0), abs=0.04)
    front = ahead[:, 2] > np.quantile(ahead[:, 2], 0.95)
    assert (aside - ahead)[front, 0].mean() > 0.02  # toward the person's left
    size = np.linalg.norm(ahead[left] - ahead[left][0], axis=1)
    assert np.linalg.norm(aside[left] - aside[left][0], axis=1) == pytest.approx(size)


def test_turning_the_head_leaves_the_shoulders_and_bends_no_face(builder: HeadBuilder) -> None:
    person = sample_person(builder.assets, 11)
    ahead = builder.build(person, Expression("a", {}))
    turned = builder.build(person, Expression("a", {}), HeadTurn(15, 5, -4))
    still, moved = part(ahead, "body").vertices, part(turned, "body").vertices
    low = still[:, 1] < 5.0
    assert np.allclose(still[low], moved[low])
    face = (head_share(still) > 0.999) & (still[:, 1] > 7.3) & (still[:, 2] > 0.8)
    sample = np.flatnonzero(face)[::25]
    before = np.linalg.norm(still[sample] - still[sample[0]], axis=1)
    after = np.linalg.norm(moved[sample] - moved[sample[0]], axis=1)
    assert after == pytest.approx(before, abs=1e-3)
    assert moved[face][:, 0].mean() > still[face][:, 0].mean() + 0.1


def test_people_share_their_topology_whatever_they_show(builder: HeadBuilder) -> None:
    person = sample_person(builder.assets, 10)
    one = triangulate(builder.build(person, posed(person, "neutral", 0)))
    other = triangulate(builder.build(person, posed(person, "laugh", 1), HeadTurn(9)))
    assert np.array_equal(one.triangles, other.triangles)
    assert np.abs(np.linalg.norm(one.normals, axis=1) - 1).max() < 1e-3
    assert one.triangles.max() < len(one.vertices)


def test_every_light_is_equally_bright_from_the_front(assets: Assets) -> None:
    facing = np.array([[0, 0, 1], [-0.7, 0, 0.7], [0.7, 0, 0.7], [0, 0.7, 0.7]])
    for name in assets.light_names()[::6]:
        light = read_light(assets.light(name), 90)
        luminance = irradiance(light, facing) @ [0.2126, 0.7152, 0.0722]
        assert luminance.mean() == pytest.approx(FRONT_IRRADIANCE, rel=1e-3), name


def test_a_light_map_is_read_along_its_own_directions(assets: Assets) -> None:
    light = read_light(assets.light("park"))
    rays = directions(256, 512)
    assert look_up(light, rays)[20:-20, 20:-20] == pytest.approx(light[20:-20, 20:-20], rel=1e-3)


def test_harmonics_are_orthonormal() -> None:
    basis = harmonics(directions(64, 128)).reshape(-1, 9)
    weights = np.repeat(solid_angles(64, 128).ravel(), 128)
    assert (basis * weights[:, None]).T @ basis == pytest.approx(np.eye(9), abs=3e-3)


def test_even_light_has_only_the_first_coefficient() -> None:
    coefficients = light_harmonics(np.ones((256, 512, 3), np.float32))
    assert coefficients[0] == pytest.approx((4 * np.pi) ** 0.5, rel=1e-3)
    assert np.abs(coefficients[1:]).max() < 1e-3


def test_the_test_split_never_changes(assets: Assets) -> None:
    views, again = chosen_views(assets), chosen_views(assets)
    assert views == again
    assert len(views.triplets) == TRIPLETS == 200
    assert len({triplet for triplet, _, _ in views.triplets}) == TRIPLETS
    assert {take.expression for take in views.takes} == set(range(len(EXPRESSIONS)))
    for triplet, light, other in views.triplets:
        assert triplet.pose != triplet.truth
        assert (triplet.truth, triplet.camera) != (triplet.expression, triplet.expression_camera)
        assert light.name != other.name
    assert {take.person for take in views.takes} <= set(PEOPLE["test"])
    rendered = {f"{key}/{camera}" for key, cameras in views.photos.items() for camera in cameras}
    listed = [line.split()[1] for line in HASHES.read_text().splitlines()]
    assert sorted(rendered) == sorted(listed)


def test_the_set_on_the_papers_terms_differs_in_camera_and_expression_only() -> None:
    views = paper_set()
    assert views == paper_set()
    assert len({triplet for triplet, _, _ in views.triplets}) == len(views.triplets) == 200
    for triplet, light, other in views.triplets:
        assert light == other
        assert triplet.pose != triplet.truth == triplet.expression
        assert triplet.camera != triplet.expression_camera
        for key, camera in (
            (triplet.pose, triplet.camera),
            (triplet.truth, triplet.camera),
            (triplet.expression, triplet.expression_camera),
        ):
            assert camera in views.photos[key]
    assert {take.expression for take in views.takes} == set(range(len(EXPRESSIONS)))
    assert {take.person for take in views.takes} == set(PEOPLE["test"])
    cameras = {camera for shown in views.photos.values() for camera in shown}
    assert cameras == set(range(5))


def test_the_studios_own_light_is_soft_and_as_bright_as_every_other() -> None:
    room = soft_studio()
    facing = np.array([[0, 0, 1], [-0.7, 0, 0.7], [0.7, 0, 0.7], [0, 0.7, 0.7]])
    luminance = irradiance(room, facing) @ np.array([0.2126, 0.7152, 0.0722])
    assert luminance.mean() == pytest.approx(FRONT_IRRADIANCE, rel=1e-3)
    assert luminance.min() > 0.6 * luminance.max()


def test_the_test_split_becomes_a_set_of_photos_as_far_as_it_is_rendered(
    assets: Assets, tmp_path: Path
) -> None:
    views, store = chosen_views(assets), Store(tmp_path, "test")
    rendered = views.triplets[0][0]
    empty = np.zeros((0, 3), np.float32)
    nothing = Soup(empty, empty, empty.astype(np.int32), empty, np.zeros(0, np.uint8), ())
    camera = look_at(np.zeros(3), 0, 0, 50, 20, (64, 64))
    for key in {rendered.pose, rendered.truth}:
        photos = {f"{k}/photo.jpg": f"{key} {k}".encode() for k in views.photos[key]}
        store.write(key, {}, (camera,), nothing, photos)
    folder = export(store, views)
    entries = json.loads((folder / "triplets.json").read_text())
    assert entries
    assert entries[0]["truth"] == rendered.truth
    person = rendered.truth.split("_")[0]
    expected = f"{rendered.truth} {rendered.camera}".encode()
    assert (folder / person / "00_truth.jpg").read_bytes() == expected
    assert f"{rendered.truth}/{rendered.camera}" in changed_views(store, views)
    hashes = json.loads((folder / "hashes.json").read_text())
    assert set(hashes) == {p.relative_to(folder).as_posix() for p in folder.glob("*/*.jpg")}
