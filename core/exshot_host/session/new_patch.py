"""The layer to make, from the engine's answer and where the pose layer lies now."""

from __future__ import annotations

from exshot_contract.messages import EditResult
from exshot_contract.options import Options
from exshot_contract.version import VERSION
from exshot_host.adapter import EditorHost, LayerInfo, Patch
from exshot_host.session.layer_memory import LayerMemory, LayerReference
from exshot_host.session.placing import place_above
from exshot_host.texts import failures, texts
from exshot_host.texts.catalogues import Translator


def changes_nothing(result: EditResult) -> bool:
    """The mask is empty."""
    return bytes(result.mask).count(0) == len(result.mask)


def pose_layer_now(host: EditorHost, say: Translator, pose: LayerInfo) -> LayerInfo:
    """The pose layer as it is in the image now: it may have been moved while the engine worked.

    Raises:
        HostError: it was deleted, or is not of the size any more that was read.
    """
    now = next((layer for layer in host.layers() if layer.id == pose.id), None)
    if now is None:
        raise failures.layer_gone(say, pose.name)
    if (now.width, now.height) != (pose.width, pose.height):
        raise failures.layer_changed(say, pose.name)
    return now


def new_patch(
    host: EditorHost,
    say: Translator,
    result: EditResult,
    *,
    pose: LayerInfo,
    expression: LayerInfo,
    options: Options,
    replace: str | None = None,
) -> Patch:
    """The patch in the image's coordinates, with the note that lets it be edited again.

    Args:
        pose: the layer as it lies now, see `pose_layer_now`; the result's box is in its pixels.
        options: what the engine was asked with, the face indexes among them.
        replace: id of the layer that the new one replaces, or None.
    """
    memory = LayerMemory(
        LayerReference(pose.id, pose.name),
        LayerReference(expression.id, expression.name),
        options,
        VERSION,
        f"{host.name} {host.version}",
    )
    return Patch(
        above=place_above(host, pose),
        replace=replace,
        name=say(texts.LAYER_NAME).format(pose=pose.name, expression=expression.name),
        x=pose.x + result.x,
        y=pose.y + result.y,
        width=result.width,
        height=result.height,
        order=result.order,
        depth=result.depth,
        pixels=result.pixels,
        mask=result.mask,
        note=memory.to_text(),
    )
