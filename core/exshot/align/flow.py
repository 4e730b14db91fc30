"""Warp-flow computation: everything the meshes say about an edit, as maps over the target crop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.surface import OUTERMOST, RING_SHARES, RINGS, surface, with_rings
from exshot.face.face import MESH_VERTICES
from exshot.face.topology import CANONICAL_VERTICES, FACE_OVAL, load_topology
from exshot.image.geometry import within
from exshot.image.rasterise import Raster, rasterise
from exshot.image.sampling import Map, blur, distance_inside, ramp, spread

_DEPTH_TOLERANCE: Final = 0.04  # of the face width: deeper than that is behind something
_IDENTITY: Final = np.array([[1, 0], [0, 1], [0, 0]])  # x and y themselves, as planes
_RIM: Final = (0.03, 0.10)  # of the face width: how far inside the contour the move is its own
_RIM_SIGMA: Final = 0.03  # of the face width
_ROOM: Final = 2.0  # how far the rings reach, in moves of the oval: none folds, little bends
_REACH: Final = (0.05, 0.9 * OUTERMOST)  # radii of the oval, however little or much moves
_ALIKE: Final = 4  # neighbours along the oval, on either side, beside which the rings reach as far
_GRAZING: Final = (0.10, 0.35)  # cosine to the viewer where a surface goes from unseen to seen


@dataclass(frozen=True)
class WarpMaps:
    """Maps over a square target crop of ``size`` pixels; ``h = w = size``.

    Attributes:
        flow_expression: ``(h, w, 2)`` float32, position in the expression crop to read for each
            target pixel (flow e→t). Means something over the face and the ring around it.
        flow_pose: ``(h, w, 2)`` float32, position in the pose crop (flow p→t); the identity
            outside the ring.
        visibility: ``(h, w)`` float32 in [0, 1], how well the expression photo shows what is
            needed at a target pixel; 0 outside the face, between at its rim (two pixels).
        normals: ``(h, w, 3)`` float32 unit normals of the target mesh, x right, y down, z toward
            the viewer is negative; 0 outside the face, as the visibility.
        face: ``(h, w)`` bool, inside the face oval of the target mesh.
        reach: ``(h, w)`` bool, inside the outermost ring.
    """

    flow_expression: NDArray[np.float32]
    flow_pose: NDArray[np.float32]
    visibility: NDArray[np.float32]
    normals: NDArray[np.float32]
    face: NDArray[np.bool_]
    reach: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SeenSurface:
    """What a photo shows of its face, whatever that is laid onto; make one with `seen_surface`.

    Attributes:
        vertices: ``(v, 3)`` float64 mesh with its rings, pixels of the photo's crop.
        facing: ``(468,)`` float32, cosine between a vertex's normal and the way to the viewer.
        nearest: ``(h, h)`` float32 depth of the nearest surface over the crop, or what lies nearer
            in a neighbouring pixel.
    """

    vertices: NDArray[np.float64]
    facing: NDArray[np.float32]
    nearest: Map


def seen_surface(mesh: NDArray[np.floating], size: int) -> SeenSurface:
    """Of a mesh ``(478, 3)`` in pixels of a crop of ``size``."""
    shape, vertices = surface(), with_rings(mesh)
    raster = rasterise(vertices, shape.triangles[: shape.face_triangles], (size, size))
    far = float(vertices[:, 2].max()) + 1.0
    nearest = cv2.erode(raster.interpolate(vertices[:, 2:3], far)[..., 0], np.ones((3, 3)))
    facing = -vertex_normals(vertices)[:, 2]
    return SeenSurface(vertices, facing, nearest.astype(np.float32, copy=False))


def vertex_normals(mesh: NDArray[np.floating]) -> NDArray[np.float32]:
    """Unit normals of the first 468 vertices, pointing out of the face, ``(468, 3)``.

    Same axes as the mesh: a vertex that faces the camera has z = -1.
    """
    triangles = load_topology().triangles
    a, b, c = (mesh[triangles[:, i]] for i in range(3))
    facets = np.cross(b - a, c - a)
    order, starts = _corners_by_vertex()
    out = np.add.reduceat(np.repeat(facets, 3, axis=0)[order], starts, axis=0)
    # The canonical triangles run counter-clockwise with y up; with y down the sign turns.
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    return out.astype(np.float32)


@lru_cache(maxsize=1)
def _corners_by_vertex() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Order that sorts all triangle corners by vertex, and where each vertex begins in it."""
    corners = load_topology().triangles.ravel()
    order = np.argsort(corners, kind="stable")
    return order, np.searchsorted(corners[order], np.arange(CANONICAL_VERTICES))


