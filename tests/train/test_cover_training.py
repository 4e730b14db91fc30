"""Training of the cover network: what is labelled, what augmentation keeps, that it learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from train.conftest import WHY

pytest.importorskip("torch", reason=WHY)
pytest.importorskip("safetensors", reason=WHY)
pytest.importorskip("scipy", reason=WHY)

import torch
from align.meshes import posed_mesh

from exshot.cover.crop import COVER_SIZE
from exshot.cover.kinds import BROW, CLEAR_LENS, DARK_LENS, GLARE, HAIR, KINDS, OTHER, RIM, SKIN
from exshot.cover.network import MODEL
from exshot.model_store import ModelStore
from exshot_train.cover import things
from exshot_train.cover.augment import plain_crop, random_crop
from exshot_train.cover.check import intersection_over_union, lenses_as_one, moved_confusion
from exshot_train.cover.making import sheet_folder
from exshot_train.cover.network import CoverConfig, CoverNet
from exshot_train.cover.photographs import known_labels
from exshot_train.cover.sheet import IGNORED, OUTSIDE, SIDE, UNCOVERED, Sheet, cut, load, save
from exshot_train.cover.shipped import read_exported
from exshot_train.cover.spectacles import random_spectacles
from exshot_train.cover.train import (
    Settings,
    checkpoint_path,
    loss_of,
    read_cover_network,
    train,
)


def bare_sheet() -> Sheet:
    picture = np.full((SIDE, SIDE, 3), (190, 150, 130), np.uint8)
    labels = np.full((SIDE, SIDE), SKIN, np.uint8)
    return Sheet(picture, labels, posed_mesh(width=150, centre=SIDE / 2))


def test_a_sheet_survives_its_files(tmp_path: Path) -> None:
    sheet = random_spectacles(bare_sheet(), np.random.default_rng(0))
    save(sheet, tmp_path / "one.jpg")
    picture, labels = load(tmp_path / "one.jpg")
    assert np.array_equal(labels, sheet.labels)
    assert np.abs(picture.astype(int) - sheet.picture).mean() < 3


def test_what_lies_outside_the_photo_is_grey_and_unknown() -> None:
    picture = np.full((200, 200, 3), 200, np.uint8)
    sheet = cut(picture, np.full((200, 200), SKIN, np.uint8), posed_mesh(width=150, centre=100))
    assert (sheet.picture[:10] == OUTSIDE).all()
    assert (sheet.labels[:10] == IGNORED).all()
    assert sheet.labels[SIDE // 2, SIDE // 2] == SKIN


def test_a_truth_that_is_displaced_scores_less_and_least_where_it_is_thin(tmp_path: Path) -> None:
    save(random_spectacles(bare_sheet(), np.random.default_rng(0)), tmp_path / "one.jpg")
    in_place, displaced = (
        intersection_over_union(moved_confusion([tmp_path / "one.jpg"], pixels))
        for pixels in (0, 2)
    )
    assert in_place[SKIN] == in_place[RIM] == 1
    assert displaced[RIM] < displaced[SKIN] < 1


@pytest.mark.parametrize("seed", range(6))
def test_drawn_glasses_have_two_lenses_within_their_rims(seed: int) -> None:
    sheet = random_spectacles(bare_sheet(), np.random.default_rng(seed))
    glass = np.isin(sheet.labels, (CLEAR_LENS, GLARE, DARK_LENS))
    middle = SIDE // 2
    for half in (np.s_[:, :middle], np.s_[:, middle:]):
        assert 0.005 < glass[half].mean() < 0.25
    assert (sheet.labels == RIM).sum() > 50


@pytest.mark.parametrize(
    ("draw", "kind"),
    [
        (things.hand, OTHER),
        (things.mask, OTHER),
        (things.hat, OTHER),
        (things.microphone, OTHER),
        (things.scarf, OTHER),
        (things.thing, OTHER),
        (things.fringe, HAIR),
        (things.beard, BROW),
    ],
)
def test_things_are_labelled_where_they_changed_the_picture(draw, kind: int) -> None:
    sheet = bare_sheet()
    changed = draw(sheet, np.random.default_rng(3))
    there = changed.labels == kind
    assert there.any()
    apart = np.abs(changed.picture.astype(int) - sheet.picture).max(axis=2)
    assert (apart[there] > 0).mean() > 0.6
    # Elsewhere at most their shadow falls.
    assert (apart[changed.labels == SKIN] > 140).mean() < 0.02


def test_augmentation_moves_picture_and_labels_together() -> None:
    sheet = bare_sheet()
    labels, picture = sheet.labels.copy(), sheet.picture.copy()
    labels[150:200, 120:230], picture[150:200, 120:230] = OTHER, (10, 60, 240)
    for seed in range(4):
        shown, said = random_crop(picture, labels, np.random.default_rng(seed))
        assert shown.shape == (COVER_SIZE, COVER_SIZE, 3)
        grey = shown.astype(int)
        blue = grey[..., 2] - grey[..., 0]
        if blue[said == OTHER].std() + blue[said == SKIN].std() < 1:
            continue  # this one is monochrome
        assert blue[said == OTHER].mean() > blue[said == SKIN].mean() + 10


def test_the_plain_crop_is_the_middle_of_the_sheet() -> None:
    sheet = bare_sheet()
    labels = sheet.labels.copy()
    labels[SIDE // 2 - 2 : SIDE // 2 + 2, SIDE // 2 - 2 : SIDE // 2 + 2] = OTHER
    _, said = plain_crop(sheet.picture, labels)
    rows, columns = np.nonzero(said == OTHER)
    assert rows.mean() == pytest.approx(127.5, abs=1)
    assert columns.mean() == pytest.approx(127.5, abs=1)


def test_the_network_has_one_to_two_million_weights_and_keeps_the_size() -> None:
    network = CoverNet(CoverConfig()).eval()
    assert 1e6 < sum(parameter.numel() for parameter in network.parameters()) < 2e6
    with torch.no_grad():
        assert network(torch.rand(1, 3, 64, 96)).shape == (1, len(KINDS), 64, 96)


def test_unknown_pixels_do_not_count() -> None:
    logits = torch.randn(1, len(KINDS), 8, 8)
    labels = torch.full((1, 8, 8), SKIN)
    labels[:, :4] = IGNORED
    changed = logits.clone()
    changed[:, :, :4] += torch.randn(1, len(KINDS), 4, 8)
    assert float(loss_of(logits, labels)) == pytest.approx(float(loss_of(changed, labels)))


def test_a_cover_seen_on_a_bare_face_costs_and_any_bare_kind_costs_nothing() -> None:
    labels = torch.full((1, 8, 8), SKIN)
    labels[:, :4] = UNCOVERED
    logits = torch.zeros(1, len(KINDS), 8, 8)
    logits[:, SKIN] = 12

    def cost(kind: int) -> float:
        seen = logits.clone()
        seen[:, kind, :4] += 24
        return float(loss_of(seen, labels))

    for kind in (SKIN, HAIR, BROW):
        assert cost(kind) == pytest.approx(cost(SKIN), abs=1e-3)
    for kind in (RIM, CLEAR_LENS, DARK_LENS, GLARE, OTHER):
        assert cost(kind) > cost(SKIN) + 5


def test_what_is_not_known_of_a_bare_face_is_still_known_to_be_uncovered() -> None:
    sheet = bare_sheet()
    picture = sheet.picture.copy()
    row, column = sheet.mesh[50, :2].astype(int)[::-1]  # a cheek
    picture[row - 8 : row + 8, column - 8 : column + 8] = (60, 40, 30)  # stubble, or a shadow
    labels = known_labels(replace(sheet, picture=picture), plain_behind=False)
    assert labels[row, column] == UNCOVERED
    assert (labels[:20] == IGNORED).all()
    held = things.hand(replace(sheet, labels=labels), np.random.default_rng(0))
    assert (held.labels == OTHER).any()


def test_intersection_over_union_of_known_counts() -> None:
    counts = np.zeros((len(KINDS), len(KINDS)), np.int64)
    counts[SKIN, SKIN], counts[SKIN, RIM], counts[RIM, RIM] = 80, 10, 10
    scores = intersection_over_union(counts)
    assert scores[SKIN] == pytest.approx(80 / 90)
    assert scores[RIM] == pytest.approx(10 / 20)
    assert np.isnan(scores[HAIR])


def test_lenses_count_as_one_kind_where_only_their_kinds_are_confused() -> None:
    counts = np.zeros((len(KINDS), len(KINDS)), np.int64)
    counts[CLEAR_LENS, CLEAR_LENS], counts[CLEAR_LENS, GLARE], counts[GLARE, SKIN] = 70, 20, 10
    assert intersection_over_union(lenses_as_one(counts))[-1] == pytest.approx(90 / 100)


def _made(folder: Path, count: int) -> None:
    sheet = bare_sheet()
    for number in range(count):
        picture: NDArray[np.uint8] = sheet.picture.copy()
        labels = sheet.labels.copy()
        labels[: SIDE // 2], picture[: SIDE // 2] = HAIR, (20, 20, 20)
        save(replace(sheet, picture=picture, labels=labels), folder / f"s0_{number:05d}_0.jpg")


def test_training_learns_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXSHOT_TRAIN_CACHE", str(tmp_path))
    _made(sheet_folder("photographs", "train"), 2)
    settings = Settings("toy", steps=60, batch=2, window=64, bfloat16=False, threads=1)
    train(settings)
    losses = [float(line.split("loss")[1]) for line in capsys.readouterr().out.splitlines()]
    assert losses[-1] < 0.7 * losses[0]
    train(replace(settings, steps=80))
    assert capsys.readouterr().out.startswith("step 80 ")
    assert read_cover_network(checkpoint_path("toy")).config == CoverConfig()


def test_training_without_sheets_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXSHOT_TRAIN_CACHE", str(tmp_path))
    with pytest.raises(SystemExit, match=r"exshot_train\.cover make"):
        train(Settings("toy", steps=1, threads=1))


def test_the_shipped_graph_can_be_trained_further() -> None:
    """It says what the graph says; its normalisations are those of the pictures."""
    store = ModelStore()
    pictures = torch.rand(2, 3, COVER_SIZE, COVER_SIZE)
    network = read_exported(store.path(MODEL), pictures)
    said = store.session(MODEL).run(None, {"crop": pictures[:1].numpy()})[0]
    with torch.no_grad():
        assert np.abs(network.eval()(pictures[:1]).numpy() - said).max() < 1e-3
        trained = network.train()(pictures)
        assert (trained - network.eval()(pictures)).abs().mean() < 0.5
