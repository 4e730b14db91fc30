"""Teeth belong to the skull: lips move over them."""

from __future__ import annotations

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.draw.still_teeth import with_still_teeth
from exshot.face.topology import LIPS_INNER
from exshot.image.sampling import Map

SIZE, WIDTH = 512, 300.0


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


@pytest.mark.parametrize("aside", [0.0, 8.0])
def test_a_mouth_that_closes_covers_its_teeth_and_does_not_squeeze_them(aside: float) -> None:
    pose, target = with_lips(40), with_lips(24, aside)
    before = squeezed(pose, target)
    flow = with_still_teeth(before, pose, target, WIDTH)
    x, y = target[list(LIPS_INNER), :2].mean(axis=0).round().astype(int)
    for dy in (-7, 0, 7):
        np.testing.assert_allclose(flow[y + dy, x], [x - aside, y + dy], atol=1.0)
    brow = pose[50, :2].round().astype(int)
    np.testing.assert_array_equal(flow[brow[1], brow[0]], before[brow[1], brow[0]])


def test_a_mouth_that_opens_is_stretched() -> None:
    pose, target = with_lips(24), with_lips(40)
    flow = squeezed(pose, target)
    np.testing.assert_array_equal(with_still_teeth(flow, pose, target, WIDTH), flow)
