"""ExShot: put the expression of one photo of a person onto the head of another.

The names in ``__all__`` are the public API; they load on first use, so ``import exshot`` is quick.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from exshot.version import __version__

if TYPE_CHECKING:
    from exshot.editor import Editor
    from exshot.errors import ErrorCode, ExshotError
    from exshot.face.face import Face
    from exshot.options import EditOptions, RegionWeights
    from exshot.photo import Photo, flatten, save_edit, save_layer
    from exshot.result import Edit, EditReport, EditWarning, Preview

# ONNX Runtime's own wheels (seen in 1.32) gather usage data for their vendor from the moment they
# are imported: a device id and a database in the user's cache, sent over HTTPS. Only this variable,
# set before that import, keeps all of it off; every module of ours loads after this line.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_HOMES = {
    "Edit": "exshot.result",
    "EditOptions": "exshot.options",
    "EditReport": "exshot.result",
    "EditWarning": "exshot.result",
    "Editor": "exshot.editor",
    "ErrorCode": "exshot.errors",
    "ExshotError": "exshot.errors",
    "Face": "exshot.face.face",
    "Photo": "exshot.photo",
    "Preview": "exshot.result",
    "RegionWeights": "exshot.options",
    "flatten": "exshot.photo",
    "save_edit": "exshot.photo",
    "save_layer": "exshot.photo",
}

__all__ = [
    "Edit",
    "EditOptions",
    "EditReport",
    "EditWarning",
    "Editor",
    "ErrorCode",
    "ExshotError",
    "Face",
    "Photo",
    "Preview",
    "RegionWeights",
    "__version__",
    "flatten",
    "save_edit",
    "save_layer",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'exshot' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value  # found directly from now on
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
