"""Brings the base mesh of the studio's people over the ICT face model, vertex by vertex.

The face model (USC-ICT, MIT; ``heads/ict``) comes from light-stage scans and has a mesh of its own.
Both heads are drawn from the front, the project's face model finds its landmarks in both pictures,
and from there the base mesh is pulled onto the other surface by its nearest points, as stiff at
first as it is loose at the end (Amberg, Romdhani, Vetter 2007, "Optimal step nonrigid ICP", with a
Laplacian in place of affine stiffness). Where a mouth or an eye opens, nearest points alone would
take one lip for the other: a point's partner also has to move alike under the same face units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import KDTree

from exshot.face.fitter import FaceFitter
from exshot.face.similarity import Similarity, fit_similarity
from exshot.model_store import ModelStore
from exshot_train.studio.assets import Assets, shaped
from exshot_train.studio.head import Head, Part, vertex_normals
from exshot_train.studio.raster import Rasteriser
from exshot_train.studio.rig import Camera, look_at
from exshot_train.studio.soft_light import soft_studio
from exshot_train.studio.soup import triangulate
from exshot_train.studio.triplets import develop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Matrix = Any  # scipy.sparse.csr_matrix

BODY_VERTICES: Final = 13380
"""Of the base mesh; what follows are helpers that parts hang on."""
LEFT_EYE, RIGHT_EYE = slice(14598, 14670), slice(14670, 14742)

_FACE_VERTICES: Final = (
    11248  # of the face model: face, head and neck; cavities, teeth, eyes follow
)
_BALLS: Final = ((21451, 22221), (23021, 23791))  # the person's left eyeball, the right
_IRIS: Final = 28.0  # degrees around an eyeball's front
_LOWEST: Final = 5.35  # decimetres: from here up the base mesh follows the face model
_SIZE: Final = 768
_IRIS_POINTS: Final = 468  # landmarks from here on lie on the eyes
_STIFFNESS: Final = (40.0, 20.0, 10.0, 5.0, 2.5, 1.2, 0.6, 0.3, 0.15, 0.15)
_NEAR: Final = 0.3  # decimetres, farther partners are none at first; a fifth of it at the end
# Units that tell one lip or lid from the other, and decimetres that a full move counts as.
_TELLING: Final = (("jawOpen", 0.35), ("eyeBlinkLeft", 0.12), ("eyeBlinkRight", 0.12))
_DARK, _DARK_TO_OPEN = 0.10, 0.15  # share of the sky that cavities see at most, and skin more
_NORMAL_WEIGHT: Final = 0.08  # decimetres that a right angle counts as, about


@dataclass(frozen=True)
class FaceModel:
    """The ICT face model, brought to the size and place of the base mesh.

    Attributes:
        vertices: ``(11248, 3)`` of the skin at rest, decimetres, studio frame.
        triangles: ``(m, 3)`` of the skin.
        identity: ``(100, 11248, 3)`` float32 modes, decimetres for one standard deviation.
        units: displacements ``(11248, 3)`` float32 by face unit (this project's names).
    """

    vertices: Floats
    triangles: Ints
    identity: NDArray[np.float32]
    units: dict[str, NDArray[np.float32]]

    @cached_property
    def samples(self) -> Matrix:
        """``(k, 11248)``: vertices, edges' middles and triangles' middles of the surface."""
        t, n = self.triangles, len(self.vertices)
        edges = np.unique(
            np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), 1), axis=0
        )
        return sparse.vstack([sparse.identity(n), _means(edges, n), _means(t, n)]).tocsr()

    @cached_property
    def normals(self) -> Floats:
        """Of the samples, ``(k, 3)``."""
        corners = np.concatenate([self.triangles, self.triangles[:, 2:]], 1)
        return self.samples @ vertex_normals(self.vertices, corners)

    def moved(self, scale: float, turn: Floats, shift: Floats) -> FaceModel:
        """The face model elsewhere, see `Fit`."""
        return FaceModel(
            scale * self.vertices @ turn.T + shift,
            self.triangles,
            (scale * self.identity @ turn.T).astype(np.float32),
            {name: (scale * move @ turn.T).astype(np.float32) for name, move in self.units.items()},
        )


def read_model(assets: Assets) -> tuple[FaceModel, Head]:
    """The face model with eyes at the base mesh's, before it is fitted, and a head to draw."""
    with np.load(assets.scans / "ict_facekit.npz", allow_pickle=False) as data:
        neutral, faces = data["neutral"].astype(np.float64), data["faces"].astype(np.int64)
        identity, moves = data["identity"], data["expression"]
        names = [str(name) for name in data["expression_names"]]
    eyes = np.stack([assets.base.vertices[side].mean(0) for side in (LEFT_EYE, RIGHT_EYE)])
    own = np.stack([neutral[first:last].mean(0) for first, last in _BALLS])
    scale = float((eyes[0] - eyes[1])[0] / (own[0] - own[1])[0])
    place = (neutral - own.mean(0)) * scale + eyes.mean(0)
    skin = faces[(faces < _FACE_VERTICES).all(1)]
    kept = slice(0, _FACE_VERTICES)
    units: dict[str, NDArray[np.float32]] = {}
    for name, move in zip(names, moves, strict=True):
        unit = _unit_name(name)
        units[unit] = units.get(unit, 0) + scale * move[kept].astype(np.float32)
    model = FaceModel(place[kept], skin, scale * identity[:, kept].astype(np.float32), units)
    parts = [_part("face", "skin", place, skin, (0.55, 0.36, 0.28))]
    for (first, last), middle in zip(_BALLS, eyes, strict=True):
        ball = faces[(faces >= first).all(1) & (faces < last).all(1)]
        ahead = place[ball].mean(1) - middle
        front = ahead[:, 2] > np.cos(np.radians(_IRIS)) * np.linalg.norm(ahead, axis=1)
        parts.append(_part("white", "eye", place, ball[~front], (0.7, 0.7, 0.7)))
        parts.append(_part("iris", "eye", place, ball[front], (0.03, 0.02, 0.01)))
    return model, Head(tuple(parts), eyes.mean(0))


@dataclass(frozen=True)
class Fit:
    """How face model and base mesh lie on each other.

    Attributes:
        scale, turn, shift: bring a point of `read_model`'s face to ``scale * turn @ p + shift``.
        body: ``(13380, 3)``, the base mesh's skin with its head drawn over that face.
        open_air: ``(13380,)`` 1 for skin that light reaches, 0 inside nose, mouth and eye sockets,
            which the face model does not have.
    """

    scale: float
    turn: Floats
    shift: Floats
    body: Floats
    open_air: Floats


def fit_base(assets: Assets, plain: Floats, base_head: Head) -> Fit:
    """Fit the face model to the base mesh, and then the base mesh to the face model.

    Args:
        plain: ``(19158, 3)`` the base mesh of the person that ``base_head`` shows.
    """
    model, head = read_model(assets)
    corners = body_corners(assets)
    triangles = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])
    triangles = triangles[triangles[:, 1] != triangles[:, 2]]
    camera = look_at(head.eye_centre, 0, 0, 85.0, 0.29 * _SIZE, (_SIZE, _SIZE))
    rasteriser, fitter = Rasteriser(), FaceFitter(ModelStore())
    on_base, seen = _landmarks(rasteriser, fitter, base_head, camera, plain, triangles)
    on_model, seen_too = _landmarks(
        rasteriser, fitter, head, camera, model.vertices, model.triangles
    )
    both = seen & seen_too
    onto_base, close = _similarity((on_model @ model.vertices)[both], (on_base @ plain)[both])
    scale, turn, shift = onto_base.scale, onto_base.rotation, onto_base.translation
    model = model.moved(scale, turn, shift)
    used = np.flatnonzero(both)[close]
    open_air = _open_air(rasteriser, base_head, plain, corners)
    marks = on_base[used][:, :BODY_VERTICES], on_model[used] @ model.vertices
    body = _pulled(assets, plain[:BODY_VERTICES], corners, model, marks, open_air)
    return Fit(scale, turn, shift, body, open_air)


