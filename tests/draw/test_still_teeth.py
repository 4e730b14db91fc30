"""Teeth belong to the skull: lips move over them."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.still_teeth import with_still_teeth
from exshot.face.topology import LIPS_INNER
from exshot.image.sampling import Map, sample_at

SIZE, WIDTH = 512, 300.0
LIP, TOOTH, DARK = 0.6, 0.9, 0.1


def with_lips(apart: float, aside: float = 0.0) -> NDArray[np.float32]:
    """A face whose lips stand apart, and are moved to the right, pixels."""
    mesh = posed_mesh(width=WIDTH, centre=SIZE / 2)
    ring = list(LIPS_INNER)
    middle = mesh[ring, 1].mean()
    mesh[ring, 1] = middle + np.where(mesh[ring, 1] > middle, apart / 2, -apart / 2)
    mesh[ring, 0] += aside
    return mesh


def squeezed(pose: NDArray[np.float32], target: NDArray[np.float32]) -> Map:
    """A flow that moves what is between the lips as the lips move, up and down."""
    ring = list(LIPS_INNER)
    flow = identity_flow(SIZE).copy()
    middle, height = target[ring, 1].mean(), np.ptp(target[ring, 1])
    flow[..., 1] = middle + (flow[..., 1] - middle) * np.ptp(pose[ring, 1]) / height
    return flow


def with_teeth(mesh: NDArray[np.float32], share: float) -> Map:
    """A photo whose teeth fill the upper ``share`` of the mouth; below them it is dark."""
    rows = mesh[list(LIPS_INNER), 1]
    top, bottom = round(float(rows.min())), round(float(rows.max()))
    out = np.full((SIZE, SIZE, 3), LIP, np.float32)
    out[top:bottom] = DARK
    out[top : round(top + share * (bottom - top))] = TOOTH
    return out


def column(pixels: Map, mesh: NDArray[np.float32]) -> NDArray[np.floating]:
    """The mouth's middle, from lip to lip."""
    ring = list(LIPS_INNER)
    x, top, bottom = mesh[ring, 0].mean(), mesh[ring, 1].min(), mesh[ring, 1].max()
    return pixels[round(float(top)) : round(float(bottom)), round(float(x)), 0]


@pytest.mark.parametrize("aside", [0.0, 8.0])
def test_a_mouth_that_closes_covers_its_teeth_and_does_not_squeeze_them(aside: float) -> None:
    pose, target = with_lips(40), with_lips(24, aside)
    before = squeezed(pose, target)
    flow = with_still_teeth(before, with_teeth(pose, 0.6), pose, target, WIDTH)
    x, y = target[list(LIPS_INNER), :2].mean(axis=0).round().astype(int)
    for dy in (-7, 0, 7):
        np.testing.assert_allclose(flow[y + dy, x], [x - aside, y + dy], atol=1.0)
    brow = pose[50, :2].round().astype(int)
    np.testing.assert_array_equal(flow[brow[1], brow[0]], before[brow[1], brow[0]])


def test_under_a_lower_lip_that_falls_the_dark_grows_longer_and_teeth_do_not() -> None:
    pose, target = with_lips(20), with_lips(40)
    target[:, 1] += 10  # so that the upper lip is where it was
    photo, stretched = with_teeth(pose, 0.6), squeezed(pose, target)
    stretched[..., 1] -= 10.0
    kept = with_still_teeth(stretched, photo, pose, target, WIDTH)
    before, after = (column(sample_at(photo, flow), target) for flow in (stretched, kept))
    white = (TOOTH + LIP) / 2
    assert (before > white).sum() == pytest.approx(24, abs=4)
    assert (after > white).sum() == pytest.approx(12, abs=2)
    assert after[16:36].max() < LIP


@pytest.mark.parametrize(("share", "opens_to"), [(1.0, 40), (0.6, 26)])
def test_a_mouth_full_of_teeth_is_stretched_and_so_is_one_that_opens_little(
    share: float, opens_to: float
) -> None:
    pose, target = with_lips(20), with_lips(opens_to)
    flow = squeezed(pose, target)
    kept = with_still_teeth(flow, with_teeth(pose, share), pose, target, WIDTH)
    np.testing.assert_array_equal(kept, flow)
