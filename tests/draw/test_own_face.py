"""Between two days eyes and mouth are of one photo or of the other, never of both."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.pair import AlignedPair, CroppedFace, align
from exshot.align.retarget import EYES
from exshot.draw.maps import DrawingMaps
from exshot.draw.openings import fill
from exshot.draw.own_face import OwnFace, own_face, with_own_face
from exshot.draw.warp import warped
from exshot.image.sampling import Map
from exshot.options import EditOptions

SIZE = 256


def looking(aside: float) -> NDArray[np.float32]:
    """A face whose irises are moved to the right, by a share of the eye's width."""
    mesh = posed_mesh(width=140, centre=SIZE / 2)
    for ring, iris in EYES:
        mesh[list(iris), 0] += aside * np.linalg.norm(mesh[ring[0], :2] - mesh[ring[8], :2])
    return mesh


def aligned(mesh: NDArray[np.float32]) -> AlignedPair:
    """With an expression photo that has this mesh."""
    grey = np.full((SIZE, SIZE, 3), 0.6, np.float32)
    return align(CroppedFace.whole(grey, looking(0)), CroppedFace.whole(grey, mesh), EditOptions())


def drawn_between_days(mesh: NDArray[np.float32]) -> tuple[OwnFace, Map]:
    """The maps for an expression photo with this mesh, and where its eyes' openings are."""
    grey = np.full((SIZE, SIZE, 3), 0.6, np.float32)
    everything = np.ones((SIZE, SIZE), np.float32)
    own = own_face(aligned(mesh), grey, np.zeros_like(grey), everything, EditOptions())
    return own, np.maximum(*(fill(mesh, ring, SIZE) for ring, _ in EYES))


def test_no_second_iris_is_drawn_beside_one_that_moves_a_little() -> None:
    own, eyes = drawn_between_days(looking(0.16))
    assert own.blend[eyes > 0.9].max() < 0.01


def test_eyes_that_look_far_aside_are_the_other_photos_as_a_whole() -> None:
    own, eyes = drawn_between_days(looking(0.35))
    assert own.blend[eyes > 0.9].min() > 0.8


@pytest.mark.parametrize(("share", "others"), [(0.2, 1.0), (0.5, 0.0)])
def test_where_two_sittings_are_hardly_told_apart_skin_is_mixed_and_eyes_are_not(
    share: float, others: float
) -> None:
    mesh = looking(0.05)
    own, eyes = drawn_between_days(mesh)
    flow = np.zeros((SIZE, SIZE, 2), np.float32)
    gain, whole = np.ones((SIZE, SIZE, 3), np.float32), np.ones((SIZE, SIZE), np.float32)
    within = DrawingMaps(flow, flow, gain, None, whole, whole, 0.0, 0.0)
    drawn = with_own_face(within, aligned(mesh), own, share)
    assert np.abs(drawn.blend[eyes > 0.9] - others).max() < 0.05
    cheek = tuple(np.round(mesh[50, 1::-1]).astype(int))
    assert abs(drawn.blend[cheek] - (1 - share)) < 0.05


def test_without_colour_matching_the_light_is_told_and_nothing_changed() -> None:
    grey, mesh = np.full((SIZE, SIZE, 3), 0.4, np.float32), looking(0)
    lit = grey * np.geomspace(0.5, 2, SIZE, dtype=np.float32)[None, :, None]
    pair = align(CroppedFace.whole(grey, mesh), CroppedFace.whole(lit, mesh), EditOptions())
    matched, _ = warped(pair, EditOptions())
    plain, drawn = warped(pair, EditOptions(color_match=False))
    assert plain.light_difference == matched.light_difference > 0.1
    assert (plain.gain == 1).all()
    assert np.abs(drawn - pair.expression_on_target).max() < 1e-3
    own = own_face(pair, drawn, np.zeros_like(grey), plain.blend, EditOptions(color_match=False))
    assert (own.log_gain == 0).all()
