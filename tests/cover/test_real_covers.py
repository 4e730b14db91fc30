"""The shipped cover network on real pictures, alone and through the Editor."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from exshot import EditOptions, Editor, Photo, flatten
from exshot.cover.cover import Cover, find_cover
from exshot.cover.network import CoverNetwork, has_cover_network
from exshot.face.crop import face_crop
from exshot.face.topology import LEFT_EYE, RIGHT_EYE
from exshot.model_store import ModelStore

Pixels = NDArray[np.uint8]
Mesh = NDArray[np.float32]


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor()


@pytest.fixture(scope="module")
def pair(photo_pair: tuple[Path, Path]) -> tuple[Photo, Photo]:
    if not has_cover_network(ModelStore()):
        pytest.skip("the cover network is not installed")
    return Photo.open(photo_pair[0]), Photo.open(photo_pair[1])


def mesh_of(editor: Editor, photo: Photo) -> Mesh:
    return editor.faces(photo)[0].mesh


def cover_of(editor: Editor, photo: Photo) -> Cover:
    mesh = mesh_of(editor, photo)
    shares = CoverNetwork(ModelStore()).shares(photo.as_uint8(), mesh)
    return find_cover(shares, mesh, face_crop(mesh), (photo.width, photo.height))


def with_sunglasses(photo: Photo, mesh: Mesh) -> Photo:
    picture = photo.as_uint8().copy()
    width = float(np.ptp(mesh[:, 0]))
    dark = (18, 18, 20)
    for ring in (RIGHT_EYE, LEFT_EYE):
        x, y = mesh[list(ring), :2].mean(0)
        axes = (int(0.2 * width), int(0.14 * width))
        middle = (int(x), int(y + 0.03 * width))
        cv2.ellipse(picture, middle, axes, 0, 0, 360, dark, -1, cv2.LINE_AA)
    thick = max(2, int(0.03 * width))
    for first, last in ((33, 127), (263, 356), (133, 362)):
        (x0, y0), (x1, y1) = mesh[[first, last], :2].astype(int).tolist()
        cv2.line(picture, (x0, y0), (x1, y1), dark, thick, cv2.LINE_AA)
    return Photo.from_array(picture)


def with_mask(photo: Photo, mesh: Mesh) -> Photo:
    picture = photo.as_uint8().copy()
    ring = (227, 117, 119, 47, 126, 197, 355, 277, 348, 346, 447, 397, 379, 400, 152, 176, 150, 172)
    outline = np.round(mesh[list(ring), :2]).astype(np.int32)
    cv2.fillPoly(picture, [outline], (150, 190, 215), cv2.LINE_AA)
    return Photo.from_array(picture)


def codes(report) -> set[str]:
    return {warning.code for warning in report.warnings}


def test_bare_faces_are_bare(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    for photo in pair:
        wear = cover_of(editor, photo).wear
        assert not any((wear.glasses, wear.sunglasses, wear.thing, wear.cut_off))
        assert wear.hidden < 0.06
    assert not codes(editor.edit(*pair).report) & {"glasses", "sunglasses", "covered", "cut_off"}


def test_sunglasses_are_named_and_never_carried_over(
    editor: Editor, pair: tuple[Photo, Photo]
) -> None:
    pose, expression = pair
    dark = with_sunglasses(expression, mesh_of(editor, expression))
    edit = editor.edit(pose, dark)
    assert "sunglasses" in codes(edit.report)
    result = flatten(pose, edit)
    eyes = mesh_of(editor, pose)[[*RIGHT_EYE, *LEFT_EYE], :2].round().astype(int)
    x0, y0, x1, y1 = *eyes.min(0), *eyes.max(0)
    apart = result[y0:y1, x0:x1].astype(int) - pose.pixels[y0:y1, x0:x1]
    assert np.abs(apart).mean() < 4


def test_the_pose_photos_mask_stays_as_it_is(editor: Editor, pair: tuple[Photo, Photo]) -> None:
    pose, expression = pair
    mesh = mesh_of(editor, pose)
    masked = with_mask(pose, mesh)
    edit = editor.edit(masked, expression)
    assert "covered" in codes(edit.report)
    x, y = mesh[13, :2].round().astype(int)
    mouth = np.s_[y - 20 : y + 20, x - 30 : x + 30]
    assert np.array_equal(flatten(masked, edit)[mouth], masked.pixels[mouth])


@pytest.mark.parametrize("method", ["warp", "exprnet"])
def test_nothing_comes_from_beyond_the_border(
    editor: Editor, pair: tuple[Photo, Photo], method: str
) -> None:
    pose, expression = pair
    nose = int(mesh_of(editor, expression)[4, 0])
    half = Photo.from_array(np.ascontiguousarray(expression.pixels[:, nose:]))
    if not editor.faces(half):
        pytest.skip("no face is found on half a face")
    edit = editor.edit(pose, half, EditOptions(method=method))  # pyright: ignore[reportArgumentType]
    assert "cut_off" in codes(edit.report)
    assert "different_person" not in codes(edit.report)
    mesh = mesh_of(editor, pose)
    cheek = mesh[50, :2].round().astype(int)  # on the side that is cut off
    part = np.s_[cheek[1] - 10 : cheek[1] + 10, cheek[0] - 10 : cheek[0] + 10]
    assert np.abs(flatten(pose, edit)[part].astype(int) - pose.pixels[part]).mean() < 3


def test_a_photos_cover_is_looked_for_once(
    pair: tuple[Photo, Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, calls = Editor(), []
    shares = CoverNetwork.shares
    monkeypatch.setattr(
        CoverNetwork, "shares", lambda self, *args: calls.append(1) or shares(self, *args)
    )
    for strength in (1.0, 0.8, 0.6):
        editor.preview(*pair, EditOptions(strength=strength))
    assert len(calls) == 2
