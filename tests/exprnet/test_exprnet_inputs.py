"""What ExprNet is allowed to see."""

from __future__ import annotations

import numpy as np
import pytest
from train.synthetic_face import as_float, frontal_mesh, smooth_picture

from exshot.align.pair import AlignedPair, CroppedFace, align
from exshot.exprnet.inputs import (
    EDIT_PLANES,
    PHOTO_PLANES,
    Role,
    edit_planes,
    from_grid,
    photo_planes,
    to_grid,
)
from exshot.image.sampling import Map
from exshot.options import EditOptions

SIZE = 128


def seen(photo: Map, role: Role) -> Map:
    return photo_planes(CroppedFace.whole(photo, frontal_mesh(SIZE)), role)


def pair_of(pose: Map, expression: Map) -> AlignedPair:
    mesh = frontal_mesh(SIZE)
    return align(CroppedFace.whole(pose, mesh), CroppedFace.whole(expression, mesh), EditOptions())


def test_the_pose_photos_expression_is_hidden_from_the_network() -> None:
    mesh = frontal_mesh(SIZE)
    photo = as_float(smooth_picture(SIZE))
    other = photo.copy()
    left, right = mesh[61, :2].astype(int), mesh[291, :2].astype(int)
    mouth = (slice(left[1] - 5, left[1] + 5), slice(left[0], right[0]))
    stripes = 0.25 * np.where(np.arange(right[0] - left[0]) % 2, 1.0, -1.0)[None, :, None]
    other[mouth] = np.clip(other[mouth] + stripes, 0, 1)
    assert np.abs(other - photo).max() > 0.2
    apart = seen(other, "pose") - seen(photo, "pose")
    assert np.abs(apart).max() < 0.02


def test_hair_and_background_of_the_pose_photo_stay_sharp() -> None:
    photo = as_float(smooth_picture(SIZE))
    planes = seen(photo, "pose")
    np.testing.assert_allclose(
        planes[:3, :8, :8], 2 * photo[:8, :8].transpose(2, 0, 1) - 1, atol=0.01
    )


def test_the_expression_photo_is_seen_as_it_is() -> None:
    photo = as_float(smooth_picture(SIZE))
    planes = seen(photo, "expression")
    assert planes.shape == (len(PHOTO_PLANES), SIZE, SIZE)
    np.testing.assert_array_equal(planes[:3], 2 * photo.transpose(2, 0, 1) - 1)


def test_normals_of_a_face_that_looks_ahead_point_at_the_camera() -> None:
    photo = as_float(smooth_picture(SIZE))
    planes = seen(photo, "expression")
    face = planes[PHOTO_PLANES.index("face")] > 0
    assert planes[PHOTO_PLANES.index("normal_z")][face].mean() < -0.5
    assert abs(planes[PHOTO_PLANES.index("normal_x")][face].mean()) < 0.05


def test_positions_survive_the_way_to_grid_units_and_back() -> None:
    flow = np.random.default_rng(0).uniform(-20, 148, (SIZE, SIZE, 2)).astype(np.float32)
    np.testing.assert_allclose(from_grid(to_grid(flow, SIZE), SIZE), flow, atol=1e-4)
    edges = np.array([-0.5, SIZE - 0.5], np.float32)
    assert to_grid(edges, SIZE) == pytest.approx([-1, 1])


def test_an_edit_carries_the_warp_methods_answer() -> None:
    pose = as_float(smooth_picture(SIZE))
    expression = pose * np.array([0.7, 0.8, 0.9], np.float32)
    edit = edit_planes(pair_of(pose, expression), EditOptions())
    assert edit.planes.shape == (len(EDIT_PLANES), SIZE, SIZE)
    np.testing.assert_allclose(
        np.exp(edit.planes[10:13]), edit.prior.gain.transpose(2, 0, 1), rtol=1e-5
    )
    np.testing.assert_array_equal(edit.planes[EDIT_PLANES.index("blend")], edit.prior.blend)
    shading = edit.planes[EDIT_PLANES.index("shading_red") :]
    np.testing.assert_array_equal(shading, edit.shading.transpose(2, 0, 1))
    assert edit.shading.any()


def test_under_one_light_no_shading_is_followed() -> None:
    pose = as_float(smooth_picture(SIZE))
    crease = pose.copy()
    crease[60:64, 40:60] *= 0.8
    assert not edit_planes(pair_of(pose, crease), EditOptions()).shading.any()
