"""The pose photo's own face with another expression: what is drawn between photos of two days.

The skin stays the pose photo's, moved by the mesh, with the folds of the expression as shading.
Eyes and mouth stay its own where moving them is enough; else they come from the expression photo,
in the pose photo's colours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.align.pair import AlignedPair
from exshot.draw.blend import patch_mask
from exshot.draw.eyes import eye_colors, match_eyes, with_round_irises
from exshot.draw.folds import fold_shading, nose_mask, orbit_mask
from exshot.draw.maps import DrawingMaps
from exshot.draw.mouth import BareSkin, match_mouth
from exshot.draw.openings import eye_mask, inside_mask, mouth_mask, needed, with_steady_gaze
from exshot.draw.still_teeth import with_still_teeth
from exshot.draw.strain import strain
from exshot.image.geometry import rescaled
from exshot.image.sampling import Map, enlarge, ramp, ramp_of, shrink, spread
from exshot.options import EditOptions

_STRAIN_SIGMA: Final = 0.012  # of the face width
_TORN: Final = (0.45, 0.80)  # strain that no skin bears: what opens there has to be drawn anew
_OPENS: Final = (0.7, 0.95)  # of `exshot.align.fields.feature_weights`: lids and lips tear, no brow
_PATCH: Final = (0.2, 0.7)  # of the blend: folds end where the patch does
_SHALLOWER: Final = np.float32(0.7)  # folds around the eyes
_ONE_PHOTO: Final = (0.25, 0.45)  # share of the own face; beyond, eyes and mouth are its own
_WORK_SIZE: Final = 256


@dataclass(frozen=True)
class OwnFace:
    """What sets it apart from an edit within one sitting; maps over the crop.

    Attributes:
        blend: ``(h, h)`` in [0, 1], share of the expression photo.
        log_gain: ``(h, h, 3)``, of the expression photo.
        shading: ``(h, h)``, log factor on the pose photo's pixels.
        openings: ``(h, h)`` in [0, 1], eyes and mouth.
        target: ``(478, 3)``, mesh of the result with a steady gaze, pixels of the crop.
    """

    blend: Map
    log_gain: Map
    shading: Map
    openings: Map
    target: NDArray[np.float32]


def own_face(
    pair: AlignedPair, drawn: Map, log_gain: Map, blend: Map, options: EditOptions
) -> OwnFace:
    """Decide what stays the pose photo's, and match what does not.

    Args:
        pair: the two photos.
        drawn: ``(h, h, 3)`` in [0, 1], the expression photo on the target, in the light that skin
            asks for.
        log_gain: ``(h, h, 3)``, of that light.
        blend: ``(h, h)``, share of the expression photo within a sitting.
        options: of the edit. Folds are as deep as the expression is strong, but not deeper; eyes
            and mouth are in the pose photo's colours unless colours are not to be matched.
    """
    full, size = pair.size, min(_WORK_SIZE, pair.size)
    scale = size / full
    width = scale * pair.face_width
    target_mesh = with_steady_gaze(
        pair.pose.mesh_in_crop, pair.target, pair.turn, _gaze_share(options)
    )
    own_mesh, target = (rescaled(mesh, scale) for mesh in (pair.pose.mesh_in_crop, target_mesh))
    own, moved = shrink(pair.pose.pixels, size), shrink(pair.pose_on_target, size)
    other, gain, share = shrink(drawn, size), shrink(log_gain, size), shrink(blend, size)
    bare, seen = shrink(pair.fields.skin, size), shrink(pair.comparable, size)
    displacement = shrink(pair.maps.flow_pose - identity_flow(full), size) * np.float32(scale)
    strained = strain(displacement, _STRAIN_SIGMA * width)
    need = needed(own_mesh, target, strained)
    eyes, mouth = eye_mask(target, size, width), mouth_mask(target, size, width)
    torn = ramp(strained, *_TORN) * ramp(shrink(pair.fields.features, size), *_OPENS)
    # Whose eyes and mouth they are is decided for each as a whole: no second iris beside the own.
    torn *= (1 - eyes) * (1 - mouth)
    anew = mouth if need.lips else need.inside * inside_mask(target, size, width)
    drawn_anew = np.maximum(torn, np.maximum(need.eyes * eyes, anew))
    change = np.zeros_like(gain)
    if need.eyes and options.color_match:
        change += match_eyes(eye_colors(own, own_mesh), other, target)
    if need.inside and options.color_match:
        both = (bare > 0.5) & (seen > 0.5)
        skin = BareSkin(moved[both], other[both], other[both] * np.exp(-gain[both]))
        change += match_mouth(own, own_mesh, other, target, gain, skin, width)
    shading = fold_shading(moved, other, strained, bare, seen, width) * ramp(share, *_PATCH)
    shading *= np.float32(min(options.strength, 1.0)) * (1 - nose_mask(target, size, width))
    shading *= 1 - _SHALLOWER * orbit_mask(target, size, width)
    shading *= 1 - mouth
    return OwnFace(
        blend * enlarge(drawn_anew, full, full),
        log_gain + enlarge(change, full, full),
        enlarge(shading, full, full),
        enlarge(np.maximum(eyes, mouth), full, full),
        target_mesh,
    )


def _gaze_share(options: EditOptions) -> float:
    """How far the target's irises follow the expression photo's gaze."""
    return options.strength * options.regions.eyes if options.gaze == "expression" else 0.0


def with_own_face(
    drawing: DrawingMaps, pair: AlignedPair, own: OwnFace, share: float
) -> DrawingMaps:
    """The drawing maps with a share in [0, 1] of the pose photo's own face.

    Skin may be mixed of two photos that are hardly told apart; eyes and mouths are one photo's.
    """
    one_photo = np.float32(ramp_of(share, *_ONE_PHOTO))
    part = share + (one_photo - np.float32(share)) * own.openings
    blend = drawing.blend + part * (own.blend - drawing.blend)
    log_gain = np.log(drawing.gain)
    shading = np.float32(share) * own.shading
    pose = pair.pose.mesh_in_crop
    rigid = with_round_irises(drawing.flow_pose, pose, own.target)
    rigid = with_still_teeth(rigid, pose, own.target, pair.face_width)
    flow_pose = drawing.flow_pose + spread(part, 2) * (rigid - drawing.flow_pose)
    return replace(
        drawing,
        flow_pose=flow_pose,
        gain=np.exp(log_gain + spread(part, 3) * (own.log_gain - log_gain)),
        blend=blend,
        mask=patch_mask(blend, replace(pair.maps, flow_pose=flow_pose), shading),
        shading=shading,
        own_skin=share,
    )
