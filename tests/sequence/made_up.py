"""Sightings with chosen measurements, without photos."""

from __future__ import annotations

import numpy as np

from exshot.geometry import Box
from exshot.mesh.face import Face, HeadPose
from exshot.mesh.topology import BLENDSHAPE_NAMES
from exshot.sequence import Sighting

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
    **blendshapes: float,
) -> Sighting:
    """A frontal, sharp, resting face unless told otherwise; people differ in ``who``."""
    scores = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
    for name, value in blendshapes.items():
        scores[BLENDSHAPE_NAMES.index(name)] = value
    pose = HeadPose(1.0, np.eye(3, dtype=np.float32), np.zeros(3, np.float32), yaw, 0.0, 0.0)
    mesh = np.zeros((478, 3), np.float32)
    mesh[0, 0] = width
    face = Face(mesh, scores, pose, Box(0, 0, round(width), round(width)), 1.0)
    return Sighting(
        photo=photo,
        index=index,
        face=face,
        place=(x, 0.4),
        size=width / 1000,
        eyes=eyes,
        mouth_gap=gap,
        mouth_width=0.6,
        sharpness=sharpness,
        clipped=0.0,
        appearance=_LOOKS[who],
    )
