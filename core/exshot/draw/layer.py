"""What a method hands to compositing: maps over the target crop that carry to any resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import WarpMaps, identity_flow
from exshot.align.regions import vertex_weights
from exshot.draw.blend import (
    below_hairline,
    cover_mask,
    disagreement,
    edge_fade,
    feature_weights,
    opening_weights,
    skin_weights,
)
from exshot.draw.color import ColorMatch, apply_gain, match_color, with_neutral_whites
from exshot.image.sampling import blur, sample_at
from exshot.options import EditOptions

_FULL_TEXTURE: Final = 0.5  # strength from which on the pixels are wholly the expression photo's


@dataclass(frozen=True)
class LayerMaps:
    """How to draw the patch, over a square crop of ``size`` pixels.

    The result is ``blend * (gain(expression[flow_expression]) + residual) + (1 - blend) *
    pose[flow_pose]`` under the mask ``cover``.

    Attributes:
        flow_expression: ``(h, w, 2)`` float32, pixels of the expression crop.
        flow_pose: ``(h, w, 2)`` float32, pixels of the pose crop.
        gain: ``(h, w, 3)`` float32 for `exshot.draw.color.apply_gain`.
        residual: ``(h, w, 3)`` float32 to add, or None.
        blend: ``(h, w)`` float32 in [0, 1], share of the expression photo.
        cover: ``(h, w)`` float32 in [0, 1], mask of the patch.
        hidden_share: share of the wanted pixels that the expression photo does not show.
        light_difference: see `exshot.draw.color.ColorMatch`.
    """

    flow_expression: NDArray[np.float32]
    flow_pose: NDArray[np.float32]
    gain: NDArray[np.float32]
    residual: NDArray[np.float32] | None
    blend: NDArray[np.float32]
    cover: NDArray[np.float32]
    hidden_share: float
    light_difference: float


def layer_fields(options: EditOptions) -> NDArray[np.float32]:
    """Vertex fields that `warp_layer` needs on the maps, ``(478, 5)``."""
    regions = vertex_weights(options.regions)
    return np.stack(
        [feature_weights(), opening_weights(), skin_weights(), below_hairline(), regions], axis=1
    )


def warp_layer(
    pose: NDArray[np.float32],
    expression: NDArray[np.float32],
    maps: WarpMaps,
    face_width: float,
    options: EditOptions,
) -> LayerMaps:
    """Landmark-based warping (the paper's baseline), with visibility, light and occluders in mind.

    Args:
        pose, expression: ``(h, w, 3)`` float32 crops in [0, 1] that the flows of ``maps`` read.
        maps: with the fields of `layer_fields`.
        face_width: of the target mesh, crop pixels.
    """
    features, openings, skin, below, regions = np.moveaxis(maps.fields, 2, 0)
    warped_pose = sample_at(pose, maps.flow_pose)
    warped = sample_at(expression, maps.flow_expression)
    visibility = _soft_visibility(maps, features)
    bare = bare_skin(skin, visibility)
    if options.color_match:
        match = match_color(warped_pose, warped, bare, maps.normals, face_width)
    else:
        match = ColorMatch(np.ones_like(warped), 0.0)
    gain = with_neutral_whites(match.gain, openings**3)
    wanted = edge_fade(maps.face, options.feather * face_width) * below * regions
    differs = disagreement(warped_pose, apply_gain(warped, gain), features, face_width)
    texture = min(1.0, options.strength / _FULL_TEXTURE)
    blend = texture * wanted * visibility * (1 - differs)
    blend = blur(blend, 1.5)
    size = len(blend)
    return LayerMaps(
        flow_expression=maps.flow_expression,
        flow_pose=maps.flow_pose,
        gain=gain,
        residual=None,
        blend=blend,
        cover=cover_mask(blend, maps.flow_pose, identity_flow(size), maps.reach),
        hidden_share=float(1 - (wanted * visibility).sum() / max(float(wanted.sum()), 1e-6)),
        light_difference=match.difference,
    )


def bare_skin(skin: NDArray[np.float32], visibility: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(h, w)`` in [0, 1], where the skin of two photos may be compared."""
    # Interpolated over a sliver of the mesh, the field may fall a little below 0.
    return np.maximum(cv2.erode(skin * visibility, np.ones((5, 5))), 0).astype(np.float32)


def _soft_visibility(maps: WarpMaps, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Visibility without speckles; eyes and mouth whole, for an iris lies behind the lids' mesh."""
    kept = np.maximum(maps.visibility, (features > 0.5) & maps.face).astype(np.float32)
    return blur(cv2.medianBlur(kept, 5).astype(np.float32), 2.0)
