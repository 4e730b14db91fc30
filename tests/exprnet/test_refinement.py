"""How far the network is believed, by how far the two heads are turned apart."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pytest
from align.meshes import posed_mesh
from numpy.typing import NDArray

from exshot.align.pair import CroppedFace, align
from exshot.exprnet.inputs import Role
from exshot.exprnet.network import Answer, Features
from exshot.exprnet.refinement import drawn_by_exprnet
from exshot.options import EditOptions

SIZE = 256
SHIFT = 10 / SIZE  # grid units: five pixels


@dataclass(frozen=True)
class Shifting:
    """Moves the flow by a fixed step, and nothing else."""

    size: int = SIZE
    edit_size: int = SIZE

    def features(self, key: Hashable, face: CroppedFace, role: Role) -> Features:
        return Features(())

    def decode(self, pose: Features, expression: Features, edit: NDArray[np.float32]) -> Answer:
        nothing = np.zeros((SIZE, SIZE, 3), np.float32)
        moved = np.full((SIZE, SIZE, 2), SHIFT, np.float32)
        return Answer(moved, log_gain=nothing, residual=nothing, shading=nothing[..., 0])


def moved_by(head_turn: float) -> float:
    """How many pixels of the network's step reach the drawing."""
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0.3, 0.7, (SIZE, SIZE, 3)).astype(np.float32)
    face = CroppedFace.whole(pixels, posed_mesh(width=100, centre=128))
    options = EditOptions()
    pair = align(face, face, options)
    network, seen = Shifting(), Features(())
    drawn = [drawn_by_exprnet(pair, options, network, seen, seen, turn) for turn in (0, head_turn)]
    apart = drawn[1].flow_expression - drawn[0].flow_expression
    return float(np.median(apart[pair.maps.face]))


@pytest.mark.parametrize(
    ("head_turn", "share"),
    [
        # Two fits of one view err alike; what the network says of their flow is noise.
        (5.5, 0.0),
        (7.5, 0.16),
        (9.0, 0.5),
        (10.5, 0.84),
        # 13 and 17 degrees are the medians of the sets on which its flow gains 0.25 dB.
        (12.5, 1.0),
    ],
)
def test_the_networks_flow_is_believed_as_the_heads_turn_apart(
    head_turn: float, share: float
) -> None:
    assert moved_by(head_turn) == pytest.approx(5 * share, abs=0.2)
