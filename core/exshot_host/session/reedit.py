"""An edit that was made before, read from the note of its layer to be made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exshot_contract.options import Options
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.session.layer_memory import LayerMemory, LayerReference
from exshot_host.texts import failures
from exshot_host.texts.catalogues import Translator


@dataclass(frozen=True)
class EarlierEdit:
    """What a layer was made from. Face indexes are in ``options``."""

    pose: LayerInfo
    expression: LayerInfo
    options: Options


def read_earlier_edit(
    host: EditorHost, layers: Sequence[LayerInfo], layer_id: str, say: Translator
) -> EarlierEdit:
    """The edit that made a layer.

    Args:
        layers: all that are in the image now.

    Raises:
        HostError: the layer has no note, or its photos are gone.
    """
    note = LayerMemory.from_text(host.read_note(layer_id))
    if note is None:
        name = next((layer.name for layer in layers if layer.id == layer_id), layer_id)
        raise failures.not_ours(say, name)
    pose, expression = (_found(one, layers, say) for one in (note.pose, note.expression))
    return EarlierEdit(pose, expression, note.options)


def _found(reference: LayerReference, layers: Sequence[LayerInfo], say: Translator) -> LayerInfo:
    layer = reference.find(tuple(layers))
    if layer is None:
        raise failures.layer_gone(say, reference.name)
    return layer
