"""The aligned pair: what editing, training and benchmarks share."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh

from exshot.align.pair import CroppedFace, align
from exshot.image.geometry import Crop
from exshot.options import EditOptions

SIZE = 256
SLOPE = np.repeat(np.linspace(0, 1, SIZE, dtype=np.float32)[None, :, None], SIZE, 0).repeat(3, 2)


def face(shift: float = 0.0) -> CroppedFace:
    return CroppedFace.whole(SLOPE, posed_mesh(width=100, centre=128 + shift))


def test_both_photos_lie_on_one_target() -> None:
    pair = align(face(), face(20), EditOptions())
    inside = pair.maps.face
    np.testing.assert_allclose(pair.pose_on_target[inside], SLOPE[inside], atol=1e-3)
    moved = pair.expression_on_target[inside] - SLOPE[inside]
    np.testing.assert_allclose(moved, 20 / (SIZE - 1), atol=1e-3)


def test_what_is_sampled_once_is_kept() -> None:
    pair = align(face(), face(), EditOptions())
    assert pair.pose_on_target is pair.pose_on_target
    assert pair.bare_skin is pair.bare_skin


def test_skin_is_bare_on_cheeks_and_not_in_eyes_or_mouth() -> None:
    pair = align(face(), face(), EditOptions())
    x, y = pair.target[[50, 280, 159, 386, 13], :2].round().astype(int).T
    assert (pair.bare_skin[y, x] > 0.9).tolist() == [True, True, False, False, False]
    assert (pair.fields.features[y, x] > 0.5).tolist() == [False, False, True, True, True]


def test_a_mesh_in_pixels_of_the_photo_and_one_in_pixels_of_the_crop_are_the_same_face() -> None:
    crop = Crop(300.0, 200.0, 2.0 * SIZE, SIZE)
    small = posed_mesh(width=100, centre=128)
    large = crop.to_photo(small)
    large[:, 2] = small[:, 2] * 2
    np.testing.assert_allclose(CroppedFace(SLOPE, large, crop).mesh_in_crop, small, atol=1e-3)


def test_crops_of_two_sizes_are_a_programming_error() -> None:
    other = CroppedFace.whole(SLOPE[:128, :128], posed_mesh(width=50, centre=64))
    with pytest.raises(ValueError, match="256 and of 128"):
        align(face(), other, EditOptions())
