"""One training picture with its labels, a little wider than the crop that the network will see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.crop import cover_crop
from exshot.image.geometry import Crop

Picture = NDArray[np.uint8]  # (h, w, 3) RGB
Labels = NDArray[np.uint8]  # (h, w) index into `exshot.cover.kinds.KINDS`, UNCOVERED or IGNORED

SIDE: Final = 352
ROOM: Final = 1.3  # side of a sheet over that of the network's crop: room to shift, turn and shrink
IGNORED: Final = 255
"""Label of pixels whose truth is unknown."""
UNCOVERED: Final = 254
"""Label of pixels of which only this is known: nothing is worn or held before them. They are what
looks like a cover on a bare face: shadows, stubble, moles, the mouth's inside, the eyes."""
OUTSIDE: Final = 118  # grey of what lies outside a photo


@dataclass(frozen=True)
class Sheet:
    """Picture and labels, `SIDE` pixels square; ``mesh`` ``(478 or 468, 3)`` in its pixels."""

    picture: Picture
    labels: Labels
    mesh: NDArray[np.float32]


def sheet_crop(mesh: NDArray[np.floating], size: int = SIDE) -> Crop:
    """The square of a photo that a sheet shows."""
    tight = cover_crop(mesh)
    more = (ROOM - 1) / 2 * tight.side
    return Crop(tight.left - more, tight.top - more, ROOM * tight.side, size)


def cut(picture: Picture, labels: Labels, mesh: NDArray[np.floating]) -> Sheet:
    """Sheet around a mesh; grey and unknown outside of the picture."""
    crop = sheet_crop(mesh)
    inside = crop.sample(np.full(labels.shape, 255, np.uint8), cv2.BORDER_CONSTANT) > 127
    shown = crop.sample(picture)
    shown[~inside] = OUTSIDE
    step = 1 / crop.scale
    left, top = (0.5 * step - 0.5 + edge for edge in (crop.left, crop.top))
    said = cv2.warpAffine(
        labels,
        np.array([[step, 0, left], [0, step, top]]),
        (SIDE, SIDE),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderValue=(IGNORED,),
    )
    said[~inside] = IGNORED
    return Sheet(shown, said.astype(np.uint8), crop.to_crop(mesh.astype(np.float32)))


def save(sheet: Sheet, path: Path) -> None:
    """Write ``PATH.png`` (labels) and ``PATH.jpg``; the picture comes last and makes it whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path.with_suffix(".png")), sheet.labels)
    part = path.with_suffix(".part.jpg")
    cv2.imwrite(str(part), sheet.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 96])
    part.replace(path.with_suffix(".jpg"))


def load(path: Path) -> tuple[Picture, Labels]:
    """Picture and labels of a saved sheet; ``path`` is that of its picture.

    Raises:
        FileNotFoundError: one of the files is not there or cannot be read.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    labels = cv2.imread(str(path.with_suffix(".png")), cv2.IMREAD_GRAYSCALE)
    if picture is None or labels is None:
        raise FileNotFoundError(path)
    return picture[..., ::-1].astype(np.uint8), labels.astype(np.uint8)
