"""What an edit returns: the patch and a report on how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exshot.image.geometry import Box


@dataclass(frozen=True)
class EditWarning:
    """Something the user should know about a result that was still made."""

    # different_light | large_turn | hidden_parts | soft_expression | noisy | compressed
    # | different_person | glasses | sunglasses | covered | cut_off
    code: str
    sentence: str
    hint: str


@dataclass(frozen=True)
class HeadTurn:
    """Head pose of the expression photo minus that of the pose photo, degrees."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class FaceQuality:
    """What one face's pixels are like.

    Attributes:
        blur: sigma of the blur of its sharpest edges, pixels of the photo; 0 where they are as
            sharp as pixels can be, None where noise hides them or the face is too small to tell.
        noise: standard deviation of brightness noise, sRGB-encoded units, white is 1.
        blockiness: step in brightness between two blocks of compression beyond what lies between
            any two pixels, the same units; 0 where there are no blocks.
        width: of the face, pixels of the photo.
    """

    blur: float | None
    noise: float
    blockiness: float
    width: float


@dataclass(frozen=True)
class EditReport:
    """How an edit was made.

    ``hidden_share`` is the share of the wanted face, in [0, 1], that the expression photo does not
    show. ``timings`` maps a step's name to milliseconds. ``pose_quality`` and
    ``expression_quality`` tell blur, noise and compression of the two faces; None where they were
    not measured. ``notes`` says what was odd about the photos' files (`exshot.photo.Origin.notes`).
    """

    method: str
    pose_face: int
    expression_face: int
    head_turn: HeadTurn
    hidden_share: float
    warnings: tuple[EditWarning, ...]
    timings: Mapping[str, float]
    pose_quality: FaceQuality | None = None
    expression_quality: FaceQuality | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edit:
    """A patch to put over the pose photo.

    Attributes:
        layer: ``(h, w, 3)`` sRGB-encoded pixels, dtype of the pose photo (uint8 or uint16).
        mask: ``(h, w)`` uint8, 255 where the layer covers the photo.
        box: where the patch lies in the pose photo.
        report: how it was made.
    """

    layer: NDArray[np.uint8 | np.uint16]
    mask: NDArray[np.uint8]
    box: Box
    report: EditReport


@dataclass(frozen=True)
class Preview:
    """A quick look at the face at a small size.

    Attributes:
        before, after: ``(size, size, 3)`` uint8 square crops around the target face; grey where
            they leave the photo.
        box: the square of the pose photo that is shown (may leave the photo).
        report: as in `Edit`.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    box: Box
    report: EditReport
