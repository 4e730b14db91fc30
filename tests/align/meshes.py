"""Synthetic meshes for tests: the canonical face, posed and photographed orthographically."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import MESH_VERTICES
from exshot.face.topology import (
    CANONICAL_VERTICES,
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_EYE,
    RIGHT_IRIS,
    load_topology,
)


def posed_mesh(
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    *,
    width: float = 200,
    centre: float = 256,
) -> NDArray[np.float32]:
    """The canonical face under a head pose in degrees, ``(478, 3)`` pixels."""
    canonical = load_topology().vertices * np.array([1, -1, -1], np.float32)
    mesh = np.zeros((MESH_VERTICES, 3))
    mesh[:CANONICAL_VERTICES] = canonical - canonical.mean(axis=0)
    for ring, iris in ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS)):
        mesh[list(iris)] = mesh[list(ring)].mean(axis=0)
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    scale = width / np.ptp(canonical[:, 0])
    return (scale * mesh @ (about_z @ about_x @ about_y).T + [centre, centre, 0]).astype(np.float32)
