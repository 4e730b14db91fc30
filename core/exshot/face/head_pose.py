"""Head pose: the similarity that lays the canonical face model onto a mesh."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import HeadPose
from exshot.face.similarity import fit_similarity
from exshot.face.topology import load_topology

# Canonical axes (y up, z toward the camera) in picture axes (y down, z away).
FRONTAL = np.diag([1.0, -1.0, -1.0])


def head_pose_of(mesh: NDArray[np.float32]) -> HeadPose:
    """Head pose of a ``(478, 3)`` or ``(468, 3)`` mesh in photo pixels.

    Weighted orthogonal Procrustes over the vertices that hardly move with the expression
    (Umeyama, 1991), with the weights of MediaPipe's Face Geometry module. The mesh is taken as an
    orthographic view, as the mesh network gives it.
    """
    topology = load_topology()
    chosen = topology.procrustes_indices
    source = topology.vertices[chosen].astype(np.float64)
    fit = fit_similarity(
        source, mesh[chosen].astype(np.float64), topology.procrustes_weights.astype(np.float64)
    )
    yaw, pitch, roll = angles_of(fit.rotation)
    return HeadPose(
        scale=fit.scale,
        rotation=fit.rotation.astype(np.float32),
        translation=fit.translation.astype(np.float32),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
    )


def angles_of(rotation: NDArray[np.float64]) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees of a canonical-to-photo rotation.

    Yaw and pitch are where the face points: toward the picture's right, and up. Roll is the
    clockwise turn about that direction. Inverse of `rotation_of`.
    """
    turned = rotation @ FRONTAL
    ahead = -turned[:, 2]
    yaw = math.atan2(ahead[0], -ahead[2])
    pitch = math.asin(float(np.clip(-ahead[1], -1, 1)))
    untilted = rotation_of(math.degrees(yaw), math.degrees(pitch), 0.0) @ FRONTAL
    tilt = untilted.T @ turned
    roll = math.atan2(tilt[1, 0], tilt[0, 0])
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


def rotation_of(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Canonical-to-photo rotation, ``(3, 3)``, of a head turned by these angles in degrees.

    The frontal head is first tilted by ``roll``, then raised by ``pitch``, then turned by ``yaw``.
    """
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    turn = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    lift = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    tilt = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return turn @ lift @ tilt @ FRONTAL
