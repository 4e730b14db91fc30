"""Drawing maps: what a method hands to the drawing, at the size of a crop."""

from __future__ import annotations

from dataclasses import dataclass, field

from exshot.draw.texture import Texture
from exshot.image.sampling import Map


@dataclass(frozen=True, eq=False)
class DrawingMaps:
    """How to draw the patch, over a square crop of ``h`` pixels; they carry to any resolution.

    The result is ``blend * (gain(expression[flow_expression]) + residual) + (1 - blend) *
    exp(shading) * pose[flow_pose]`` under the mask.

    Attributes:
        flow_expression: ``(h, h, 2)`` float32, pixels of the expression crop.
        flow_pose: ``(h, h, 2)`` float32, pixels of the pose crop.
        gain: ``(h, h, 3)`` float32 for `exshot.draw.light.apply_gain`.
        residual: ``(h, h, 3)`` float32 to add, or None.
        blend: ``(h, h)`` float32 in [0, 1], share of the expression photo.
        mask: ``(h, h)`` float32 in [0, 1], mask of the patch.
        hidden_share: share of the wanted pixels that the expression photo does not show.
        light_difference: see `exshot.draw.light.LightMatch`.
        shading: ``(h, h)`` float32, log factor on the brightness of the pose photo's pixels, by
            `exshot.draw.folds.FOLD_COLOR` on their colour; or None.
        own_skin: how surely the skin is the pose photo's own, in [0, 1]
            (`exshot.draw.sitting.different_sittings`).
        tone: ``(256, 3)`` float32, the colours of a monochrome pose photo
            (`exshot.draw.monochrome.tone_of`), or None.
        texture: what is done to the expression photo's pixels before.
    """

    flow_expression: Map
    flow_pose: Map
    gain: Map
    residual: Map | None
    blend: Map
    mask: Map
    hidden_share: float
    light_difference: float
    shading: Map | None = None
    own_skin: float = 0.0
    tone: Map | None = None
    texture: Texture = field(default_factory=Texture)
