"""The layer that ExprNet draws: the drop-in for `exshot.compose.layer.warp_layer`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exshot.compose.blend import cover_mask
from exshot.compose.layer import LayerMaps
from exshot.exprnet.inputs import edit_planes, from_grid
from exshot.exprnet.network import ExprNet, Features
from exshot.options import EditOptions
from exshot.warp.flow import WarpMaps, identity_flow


def exprnet_layer(
    pose: NDArray[np.float32],
    expression: NDArray[np.float32],
    maps: WarpMaps,
    face_width: float,
    options: EditOptions,
    network: ExprNet,
    pose_features: Features,
    expression_features: Features,
) -> LayerMaps:
    """How ExprNet draws an edit (paper section 3.3), as maps that carry to any resolution.

    The network corrects the warp method's flow, gain and blend, and adds a bounded residual where
    nothing could be sampled. Without `EditOptions.color_match` its gain is left out.

    Args:
        pose, expression: ``(h, h, 3)`` float32 crops in [0, 1]; ``h`` is the network's size.
        maps: with the fields of `exshot.compose.layer.layer_fields`.
        face_width: of the target mesh, crop pixels.
        network: with the `Features` of both photos from `ExprNet.features`.

    Raises:
        ValueError: the crops have another size than the network.
    """
    size = len(pose)
    if size != network.size:
        raise ValueError(f"ExprNet reads crops of {network.size} pixels, not {size}")
    edit = edit_planes(pose, expression, maps, face_width, options)
    answer = network.decode(pose_features, expression_features, edit.planes)
    gain = np.exp(answer.log_gain) if options.color_match else edit.prior.gain
    return LayerMaps(
        flow_expression=from_grid(answer.flow, size),
        flow_pose=maps.flow_pose,
        gain=gain,
        residual=answer.residual,
        blend=answer.blend,
        cover=cover_mask(answer.blend, maps.flow_pose, identity_flow(size), maps.reach),
        hidden_share=edit.prior.hidden_share,
        light_difference=edit.prior.light_difference,
    )
