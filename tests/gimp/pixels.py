"""What GIMP shows, compared with what the library makes of the same pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exshot import EditOptions, Editor, Photo, flatten

LAYOUTS = {8: ("R'G'B' u8", np.uint8), 16: ("R'G'B' u16", np.uint16)}

SAVE_ALL = """
image = KEPT[name]
result = {
    role: dump(layer_of(image, role), layout, role + ".raw") for role in ("pose", "expression")
}
made = layer_of(image, made)
result["made"] = dump(made, layout, "made.raw")
result["mask"] = dump(made.get_mask(), "Y u8", "mask.raw")
for layer in image.get_layers():
    if not layer.is_group() and layer.get_name() == "expression":
        layer.set_visible(False)
result["flat"] = flat(image, layout, "flat.raw")
"""


@dataclass(frozen=True)
class Differences:
    """Mean absolute differences between GIMP and the library, in 255ths."""

    layer: float
    mask: float
    picture: float


def compare(
    gimp: Any, name: str, made: str, depth: int, options: EditOptions | None = None
) -> Differences:
    """Edit the pixels of GIMP's layers with the library and compare with what GIMP has.

    ``name``: of an image in ``KEPT`` with the layers ``pose`` and ``expression``; ``made``: name of
    the new layer. Hides the expression layer.
    """
    layout, dtype = LAYOUTS[depth]
    boxes = gimp.do(SAVE_ALL, name=name, made=made, layout=layout)

    def read(role: str) -> NDArray:
        _, _, width, height = boxes[role]
        kind = np.uint8 if role == "mask" else dtype
        data = np.fromfile(Path(gimp.share) / f"{role}.raw", kind)
        return data.reshape((height, width) if role == "mask" else (height, width, 3))

    pose = Photo.from_array(read("pose"))
    edit = Editor().edit(pose, Photo.from_array(read("expression")), options or EditOptions())
    # The engine leaves out what the mask does not show, so GIMP's layer lies inside the library's.
    width, height = boxes["made"][2:]
    x = boxes["made"][0] - boxes["pose"][0] - edit.box.x0
    y = boxes["made"][1] - boxes["pose"][1] - edit.box.y0
    here = (slice(y, y + height), slice(x, x + width))
    assert min(x, y) >= 0, "it lies elsewhere"
    assert edit.mask[here].shape == (height, width), "it lies elsewhere"
    mask = np.zeros_like(edit.mask)
    mask[here] = read("mask")
    covered = edit.mask[here] > 0
    picture = read("flat")
    left, top = boxes["pose"][0] - boxes["flat"][0], boxes["pose"][1] - boxes["flat"][1]
    seen = picture[top : top + pose.height, left : left + pose.width]
    whole = flatten(pose, edit)[: seen.shape[0], : seen.shape[1]]
    unit = 1 if depth == 8 else 257
    return Differences(
        layer=_mean(read("made")[covered], edit.layer[here][covered]) / unit,
        mask=_mean(mask, edit.mask),
        picture=_mean(seen, whole) / unit,
    )


def _mean(one: NDArray, other: NDArray) -> float:
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).mean())
