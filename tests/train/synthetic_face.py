"""A face without a photograph: the canonical mesh on a smooth picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.topology import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS, load_topology


def frontal_mesh(size: int) -> NDArray[np.float32]:
    """A face that looks at the camera, in the middle of a crop of ``size`` pixels."""
    vertices = load_topology().vertices
    mesh = np.zeros((MESH_VERTICES, 3), np.float32)
    mesh[: len(vertices)] = vertices * (1, -1, -1)
    for ring, iris in ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS)):
        mesh[list(iris)] = mesh[list(ring)].mean(axis=0)
    mesh *= 0.55 * size / np.ptp(mesh[:, 1])
    mesh[:, :2] += size / 2 - (mesh[:, :2].min(0) + mesh[:, :2].max(0)) / 2
    return mesh


def smooth_picture(size: int, seed: int = 0) -> NDArray[np.uint8]:
    """Soft colours, ``(size, size, 3)``."""
    rng = np.random.default_rng(seed)
    small = rng.uniform(60, 200, (6, 6, 3)).astype(np.float32)
    picture = cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.clip(picture, 0, 255).astype(np.uint8)


def as_float(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The picture in [0, 1]."""
    return (picture / np.float32(255)).astype(np.float32)
