"""What the host library itself finds wrong, as errors in the user's language."""

from __future__ import annotations

import traceback

from exshot_host.errors import HostError
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator


def layer_gone(say: Translator, layer: str) -> HostError:
    """The layer was deleted, or is no photo any more."""
    return _about(layer, say, "bad_option", texts.NO_SUCH_LAYER, texts.CHOOSE_LAYER_HINT)


def layer_changed(say: Translator, layer: str) -> HostError:
    """The layer's size changed during the edit, so that nobody knows where the face lies now."""
    return _about(layer, say, "layer_changed", texts.LAYER_CHANGED, texts.LAYER_CHANGED_HINT)


def not_ours(say: Translator, layer: str) -> HostError:
    """The layer has no note of ours, so it cannot be edited again."""
    return _about(layer, say, "bad_option", texts.NOT_OURS, texts.NOT_OURS_HINT)


def no_face(say: Translator, layer: str) -> HostError:
    """The engine found no face in the layer."""
    return _about(layer, say, "no_face", texts.NO_FACE, texts.NO_FACE_HINT)


def several_faces(say: Translator, layer: str) -> HostError:
    """Nobody said which face of the layer is meant, and there is nobody to ask."""
    return _about(layer, say, "several_faces", texts.SEVERAL_FACES, texts.SEVERAL_FACES_HINT)


def mixed_layer(say: Translator, layer: str) -> HostError:
    """What the layer shows is not what its pixels are; see `LayerInfo.mixed`."""
    return _about(layer, say, "bad_option", texts.MIXED_LAYER, texts.MIXED_LAYER_HINT)


def nothing_to_change(say: Translator, layer: str) -> HostError:
    """The mask of the new layer would be empty."""
    hint = texts.NOTHING_TO_CHANGE_HINT
    return _about(layer, say, "bad_option", texts.NOTHING_TO_CHANGE, hint)


def editor_failed(say: Translator, editor: str, error: Exception) -> HostError:
    """The editor's own Python raised ``error``. Call it where that is caught."""
    return HostError(
        "internal",
        say(texts.EDITOR_FAILED).format(editor=editor, reason=error),
        say(texts.EDITOR_FAILED_HINT).format(editor=editor),
        details=traceback.format_exc(),
    )


def _about(layer: str, say: Translator, code: str, sentence: str, hint: str) -> HostError:
    return HostError(code, say(sentence).format(layer=layer), say(hint))
