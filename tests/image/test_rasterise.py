"""The rasteriser draws what is nearest and interpolates exactly."""

from __future__ import annotations

import numpy as np

from exshot.image.rasterise import rasterise

SQUARE = np.array([[10, 10, 0], [50, 10, 0], [50, 50, 0], [10, 50, 0]], float)
TWO = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def test_positions_interpolate_to_themselves() -> None:
    raster = rasterise(SQUARE, TWO, (64, 64))
    rows, columns = np.nonzero(raster.covered)
    values = raster.interpolate(SQUARE[:, :2])[raster.covered]
    np.testing.assert_allclose(values, np.stack([columns, rows], axis=1), atol=1e-3)


def test_a_square_covers_its_pixels_and_no_others() -> None:
    covered = rasterise(SQUARE, TWO, (64, 64)).covered
    assert covered[10:51, 10:51].all()
    assert covered.sum() == 41 * 41


def test_the_nearer_triangle_hides_the_farther() -> None:
    behind = SQUARE + np.array([0, 0, 5])
    vertices = np.concatenate([SQUARE, behind])
    triangles = np.concatenate([TWO, TWO + 4])
    values = np.repeat([[1.0], [2.0]], 4, axis=0)
    for order in (triangles, triangles[::-1]):
        raster = rasterise(vertices, order.astype(np.int32), (64, 64))
        assert (raster.interpolate(values)[20:40, 20:40] == 1).all()


def test_triangles_without_area_or_outside_are_left_out() -> None:
    flat = np.array(
        [[5, 5, 0], [9, 9, 0], [20, 20, 0], [-9, -9, 0], [-5, -9, 0], [-9, -5, 0]], float
    )
    raster = rasterise(flat, np.array([[0, 1, 2], [3, 4, 5]], np.int32), (32, 32))
    assert not raster.covered.any()
    assert np.isfinite(raster.interpolate(flat)).all()


def test_a_sliver_stays_within_its_corners_values() -> None:
    sliver = np.array([[2, 10.0, 0], [60, 10.4, 0], [30, 10.1, 0]])
    raster = rasterise(sliver, np.array([[0, 1, 2]], np.int32), (32, 64))
    drawn = raster.interpolate(np.array([[0.0], [1.0], [0.0]]))
    assert drawn.min() >= 0
    assert drawn.max() <= 1
