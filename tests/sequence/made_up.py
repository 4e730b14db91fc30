"""Sightings with chosen measurements, without photos."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import Face, HeadPose
from exshot.face.topology import BLENDSHAPE_NAMES
from exshot.image.geometry import Box
from exshot.sequence import Sighting
from exshot.sequence.skin import Skin

_LOOKS = np.eye(8, dtype=np.float32)


def sighting(
    photo: int,
    *,
    index: int = 0,
    who: int = 0,
    eyes: tuple[float, float] = (0.3, 0.3),
    gap: float = 0.02,
    sharpness: float = 5.0,
    yaw: float = 0.0,
    width: float = 200.0,
    x: float = 0.5,
    skin: Skin | None = None,
    likeness: NDArray[np.float32] | None = None,
    **blendshapes: float,
) -> Sighting:
    """A frontal, sharp, resting face unless told otherwise; people differ in ``who``."""
    scores = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
    for name, value in blendshapes.items():
        scores[BLENDSHAPE_NAMES.index(name)] = value
    pose = HeadPose(1.0, np.eye(3, dtype=np.float32), np.zeros(3, np.float32), yaw, 0.0, 0.0)
    mesh = np.zeros((478, 3), np.float32)
    mesh[0, 0] = width
    face = Face(mesh, scores, pose, Box(0, 0, round(width), round(width)), 1.0, likeness)
    return Sighting(
        photo=photo,
        index=index,
        face=face,
        place=(x, 0.4),
        size=width / 1000,
        eyes=eyes,
        mouth_gap=gap,
        sharpness=sharpness,
        clipped=0.0,
        appearance=_LOOKS[who],
        skin=skin,
    )


def face(*, side_light: float = 0.0, brighter: float = 0.0, hand: bool = False) -> Skin:
    """The colours of a face: even skin, light from one side, a dark glove over a cheek."""
    skin = np.zeros((24, 24, 3), np.float32)
    skin[:] = 65 + brighter, 14, 16
    skin[..., 0] += side_light * np.linspace(-1, 1, 24)
    if hand:
        skin[10:18, 5:13] = 25, 0, -20
    return skin
