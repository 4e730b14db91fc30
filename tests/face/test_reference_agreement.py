"""Fits agree with mediapipe 0.10.21 (recorded by tools/record_reference_fits.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from exshot.face.face import Face
from exshot.face.fitter import FaceFitter
from exshot.face.topology import LEFT_IRIS, RIGHT_IRIS

FIXTURE = Path(__file__).with_name("reference_fits.npz")
STEPS_PER_PIXEL = 32


@pytest.fixture(scope="module")
def reference() -> dict[str, NDArray[Any]]:
    with np.load(FIXTURE) as data:
        return dict(data)


@pytest.fixture(scope="module")
def photos(shared_data: Path, reference: dict[str, NDArray[Any]]) -> list[NDArray[np.uint8]]:
    paths = [shared_data / str(name) for name in reference["names"]]
    if not all(path.is_file() for path in paths):
        pytest.skip("the photos of portraits/val are not here")
    return [np.asarray(cv2.imread(str(path)), np.uint8)[..., ::-1] for path in paths]


def distances(faces: list[Face], reference: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Mean landmark distance of each photo, as a share of the distance between the pupils."""
    truth = reference["landmarks"][..., :2] / STEPS_PER_PIXEL
    ours = np.stack([face.mesh[:, :2] for face in faces])
    eyes = np.linalg.norm(truth[:, LEFT_IRIS[0]] - truth[:, RIGHT_IRIS[0]], axis=-1)
    return np.linalg.norm(ours - truth, axis=-1).mean(axis=1) / eyes


def fit_all(fitter: FaceFitter, photos: list[NDArray[np.uint8]], refine: bool) -> list[Face]:
    fits = [fitter.fit(photo, refine=refine) for photo in photos]
    assert [len(faces) for faces in fits] == [1] * len(photos)
    return [faces[0] for faces in fits]


def test_the_fixture_covers_enough_photos(reference: dict[str, NDArray[Any]]):
    assert len(reference["names"]) >= 30
    assert str(reference["library"]) == "mediapipe 0.10.21"


def test_a_single_pass_finds_what_mediapipe_finds(
    fitter: FaceFitter,
    photos: list[NDArray[np.uint8]],
    reference: dict[str, NDArray[Any]],
):
    faces = fit_all(fitter, photos, refine=False)
    found = distances(faces, reference)
    assert found.mean() < 0.002
    assert found.max() < 0.01
    z_ours = np.stack([face.mesh[:, 2] for face in faces])
    z_truth = reference["landmarks"][..., 2] / STEPS_PER_PIXEL
    assert np.abs(z_ours - z_truth).mean() < 0.5  # pixels; the recorded steps are 1/32
    scores = np.stack([face.blendshapes for face in faces])
    assert np.abs(scores - reference["blendshapes"]).mean() < 0.002


def test_the_refined_fit_stays_within_one_percent_of_mediapipe(
    fitter: FaceFitter,
    photos: list[NDArray[np.uint8]],
    reference: dict[str, NDArray[Any]],
):
    faces = fit_all(fitter, photos, refine=True)
    found = distances(faces, reference)
    assert found.mean() < 0.01
    scores = np.stack([face.blendshapes for face in faces])
    assert np.abs(scores - reference["blendshapes"]).mean() < 0.02


def test_refining_makes_the_mesh_follow_the_face_more_closely_when_the_photo_moves(
    fitter: FaceFitter, photos: list[NDArray[np.uint8]]
):
    def wobble(photo: NDArray[np.uint8], refine: bool) -> float:
        """Spread of the mesh under small turns and zooms that are then undone, pixels."""
        height, width = photo.shape[:2]
        meshes = []
        for angle, scale in ((-8, 0.75), (6, 0.85), (0, 0.65), (11, 0.9)):
            there = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
            moved = cv2.warpAffine(photo, there, (width, height), flags=cv2.INTER_LINEAR)
            mesh = fitter.fit(moved.astype(np.uint8), refine=refine)[0].mesh[:, :2]
            back = cv2.invertAffineTransform(there)
            meshes.append(mesh @ back[:, :2].T + back[:, 2])
        spread = np.stack(meshes)
        return float(np.linalg.norm(spread - spread.mean(axis=0), axis=-1).mean())

    sample = photos[::4]
    refined = np.mean([wobble(photo, True) for photo in sample])
    assert refined < 0.85 * np.mean([wobble(photo, False) for photo in sample])
