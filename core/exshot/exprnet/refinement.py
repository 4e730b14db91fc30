"""The method *exprnet*: the warp method's drawing maps, corrected by the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from exshot.align.flow import WarpMaps, identity_flow
from exshot.align.pair import AlignedPair
from exshot.draw.blend import patch_mask
from exshot.draw.light import apply_gain
from exshot.draw.maps import DrawingMaps
from exshot.draw.own_face import own_face, with_own_face
from exshot.draw.own_skin import own_skin
from exshot.draw.sitting import ONE_LIGHT, different_sittings
from exshot.draw.teeth import match_teeth
from exshot.exprnet.inputs import EditInput, edit_planes
from exshot.exprnet.network import LEAST_KNOWN, Answer, Features, Network
from exshot.image.geometry import within
from exshot.image.sampling import (
    Map,
    enlarge,
    ramp,
    ramp_of,
    sample_at,
    shrink,
    spread,
)
from exshot.options import EditOptions

_UNRELATED: Final = (0.16, 0.26)  # log gain over the skin: lights that no training sample joins
_TURNED: Final = (6.0, 12.0)  # degrees from which on the fits of two heads err differently
_MOUTH: Final = (0.3, 0.9)  # of `exshot.align.fields.opening_weights`, where teeth may be
_LEAST_BLEND: Final = 1e-3
_UNEXPLAINED: Final = (0.09, 0.13)  # log ratio over the skin that such a gain still leaves


def drawn_by_exprnet(
    pair: AlignedPair,
    options: EditOptions,
    network: Network,
    pose_features: Features,
    expression_features: Features,
    head_turn: float,
    *,
    unlike_pixels: Callable[[], bool] = lambda: False,
) -> DrawingMaps:
    """How ExprNet draws an edit (paper section 3.3).

    The network corrects the warp method's flow and gain, after registration, and adds a bounded
    residual. It reads the crops at its own size; its corrections are smooth and are enlarged, so
    that the flow and the blend keep the sharpness of the crop. Without
    `EditOptions.color_match` no colour is changed. Between two lights, skin whose light had to be
    redrawn too finely stays the pose photo's (`own_skin`); teeth get its colour
    (`match_teeth`). A network that was trained so also holds the pose photo still where nothing
    moves, and mixes in a picture of its own.

    Args:
        pair: of `exshot.align.pair.align` with the same options.
        options: of the edit.
        network: with the `Features` of both photos from its ``features``.
        head_turn: between the two heads, out of the picture plane, degrees. Two fits of one view
            err alike, and registration puts right what is left; the flow is refined as the heads
            turn apart.
        unlike_pixels: whether the two photos differ visibly in sharpness, grain or compression,
            told late: then the skin stays the pose photo's, as it does between two sittings.

    Raises:
        ValueError: the pair's size is no multiple of the network's.
    """
    size = pair.size
    if size % network.size:
        raise ValueError(f"ExprNet reads crops of {network.size} pixels, or multiples, not {size}")
    edit = edit_planes(pair, options, network.edit_size)
    prior = edit.prior
    answer = network.decode(pose_features, expression_features, edit.planes)

    def at_crop_size(correction: Map) -> Map:
        return enlarge(correction, size, size)

    trust = np.float32(ramp_of(head_turn, *_TURNED) * size / 2)  # and to pixels
    flow = prior.flow_expression + at_crop_size(trust * answer.flow)
    blend = prior.blend
    if answer.blend is not None:
        blend = _with_logit_moved(blend, at_crop_size(answer.blend))
    blend = np.clip(blend, 0, 1)
    anywhere, gain = blend, prior.gain
    if options.color_match:
        fine = at_crop_size(answer.log_gain)
        if edit.shading.any():
            share = np.maximum(at_crop_size(answer.shading), _surely_followed(edit))
            fine += spread(share, 3) * edit.shading
            blend = blend * (
                1
                - own_skin(
                    fine, pair.fields.features, pair.maps.flow_pose, pair.face_width, network.size
                )
            )
        gain = gain * np.exp(fine)
    skin_gain = gain
    if options.color_match:
        gain = _with_teeth(gain.copy(), flow, pair)
    maps = pair.maps if answer.still is None else _held_still(pair.maps, at_crop_size(answer.still))
    drawing = DrawingMaps(
        flow_expression=flow.astype(np.float32),
        flow_pose=maps.flow_pose,
        gain=gain.astype(np.float32),
        residual=at_crop_size(answer.residual),
        blend=blend,
        mask=patch_mask(blend, maps),
        hidden_share=prior.hidden_share,
        light_difference=prior.light_difference,
    )
    return _with_own_face(drawing, pair, options, skin_gain, anywhere, unlike_pixels) or (
        _with_picture(drawing, pair, answer)
    )


def _with_own_face(
    drawing: DrawingMaps,
    pair: AlignedPair,
    options: EditOptions,
    skin_gain: Map,
    blend: Map,
    unlike_pixels: Callable[[], bool],
) -> DrawingMaps | None:
    """The pose photo's own face as far as the two photos are of different sittings; None of one.

    Args:
        drawing: of an edit within one sitting.
        skin_gain: ``(h, h, 3)``, its gain without what teeth ask for.
        blend: ``(h, h)``, its blend before any skin was kept.
    """
    share = _sure_share(options, unlike_pixels, drawing.light_difference)
    if share == 0:
        return None
    matched = apply_gain(sample_at(pair.expression.pixels, drawing.flow_expression), skin_gain)
    if share is None:
        skin, light = pair.surely_bare_skin, drawing.light_difference
        share = different_sittings(pair.pose_on_target, matched, skin, pair.face_width, light)
        if share == 0:
            return None
    own = own_face(pair, matched, np.log(skin_gain), blend, options)
    return with_own_face(drawing, pair, own, share)


def _sure_share(
    options: EditOptions, unlike_pixels: Callable[[], bool], light_difference: float
) -> float | None:
    """Share of the pose photo's own face, where no look at the skin is needed to know it."""
    if options.skin != "auto":
        return float(options.skin == "pose")
    if unlike_pixels():
        return 1.0
    return 0.0 if light_difference < ONE_LIGHT else None


