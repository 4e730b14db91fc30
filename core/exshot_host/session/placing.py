"""Where a new layer goes among those that are there, and whether it is seen there."""

from __future__ import annotations

from collections.abc import Sequence

from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.session.layer_memory import LayerMemory
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator


def place_above(host: EditorHost, pose: LayerInfo) -> str:
    """Id of the layer that a new one goes right above: the pose layer, or the topmost of those that
    ExShot has made of it before. Below them a new face would not be seen."""
    layers = tuple(host.layers())
    above = pose.id
    for layer in reversed(layers[: _index(layers, pose.id)]):
        note = LayerMemory.from_text(host.read_note(layer.id)) if layer.made_by_exshot else None
        made_of = note.pose.find(layers) if note is not None else None
        if made_of is None or made_of.id != pose.id:
            break
        above = layer.id
    return above


def why_unseen(layers: Sequence[LayerInfo], made: str, pose: str, say: Translator) -> str:
    """A sentence where a new layer may not be seen as its preview was; else empty.

    Args:
        layers: all that are in the image, topmost first.
        made, pose: ids of the new layer and of its pose layer.
    """
    new, below = (layers[_index(layers, key)] for key in (made, pose))
    if not below.visible:
        return say(texts.POSE_HIDDEN).format(layer=below.name)
    for layer in reversed(layers[: _index(layers, made)]):
        if layer.visible and _is_photo(layer) and _contains(layer, new):
            return say(texts.COVERED_LAYER).format(layer=layer.name)
    return ""


def _index(layers: Sequence[LayerInfo], layer_id: str) -> int:
    return [layer.id for layer in layers].index(layer_id)


def _is_photo(layer: LayerInfo) -> bool:
    """Not a layer that adjusts what is below it, a group (which may be the new layer's own), or
    another face of ours."""
    return not (layer.mixed or layer.made_by_exshot or layer.kind == "group")


def _contains(outer: LayerInfo, inner: LayerInfo) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and outer.x + outer.width >= inner.x + inner.width
        and outer.y + outer.height >= inner.y + inner.height
    )
