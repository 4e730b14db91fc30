"""Sets list the cases that are there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.faces import read_pixels
from benchmarks.lamp import under_lamp
from benchmarks.sets import SetError, data_root, load_set


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("video_triplets", 49, "d10/00"),
        ("video_triplets_relit", 49, "d10/00"),
        ("london_triplets", 15, "030"),
        ("london_triplets_relit", 15, "030"),
        ("real_pairs", 38, "b000755_ab"),
    ],
)
def test_every_photo_of_a_set_exists(name: str, count: int, first: str, shared_data: Path) -> None:
    cases = load_set(name, shared_data)
    assert len(cases) == count
    assert cases[0].id == first
    assert len({case.id for case in cases}) == count
    for case in cases:
        assert all(p.is_file() for p in (case.pose, case.expression, case.truth) if p)


def test_relit_cases_share_pose_and_truth_with_the_plain_ones(shared_data: Path) -> None:
    plain, relit = (load_set(f"london_triplets{x}", shared_data) for x in ("", "_relit"))
    for a, b in zip(plain, relit):
        assert (a.pose, a.truth) == (b.pose, b.truth)
        assert a.expression != b.expression


def test_a_lamp_changes_the_expression_photo_only_and_is_always_the_same(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = load_set("london_triplets", shared_data, limit=1)[0].expression
    lit = []
    for place in ("one", "two"):
        monkeypatch.setenv("HOME", str(tmp_path / place))
        lit.append(read_pixels(under_lamp(plain, "london_triplets_lamp/030")).astype(int))
    assert (lit[0] == lit[1]).all()
    assert lit[0].shape == read_pixels(plain).shape
    assert np.abs(lit[0] - read_pixels(plain)).mean() > 3


@pytest.fixture
def small_data(tmp_path: Path) -> Path:
    root = tmp_path / "video_triplets"
    root.mkdir()
    listing = [{"subject": s, "index": i} for s in ("a", "b", "c") for i in range(4)]
    (root / "triplets.json").write_text(json.dumps(listing))
    return tmp_path


def test_a_limit_spreads_over_the_people(small_data: Path) -> None:
    cases = load_set("video_triplets", small_data, limit=3)
    assert [case.id for case in cases] == ["a/00", "b/00", "c/00"]


def test_cases_are_chosen_by_the_start_of_their_id(small_data: Path) -> None:
    cases = load_set("video_triplets", small_data, only=("b", "c/02"))
    assert [case.id for case in cases] == ["b/00", "b/01", "b/02", "b/03", "c/02"]


def test_a_pair_is_edited_both_ways(tmp_path: Path) -> None:
    folder = tmp_path / "real_pairs"
    folder.mkdir()
    for letter in "ab":
        (folder / f"kim_{letter}.jpg").touch()
    forth, back = load_set("real_pairs", tmp_path)
    assert (forth.pose, forth.expression) == (back.expression, back.pose)
    assert forth.truth is None


@pytest.mark.parametrize(
    ("name", "only", "says"),
    [
        ("video_triplet", (), "no set"),
        ("london_triplets", (), "missing"),
        ("video_triplets", ("z",), "No case"),
    ],
)
def test_what_is_missing_is_named(
    name: str, only: tuple[str, ...], says: str, small_data: Path
) -> None:
    with pytest.raises(SetError, match=says):
        load_set(name, small_data, only=only)


def test_a_wrong_data_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXSHOT_SHARED_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(SetError, match="nowhere"):
        data_root()
