"""Draws fitted faces onto a photo, to see what was found."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.face import Face
from exshot.face.topology import FACE_OVAL, load_topology

MESH_COLOR = (90, 220, 120)
OUTLINE_COLOR = (255, 190, 40)
SHIFT = 4  # OpenCV draws with this many fractional bits of a pixel


def draw_faces(pixels: NDArray[np.uint8], faces: Iterable[Face]) -> NDArray[np.uint8]:
    """A copy of ``(H, W, 3)`` uint8 RGB pixels with each face's mesh, outline and number."""
    canvas = pixels.copy()
    for index, face in enumerate(faces):
        thickness = max(1, round(face.width / 220))
        points = np.rint(face.mesh[:, :2] * (1 << SHIFT)).astype(np.int32)
        triangles = list(points[load_topology().triangles])
        cv2.polylines(canvas, triangles, True, MESH_COLOR, 1, cv2.LINE_AA, SHIFT)
        for x, y in points.tolist():
            cv2.circle(canvas, (x, y), thickness << SHIFT, MESH_COLOR, -1, cv2.LINE_AA, SHIFT)
        outline = points[np.asarray(FACE_OVAL)]
        cv2.polylines(canvas, [outline], True, OUTLINE_COLOR, thickness + 1, cv2.LINE_AA, SHIFT)
        _draw_number(canvas, index, face)
    return canvas


def _draw_number(canvas: NDArray[np.uint8], index: int, face: Face) -> None:
    size = max(0.5, face.width / 200)
    at = (round(face.box.x0), max(round(20 * size), round(face.box.y0)))
    for color, thickness in (((0, 0, 0), 5), ((255, 255, 255), 2)):
        weight = max(1, round(thickness * size))
        cv2.putText(
            canvas, str(index), at, cv2.FONT_HERSHEY_SIMPLEX, size, color, weight, cv2.LINE_AA
        )