def _open_air(rasteriser: Rasteriser, head: Head, plain: Floats, corners: Ints) -> Floats:
    """How open to light each vertex of the skin lies, 0 for cavities to 1."""
    nowhere = np.zeros((1, 2))
    skin = plain[:BODY_VERTICES], corners, nowhere, 0 * corners
    parts = (
        Part("skin", "skin", *skin, None, (1.0, 1.0, 1.0)),
        *(part for part in head.parts if part.kind in ("eye", "teeth")),
    )
    bare = replace(head, parts=parts)
    sky = rasteriser.transfer(bare, triangulate(bare))[:BODY_VERTICES, 0] / 0.282095
    return np.clip((sky.astype(np.float64) - _DARK) / _DARK_TO_OPEN, 0, 1)


def body_corners(assets: Assets) -> Ints:
    """Polygons of the base mesh's skin."""
    return assets.base.corners[np.array(assets.base.groups) == "body"]


def partners(
    model: FaceModel, place: Floats, normals: Floats, telling: Floats, own: Floats | None = None
) -> tuple[Matrix, Floats]:
    """For every point the place on the face model that it belongs to.

    Args:
        place, normals: ``(n, 3)``.
        telling: ``(n, k)``, how far each point moves under the units that tell lips and lids apart,
            see `told_apart`.

    Returns:
        ``(n, 11248)`` weights, and distance to the partner in decimetres, ``(n,)``.
    """
    if own is None:
        own = told_apart(model.units, len(model.vertices))
    surface = model.samples @ model.vertices
    tree = KDTree(np.hstack([surface, _NORMAL_WEIGHT * model.normals, model.samples @ own]))
    apart, found = tree.query(np.hstack([place, _NORMAL_WEIGHT * normals, telling]), k=4)
    weights = 1 / np.maximum(apart, 1e-4)
    weights /= weights.sum(1, keepdims=True)
    rows = np.repeat(np.arange(len(place)), 4)
    shape = (len(place), len(surface))
    chosen: Matrix = sparse.csr_matrix((weights.ravel(), (rows, found.ravel())), shape)
    matrix = (chosen @ model.samples).tocsr()
    return matrix, np.linalg.norm(matrix @ model.vertices - place, axis=1)


