"""The Editor on real pictures: what it promises about pixels, errors, caches and cancel."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from exshot import EditOptions, Editor, ErrorCode, ExshotError, Photo, RegionWeights, flatten
from exshot.align.retarget import EYES
from exshot.errors import Cancelled
from exshot.exprnet.network import has_exprnet
from exshot.model_store import ModelStore


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor()


@pytest.fixture(scope="module")
def pair(photo_pair: tuple[Path, Path]) -> tuple[Photo, Photo]:
    return Photo.open(photo_pair[0]), Photo.open(photo_pair[1])


def test_the_expression_arrives_and_the_rest_is_untouched(
    editor: Editor, pair: tuple[Photo, Photo]
) -> None:
    pose, expression = pair
    before = pose.pixels.copy()
    edit = editor.edit(pose, expression, EditOptions(method="warp"))
    result = flatten(pose, edit)
    outside = np.ones(result.shape[:2], bool)
    outside[edit.box.slices] = edit.mask == 0
    assert np.array_equal(result[outside], pose.pixels[outside])
    assert np.array_equal(pose.pixels, before)

    def distance(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a - b).mean())

    scores = [editor.faces(photo)[0].blendshapes for photo in (pose, expression)]
    (made,) = editor.faces(Photo.from_array(result))
    assert distance(made.blendshapes, scores[1]) < 0.6 * distance(*scores)
    head = editor.faces(pose)[0].head_pose
    assert abs(made.head_pose.yaw - head.yaw) < 4


def test_strength_zero_gives_the_photo_back(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    edit = editor.edit(*pair, EditOptions(strength=0))
    assert not edit.mask.any()
    assert np.array_equal(flatten(pair[0], edit), pair[0].pixels)


def test_no_region_chosen_gives_the_photo_back(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    regions = RegionWeights(eyes=0, brows=0, nose=0, mouth=0, cheeks=0, jaw=0)
    assert not editor.edit(*pair, EditOptions(regions=regions)).mask.any()


def test_a_grey_photo_edited_before_leaves_no_trace(pair: tuple[Photo, Photo]) -> None:
    pose, expression = pair
    grey = pose.pixels.mean(axis=2, keepdims=True).astype(pose.pixels.dtype)
    used = Editor()
    used.edit(Photo.from_array(np.repeat(grey, 3, axis=2)), expression)
    assert np.array_equal(used.edit(*pair).layer, Editor().edit(*pair).layer)


@pytest.mark.parametrize(("smaller", "skin"), [(2, "expression"), (5, "pose")])
def test_a_coarse_photo_keeps_its_skin_beside_a_far_finer_one(
    editor: Editor, pair: tuple[Photo, Photo], smaller: int, skin: Literal["pose", "expression"]
) -> None:
    pose, expression = pair
    coarse = Image.fromarray(pose.pixels).reduce(smaller)
    auto, chosen = (
        editor.edit(Photo.from_array(np.asarray(coarse)), expression, EditOptions(skin=one))
        for one in ("auto", skin)
    )
    np.testing.assert_array_equal(auto.layer, chosen.layer)


def test_mouth_alone_leaves_the_eyes(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    nothing_else = RegionWeights(eyes=0, brows=0, nose=0, mouth=1, cheeks=0, jaw=0)
    edit = editor.edit(*pair, EditOptions(regions=nothing_else))
    mesh = editor.faces(pair[0])[0].mesh
    result = flatten(pair[0], edit).astype(int)

    def change(vertex: int) -> float:
        x, y = mesh[vertex, :2].round().astype(int)
        spot = np.s_[y - 4 : y + 5, x - 4 : x + 5]
        return float(np.abs(result[spot] - pair[0].pixels[spot]).mean())

    assert change(468) < 1
    assert change(473) < 1
    assert change(13) > 3


@given(
    strength=st.floats(0, 1.5),
    feather=st.floats(0.01, 0.25),
    weights=st.lists(st.floats(0, 1), min_size=6, max_size=6),
    gaze=st.sampled_from(["pose", "expression"]),
    match=st.booleans(),
)
@settings(max_examples=12, deadline=None)
def test_any_options_give_a_sound_patch(
    editor: Editor,
    pair: tuple[Photo, Photo],
    strength: float,
    feather: float,
    weights: list[float],
    gaze: str,
    match: bool,
) -> None:
    options = EditOptions(
        strength=strength,
        feather=feather,
        regions=RegionWeights(*weights),
        gaze=gaze,  # type: ignore[arg-type]
        color_match=match,
    )
    preview = editor.preview(*pair, options, size=128)
    assert preview.after.shape == preview.before.shape == (128, 128, 3)
    assert preview.after.dtype == np.uint8
    assert 0 <= preview.report.hidden_share <= 1


def test_a_preview_is_grey_where_it_leaves_the_photo(
    editor: Editor, pair: tuple[Photo, Photo]
) -> None:
    chin = int(editor.faces(pair[0])[0].box.y1)
    cut = Photo.from_array(pair[0].pixels[: chin + 8].copy())
    preview = editor.preview(cut, pair[1], size=256)
    left = round((preview.box.y1 - cut.height) / preview.box.height * 256)
    assert left > 8
    for shown in (preview.before, preview.after):
        assert np.ptp(shown[256 - left + 2 :]) == 0
        assert np.ptp(shown[: 256 - left - 2, 128]) > 0


def test_a_preview_shows_the_edit(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    preview = editor.preview(*pair, size=256)
    whole = Photo.from_array(flatten(pair[0], editor.edit(*pair)))
    box = preview.box
    if box != box.clipped(whole.width, whole.height):
        pytest.skip("the crop leaves this photo")
    shown = cv2.resize(whole.pixels[box.slices], (256, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(shown.astype(int) - preview.after.astype(int)).mean() < 2


def test_transparent_parts_of_the_expression_photo_are_not_drawn(
    editor: Editor, pair: tuple[Photo, Photo]
) -> None:
    pose, expression = pair
    mesh = editor.faces(expression)[0].mesh
    alpha = np.full(expression.pixels.shape[:2], 255, np.uint8)
    alpha[int(mesh[2, 1]) :] = 0  # below the nose there is nothing
    edit = editor.edit(pose, Photo.from_array(expression.pixels, alpha))
    assert edit.mask.any()
    x, y = editor.faces(pose)[0].mesh[13, :2].round().astype(int)  # the mouth
    whole, kept = flatten(pose, editor.edit(*pair)), flatten(pose, edit)
    spot = np.s_[y - 6 : y + 7, x - 6 : x + 7]
    assert np.abs(whole[spot].astype(int) - kept[spot]).mean() > 10


@pytest.mark.parametrize(
    "options", [EditOptions(strength=0, skin="pose"), EditOptions(gaze="pose")]
)
def test_eyes_that_are_not_to_move_stay_between_two_days_too(
    editor: Editor, pair: tuple[Photo, Photo], options: EditOptions
) -> None:
    pose, expression = pair
    edit = editor.edit(pose, expression, replace(options, skin="pose"))
    if options.strength == 0:
        assert not edit.mask.any()
        return
    before, after = (
        editor.faces(photo)[0].mesh for photo in (pose, Photo.from_array(flatten(pose, edit)))
    )
    for ring, iris in EYES:
        width = np.linalg.norm(before[ring[0], :2] - before[ring[len(ring) // 2], :2])
        moved = (after - before)[iris[0], :2] - (after - before)[list(ring), :2].mean(axis=0)
        assert np.linalg.norm(moved) < 0.06 * width


def test_an_empty_choice_hides_nothing_and_an_empty_photo_all(
    editor: Editor, pair: tuple[Photo, Photo]
) -> None:
    pose, expression = pair
    nowhere = RegionWeights(*(0.0,) * 6)
    assert editor.edit(pose, expression, EditOptions(regions=nowhere)).report.hidden_share == 0
    clear = Photo.from_array(expression.pixels, np.zeros(expression.pixels.shape[:2], np.uint8))
    edit = editor.edit(pose, clear)
    assert edit.report.hidden_share > 0.95
    assert (edit.mask > 127).mean() < 0.02


def test_sixteen_bits_stay_sixteen_bits(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    deep = Photo.from_array(pair[0].pixels.astype(np.uint16) * 257)
    edit = editor.edit(deep, pair[1])
    plain = editor.edit(*pair)
    assert edit.layer.dtype == np.uint16
    assert edit.box == plain.box
    difference = edit.layer[plain.mask > 0] / 257 - plain.layer[plain.mask > 0]
    assert np.abs(difference).mean() < 1


def test_a_photo_without_a_face_is_named(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    blank = Photo.from_array(np.full((200, 200, 3), 128, np.uint8))
    for photos, role in (((blank, pair[1]), "pose"), ((pair[0], blank), "expression")):
        with pytest.raises(ExshotError) as caught:
            editor.edit(*photos)
        assert caught.value.code is ErrorCode.NO_FACE
        assert role in caught.value.sentence


def test_several_faces_have_to_be_chosen_from(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    twins = Photo.from_array(np.concatenate([pair[0].pixels, pair[0].pixels], axis=1))
    with pytest.raises(ExshotError) as caught:
        editor.edit(twins, pair[1])
    assert caught.value.code is ErrorCode.SEVERAL_FACES
    for index in (0, 1):
        edit = editor.edit(twins, pair[1], EditOptions(pose_face=index))
        assert edit.report.pose_face == index
    with pytest.raises(ExshotError) as caught:
        editor.edit(twins, pair[1], EditOptions(pose_face=2))
    assert caught.value.code is ErrorCode.FACE_INDEX


@pytest.mark.parametrize(
    "wrong", [{"strength": 1.6}, {"strength": float("nan")}, {"feather": 0.0}, {"method": "magic"}]
)
def test_options_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(ExshotError) as caught:
        EditOptions(**wrong)
    assert caught.value.code is ErrorCode.BAD_OPTION


def test_exprnet_without_its_weights_is_refused_in_a_sentence(
    editor: Editor, pair: tuple[Photo, Photo]
) -> None:
    if has_exprnet(ModelStore()):
        pytest.skip("the weights are installed")
    with pytest.raises(ExshotError) as caught:
        editor.edit(*pair, EditOptions(method="exprnet"))
    assert caught.value.code is ErrorCode.MODEL_MISSING
    assert editor.edit(*pair, EditOptions(method="auto")).report.method == "warp"


def test_cancel_and_progress(pair: tuple[Photo, Photo]) -> None:
    stop = threading.Event()
    shares: list[float] = []

    def progress(share: float, step: str) -> None:
        assert step
        shares.append(share)
        if share >= 0.3:
            stop.set()

    editor = Editor()
    with pytest.raises(Cancelled):
        editor.edit(*pair, progress=progress, cancel=stop)
    assert shares == sorted(shares)
    editor.edit(*pair)  # the next edit works


def test_two_threads_share_one_editor(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    made = {}

    def work(strength: float) -> None:
        made[strength] = editor.edit(*pair, EditOptions(strength=strength)).layer

    threads = [threading.Thread(target=work, args=(s,)) for s in (0.5, 0.9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for strength, layer in made.items():
        again = Editor().edit(*pair, EditOptions(strength=strength)).layer
        assert np.array_equal(layer, again)


def test_notes_are_those_of_the_files_at_hand(
    editor: Editor, pair: tuple[Photo, Photo], tmp_path: Path
) -> None:
    """Photos of one content share what was planned, not what was odd about their files."""
    picture = Image.fromarray(pair[0].as_uint8())
    picture.save(tmp_path / "plain.webp", lossless=True)
    picture.save(
        tmp_path / "two.webp", lossless=True, save_all=True, append_images=[picture.rotate(180)]
    )
    options = EditOptions(method="warp")
    for name, count in (("plain.webp", 0), ("two.webp", 1), ("plain.webp", 0)):
        made = editor.edit(Photo.open(tmp_path / name), pair[1], options)
        assert len(made.report.notes) == count
