"""Which photo is drawn where, decided by sizes and differences that mean something."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh

from exshot.align.flow import WarpMaps, compute_maps, identity_flow, seen_surface
from exshot.draw.blend import disagreement, patch_mask

SIZE, WIDTH = 256, 140.0
NOTHING = np.zeros((SIZE, SIZE), np.float32)


def apart_by(difference: float, width: int) -> float:
    """How surely an upright bar, as wide as ``width`` pixels, is something before the face."""
    skin = np.full((SIZE, SIZE, 3), 0.6, np.float32)
    barred = skin.copy()
    barred[64:192, 128 - width // 2 : 128 - width // 2 + width] -= np.float32(difference)
    return float(disagreement(skin, barred, NOTHING, WIDTH)[128, 128])


def test_skin_that_is_shaded_is_under_the_mask() -> None:
    maps = still_maps(0.0)
    shading = np.zeros_like(NOTHING)
    shading[120:136, 120:136] = -0.1
    assert patch_mask(NOTHING, maps, shading)[128, 128] == 1
    assert patch_mask(NOTHING, maps, shading)[100, 100] == 0


def test_a_shadow_that_light_matching_left_is_still_skin() -> None:
    assert apart_by(0.12, 20) == 0


def test_a_fringe_or_a_frame_is_something_in_front() -> None:
    assert apart_by(0.36, 20) > 0.9


def test_in_between_it_counts_by_halves() -> None:
    assert apart_by(0.225, 20) == pytest.approx(0.5, abs=0.1)


def test_a_crease_is_too_thin_to_be_in_front() -> None:
    assert apart_by(0.5, 2) < 0.1
    assert apart_by(0.5, 8) > 0.5


def still_maps(shift: float) -> WarpMaps:
    mesh = posed_mesh(width=100, centre=128)
    maps, _ = compute_maps(mesh, mesh, seen_surface(mesh, SIZE), np.zeros((478, 0)), SIZE)
    flow = identity_flow(SIZE) + np.float32(shift)
    return WarpMaps(
        maps.flow_expression, flow, maps.visibility, maps.normals, maps.face, maps.reach
    )


def covered(shift: float) -> float:
    """Mask in the middle of a face whose skin moves by ``shift`` pixels along both axes."""
    return float(patch_mask(NOTHING, still_maps(shift))[128, 128])


def test_skin_that_did_not_move_is_not_drawn_anew() -> None:
    assert covered(0.03) == 0


def test_skin_that_moved_by_a_fraction_of_a_pixel_is() -> None:
    assert 0.2 < covered(0.1) < 0.8
    assert covered(0.2) > 0.99
