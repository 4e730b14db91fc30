"""The method *warp*: landmark-based warping, with visibility, light and covers in mind."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from exshot.align.pair import AlignedPair
from exshot.draw.blend import disagreement, edge_fade, patch_mask
from exshot.draw.light import apply_gain, match_light, with_neutral_whites
from exshot.draw.maps import DrawingMaps
from exshot.image.sampling import Map, blur
from exshot.options import EditOptions

_EDGE: Final = 0.003  # of the crop's side, softness of what is left out
_FULL_TEXTURE: Final = 0.5  # strength from which on the pixels are wholly the expression photo's


def drawn_by_warp(pair: AlignedPair, options: EditOptions) -> DrawingMaps:
    """How plain warping draws an edit (the paper's baseline, landmark-based warping).

    Args:
        pair: of `exshot.align.pair.align` with the same options.
        options: colour matching, feather and strength.
    """
    drawing, _ = warped(pair, options)
    return replace(drawing, mask=patch_mask(drawing.blend, pair.maps))


def warped(pair: AlignedPair, options: EditOptions) -> tuple[DrawingMaps, Map]:
    """As `drawn_by_warp`, with the blend in the mask's place: for methods that go on from there.

    Returns:
        The drawing maps; the expression photo on the target under their gain, ``(h, h, 3)``.
    """
    fields, width = pair.fields, pair.face_width
    match = match_light(
        pair.pose_on_target, pair.expression_on_target, pair.bare_skin, pair.maps.normals, width
    )
    openings = fields.openings
    if options.color_match:
        gain = with_neutral_whites(match.gain, openings * openings * openings)
    else:  # the light is told all the same: whose skin it is, and what is warned of, hang on it
        gain = np.ones_like(match.gain)
    wanted = edge_fade(pair.maps.face, options.feather * width) * fields.below_hairline
    wanted *= fields.wanted
    under_one_light = apply_gain(pair.expression_on_target, gain)
    moving = np.maximum(fields.features, 1 - fields.skin)  # eyes, mouth, and brows
    differs = disagreement(pair.pose_on_target, under_one_light, moving, width)
    texture = min(1.0, options.strength / _FULL_TEXTURE)
    blend = texture * wanted * pair.visible * (1 - differs)
    blend = blur(blend, _EDGE * pair.size)
    drawing = DrawingMaps(
        flow_expression=pair.maps.flow_expression,
        flow_pose=pair.maps.flow_pose,
        gain=gain,
        residual=None,
        blend=blend,
        mask=blend,
        hidden_share=float((wanted * (1 - pair.visible)).sum() / max(float(wanted.sum()), 1e-6)),
        light_difference=match.difference,
    )
    return drawing, under_one_light
