"""The crop, the face hull and the generic face lie where they should."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.crops import crop, crop_matrix, face_hull, to_crop
from benchmarks.generic_face import (
    SIZE,
    error_on_generic_face,
    generic_raster,
    generic_regions,
    generic_vertices,
    region_errors,
)

SQUARE = np.array([[100, 200], [300, 200], [300, 400], [100, 400]], float)


def test_the_face_fills_its_share_of_the_crop() -> None:
    points = to_crop(SQUARE, crop_matrix(SQUARE))
    assert np.ptp(points[:, 0]) == pytest.approx(512 / 1.8, abs=1e-3)
    assert points.mean(0) == pytest.approx([256, 256])


def test_the_hull_covers_the_points_and_nothing_else() -> None:
    hull = face_hull(np.array([[10, 20], [30, 20], [30, 40], [10, 40], [20, 30]]), 64)
    assert hull.sum() == 21 * 21
    assert hull[20, 10]
    assert hull[40, 30]


def test_a_crop_beyond_the_photo_repeats_its_border() -> None:
    photo = np.zeros((60, 60, 3), np.uint8)
    photo[:, 0] = 200
    out = crop(photo, crop_matrix(np.array([[0, 10], [40, 50]], float), 64), 64)
    assert (out[:, 0] == 200).all()


def test_regions_split_the_generic_face() -> None:
    covered = np.sum(list(generic_regions().values()), axis=0)
    assert covered.max() == 1
    assert (covered > 0).sum() == generic_raster().covered.sum()
    assert all(mask.sum() > 300 for mask in generic_regions().values())


def test_an_error_at_the_mouth_shows_in_the_mouth_alone() -> None:
    mesh = np.zeros((478, 2), np.float32)
    mesh[:468] = generic_vertices()[:, :2]  # the photo is the generic face itself
    truth = np.full((SIZE, SIZE, 3), 90, np.uint8)
    result = truth.copy()
    x, y = np.round(generic_vertices()[13, :2]).astype(int)
    result[y - 3 : y + 4, x - 3 : x + 4] += 100
    errors = region_errors(error_on_generic_face(result, truth, mesh))
    assert errors["mouth"] > 0.005
    assert max(value for name, value in errors.items() if name != "mouth") == 0.0
