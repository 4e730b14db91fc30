"""Fitting the faces of whole photos."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot.face.fitter import FaceFitter
from exshot.face.topology import BLENDSHAPE_NAMES

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portraits(shared_data: Path) -> list[Pixels]:
    paths = sorted((shared_data / "portraits" / "val").glob("*.jpg"))[:6]
    if not paths:
        pytest.skip("the photos of portraits/val are not here")
    return [
        np.ascontiguousarray(np.asarray(cv2.imread(str(p)), np.uint8)[..., ::-1]) for p in paths
    ]


def resized(photo: Pixels, width: int, height: int) -> Pixels:
    return cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def eye_distance(mesh: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(mesh[33, :2] - mesh[263, :2]))


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (2, 3), (60, 80), (300, 400)])
def test_pictures_without_a_face_give_none(fitter: FaceFitter, shape: tuple[int, int]):
    assert fitter.fit(np.zeros((*shape, 3), np.uint8)) == ()


def test_noise_is_no_face(fitter: FaceFitter):
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    assert fitter.fit(noise) == ()


def test_a_photo_without_pixels_is_refused_with_a_sentence(fitter: FaceFitter):
    with pytest.raises(ExshotError) as caught:
        fitter.fit(np.zeros((0, 10, 3), np.uint8))
    assert caught.value.code is ErrorCode.IMAGE_EMPTY


@pytest.mark.parametrize(
    "picture", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3))]
)
def test_arrays_of_another_kind_are_a_programming_error(fitter: FaceFitter, picture: Pixels):
    with pytest.raises(ValueError, match="uint8"):
        fitter.fit(picture)


def test_a_portrait_gives_one_complete_face(fitter: FaceFitter, portraits: list[Pixels]):
    (face,) = fitter.fit(portraits[0])
    assert face.mesh.shape == (478, 3)
    assert face.mesh.dtype == np.float32
    assert face.blendshapes.shape == (len(BLENDSHAPE_NAMES),)
    assert face.blendshapes.dtype == np.float32
    assert 0 <= face.blendshapes.min() <= face.blendshapes.max() <= 1
    assert 0.5 <= face.score <= 1
    assert abs(face.head_pose.yaw) < 45
    assert face.mesh[1, 2] < face.mesh[[234, 454], 2].min()  # the nose is nearer than the ears
    assert (face.box.x0, face.box.y0) <= tuple(face.mesh[:, :2].min(axis=0))
    assert (face.box.x1, face.box.y1) >= tuple(face.mesh[:, :2].max(axis=0))


def test_a_large_photo_gives_the_same_mesh_as_its_small_copy(
    fitter: FaceFitter, portraits: list[Pixels]
):
    (small,) = fitter.fit(portraits[1])
    large_photo = cv2.resize(portraits[1], (3072, 3072), interpolation=cv2.INTER_CUBIC)
    (large,) = fitter.fit(large_photo.astype(np.uint8))
    expected = (small.mesh[:, :2] + 0.5) * 6 - 0.5
    error = np.linalg.norm(large.mesh[:, :2] - expected, axis=1).mean()
    assert error < 0.012 * eye_distance(large.mesh)


def test_several_faces_come_largest_first_and_none_twice(
    fitter: FaceFitter, portraits: list[Pixels]
):
    group = np.full((512, 1100, 3), 120, np.uint8)
    group[100:400, 20:320] = resized(portraits[0], 300, 300)
    group[:, 350:862] = portraits[1]
    group[150:360, 880:1090] = resized(portraits[2], 210, 210)
    faces = fitter.fit(group)
    centres = [(face.box.x0 + face.box.x1) / 2 for face in faces]
    assert len(faces) == 3
    assert [350 < x < 862 for x in centres] == [True, False, False]
    assert centres[1] < 350
    assert centres[2] > 862


def test_small_faces_of_a_group_are_found(fitter: FaceFitter, portraits: list[Pixels]):
    side = 160
    wall = np.full((1500, 2000, 3), (150, 140, 120), np.uint8)
    places = [(100 + 300 * i, 200 + 190 * (i % 3)) for i in range(6)]
    for (x, y), portrait in zip(places, portraits):
        wall[y : y + side, x : x + side] = resized(portrait, side, side)
    faces = fitter.fit(wall)
    found = {
        (x, y)
        for x, y in places
        for face in faces
        if x <= face.box.x0 + face.width / 2 <= x + side and y <= face.box.y1 <= y + side + 20
    }
    assert found == set(places)
    assert len(faces) == len(places)


@pytest.mark.parametrize("angle", [-60, 30, 90, 180])
def test_a_turned_photo_gives_the_turned_mesh(
    fitter: FaceFitter, portraits: list[Pixels], angle: int
):
    (upright,) = fitter.fit(portraits[0])
    there = cv2.getRotationMatrix2D((256, 256), -angle, 0.7)
    (face,) = fitter.fit(cv2.warpAffine(portraits[0], there, (512, 512)).astype(np.uint8))
    expected = upright.mesh[:, :2] @ there[:, :2].T + there[:, 2]
    error = np.linalg.norm(face.mesh[:, :2] - expected, axis=1).mean()
    assert error < 0.03 * eye_distance(face.mesh)
    turned = (face.head_pose.roll - upright.head_pose.roll - angle + 180) % 360 - 180
    assert abs(turned) < 5


def test_a_face_that_overflows_the_photo_is_found(fitter: FaceFitter, portraits: list[Pixels]):
    (whole,) = fitter.fit(portraits[3])
    x, y = (int(value) for value in whole.mesh[:, :2].min(axis=0))
    part = np.ascontiguousarray(portraits[3][y + 20 : y + 260, x + 10 : x + 240])
    (face,) = fitter.fit(part)
    error = np.linalg.norm(face.mesh[:, :2] + [x + 10, y + 20] - whole.mesh[:, :2], axis=1)
    assert np.median(error) < 0.06 * eye_distance(whole.mesh)


def test_a_grey_photo_is_fitted_like_its_colour_original(
    fitter: FaceFitter, portraits: list[Pixels]
):
    grey = cv2.cvtColor(portraits[2], cv2.COLOR_RGB2GRAY)
    (colour,), (same,) = (
        fitter.fit(portraits[2]),
        fitter.fit(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8)),
    )
    error = np.linalg.norm(colour.mesh[:, :2] - same.mesh[:, :2], axis=1).mean()
    assert error < 0.02 * eye_distance(colour.mesh)


def test_a_strided_view_is_fitted_like_its_copy(fitter: FaceFitter, portraits: list[Pixels]):
    view = portraits[0][:, ::-1]
    (a,), (b,) = fitter.fit(view), fitter.fit(view.copy())
    np.testing.assert_array_equal(a.mesh, b.mesh)


def test_threads_share_a_fitter(fitter: FaceFitter, portraits: list[Pixels]):
    alone = [fitter.fit(photo) for photo in portraits]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(fitter.fit, portraits * 2))
    for one, other in zip(alone * 2, together):
        assert len(one) == len(other)
        for a, b in zip(one, other):
            np.testing.assert_allclose(a.mesh, b.mesh, atol=1e-3)