def compute_maps(
    target: NDArray[np.floating],
    pose: NDArray[np.floating],
    expression: SeenSurface,
    fields: NDArray[np.floating],
    size: int,
) -> tuple[WarpMaps, Map]:
    """Rasterise one edit.

    Args:
        target: ``(478, 3)`` mesh of the result, in crop pixels.
        pose: ``(478, 3)`` mesh of the pose photo, in the same crop's pixels.
        expression: what the expression photo shows, in pixels of its own crop of ``size``.
        fields: ``(478, k)`` values per vertex to spread over the target.
        size: side of the target crop.

    Returns:
        The maps, and ``fields`` over the target, ``(size, size, k)`` float32; 0 outside the face,
        as the visibility.
    """
    shape = surface()
    reach = _ring_reach(target, pose)
    from_pose = with_rings(pose, reach)
    drawn = _pinned(with_rings(target, reach), from_pose)
    raster = rasterise(drawn, shape.triangles, (size, size))
    # Positions change by about one a pixel; beside the mesh nothing moves.
    read = with_rings(expression.vertices[:MESH_VERTICES], reach)[:, :2]
    flow_expression = raster.interpolate(read, outside=_IDENTITY, slack=1.0)
    face = raster.seen < shape.face_triangles
    move = raster.interpolate(from_pose[:, :2] - drawn[:, :2])
    move = _eased_rim(move, face, float(np.ptp(target[:, 0])))
    # Not a pixel beyond the rings, enlarged, may move.
    inner = cv2.erode(raster.covered.view(np.uint8), np.ones((3, 3)))
    move *= spread(inner.astype(np.float32), 2)
    visibility, smooth = _face_maps(raster, target, expression, flow_expression, fields)
    maps = WarpMaps(
        flow_expression=flow_expression,
        flow_pose=move + identity_flow(size),
        visibility=visibility,
        normals=np.asarray(cv2.merge(list(smooth[:3])), np.float32),
        face=face,
        reach=raster.covered,
    )
    return maps, np.moveaxis(smooth[3:], 0, 2)


def _eased_rim(move: Map, face: NDArray[np.bool_], face_width: float) -> Map:
    """The pose photo's move without the jump at the far side of a turned head.

    There the rings lie behind the face, with a move of their own; where the two meet, the
    contour would tear. Well inside the face nothing changes, nor where the move is smooth.
    """
    low, high = _RIM
    inside = ramp(distance_inside(face), low * face_width, high * face_width)
    smooth = blur(move, _RIM_SIGMA * face_width)
    smooth += spread(inside, 2) * (move - smooth)
    return smooth


def _face_maps(
    raster: Raster,
    target: NDArray[np.floating],
    expression: SeenSurface,
    flow_expression: Map,
    fields: NDArray[np.floating],
) -> tuple[Map, Map]:
    """Visibility ``(h, h)``; normals and fields ``(3 + k, h, h)``. 0 off the face.

    Args:
        raster: of the target mesh, ``h`` pixels a side.
        target: that mesh.
        expression: what the expression photo shows.
        flow_expression: ``(h, h, 2)``, where it is read.
        fields: ``(478, k)``.
    """
    shape = surface()
    values = np.zeros((shape.vertices, 4 + fields.shape[1]))
    values[:CANONICAL_VERTICES, 0] = expression.facing
    values[:CANONICAL_VERTICES, 1:4] = vertex_normals(target)
    values[:MESH_VERTICES, 4:] = fields
    size = len(raster.seen)
    visibility = np.zeros((size, size), np.float32)
    smooth = np.zeros((values.shape[1] - 1, size, size), np.float32)
    on_face = raster.seen < shape.face_triangles
    if not on_face.any():
        return visibility, smooth
    place = within(on_face).slices
    part = raster.part(*place)
    drawn = part.planes(values)
    drawn *= on_face[place].astype(np.float32)
    visibility[place] = ramp(drawn[0], *_GRAZING) * _seen_in_source(
        part, expression, flow_expression[place]
    )
    smooth[:, place[0], place[1]] = drawn[1:]
    return visibility, smooth


@lru_cache(maxsize=4)
def identity_flow(size: int) -> NDArray[np.float32]:
    """The flow that reads every pixel where it is, ``(size, size, 2)``; not to be written to."""
    line = np.arange(size, dtype=np.float32)
    flow = np.stack(np.meshgrid(line, line), axis=-1)
    flow.flags.writeable = False
    return flow


def _pinned(target: NDArray[np.float64], pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Target rings: as the pose photo's, moved by a share of the oval's move.

    So the rings move with the oval next to them, and are pinned where they reach to and beyond.
    (Those around the expression mesh sit at its own oval: they only feed the soft edge.)
    """
    oval = list(FACE_OVAL)
    move = target[oval] - pose[oval]
    out = target.copy()
    first = len(pose) - RINGS * len(oval)
    for step, share in enumerate((*RING_SHARES, 1.0)):
        rows = slice(first + step * len(oval), first + (step + 1) * len(oval))
        out[rows] = pose[rows] + (1 - share) * move
    return out


def _ring_reach(target: NDArray[np.floating], pose: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far the inner rings reach beyond each vertex of the oval, ``(36,)`` radii.

    No further than the oval's move asks for: what lies beside a face, a wall or a collar, should
    not bend with it.
    """
    oval = list(FACE_OVAL)
    radius = np.linalg.norm(pose[oval, :2] - pose[oval, :2].mean(axis=0), axis=1)
    move = np.linalg.norm((target - pose)[oval, :2], axis=1)
    reach = np.clip(_ROOM * move / np.maximum(radius, 1e-6), *_REACH)
    return _with_neighbours(_with_neighbours(reach).max(axis=0)).mean(axis=0)


def _with_neighbours(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values along the closed oval ``(n,)`` with those beside them, ``(2 * _ALIKE + 1, n)``."""
    return np.stack([np.roll(values, step) for step in range(-_ALIKE, _ALIKE + 1)])


def _seen_in_source(drawn: Raster, source: SeenSurface, flow: Map) -> Map:
    """1 where what is sampled is the nearest surface of the expression photo, else 0.

    Args:
        drawn: of the target mesh.
        source: what the expression photo shows.
        flow: ``(h, w, 2)`` over ``drawn``, where it is read.
    """
    depth = drawn.planes(source.vertices[:, 2:], slack=1.0)[0]
    x, y = cv2.split(flow)
    there = cv2.remap(source.nearest, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    width = float(np.ptp(source.vertices[:CANONICAL_VERTICES, 0]))
    return (depth <= there + _DEPTH_TOLERANCE * width).astype(np.float32)