def told_apart(units: dict[str, Any], count: int) -> Floats:
    """How far each vertex moves under a few units, ``(count, 3)``, scaled to be distances."""
    columns = []
    for name, weight in _TELLING:
        down = -np.asarray(units[name], np.float64)[:count, 1]
        columns.append(weight * np.clip(down / np.percentile(down[down > 1e-4], 98), 0, 1))
    return np.stack(columns, 1)


def base_units(assets: Assets, names: list[str]) -> dict[str, Floats]:
    """Displacements ``(19158, 3)`` of the base mesh's own face units."""
    rest = np.zeros_like(assets.base.vertices)
    return {name: shaped(rest, assets, {name: 1.0}) for name in names}


def laplacian(corners: Ints, count: int) -> Matrix:
    """``(count, count)``: a vertex minus the mean of its neighbours along polygons' edges."""
    pairs = np.concatenate([corners[:, [k, (k + 1) % 4]] for k in range(4)])
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    links = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (count, count))
    links = ((links + links.T) > 0).astype(float)
    degree = np.maximum(np.asarray(links.sum(1)).ravel(), 1)
    return (sparse.identity(count) - sparse.diags(1 / degree) @ links).tocsr()


def _pulled(
    assets: Assets,
    body: Floats,
    corners: Ints,
    model: FaceModel,
    marks: tuple[Matrix, Floats],
    open_air: Floats,
) -> Floats:
    """The base mesh's head drawn over the face model, ``(13380, 3)``.

    Args:
        marks: landmarks as weights of the body's vertices, and where they belong.
    """
    names = [name for name, _ in _TELLING]
    telling = told_apart(base_units(assets, names), BODY_VERTICES)
    own = told_apart(model.units, len(model.vertices))
    free = body[:, 1] > _LOWEST
    smooth = laplacian(corners, BODY_VERTICES)
    smooth = (smooth.T @ smooth).tocsr()
    on_body, goal = marks
    moved = np.zeros_like(body)
    for step, stiffness in enumerate(_STIFFNESS):
        place = body + moved
        matrix, apart = partners(model, place, vertex_normals(place, corners), telling, own)
        reach = _NEAR * (1 - 0.8 * step / (len(_STIFFNESS) - 1))
        trust = free * open_air * np.exp(-((apart / reach) ** 2))
        trust[~free] = 100.0  # the shoulders stay
        target = np.where(free[:, None], matrix @ model.vertices, body) - body
        hold = 4.0 / (1 + step)
        system = stiffness * 20 * smooth + sparse.diags(trust) + hold * (on_body.T @ on_body)
        right = trust[:, None] * target + hold * (on_body.T @ (goal - on_body @ body))
        moved = splu(sparse.csc_matrix(system)).solve(right)
    return body + moved


