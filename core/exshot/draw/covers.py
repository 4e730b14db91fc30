"""What covers a face stays where it belongs: the pose photo's in front, the other photo's out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.align.pair import AlignedPair
from exshot.cover.cover import Cover
from exshot.draw.blend import patch_mask
from exshot.draw.maps import DrawingMaps
from exshot.face.topology import FACE_OVAL, LEFT_EYE, LIPS_OUTER, RIGHT_EYE
from exshot.image.geometry import within
from exshot.image.rasterise import fill_hull
from exshot.image.sampling import (
    Map,
    blur,
    lengths,
    ramp,
    ramp_of,
    sample_at,
    spread,
)

_LOST: Final = (0.25, 0.5)  # share of an eye or the mouth from which on it stays as it is, whole
_EYE: Final = 1.5  # size of an eye with its lids over that of its opening
_MOUTH: Final = 1.15
_LITTLE: Final = 0.05  # of the face: of less than that, no share is told
_SLID: Final = 0.02  # of the face width: glasses slip, and meshes are fitted differently
_SAME_RIMS: Final = 0.62  # share of either's rims that lies on the other's
_SAME_COLOR: Final = 0.03  # difference of their sRGB values
_SOFT: Final = 0.012  # of the face width, edges of what is left out
_EDGE: Final = 0.006  # of the face width, within the edge of a background
_LONGEST: Final = 0.08  # of the face width, how far a cover's surroundings are held still
_SHADED: Final = 0.10  # of the face width, beside hair and hands
_GUESSED: Final = 0.03  # of the face width around hidden skin, where the mesh is a guess


def keep_covers(drawing: DrawingMaps, pair: AlignedPair) -> DrawingMaps:
    """The drawing maps with both photos' covers respected.

    Through what is in front of the pose photo's face nothing is drawn, and the skin beside it is
    not moved, or it would be drawn again next to itself; through its clear lenses the new eyes
    show. What the expression photo hides comes from the pose photo. An eye or a mouth of which too
    much is lost stays the pose photo's as a whole. Glasses that both photos of one sitting show in
    the same place are drawn as a part of the face.

    Args:
        drawing: of any method.
        pair: whose faces know their covers; faces that do not are taken as bare.
    """
    own, other = pair.pose.cover, pair.expression.cover
    flow_pose = _before_its_background(drawing.flow_pose, own, pair) if own else drawing.flow_pose
    if own and other and _one_pair_of_glasses(own, other, drawing, pair):
        own, other = own.without_spectacles(), other.without_spectacles()
    if not (own and own.any) and not (other and other.any):
        if flow_pose is drawing.flow_pose:
            return drawing
        maps = replace(pair.maps, flow_pose=flow_pose)
        mask = patch_mask(drawing.blend, maps, drawing.shading)
        return replace(drawing, flow_pose=flow_pose, mask=mask)
    width = pair.face_width
    nothing = np.zeros((pair.size, pair.size), np.float32)
    front = own.front if own else nothing
    hidden = sample_at(other.hidden, drawing.flow_expression) if other else nothing
    lost = _whole_features(np.maximum(front, hidden), pair.target[:, :2], width)
    kept = 1 - np.maximum(_near(hidden, _SOFT * width), lost)
    if own:
        kept *= 1 - own.front
        kept *= 1 - _beside(own, width) * (1 - pair.fields.features)
    blend = drawing.blend * kept
    flow_pose = _held_still(flow_pose, front, np.maximum(hidden, lost), width)
    shading = None if drawing.shading is None else drawing.shading * kept
    mask = patch_mask(blend, replace(pair.maps, flow_pose=flow_pose), shading)
    wanted = drawing.blend
    least = _LITTLE * float(pair.maps.face.sum())
    share = float((wanted * hidden).sum() / max(float(wanted.sum()), least, 1e-6))
    return replace(
        drawing,
        blend=blend,
        flow_pose=flow_pose,
        shading=shading,
        mask=mask * (1 - own.front) if own else mask,
        hidden_share=1 - (1 - drawing.hidden_share) * (1 - share),
    )


def _before_its_background(flow: Map, own: Cover, pair: AlignedPair) -> Map:
    """The pose photo's move without the background that a wider or longer face comes over.

    Where the pose photo shows background, both at a place and where the move would read, and reads
    further inward, the move would only bend it. What a face that grows narrower leaves free is not
    known: there the background is stretched.
    """
    rings = pair.maps.reach & ~pair.maps.face
    if not rings.any():
        return flow
    at, middle = identity_flow(pair.size), pair.target[list(FACE_OVAL), :2].mean(axis=0)
    beside = within(rings).slices
    apart = flow[beside] - at[beside]
    inward = ((at[beside] - middle.astype(np.float32)) * apart).sum(axis=2) < 0
    wall = _well_within(own.background, _EDGE * pair.face_width)
    behind = wall[beside] * sample_at(wall, flow[beside]) * (inward & rings[beside])
    if not behind.any():
        return flow
    out = flow.copy()
    out[beside] -= spread(behind.astype(np.float32, copy=False), 2) * apart
    return out


def _one_pair_of_glasses(own: Cover, other: Cover, drawing: DrawingMaps, pair: AlignedPair) -> bool:
    """Whether two photos of one sitting show the same glasses, sitting on the same spot."""
    if drawing.own_skin > 0 or not (own.wear.glasses and other.wear.glasses):
        return False
    mine = sample_at(own.rims, drawing.flow_pose)
    theirs = sample_at(other.rims, drawing.flow_expression)
    slack = _SLID * pair.face_width
    if min(_share_near(mine, theirs, slack), _share_near(theirs, mine, slack)) < _SAME_RIMS:
        return False
    gain = drawing.gain[theirs > 0.5]
    color = (pair.expression_on_target[theirs > 0.5] * gain).mean(axis=0)
    return float(np.abs(pair.pose_on_target[mine > 0.5].mean(axis=0) - color).mean()) < _SAME_COLOR


def _share_near(values: Map, others: Map, slack: float) -> float:
    """Share of what is above a half that lies within ``slack`` pixels of the others'; 0 of none."""
    found = values > 0.5
    return float((_distance(others)[found] <= slack).mean()) if found.any() else 0.0


