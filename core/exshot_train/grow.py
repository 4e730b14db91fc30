"""Going on from a network of another shape: the paper's network from the shipped one's weights.

Every layer of `exshot_train.model` reads and answers what it always does, and a larger shape reads
and answers something more (`ModelConfig.whole_pose`, `ModelConfig.synthesis`). What two shapes have
in common is taken over; what only the new one has starts as in an untrained network, or at zero
where it would be added to what is there.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from exshot_train.model import ExprNet

_ANSWERS: Final = ("decoder.head.weight", "decoder.head.bias")
_FINEST_READS: Final = ("decoder.refine.0.0.weight", "decoder.merge.0.weight")


def take_over(network: ExprNet, known: ExprNet) -> None:
    """Give ``network`` the weights of ``known`` as far as both have them.

    Raises:
        ValueError: the two differ in more than such switches, in their channels for example.
    """
    theirs = known.state_dict()
    with torch.no_grad():
        for name, own in network.state_dict().items():
            if name in theirs:
                own.copy_(_fitted(name, theirs[name], own))


def _fitted(name: str, given: Tensor, own: Tensor) -> Tensor:
    """A layer's weights in the shape that another network has it in."""
    if given.shape == own.shape:
        return given
    if name in _ANSWERS and given.shape[1:] == own.shape[1:] and len(given) < len(own):
        return torch.cat([given, own[len(given) :]])  # new planes come last
    more = own.shape[1] - given.shape[1] if own.ndim > 1 else 0
    if name in _FINEST_READS and len(given) == len(own) and more > 0:
        # The pose photo's features stand before those of the next level, which are as many.
        place = given.shape[1] - more
        return torch.cat([given[:, :place], torch.zeros_like(own[:, :more]), given[:, place:]], 1)
    raise ValueError(f"{name} has the shape {tuple(given.shape)}, not {tuple(own.shape)}")
