"""The gradient histograms describe edges, not brightness."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.feature import hog

from exshot.identity.oriented_gradients import oriented_gradients
from exshot.photo import Photo


def stripes(turned: bool = False) -> NDArray[np.uint8]:
    wave = (127 + 100 * np.sin(np.arange(128) / 4)).astype(np.uint8)
    lying = np.repeat(wave[None], 128, axis=0)
    return np.ascontiguousarray(lying.T if turned else lying)[:96]


def by_direction(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    return oriented_gradients(grey).reshape(-1, 8).sum(axis=0)


def test_there_is_a_row_of_unit_length_for_every_overlapping_block() -> None:
    found = oriented_gradients(stripes())
    assert found.shape == (49, 32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=0.01)


def test_a_blank_picture_has_no_edges() -> None:
    assert not oriented_gradients(np.full((96, 128), 90, np.uint8)).any()


def test_upright_and_lying_stripes_fall_into_different_directions() -> None:
    upright, lying = by_direction(stripes()), by_direction(stripes(turned=True))
    # A gradient along an axis lies on the border of two directions and is shared by them.
    assert set(np.argsort(upright)[-2:]) == {0, 7}
    assert set(np.argsort(lying)[-2:]) == {3, 4}


def test_half_the_contrast_is_the_same_picture() -> None:
    faint = (stripes() // 2 + 40).astype(np.uint8)
    np.testing.assert_allclose(oriented_gradients(faint), oriented_gradients(stripes()), atol=0.03)


def test_a_photos_histograms_are_those_of_scikit_image(photo_pair: tuple[Path, Path]) -> None:
    """Of the same picture, cells and blocks.

    Its histograms are cruder: each pixel counts for one direction and one cell, ours for its two
    nearest directions and four cells, less toward a block's rim (Dalal and Triggs, section 6).
    So blocks with edges agree in direction, not in every digit.
    """
    grey = cv2.cvtColor(Photo.open(photo_pair[0]).as_uint8(), cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(grey, (128, 96), interpolation=cv2.INTER_AREA), np.uint8)
    theirs = hog(
        small,
        orientations=8,
        pixels_per_cell=(12, 16),
        cells_per_block=(2, 2),
        block_norm="L2-Hys",
        feature_vector=False,
    )
    # Rows of blocks first, and of cells: ours go down the columns.
    reference = theirs.transpose(1, 0, 3, 2, 4).reshape(49, 32)
    ours = oriented_gradients(small)
    alike = (reference * ours).sum(axis=1)
    mixed = (np.roll(reference, 1, axis=0) * ours).sum(axis=1)
    assert np.median(alike) > 0.9
    assert alike.min() > 0.6
    assert np.median(mixed) < 0.8
