"""The method *warp*: landmark-based warping, with visibility, light and covers in mind."""

from __future__ import annotations

from typing import Final

import numpy as np

from exshot.align.pair import AlignedPair
from exshot.draw.blend import disagreement, edge_fade, patch_mask
from exshot.draw.light import LightMatch, apply_gain, match_light, with_neutral_whites
from exshot.draw.maps import DrawingMaps
from exshot.image.sampling import blur
from exshot.options import EditOptions

_EDGE: Final = 0.003  # of the crop's side, softness of what is left out
_FULL_TEXTURE: Final = 0.5  # strength from which on the pixels are wholly the expression photo's


def drawn_by_warp(pair: AlignedPair, options: EditOptions, *, masked: bool = True) -> DrawingMaps:
    """How plain warping draws an edit (the paper's baseline, landmark-based warping).

    Args:
        pair: of `exshot.align.pair.align` with the same options.
        options: colour matching, feather and strength.
        masked: whether the mask is wanted; else the blend stands in its place.
    """
    fields, width = pair.fields, pair.face_width
    if options.color_match:
        match = match_light(
            pair.pose_on_target,
            pair.expression_on_target,
            pair.bare_skin,
            pair.maps.normals,
            width,
        )
    else:
        match = LightMatch(np.ones_like(pair.pose_on_target), 0.0)
    gain = with_neutral_whites(match.gain, fields.openings**3)
    wanted = edge_fade(pair.maps.face, options.feather * width) * fields.below_hairline
    wanted *= fields.wanted
    under_one_light = apply_gain(pair.expression_on_target, gain)
    moving = np.maximum(fields.features, 1 - fields.skin)  # eyes, mouth, and brows
    differs = disagreement(pair.pose_on_target, under_one_light, moving, width)
    texture = min(1.0, options.strength / _FULL_TEXTURE)
    blend = texture * wanted * pair.visible * (1 - differs)
    blend = blur(blend, _EDGE * pair.size)
    return DrawingMaps(
        flow_expression=pair.maps.flow_expression,
        flow_pose=pair.maps.flow_pose,
        gain=gain,
        residual=None,
        blend=blend,
        mask=patch_mask(blend, pair.maps) if masked else blend,
        hidden_share=float(1 - (wanted * pair.visible).sum() / max(float(wanted.sum()), 1e-6)),
        light_difference=match.difference,
    )
