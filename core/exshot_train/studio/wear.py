"""What a sitter may wear in front of the face: six pairs of glasses and a medical mask.

The meshes are MakeHuman's clothes (CC0): they hang on the base mesh as hair does, so they fit
every person. Frames and lenses are told apart by their form, and lenses are made for frames that
come without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from exshot_train.studio.assets import Assets, Fitting, Floats, Ints, Polygons
from exshot_train.studio.people import Color

GLASSES: Final = {
    "angular": "spamrakuen_sagerfrogs_glasses_01",
    "narrow": "spamrakuen_sagerfrogs_glasses_02",
    "half_rim": "spamrakuen_sagerfrogs_glasses_03",
    "rimless": "spamrakuen_sagerfrogs_glasses_04",
    "wide": "spamrakuen_tbm_glasses_frames_01",
    "round": "toigo_round_glasses_leopard",
}
"""Names of the glasses and their folders below ``makehuman_extra``."""

MASK: Final = "joepal_medical_mouth_protection"

_PLAN: Final = 600.0  # pixels per decimetre of the front view in which lenses are looked for
_LEAST_LENS: Final = 0.03  # square decimetres
_BODY_VERTICES: Final = 13380  # of the base mesh; helpers follow
_CLEARANCE: Final = 0.03  # decimetres between a lens and the skin
_FARTHEST: Final = 0.2
_FLAT: Final = 0.25  # a lens is no deeper than this, an arm is


@dataclass(frozen=True)
class Glass:
    """What lenses do to light.

    Attributes:
        tint: linear RGB share of light that passes, once through.
        gradient: how much darker the upper edge is than the lower, 0 to 1.
        power: share by which the lens shrinks (negative) or enlarges what lies behind it.
        coating: factor on reflections; 1 is bare glass, 0 none, above 1 a mirror.
    """

    tint: Color = (0.96, 0.97, 0.96)
    gradient: float = 0.0
    power: float = 0.0
    coating: float = 1.0


@dataclass(frozen=True)
class Worn:
    """What a sitter wears.

    Attributes:
        glasses: one of `GLASSES`, or None.
        frame: linear RGB albedo of the frame.
        glass: of the lenses.
        mask: a medical mask; ``mask_tint`` multiplies its texture.
    """

    glasses: str | None = None
    frame: Color = (0.02, 0.02, 0.02)
    glass: Glass = Glass()
    mask: bool = False
    mask_tint: Color = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Spectacles:
    """A pair of glasses: where its vertices hang on the base mesh, and what they make up.

    Attributes:
        fitting: of the vertices that the file has.
        frame: polygons of the frame, ``(f, 4)``.
        lenses: polygons of both lenses, ``(g, 4)``; vertex numbers from ``len(fitting.anchors)`` on
            are the middles below.
        middles: for every added vertex the numbers of the rim's vertices that it is the mean of.
    """

    fitting: Fitting
    frame: Ints
    lenses: Ints
    middles: tuple[Ints, ...]

    def fit(self, plain: Floats) -> Floats:
        """Vertices, ``(n, 3)``, on a base mesh without expression: glasses do not bend.

        They slide down the nose until no brow or cheek touches a lens.
        """
        vertices = self.fitting.fit(plain, plain)
        middles = (vertices[ring].mean(0)[None] for ring in self.middles)
        vertices = np.concatenate([vertices, *middles])
        front = vertices[np.unique(self.lenses)]
        skin = plain[:_BODY_VERTICES]
        skin = skin[np.abs(skin[:, 1] - front[:, 1].mean()) < 1]
        _, near = KDTree(skin[:, :2]).query(front[:, :2])
        touching = float((skin[near, 2] - front[:, 2]).max()) + _CLEARANCE
        return vertices + np.array([0.0, 0.0, np.clip(touching, 0, _FARTHEST)])


def spectacles(assets: Assets, name: str) -> Spectacles:
    """The glasses called ``name`` in `GLASSES`."""
    polygons, fitting = assets.worn(GLASSES[name])
    vertices = fitting.fit(assets.base.vertices, assets.base.vertices)
    pieces = _pieces(polygons, len(vertices))
    sheets = [k for k in range(pieces.max() + 1) if _is_lens(vertices, polygons, pieces == k)]
    of_lens = np.isin(pieces, sheets)[polygons.corners[:, 0]]
    frame, lenses = polygons.corners[~of_lens], polygons.corners[of_lens]
    if len(lenses):
        return Spectacles(fitting, frame, _front_sheets(vertices, lenses), ())
    rings = _openings(vertices, frame)
    fans = [_fan(ring, len(vertices) + k) for k, ring in enumerate(rings)]
    return Spectacles(fitting, frame, np.concatenate(fans), tuple(rings))


def _pieces(polygons: Polygons, count: int) -> NDArray[np.int32]:
    """Number of the connected piece that each vertex belongs to."""
    ends = np.concatenate([polygons.corners[:, [k, (k + 1) % 4]] for k in range(4)])
    links = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (count, count))
    return connected_components(links, directed=False)[1]


def _is_lens(vertices: Floats, polygons: Polygons, chosen: NDArray[np.bool_]) -> bool:
    """Whether a piece is a flat sheet over one eye that leaves no hole in its middle."""
    place = vertices[chosen]
    low, high = place.min(0), place.max(0)
    if high[2] - low[2] > _FLAT or low[0] * high[0] < 0:
        return False
    if (high[0] - low[0]) * (high[1] - low[1]) < _LEAST_LENS:
        return False
    plan = _plan(vertices, polygons.corners[chosen[polygons.corners[:, 0]]])
    x, y = _pixels(place[:, :2].mean(0))
    return bool(plan[y, x])


def _front_sheets(vertices: Floats, lenses: Ints) -> Ints:
    """Of lenses with a front and a back, the polygons that face forward."""
    one = vertices[lenses[:, 2]] - vertices[lenses[:, 0]]
    other = vertices[lenses[:, 3]] - vertices[lenses[:, 1]]
    facing = np.cross(one, other)[:, 2]
    forward = facing > 0
    return lenses[forward] if 0.2 < forward.mean() < 0.8 else lenses


def _openings(vertices: Floats, frame: Ints) -> list[Ints]:
    """The rim's vertices around each opening of a frame seen from the front, in order."""
    flat = vertices[frame].min(1)[:, 2] > vertices[:, 2].max() - _FLAT
    plan = _plan(vertices, frame[flat])
    contours, tree = cv2.findContours(plan, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    used = np.unique(frame[flat])
    place = np.stack(_pixels(vertices[used, :2]), axis=-1)
    rings = []
    for contour, (_, _, _, outer) in zip(contours, tree[0], strict=True):
        if outer < 0 or cv2.contourArea(contour) < _LEAST_LENS * _PLAN**2:
            continue
        apart = np.linalg.norm(contour[:, 0, None].astype(float) - place[None], axis=2)
        ring = used[apart.argmin(1)]
        ring = ring[np.r_[True, ring[1:] != ring[:-1]]]
        _, first = np.unique(ring, return_index=True)
        rings.append(ring[np.sort(first)])
    return rings


def _fan(ring: Ints, middle: int) -> Ints:
    following = np.roll(ring, -1)
    return np.stack([np.full_like(ring, middle), ring, following, following], axis=1)


def _plan(vertices: Floats, corners: Ints) -> NDArray[np.uint8]:
    """The polygons from the front, filled with 255; `_pixels` says where."""
    plan = np.zeros((round(1.2 * _PLAN), round(2 * _PLAN)), np.uint8)
    for polygon in corners:
        outline = np.stack(_pixels(vertices[polygon, :2]), axis=-1).astype(np.int32)
        cv2.fillPoly(plan, [outline], (255,))
    return plan


def _pixels(place: Floats) -> tuple[Ints, Ints]:
    """Column and row of places in `_plan`, which shows 2 by 1.2 decimetres around the eyes."""
    x, y = place[..., 0], place[..., 1]
    column, row = (x + 1) * _PLAN, (7.85 - y) * _PLAN
    return np.round(column).astype(np.int64), np.round(row).astype(np.int64)
