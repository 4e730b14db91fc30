"""Draws the network's maps as a picture, the way `exshot.draw.patch` does, differentiably."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from exshot.exprnet.inputs import POSE_FLOW, SHADING
from exshot_train.model import Maps, identity_grid, warp

_KNEE = 0.8  # as in `exshot.draw.light.apply_gain`; a test holds the two together


@dataclass(frozen=True)
class Drawing:
    """What a batch of maps draws, ``(b, 3, h, w)`` float32.

    Attributes:
        result: the edit, before the mask of the patch.
        synthesised: the expression photo warped, under its gain, with the residual.
        warped: the expression photo as it was before any other light, occluder or noise, warped.
    """

    result: Tensor
    synthesised: Tensor
    warped: Tensor


def draw(maps: Maps, pose: Tensor, expression: Tensor, plain: Tensor, edit: Tensor) -> Drawing:
    """Draw maps.

    Args:
        pose, expression: ``(b, 3, h, w)`` sRGB-encoded photos in [0, 1].
        plain: the expression photo under the pose photo's light, where training knows it.
        edit: ``(b, 17, h, w)``, see `exshot.exprnet.inputs.EDIT_PLANES`.
    """
    both = warp(torch.cat([expression, plain], 1), maps.flow)
    gain = torch.exp(maps.log_gain + maps.shading * edit[:, SHADING])
    drawn = apply_gain(both[:, :3], gain) + maps.residual
    moved = edit[:, POSE_FLOW]
    under = warp(pose, moved + maps.still * (identity_grid(pose) - moved))
    mixed = under + maps.blend * (drawn - under)
    return Drawing(mixed + maps.share * (maps.picture - mixed), drawn, both[:, 3:])


def apply_gain(pixels: Tensor, gain: Tensor) -> Tensor:
    """Multiply, with a shoulder instead of clipping; see `exshot.draw.light.apply_gain`."""
    bright = pixels * gain
    top = gain.clamp(min=1.0 + 1e-4)
    room = (top - _KNEE) / (1 - _KNEE)
    # Clamped away from both ends, where the power's slope is infinite or not a number.
    beyond = ((bright - _KNEE) / (top - _KNEE)).clamp(0, 1 - 1e-4)
    shoulder = _KNEE + (1 - _KNEE) * (1 - torch.pow(1 - beyond, room))
    return torch.where((bright > _KNEE) & (gain > 1), shoulder, bright)
