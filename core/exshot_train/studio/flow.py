"""Exact flow between any two views of one person: the same surface point, found in both.

A triangle's number at each target pixel and the target's vertices give the surface point under
the pixel's centre; the other view's vertices and camera say where that point is seen there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.rig import Camera

_DEPTH_TOLERANCE = 0.03  # decimetres; farther behind what is drawn counts as hidden
_OUTSIDE = -1e4


@dataclass(frozen=True)
class ViewGeometry:
    """The surface that one view shows.

    Attributes:
        vertices: ``(n, 3)`` decimetres, studio frame.
        numbers: ``(h, w)`` int32 triangle at each pixel's centre, -1 for none.
    """

    vertices: NDArray[np.float32]
    numbers: NDArray[np.int32]
    camera: Camera


def exact_flow(
    target: ViewGeometry, source: ViewGeometry, triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where each target pixel's surface point lies in the source view.

    Args:
        triangles: ``(m, 3)``, shared by both views.

    Returns:
        A sampling map ``(h, w, 2)`` float32, absolute x and y in the source for ``cv2.remap``
        (far outside where the target shows nothing), and ``(h, w)`` bool: the source shows that
        point too, in front and inside the picture.
    """
    points, covered = surface_points(target, triangles, source.vertices)
    seen_at = source.camera.project(points)
    flow = np.full((*target.numbers.shape, 2), _OUTSIDE, np.float32)
    flow[covered] = seen_at[:, :2]
    drawn = depth_map(source, triangles)
    nearest = cv2.remap(
        cv2.dilate(drawn, np.ones((3, 3))),
        flow[..., 0],
        flow[..., 1],
        cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=-1,
    )
    visible = np.zeros(target.numbers.shape, bool)
    visible[covered] = seen_at[:, 2] <= nearest[covered] + _DEPTH_TOLERANCE
    return flow, visible


def surface_points(
    view: ViewGeometry, triangles: NDArray[np.int32], vertices: NDArray[np.float32] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Surface points under the pixels' centres, ``(k, 3)``, and which pixels those are ``(h, w)``.

    With other ``vertices`` the points are those of the same places on that other shape.
    """
    covered = view.numbers >= 0
    corners = triangles[view.numbers[covered]]
    own = view.vertices.astype(np.float64)[corners]
    rays = view.camera.rays()[covered]
    # The ray meets the triangle's plane: Möller and Trumbore's barycentric weights.
    side1, side2 = own[:, 1] - own[:, 0], own[:, 2] - own[:, 0]
    from_first = view.camera.position - own[:, 0]
    cross = np.cross(rays, side2)
    scale = (side1 * cross).sum(1)
    scale = np.where(np.abs(scale) < 1e-12, 1e-12, scale)
    second = (from_first * cross).sum(1) / scale
    third = (rays * np.cross(from_first, side1)).sum(1) / scale
    # Seen edge-on, the plane is no guide; stay within the triangle.
    second, third = np.clip(second, -0.5, 1.5), np.clip(third, -0.5, 1.5)
    weights = np.stack([1 - second - third, second, third], 1)
    shape = view.vertices if vertices is None else vertices
    return (weights[..., None] * shape.astype(np.float64)[corners]).sum(1), covered


def depth_map(view: ViewGeometry, triangles: NDArray[np.int32]) -> NDArray[np.float32]:
    """Distance along the camera's axis, ``(h, w)`` decimetres, 0 where nothing is."""
    points, covered = surface_points(view, triangles)
    depth = np.zeros(view.numbers.shape, np.float32)
    depth[covered] = view.camera.project(points)[:, 2]
    return depth
