"""Plain methods to compare with: a mesh warp with a soft edge, or with Poisson blending.

Beside them stands the paper's own baseline, landmark warping: the usual 68 landmarks in two
dimensions, triangulated after Delaunay, without any mesh or blending.

The first two place the whole hull of the retargeted mesh: no visibility, no ring around the face,
no care for hair or light. They are what the project's own methods have to beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from exshot.face.similarity import fit_similarity
from exshot.face.topology import CANONICAL_VERTICES, load_topology
from exshot.image.rasterise import rasterise

# Vertices that an expression hardly moves: midline of forehead and nose, hairline, temples, the
# corners of the eyes.
_MIDLINE = (10, 151, 9, 8, 168, 6, 197, 195, 5)
_FOREHEAD = (109, 67, 103, 54, 338, 297, 332, 284, 108, 69, 104, 68, 337, 299, 333, 298)
_TEMPLES = (21, 162, 127, 234, 251, 389, 356, 454)
_CORNERS = (33, 133, 263, 362, 193, 417, 122, 351, 196, 419)
RIGID = np.array(_MIDLINE + _FOREHEAD + _TEMPLES + _CORNERS)

# The 68 landmarks of the 300 faces in the wild on the mesh: jaw line from the person's right to
# left, brows, nose ridge and base, right and left eye, outer and inner lips.
_LANDMARKS = np.array([
    127, 234, 93, 132, 172, 136, 150, 176, 152, 400, 379, 365, 397, 361, 323, 454, 356,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 98, 97, 2, 326, 327,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 81, 13, 311, 308, 402, 14, 178,
])  # fmt: skip

_EDGE = 7  # pixels by which the hull is shrunk
_FEATHER = 5.0  # sigma of the soft edge, pixels


@dataclass(frozen=True)
class Warped:
    """The expression photo drawn on the pose photo's head.

    Attributes:
        pixels: ``(H, W, 3)`` uint8, the pose photo outside the hull.
        hull: ``(H, W)`` uint8, 255 inside the retargeted face.
    """

    pixels: NDArray[np.uint8]
    hull: NDArray[np.uint8]


def rigid_alignment(
    moving: NDArray[np.floating], fixed: NDArray[np.floating]
) -> NDArray[np.float64]:
    """``(478, 3)`` moving mesh carried onto the fixed one by a similarity over `RIGID` vertices."""
    similarity = fit_similarity(moving[RIGID], fixed[RIGID], np.ones(len(RIGID)))
    return similarity(moving)


def warp_expression(
    pose: NDArray[np.uint8],
    pose_mesh: NDArray[np.floating],
    expression: NDArray[np.uint8],
    expression_mesh: NDArray[np.floating],
) -> Warped:
    """Draw the expression photo's face, rigidly aligned, over the pose photo's."""
    source = expression_mesh[:CANONICAL_VERTICES]
    target = rigid_alignment(expression_mesh, pose_mesh)[:CANONICAL_VERTICES]
    size = (pose.shape[0], pose.shape[1])
    raster = rasterise(target, load_topology().triangles, size)
    flow = raster.interpolate(source[:, :2])
    sampled = cv2.remap(
        expression, flow[..., 0], flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    hull = np.zeros(size, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.round(target[:, :2]).astype(np.int32)), (255,))
    drawn = (hull > 0) & raster.covered
    pixels = np.where(drawn[..., None], sampled, pose)
    return Warped(np.asarray(pixels, np.uint8), np.asarray(drawn * np.uint8(255), np.uint8))


def landmark_warp(
    pose: NDArray[np.uint8],
    pose_mesh: NDArray[np.floating],
    expression: NDArray[np.uint8],
    expression_mesh: NDArray[np.floating],
    *,
    whole: bool = False,
) -> Warped:
    """Delaunay warp of 68 landmarks (the row "landmark warping" of the paper's Table 1).

    The target landmarks are those of the rigidly aligned expression mesh, as for every method here.

    Args:
        whole: warp the whole expression photo, its border pinned to the pose photo's, as such
            warps often do; else only the landmarks' hull is drawn, over the pose photo.
    """
    source = expression_mesh[_LANDMARKS, :2].astype(np.float64)
    target = rigid_alignment(expression_mesh, pose_mesh)[_LANDMARKS, :2]
    size = (pose.shape[0], pose.shape[1])
    if whole:
        source = np.concatenate([source, _border(expression.shape[:2])])
        target = np.concatenate([target, _border(size)])
    flat = np.concatenate([target, np.zeros((len(target), 1))], axis=1)
    raster = rasterise(flat, Delaunay(target).simplices.astype(np.int32), size)
    flow = raster.interpolate(source)
    sampled = cv2.remap(
        expression, flow[..., 0], flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    pixels = np.where(raster.covered[..., None], sampled, pose)
    covered = raster.covered * np.uint8(255)
    return Warped(np.asarray(pixels, np.uint8), np.asarray(covered, np.uint8))


def _border(size: tuple[int, ...]) -> NDArray[np.float64]:
    """Corners and middles of a picture's sides, ``(8, 2)``."""
    height, width = size[0] - 1, size[1] - 1
    steps = [(x, y) for x in (0, 0.5, 1) for y in (0, 0.5, 1) if (x, y) != (0.5, 0.5)]
    return np.array(steps, np.float64) * np.array([width, height], np.float64)


def as_it_is(_pose: NDArray[np.uint8], warped: Warped) -> tuple[NDArray[np.uint8], NDArray]:
    """Result and mask, both uint8, without any blending."""
    return warped.pixels, warped.hull


def _shrunk(hull: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.erode(hull, np.ones((_EDGE, _EDGE), np.uint8)), np.uint8)


def feathered(pose: NDArray[np.uint8], warped: Warped) -> tuple[NDArray[np.uint8], NDArray]:
    """Result and mask, both uint8, of blending with a soft edge."""
    mask = cv2.GaussianBlur(_shrunk(warped.hull), (0, 0), _FEATHER)
    alpha = (mask / 255.0)[..., None]
    blended = warped.pixels * alpha + pose * (1 - alpha)
    return np.round(blended).astype(np.uint8), np.asarray(mask, np.uint8)


def poisson(pose: NDArray[np.uint8], warped: Warped) -> tuple[NDArray[np.uint8], NDArray]:
    """Result and mask, both uint8, of OpenCV's seamless cloning (Pérez et al. 2003)."""
    mask = _shrunk(warped.hull)
    mask[[0, -1], :] = mask[:, [0, -1]] = 0  # seamlessClone needs a border around the mask
    rows, columns = np.nonzero(mask)
    centre = (
        (int(columns.min()) + int(columns.max())) // 2,
        (int(rows.min()) + int(rows.max())) // 2,
    )
    result = cv2.seamlessClone(warped.pixels, pose, mask, centre, cv2.NORMAL_CLONE)
    return np.asarray(result, np.uint8), mask
