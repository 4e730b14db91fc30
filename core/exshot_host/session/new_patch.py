"""The layer to make, from the engine's answer and where the pose layer lies."""

from __future__ import annotations

from exshot_contract.messages import EditResult
from exshot_contract.options import Options
from exshot_contract.version import VERSION
from exshot_host.adapter import LayerInfo, Patch
from exshot_host.session.layer_memory import LayerMemory, LayerReference


def new_patch(
    result: EditResult,
    *,
    pose: LayerInfo,
    expression: LayerInfo,
    options: Options,
    replace: str | None,
    name: str,
    editor: str,
) -> Patch:
    """The patch in the image's coordinates, with the note that lets it be edited again.

    ``pose`` is the layer as it lies now; the result's box is in its pixels. ``options`` hold the
    face indexes; ``editor`` is name and version.
    """
    note = LayerMemory(
        LayerReference(pose.id, pose.name),
        LayerReference(expression.id, expression.name),
        options,
        VERSION,
        editor,
    )
    return Patch(
        above=pose.id,
        replace=replace,
        name=name,
        x=pose.x + result.x,
        y=pose.y + result.y,
        width=result.width,
        height=result.height,
        order=result.order,
        depth=result.depth,
        pixels=result.pixels,
        mask=result.mask,
        note=note.to_text(),
    )
