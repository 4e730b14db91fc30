"""Making training triplets; no torch needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from train.conftest import WHY
from train.synthetic_face import frontal_mesh, smooth_picture
from train.toy_samples import toy_samples

from exshot.face.fitter import FaceFitter
from exshot.face.head_pose import head_pose_of
from exshot.model_store import ModelStore
from exshot_train.triplets.camera import random_camera
from exshot_train.triplets.expressions import open_jaw, random_delta, redraw
from exshot_train.triplets.lamp import Lamp, strike
from exshot_train.triplets.light import relight
from exshot_train.triplets.occluders import random_occluder
from exshot_train.triplets.photographs import Photographs
from exshot_train.triplets.repose import Turn, repose, turn_mesh

SIZE = 96


def test_a_photo_drawn_on_its_own_mesh_does_not_change() -> None:
    photo, mesh = smooth_picture(SIZE), frontal_mesh(SIZE)
    for drawn in (redraw(photo, mesh, mesh), repose(photo, mesh, mesh)):
        assert np.abs(drawn.astype(int) - photo).mean() < 0.3


def test_a_turn_is_the_one_that_was_asked_for() -> None:
    turned = head_pose_of(turn_mesh(frontal_mesh(SIZE), Turn(yaw=15, pitch=-6)).astype(np.float32))
    straight = head_pose_of(frontal_mesh(SIZE))
    assert turned.yaw - straight.yaw == pytest.approx(15, abs=1)
    assert turned.pitch - straight.pitch == pytest.approx(-6, abs=1)


def test_the_photos_border_stays_when_the_head_turns() -> None:
    photo, mesh = (
        smooth_picture(3 * SIZE),
        frontal_mesh(SIZE) + np.array([SIZE, SIZE, 0], np.float32),
    )
    drawn = repose(photo, mesh, turn_mesh(mesh, Turn(yaw=18, roll=8)))
    moved = np.abs(drawn.astype(int) - photo)
    assert moved[:10].mean() < 2
    assert moved[SIZE : 2 * SIZE, SIZE : 2 * SIZE].mean() > 3 * moved[:10].mean()


def test_an_opening_jaw_moves_the_chin_down_and_leaves_the_eyes() -> None:
    delta = open_jaw(2.0)
    assert delta[152, 1] < -1.9  # canonical axes: y is up
    assert np.abs(delta[[33, 263, 159, 386]]).max() < 0.05


def test_random_expressions_differ_and_repeat_with_the_seed() -> None:
    one, same, other = (random_delta(np.random.default_rng(s), []) for s in (4, 4, 8))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01


def test_relighting_keeps_the_drawing_and_changes_the_light(shared_data: Path) -> None:
    lights = sorted((shared_data / "hdri").glob("*.hdr"))[:6]
    photo, mesh = smooth_picture(SIZE), frontal_mesh(SIZE)
    lit = relight(photo, mesh, lights, np.random.default_rng(2))
    assert lit.shape == photo.shape
    ratio = (lit.astype(float) + 1) / (photo + 1)
    assert ratio.std() > 0.02
    assert 0.25 < ratio.mean() < 4


@pytest.mark.parametrize("side", [-50, 50])
def test_a_lamp_lights_its_own_side_and_shades_the_other(side: float) -> None:
    photo, mesh = np.full((SIZE, SIZE, 3), 110, np.uint8), frontal_mesh(SIZE)
    lamp = Lamp(side, height=10, width=1, share=0.6, shine=0, gloss=10)
    lit = strike(photo, mesh, lamp, np.random.default_rng(0)).astype(float)
    left, right = (lit[int(y), int(x)].mean() for x, y in mesh[[205, 425], :2])  # cheeks
    assert (right - left) * np.sign(side) > 20
    assert abs(lit[20:76, 30:66].mean() - 110) < 20


def test_a_highlight_only_adds_light() -> None:
    photo, mesh = np.full((SIZE, SIZE, 3), 110, np.uint8), frontal_mesh(SIZE)
    lamp = Lamp(side=0, height=20, width=1, share=0, shine=0.3, gloss=15)
    lit = strike(photo, mesh, lamp, np.random.default_rng(0)).astype(int)
    assert lit.min() >= 109
    assert lit.max() > 135


def test_cameras_and_occluders_give_pictures_of_the_same_size() -> None:
    photo, mesh = smooth_picture(SIZE), frontal_mesh(SIZE)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for picture in (random_camera(photo, rng), random_occluder(photo, mesh, rng)):
            assert picture.shape == photo.shape
            assert picture.dtype == np.uint8


def test_test_photographs_are_refused(shared_data: Path) -> None:
    with pytest.raises(ValueError, match="only"):
        Photographs(FaceFitter(ModelStore()), SIZE, ["london/val_triplets"], root=shared_data)


def test_photographs_give_a_triplet_whose_meshes_lie_on_its_faces(shared_data: Path) -> None:
    fitter = FaceFitter(ModelStore())
    maker = Photographs(fitter, 256, ["london/train"], root=shared_data)
    maker._deltas = [np.zeros((478, 3))]  # measuring all smiles would take minutes
    rng = np.random.default_rng(1)
    sample = next(made for made in iter(lambda: maker(rng), 0) if made is not None)
    assert sample.truth.shape == (256, 256, 3)
    for picture, mesh in (
        (sample.pose, sample.mesh_pose),
        (sample.expression, sample.mesh_expression),
    ):
        (face, *_) = fitter.fit(picture)
        assert np.abs(face.mesh - mesh)[:, :2].mean() < 3


def test_shards_give_back_what_was_put_in(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason=WHY)
    from exshot_train.triplets.shards import Shards, write_shard

    samples = toy_samples(5, 64)
    write_shard(tmp_path / "a.safetensors", samples[:3], "toy", 0)
    write_shard(tmp_path / "b.safetensors", samples[3:], "toy", 0)
    shards = Shards(tmp_path)
    assert len(shards) == 5
    for index, wanted in enumerate(samples):
        found = shards[index]
        assert (found.origin, found.independent) == (wanted.origin, wanted.independent)
        np.testing.assert_array_equal(found.mesh_expression, wanted.mesh_expression)
        np.testing.assert_array_equal(found.weight, wanted.weight)
        assert np.abs(found.truth.astype(int) - wanted.truth).mean() < 1.5


def test_an_empty_folder_of_shards_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason=WHY)
    from exshot_train.triplets.shards import Shards

    with pytest.raises(ValueError, match="shards"):
        Shards(tmp_path)