def _with_picture(drawing: DrawingMaps, pair: AlignedPair, answer: Answer) -> DrawingMaps:
    """The drawing with the network's own picture mixed in, where it draws one.

    That counts with its share beside the mixture of both photos. As a residual it keeps the photo's
    detail beyond the network's resolution.
    """
    if answer.picture is None or answer.share is None:
        return drawing
    drawn = apply_gain(sample_at(pair.expression.pixels, drawing.flow_expression), drawing.gain)
    if drawing.residual is not None:
        drawn += drawing.residual
    apart = answer.picture - shrink(drawn, len(answer.share))
    apart, share = (
        enlarge(np.ascontiguousarray(part), pair.size, pair.size) for part in (apart, answer.share)
    )
    share *= pair.maps.face
    blend = drawing.blend + share - drawing.blend * share
    added = (share / np.maximum(blend, _LEAST_BLEND))[..., None] * apart
    residual = added if drawing.residual is None else drawing.residual + added
    maps = replace(pair.maps, flow_pose=drawing.flow_pose)
    return replace(
        drawing,
        residual=residual,
        blend=blend,
        mask=patch_mask(blend.astype(np.float32, copy=False), maps),
    )


def _with_logit_moved(blend: Map, move: Map) -> Map:
    """The blend with its logit moved; as in training (`exshot_train.model`), 0 stays 0."""
    known = np.clip(blend, LEAST_KNOWN, 1 - LEAST_KNOWN)
    moved = 1 / (1 + (1 - known) / known * np.exp(-move))
    return (moved * np.clip(blend / LEAST_KNOWN, 0, 1)).astype(np.float32)


def _held_still(maps: WarpMaps, still: Map) -> WarpMaps:
    """Maps whose pose photo stays where it is as far as ``still`` says."""
    flow = maps.flow_pose
    moved = flow + still[..., None] * (identity_flow(len(flow)) - flow)
    return replace(maps, flow_pose=moved.astype(np.float32))


def _with_teeth(gain: Map, flow: Map, pair: AlignedPair) -> Map:
    """The gain with what `match_teeth` measures inside the mouth; ``gain`` is written to."""
    openings = pair.fields.openings
    mouth, face = within(openings > _MOUTH[0]).slices, within(pair.maps.face).slices
    if not gain[mouth].size:
        return gain
    drawn = apply_gain(sample_at(pair.expression.pixels, flow[face]), gain[face])
    teeth = match_teeth(
        pair.pose_on_target[face], drawn, openings[face], pair.surely_bare_skin[face]
    )
    if teeth.any():
        gain[mouth] *= np.exp(ramp(openings[mouth], *_MOUTH)[..., None] * teeth)
    return gain


def _surely_followed(edit: EditInput) -> float:
    """Least share of the shading that joins the gain.

    The network was trained with one lamp more or less. Two photos of different days differ in all
    their lights; there the measured ratio is right more often than the expression photo.
    """
    return max(
        ramp_of(edit.prior.light_difference, *_UNRELATED),
        ramp_of(edit.unexplained, *_UNEXPLAINED),
    )