def _whole_features(lost: Map, points: NDArray[np.floating], face_width: float) -> Map:
    """Eyes and mouth of which much is lost, ``(h, h)`` in [0, 1] with soft edges."""
    kept = np.zeros_like(lost)
    for ring, size in ((RIGHT_EYE, _EYE), (LEFT_EYE, _EYE), (LIPS_OUTER, _MOUTH)):
        outline = points[list(ring)]
        region = fill_hull(outline, len(lost))
        share = float((region * lost).sum() / max(float(region.sum()), 1.0))
        if share > _LOST[0]:
            wide = (outline - outline.mean(0)) * size + outline.mean(0)
            kept = np.maximum(kept, ramp_of(share, *_LOST) * fill_hull(wide, len(lost)))
    return blur(kept, _SOFT * face_width) if kept.any() else kept


def _beside(own: Cover, face_width: float) -> Map:
    """Skin beside hair and hands of the pose photo, ``(h, h)`` in [0, 1], falling with distance.

    It lies in their shadow, which the expression photo casts elsewhere: where one photo's skin met
    the other's at the edge of the cover, a seam would be seen.
    """
    things = own.front * (1 - own.spectacles)
    if not things.any():
        return things
    return 1 - ramp(_distance(things), 0, _SHADED * face_width)


def _held_still(flow: Map, front: Map, unknown: Map, face_width: float) -> Map:
    """The pose photo's move, ended before what covers it and where it is but a guess.

    Args:
        front, unknown: ``(h, h)`` in [0, 1].
        face_width: pixels of the maps.
    """
    size = len(flow)
    apart = flow - identity_flow(size)
    still = _near(unknown, _GUESSED * face_width)
    if front.any():
        moved = lengths(apart)
        beside = _distance(front) < _LONGEST * face_width
        reach = min(float(moved[beside].max(initial=0)), _LONGEST * face_width) + 1
        # As much beside the cover as anything moves stays where it is, then the move begins.
        still = np.maximum(still, 1 - ramp(_distance(front), reach, 2 * reach + 2))
    held = flow - apart * spread(still, 2)
    return held.astype(np.float32, copy=False)


def _well_within(values: Map, soft: float) -> Map:
    """1 on what is above a half and twice ``soft`` pixels from its edge, falling to 0 halfway."""
    return 1 - _near(1 - values, soft)


def _near(values: Map, soft: float) -> Map:
    """1 on what is above a half and ``soft`` pixels around, 0 from twice as far on."""
    if not values.any():
        return values
    return 1 - ramp(_distance(values), soft, 2 * soft)


def _distance(values: Map) -> Map:
    """Of every pixel to those above a half, pixels."""
    free = (values < 0.5).astype(np.uint8)
    return cv2.distanceTransform(free, cv2.DIST_L2, 3).astype(np.float32)