def _landmarks(
    rasteriser: Rasteriser,
    fitter: FaceFitter,
    head: Head,
    camera: Camera,
    vertices: Floats,
    triangles: Ints,
) -> tuple[Matrix, NDArray[np.bool_]]:
    """The face's landmarks on a mesh: ``(468, n)`` weights, and which of them lie on it."""
    soup = triangulate(head)
    passes = rasteriser.draw(head, soup, camera, rasteriser.transfer(head, soup))
    picture = np.clip(develop(passes, camera, soft_studio()), 0, 1)
    faces = fitter.fit(np.round(picture * 255).astype(np.uint8))
    if not faces:
        raise RuntimeError("no face was found on a head that is drawn from the front")
    found = faces[0].mesh[:_IRIS_POINTS, :2].astype(np.float64)
    at = camera.project(vertices)
    corners, depth = at[triangles][..., :2], at[triangles][..., 2].mean(1)
    weights = np.zeros((len(found), 3))
    chosen = np.full(len(found), -1)
    edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    area = np.where(np.abs(area) < 1e-9, np.inf, area)
    for k, point in enumerate(found):
        offset = point - corners[:, 0]
        second = (offset[:, 0] * edge2[:, 1] - offset[:, 1] * edge2[:, 0]) / area
        third = (edge1[:, 0] * offset[:, 1] - edge1[:, 1] * offset[:, 0]) / area
        inside = np.isfinite(area) & (second >= 0) & (third >= 0) & (second + third <= 1)
        if inside.any():
            hit = np.flatnonzero(inside)
            chosen[k] = hit[depth[hit].argmin()]
            weights[k] = (
                1 - second[chosen[k]] - third[chosen[k]],
                second[chosen[k]],
                third[chosen[k]],
            )
    rows = np.repeat(np.arange(len(found)), 3)
    columns = triangles[np.maximum(chosen, 0)].ravel()
    shape = (len(found), len(vertices))
    return sparse.csr_matrix((weights.ravel(), (rows, columns)), shape), chosen >= 0


def _similarity(source: Floats, target: Floats) -> tuple[Similarity, NDArray[np.bool_]]:
    """What brings source to target, and who agrees with it.

    Landmarks that fell into an eye or the mouth do not.
    """

    def agreeing(found: Similarity) -> NDArray[np.bool_]:
        apart = np.linalg.norm(found(source) - target, axis=1)
        return apart < max(0.06, 2 * float(np.median(apart)))

    found = fit_similarity(source, target, np.ones(len(source)))
    for _ in range(7):
        found = fit_similarity(source, target, agreeing(found).astype(np.float64))
    return found, agreeing(found)


def _means(groups: Ints, count: int) -> Matrix:
    size = groups.shape[1]
    rows = np.repeat(np.arange(len(groups)), size)
    weights = np.full(groups.size, 1 / size)
    return sparse.csr_matrix((weights, (rows, groups.ravel())), (len(groups), count))


def _part(
    name: str, kind: str, place: Floats, faces: Ints, tint: tuple[float, float, float]
) -> Part:
    used, own = np.unique(faces, return_inverse=True)
    own = own.reshape(faces.shape)
    corners = np.concatenate([own, own[:, 2:]], 1)
    return Part(name, kind, place[used], corners, np.zeros((1, 2)), 0 * corners, None, tint)


def _unit_name(name: str) -> str:
    """This project's name of a unit of the face model; halves of one unit get the same."""
    stem, _, side = name.partition("_")
    if stem in ("browInnerUp", "cheekPuff"):
        return stem
    return stem + {"L": "Left", "R": "Right", "": ""}[side]
