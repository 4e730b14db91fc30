"""`exshot batch` with a stand-in for the edit: ``python -m benchmarks.stub_batch batch LIST …``.

For measuring and testing what lies around the edits. ``EXSHOT_STUB`` chooses: ``files`` reads the
photos, paints a square and writes the results; ``nothing`` touches no file. Workers of a cluster
take the same with ``dask worker --preload benchmarks.stub_batch``.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from exshot.image.geometry import Box
from exshot.photo import Photo
from exshot.result import Edit, EditReport, HeadTurn

VARIABLE = "EXSHOT_STUB"
_SIDE = 8


class StubEditor:
    """Paints a red square, at once."""

    def edit(self, pose: Photo, expression: Photo, *_: object, **__: object) -> Edit:
        del expression
        red = np.full((_SIDE, _SIDE, 3), (250, 10, 20), pose.pixels.dtype)
        mask = np.full((_SIDE, _SIDE), 255, np.uint8)
        return Edit(red, mask, Box(0, 0, _SIDE, _SIDE), _REPORT)


def install(kind: str) -> None:
    """Put the stand-in in the place of the real thing, in this process."""
    import exshot.cli.edit
    import exshot.editor

    stub: Any = StubEditor
    exshot.editor.Editor = lambda *_, **__: stub()  # type: ignore[misc,assignment]
    if kind == "nothing":
        nothing = Edit(_EMPTY, _EMPTY[..., 0], Box(0, 0, 1, 1), _REPORT)
        exshot.cli.edit.run_edit = lambda *_, **__: nothing


def dask_setup(worker: object) -> None:
    """What Dask calls in a worker that preloads this module."""
    del worker
    install(os.environ.get(VARIABLE, "files"))


_EMPTY = np.zeros((1, 1, 3), np.uint8)
_REPORT = EditReport("warp", 0, 0, HeadTurn(7.0, -2.0, 0.5), 0.0, (), {})


if __name__ == "__main__":
    from exshot.cli import main

    install(os.environ.get(VARIABLE, "files"))
    main()
