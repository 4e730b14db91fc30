"""The library's own result, by the engine's own Python: ``library_edit.py POSE EXPRESSION OUT``.

The photos are pictures, or ``.npy`` arrays of sRGB samples.
"""

import sys
from pathlib import Path

import numpy as np

from exshot import EditOptions, Editor, Photo


def opened(path: str) -> Photo:
    return Photo.from_array(np.load(path)) if path.endswith(".npy") else Photo.open(path)


pose, expression, out = sys.argv[1:]
edit = Editor().edit(opened(pose), opened(expression), EditOptions())
box = edit.box
np.savez(
    Path(out), layer=edit.layer, mask=edit.mask, box=np.array([box.x0, box.y0, box.x1, box.y1])
)
