"""Which layers and faces a session begins with."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exshot_contract.messages import FaceInfo
from exshot_host.adapter import LayerInfo

_SMALLEST = 16  # pixels a side; no face fits into less


def candidates(layers: Sequence[LayerInfo]) -> tuple[LayerInfo, ...]:
    """The layers that can be photos: not those that ExShot made, not slivers."""
    return tuple(
        layer
        for layer in layers
        if not layer.made_by_exshot and min(layer.width, layer.height) >= _SMALLEST
    )


def first_pair(
    layers: Sequence[LayerInfo], selected: Sequence[str]
) -> tuple[LayerInfo | None, LayerInfo | None]:
    """Pose and expression layer to begin with.

    The pose is the active layer, the expression a second selected one, else the next one above or
    below it that is no group. Without an active candidate the lowest layer is the pose.
    """
    photos = candidates(layers)
    by_id = {layer.id: layer for layer in photos}
    chosen = [by_id[layer_id] for layer_id in selected if layer_id in by_id]
    plain = [layer for layer in photos if layer.kind != "group"]
    if not chosen:
        chosen = plain[-1:] or list(photos[-1:])
    if not chosen:
        return None, None
    if len(chosen) > 1:
        return chosen[0], chosen[1]
    return chosen[0], neighbor(photos, chosen[0])


def neighbor(photos: Sequence[LayerInfo], layer: LayerInfo) -> LayerInfo | None:
    """The next layer above that is no group, else the next below; None where it is the only one."""
    at = [photo.id for photo in photos].index(layer.id)
    around = [*reversed(photos[:at]), *photos[at + 1 :]]
    return next((photo for photo in around if photo.kind != "group"), None)


def nearest_face(
    faces: Sequence[FaceInfo], layer: LayerInfo, like: FaceInfo, like_layer: LayerInfo
) -> int:
    """Index of the face whose place and size in its layer are most like those of ``like``."""

    def place(face: FaceInfo, of: LayerInfo) -> tuple[float, float, float]:
        side = max(of.width, of.height)
        return (
            (face.x0 + face.x1) / 2 / of.width,
            (face.y0 + face.y1) / 2 / of.height,
            (face.x1 - face.x0) / side,
        )

    target = place(like, like_layer)
    return min(range(len(faces)), key=lambda i: math.dist(place(faces[i], layer), target))
