"""Blur, noise and compression of a face are measured, and said where they would show."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from exshot.advice import quality_warnings
from exshot.editor import Editor
from exshot.face.quality import face_quality
from exshot.photo import Photo
from exshot.result import FaceQuality

Pixels = NDArray[np.uint8]
Change = Callable[[Pixels], Pixels]


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def noisy(pixels: Pixels, sigma: float) -> Pixels:
    grain = np.random.default_rng(0).normal(0, sigma, pixels.shape)
    return np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8)


def compressed(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor()


@pytest.fixture(scope="module")
def face(editor: Editor, photo_pair: tuple[Path, Path]) -> tuple[Pixels, NDArray[np.float32]]:
    photo = Photo.open(photo_pair[0])
    return photo.as_uint8(), editor.faces(photo)[0].mesh


def test_a_blur_is_measured_in_pixels(face: tuple[Pixels, NDArray[np.float32]]) -> None:
    pixels, mesh = face
    assert (face_quality(pixels, mesh).blur or 0) < 1
    for sigma in (3.0, 6.0):
        assert face_quality(blurred(pixels, sigma), mesh).blur == pytest.approx(sigma, rel=0.3)


def test_noise_is_measured_in_brightness(face: tuple[Pixels, NDArray[np.float32]]) -> None:
    pixels, mesh = face
    # Independent noise in three channels averages out in their weighted sum.
    of_brightness = float(np.linalg.norm((0.299, 0.587, 0.114)))
    for sigma in (10, 35):
        found = face_quality(noisy(pixels, sigma), mesh).noise * 255
        assert found == pytest.approx(sigma * of_brightness, rel=0.15)


def test_blocks_are_found_wherever_their_grid_begins(
    face: tuple[Pixels, NDArray[np.float32]],
) -> None:
    pixels, mesh = face
    small = compressed(pixels, 6)
    moved = mesh - np.array([3, 5, 0], np.float32)
    steps = [
        face_quality(small, mesh).blockiness,
        face_quality(np.ascontiguousarray(small[5:, 3:]), moved).blockiness,
    ]
    assert min(steps) > 4 / 255
    assert face_quality(pixels, mesh).blockiness < 1 / 255
    assert face_quality(compressed(pixels, 90), mesh).blockiness < 1.5 / 255


def test_sixteen_bits_are_measured_alike(face: tuple[Pixels, NDArray[np.float32]]) -> None:
    pixels, mesh = face
    grainy = noisy(pixels, 10)
    deep = grainy.astype(np.uint16) * np.uint16(257)
    one, other = face_quality(grainy, mesh), face_quality(deep, mesh)
    assert other.noise == pytest.approx(one.noise, rel=1e-3)
    assert other.blockiness == pytest.approx(one.blockiness, abs=1e-4)


@pytest.mark.parametrize("size", [(8, 8), (30, 400)])
def test_hardly_any_pixels_and_no_contrast_give_numbers(size: tuple[int, int]) -> None:
    mesh = np.random.default_rng(0).uniform(-50, 60, (478, 3)).astype(np.float32)
    found = face_quality(np.full((*size, 3), 90, np.uint8), mesh)
    assert found.blur is None
    assert (found.noise, found.blockiness) == (0, 0)


def test_a_face_of_a_few_blocks_says_nothing_of_compression() -> None:
    """Its own edges would: a median of three or four places is one of them."""
    columns = np.where(np.arange(40) // 8 % 2, 140, 90).astype(np.uint8)
    mesh = np.zeros((478, 3), np.float32)
    mesh[0, :2] = 38
    found = face_quality(np.broadcast_to(columns[None, :, None], (40, 40, 3)).copy(), mesh)
    assert found.blockiness == 0


@pytest.mark.parametrize(
    ("code", "pose", "expression"),
    [
        ("soft_expression", lambda p: p, lambda p: blurred(p, 6)),
        ("compressed", lambda p: p, lambda p: compressed(p, 6)),
        ("compressed", lambda p: compressed(p, 6), lambda p: p),
        ("noisy", lambda p: noisy(p, 35), lambda p: p),
        ("noisy", lambda p: p, lambda p: noisy(p, 35)),
    ],
)
def test_an_edit_says_what_sets_the_two_photos_apart(
    editor: Editor, photo_pair: tuple[Path, Path], code: str, pose: Change, expression: Change
) -> None:
    a, b = (Photo.open(path).as_uint8() for path in photo_pair)
    report = editor.preview(
        Photo.from_array(pose(a)), Photo.from_array(expression(b)), size=128
    ).report
    assert code in [warning.code for warning in report.warnings]
    assert all(warning.hint for warning in report.warnings)
    assert report.pose_quality is not None


def test_ordinary_photos_of_one_kind_are_not_complained_of(
    editor: Editor, shared_data: Path
) -> None:
    poses = sorted((shared_data / "london/val_triplets").glob("*_pose.jpg"))
    poses += sorted((shared_data / "video_triplets").glob("*/*_pose.jpg"))[:10]

    def quality(path: Path) -> FaceQuality:
        photo = Photo.open(path)
        return face_quality(photo.pixels, editor.faces(photo)[0].mesh)

    for pose in poses:
        expression = pose.with_name(pose.name.replace("_pose", "_expression"))
        assert not quality_warnings(quality(pose), quality(expression)), pose.name
