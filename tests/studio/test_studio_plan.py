"""The studio's plan and its store: splits, shards, triplets, and surviving an interruption."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the studio's optional dependencies are not installed")

from exshot.errors import ExshotError
from exshot_train.studio.lights import TEST_LIGHTS, VAL_LIGHTS, lights_of
from exshot_train.studio.passes import Passes, pack, unpack
from exshot_train.studio.people import PEOPLE, split_of
from exshot_train.studio.rig import look_at
from exshot_train.studio.soup import Soup
from exshot_train.studio.store import Store
from exshot_train.studio.takes import cameras, head_turn, plan
from exshot_train.studio.triplets import enumerate_triplets

LIGHTS = ["bridge", "park", *TEST_LIGHTS, *VAL_LIGHTS]


def soup() -> Soup:
    return Soup(
        np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32),
        np.tile(np.array([0, 0, 1], np.float32), (3, 1)),
        np.array([[0, 1, 2]], np.int32),
        np.zeros((1, 3, 2), np.float32),
        np.zeros(1, np.uint8),
        ((0, 1),),
    )


def write(store: Store, key: str) -> None:
    camera = look_at(np.array([0.1, 7.0, 1.0]), 10, 0, 50, 20, (64, 64))
    store.write(key, {"head_turn": {"yaw": 1.5}}, (camera,), soup(), {"0/note": b"x"})


def test_nobody_is_in_two_splits() -> None:
    people = [index for group in PEOPLE.values() for index in group]
    assert len(people) == len(set(people))
    assert len(PEOPLE["train"]) >= 40
    assert len(PEOPLE["test"]) == 8
    assert split_of(44) == "test"


def test_no_light_is_in_two_splits() -> None:
    train, val, test = (set(lights_of(s, LIGHTS)) for s in ("train", "val", "test"))
    assert len(test) == 8
    assert not train & val
    assert not train & test
    assert not val & test


def test_shards_together_are_the_plan() -> None:
    whole = plan("train")
    parts = [take for shard in (1, 2, 3) for take in plan("train", shard, 3)]
    assert sorted(parts) == sorted(whole)
    assert len(set(whole)) == len(whole) == 40 * 12 * 2


def test_an_interrupted_plan_has_whole_sets_of_some_people() -> None:
    first = plan("train")[:96]
    assert {take.person for take in first} == set(range(8))
    assert {take.expression for take in first} == set(range(12))


def test_takes_of_one_turn_share_head_pose_and_cameras() -> None:
    eyes = np.array([0.0, 7.3, 1.2])
    one, other = cameras(3, eyes, 512), cameras(3, eyes, 512)
    assert all(np.array_equal(a.rotation, b.rotation) for a, b in zip(one, other, strict=True))
    assert head_turn(3, 0) == head_turn(3, 0)
    assert head_turn(3, 0) != head_turn(3, 1)


def test_cameras_stand_from_right_to_left_within_the_rig() -> None:
    positions = [camera.position[0] for camera in cameras(5, np.zeros(3), 512)]
    assert positions == sorted(positions)


def test_two_expressions_and_five_cameras_give_forty_triplets() -> None:
    found = enumerate_triplets(["p00_t0_neutral", "p00_t0_smile"])
    assert len(found) == 2 * 5 * 4
    assert len(set(found)) == len(found)


def test_a_triplets_truth_has_the_poses_camera_and_the_expressions_face() -> None:
    keys = [f"p0{p}_t{t}_{n}" for p in (0, 1) for t in (0, 1) for n in ("neutral", "wink", "kiss")]
    found = enumerate_triplets(keys)
    for triplet in found:
        person, turn, name = triplet.truth.split("_")
        assert triplet.pose.startswith(f"{person}_{turn}_")
        assert triplet.pose != triplet.truth
        assert triplet.expression.startswith(f"{person}_")
        assert triplet.expression.endswith(f"_{name}")
        other_view = (triplet.expression, triplet.expression_camera)
        assert other_view != (triplet.truth, triplet.camera)
    assert len(found) == 2 * 6 * (2 * 5) * 9


def test_the_whole_plan_gives_more_triplets_than_the_papers_rig() -> None:
    keys = [take.key for take in plan("train") if take.person < 2]
    assert len(enumerate_triplets(keys)) // 2 * 40 == 475_200


def test_a_stored_take_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path, "train")
    write(store, "p00_t0_neutral")
    take = store.read("p00_t0_neutral")
    assert take.record["head_turn"]["yaw"] == 1.5
    assert np.array_equal(take.vertices, soup().vertices)
    assert take.cameras[0].project(np.array([[0.1, 7.0, 1.0]]))[0, 0] == pytest.approx(31.5)
    assert np.array_equal(store.topology("p00")[0], soup().triangles)


def test_a_take_that_was_cut_off_is_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path, "train")

    class CutError(Exception):
        pass

    class Files(dict[str, bytes]):
        def items(self):
            raise CutError

    camera = look_at(np.zeros(3), 0, 0, 50, 20, (64, 64))
    with pytest.raises(CutError):
        store.write("p00_t0_smile", {}, (camera,), soup(), Files())
    assert not store.has("p00_t0_smile")
    assert store.keys() == []
    assert not list(store.takes.iterdir())


def test_a_missing_take_says_how_to_render_it(tmp_path: Path) -> None:
    with pytest.raises(ExshotError, match="has not rendered p01_t0_kiss") as caught:
        Store(tmp_path, "train").read("p01_t0_kiss")
    assert "render" in caught.value.hint


def test_passes_survive_packing() -> None:
    y, x = np.mgrid[0:64, 0:64].astype(np.float32)
    covered = ((x - 32) ** 2 + (y - 32) ** 2 < 400).astype(np.float32)
    once = covered[..., None]
    smooth = np.stack([x, y, x + y], 2) / 128
    normal = np.stack([(x - 32) / 40, (y - 32) / 40, np.ones_like(x)], 2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    transfer = np.repeat(smooth[..., :1], 9, 2) * 0.5 - 0.1
    numbers = np.where(covered > 0, (x + 300 * y).astype(np.int32), -1)
    passes = Passes(
        smooth * once, covered, normal * once, transfer * once, covered, covered * 0, covered * 0,
        numbers,
    )  # fmt: skip
    back = unpack(pack(passes))
    assert np.array_equal(back.numbers, numbers)
    inside = (x - 32) ** 2 + (y - 32) ** 2 < 200
    assert np.abs(back.albedo - passes.albedo)[inside].mean() < 0.02
    assert np.abs(back.normal - passes.normal)[inside].mean() < 0.02
    assert np.abs(back.transfer - passes.transfer)[inside].mean() < 0.02
