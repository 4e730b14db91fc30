"""The paper's own baseline moves landmarks where they belong, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the benchmarks' optional dependencies are not installed")

from benchmarks.baselines import landmark_warp
from benchmarks.faces import FittedFaces, read_pixels
from benchmarks.sets import load_set


def test_landmarks_of_a_photo_warped_onto_itself_change_nothing(
    shared_data: Path, tmp_path: Path
) -> None:
    photo = load_set("london_triplets", shared_data, limit=1)[0].pose
    pixels = read_pixels(photo)
    fit = FittedFaces(tmp_path).of_file(photo)
    assert fit is not None
    for whole in (False, True):
        warped = landmark_warp(pixels, fit.mesh, pixels, fit.mesh, whole=whole)
        # Between closed lips triangles are slivers, where a pixel or two may slip.
        assert (np.abs(warped.pixels.astype(int) - pixels) > 2).mean() < 1e-4
    assert (warped.hull == 255).all()


def test_landmark_warping_draws_the_hull_of_the_landmarks_only(
    shared_data: Path, tmp_path: Path
) -> None:
    case = load_set("london_triplets", shared_data, limit=1)[0]
    faces = FittedFaces(tmp_path)
    pose, expression = (read_pixels(path) for path in (case.pose, case.expression))
    here, there = faces.of_file(case.pose), faces.of_file(case.expression)
    assert here is not None
    assert there is not None
    warped = landmark_warp(pose, here.mesh, expression, there.mesh)
    assert 0.05 < (warped.hull > 0).mean() < 0.5
    assert (warped.pixels == pose)[warped.hull == 0].all()
    assert (warped.pixels != pose)[warped.hull > 0].mean() > 0.5
