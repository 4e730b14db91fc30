"""Assembles a person's head: shape, expression, gaze and head pose give vertices of every part.

Topology never changes between people, expressions or poses, so vertex k of a part is the same
surface point everywhere: that is what makes exact flow possible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.transform import Rotation

from exshot_train.studio.assets import Assets, Polygons, shaped
from exshot_train.studio.beard import beard_region
from exshot_train.studio.people import Color, Person
from exshot_train.studio.subdivide import Matrix, subdivide
from exshot_train.studio.wear import MASK, Spectacles, Worn, spectacles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = (
    "skin", "cloth", "eye", "teeth", "tongue", "brow", "lash", "hair", "rim", "lens", "mask",
)  # fmt: skip
PARTS_IN_ORDER = (
    "body", "shirt", "eyes", "teeth", "tongue", "brows", "lashes", "hair", "frame", "lenses",
    "mask",
)  # fmt: skip
_KIND_OF_PART: dict[str, str] = dict(zip(PARTS_IN_ORDER, KINDS, strict=True))
NECK_PIVOT = np.array([0.0, 6.25, 0.25])  # where a head turns and nods, decimetres

_BUST_BOTTOM = 3.0
_SCANNED_TEETH = np.array([0.92, 1.0, 1.0])
_TEETH_BACK = 0.015  # decimetres
_LEFT_EYE, _RIGHT_EYE = slice(14598, 14670), slice(14670, 14742)


@dataclass(frozen=True)
class Expression:
    """A posed face: weight of each face unit, and gaze in degrees.

    ``gaze_yaw`` is positive toward the person's left, ``gaze_pitch`` positive upward.
    """

    name: str
    units: dict[str, float]
    gaze_yaw: float = 0.0
    gaze_pitch: float = 0.0


@dataclass(frozen=True)
class HeadTurn:
    """Turn of the head on its neck, degrees: yaw toward the person's left, pitch up, roll toward
    the person's right shoulder."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def matrix(self) -> Floats:
        """``(3, 3)``, acting on column vectors of the studio frame."""
        return Rotation.from_euler("YXZ", [self.yaw, -self.pitch, self.roll], True).as_matrix()


@dataclass(frozen=True)
class Stubble:
    """Short hair on a skin's texture; it moves with the skin.

    Attributes:
        density: 0 to 1.
        color: linear RGB albedo of the hairs.
        where: ``(h, w)`` float32 in [0, 1] over the texture's square, top row first.
    """

    density: float
    color: Color
    where: NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """One textured piece of a head.

    Attributes:
        vertices: ``(n, 3)``, decimetres, studio frame (x person's left, y up, z forward).
        corners, uv_corners: ``(f, 4)``; triangles repeat their last corner.
        uv: ``(m, 2)``, origin lower left.
        texture: picture of the albedo, None for plain ``tint``.
        tint: linear RGB factor.
        relief: ``(n, 3)`` the vertices with deeper folds, whose normals are the part's; None where
            they are the vertices' own.
        stubble: on a skin.
    """

    name: str
    kind: str
    vertices: Floats
    corners: Ints
    uv: Floats
    uv_corners: Ints
    texture: Path | None
    tint: Color
    relief: Floats | None = None
    stubble: Stubble | None = None

    def normals(self) -> Floats:
        """Of the vertices, ``(n, 3)``, folds included."""
        return vertex_normals(self.vertices if self.relief is None else self.relief, self.corners)


@dataclass(frozen=True)
class Head:
    """All parts of one posed head, in ``PARTS_IN_ORDER`` (some may be missing)."""

    parts: tuple[Part, ...]
    eye_centre: Floats  # (3,), between the eyes


@dataclass(frozen=True)
class _Shapes:
    """The base mesh of a person, without and with the expression, ``(19158, 3)`` each."""

    plain: Floats
    posed: Floats


@dataclass(frozen=True)
class _Topology:
    """A part's smoothing matrix and its fine polygons."""

    matrix: Matrix
    corners: Ints
    uv: Floats
    uv_corners: Ints


@dataclass(frozen=True)
class Folds:
    """What a face unit does to a finely divided skin beyond its coarse move, decimetres.

    Attributes:
        moves: ``(n, 3)`` float32, of the vertices.
        heights: ``(n,)`` float32, along the normals and of these alone: see `Part.relief`.
    """

    moves: NDArray[np.float32]
    heights: NDArray[np.float32]


class Faces(Protocol):
    """Identities and moves from elsewhere, on the base mesh: see `exshot_train.studio.scans`."""

    def shaped(self, plain: Floats, weights: tuple[float, ...]) -> Floats: ...
    def posed(self, plain: Floats, units: dict[str, float]) -> Floats: ...
    def folds(self, matrix: Matrix, corners: Ints) -> dict[str, Folds]: ...


class HeadBuilder:
    """Builds heads from the assets; keeps parsed parts and smoothing matrices."""

    def __init__(self, assets: Assets, level: int = 1, faces: Faces | None = None) -> None:
        """Set up for any number of people.

        Args:
            level: how often body and eyes are subdivided (1 for 512 px, 2 for close-ups).
            faces: of people with a scanned identity (`Person.scan`).
        """
        self.assets = assets
        self.level = level
        self.faces = faces
        self._folds: dict[str, Folds] = {}
        self._beard: NDArray[np.float32] | None = None
        self._topologies: dict[str, _Topology] = {}
        self._spectacles: dict[str, Spectacles] = {}

    def build(
        self,
        person: Person,
        expression: Expression,
        turn: HeadTurn | None = None,
        worn: Worn | None = None,
    ) -> Head:
        """The head of a person with an expression, turned on its neck, and what it wears."""
        turn = turn or HeadTurn()
        plain = shaped(self.assets.base.vertices, self.assets, person.shape)
        if self.faces and person.scan:
            plain = self.faces.shaped(plain, person.scan)
            posed = self.faces.posed(plain, expression.units)
        else:
            posed = shaped(plain, self.assets, expression.units)
        posed[_LEFT_EYE], posed[_RIGHT_EYE] = plain[_LEFT_EYE], plain[_RIGHT_EYE]
        shapes = _Shapes(plain, posed)
        lift = _neck_lift(plain, self.assets.base.vertices)
        parts = [
            self._body(person, posed, expression),
            self._shirt(person, plain),
            self._eyes(person, plain, expression),
            self._fitted("teeth", f"teeth/{person.teeth}", shapes, "teeth", smooth=0),
            self._fitted("tongue", "tongue/tongue01", shapes, "tongue01_diffuse"),
            replace(
                self._fitted("brows", f"eyebrows/{person.brows}", shapes, person.brows),
                tint=_brow_tint(person.hair_color),
            ),
            self._fitted("lashes", f"eyelashes/{person.lashes}", shapes, person.lashes),
        ]
        if person.scan:
            parts[3] = replace(parts[3], vertices=_narrowed(parts[3].vertices))
        if person.hair:
            texture = f"{person.hair}_diffuse"
            hair = self._fitted("hair", f"hair/{person.hair}", _Shapes(plain, plain), texture)
            parts.append(replace(hair, tint=person.hair_color))
        if worn:
            parts += self._worn(worn, shapes)
        parts = [_turned_part(part, turn, lift) for part in parts]
        eyes = plain[np.r_[_LEFT_EYE, _RIGHT_EYE]].mean(0, keepdims=True)
        return Head(tuple(parts), turned(eyes, turn, lift)[0])

    def _body(self, person: Person, posed: Floats, expression: Expression) -> Part:
        base = self.assets.base
        key = "body"
        if key not in self._topologies:
            high = base.vertices[base.corners, 1].min(1) > _BUST_BOTTOM
            keep = high & (np.array(base.groups) == "body")
            self._topologies[key] = _refined(base, keep, self.level)
        skin = self.assets.skin(person.skin)
        part = self._part("body", "skin", key, posed, skin, person.skin_tint)
        if person.stubble:
            if self._beard is None:
                self._beard = beard_region(self.assets.base)
            stubble = Stubble(person.stubble, person.hair_color, self._beard)
            part = replace(part, stubble=stubble)
        return self._folded(part, person, expression) if person.scan else part

    def _folded(self, part: Part, person: Person, expression: Expression) -> Part:
        """The skin with the folds of an expression: fine moves, and relief that only light sees."""
        if self.faces and not self._folds:
            fine = self._topologies[part.name]
            self._folds = self.faces.folds(fine.matrix, fine.corners)
        vertices, height = part.vertices.copy(), np.zeros(len(part.vertices))
        for unit, weight in expression.units.items():
            if weight and unit in self._folds:
                vertices += weight * self._folds[unit].moves
                height += weight * self._folds[unit].heights
        normals = vertex_normals(vertices, part.corners)
        relief = vertices + person.folds * height[:, None] * normals
        return replace(part, vertices=vertices, relief=relief)

    def _shirt(self, person: Person, plain: Floats) -> Part:
        """A plain shirt: the base mesh's body suit, cut at the neck and pushed off the skin."""
        base = self.assets.base
        key = "shirt"
        if key not in self._topologies:
            middle = base.vertices[base.corners].mean(1)
            from_neck = np.hypot(middle[:, 0], middle[:, 2] - 0.1)
            neck = (middle[:, 1] > 5.42) & (from_neck < 0.92)
            high = base.vertices[base.corners, 1].min(1) > _BUST_BOTTOM
            keep = high & ~neck & (np.array(base.groups) == "helper-tights")
            self._topologies[key] = _refined(base, keep, self.level)
        part = self._part("shirt", "cloth", key, plain, None, person.shirt_color)
        lifted = part.vertices + 0.045 * vertex_normals(part.vertices, part.corners)
        return replace(part, vertices=lifted)

    def _eyes(self, person: Person, plain: Floats, expression: Expression) -> Part:
        part = self._fitted(
            "eyes", "eyes/high-poly", _Shapes(plain, plain), person.iris, self.level
        )
        gaze = Rotation.from_euler(
            "YX", [expression.gaze_yaw, -expression.gaze_pitch], degrees=True
        ).as_matrix()
        vertices = part.vertices.copy()
        for side, eye in ((vertices[:, 0] > 0, _LEFT_EYE), (vertices[:, 0] <= 0, _RIGHT_EYE)):
            centre = plain[eye].mean(0)
            vertices[side] = (vertices[side] - centre) @ gaze.T + centre
        return replace(part, vertices=vertices)

    def _worn(self, worn: Worn, shapes: _Shapes) -> list[Part]:
        parts: list[Part] = []
        if worn.glasses:
            if worn.glasses not in self._spectacles:
                self._spectacles[worn.glasses] = spectacles(self.assets, worn.glasses)
            glasses = self._spectacles[worn.glasses]
            vertices = glasses.fit(shapes.plain)
            for name, corners, tint in (
                ("frame", glasses.frame, worn.frame),
                ("lenses", glasses.lenses, worn.glass.tint),
            ):
                used, own = np.unique(corners, return_inverse=True)
                own = own.reshape(corners.shape)
                nowhere = np.zeros((1, 2))
                kind = _KIND_OF_PART[name]
                part = Part(name, kind, vertices[used], own, nowhere, 0 * own, None, tint)
                parts.append(part)
        if worn.mask:
            polygons, fitting = self.assets.worn(MASK)
            if MASK not in self._topologies:
                everything = np.ones(len(polygons.corners), bool)
                self._topologies[MASK] = _refined(polygons, everything, 2)
            coarse = fitting.fit(shapes.posed, shapes.plain)
            texture = self.assets.extra / MASK / "munskydd.png"
            mask = self._part("mask", "mask", MASK, coarse, texture, worn.mask_tint)
            off = 0.03 * vertex_normals(mask.vertices, mask.corners)  # a face is finer than it
            parts.append(replace(mask, vertices=mask.vertices + off))
        return parts

    def _fitted(
        self, name: str, asset: str, shapes: _Shapes, texture: str, smooth: int = 1
    ) -> Part:
        polygons, fitting = self.assets.part(asset)
        kind = _KIND_OF_PART[name]
        if asset not in self._topologies:
            everything = np.ones(len(polygons.corners), bool)
            level = 0 if kind in ("lash", "brow") else smooth
            self._topologies[asset] = _refined(polygons, everything, level)
        path = self.assets.texture(texture)
        coarse = fitting.fit(shapes.posed, shapes.plain)
        return self._part(name, kind, asset, coarse, path, (1.0, 1.0, 1.0))

    def _part(
        self,
        name: str,
        kind: str,
        key: str,
        coarse: Floats,
        texture: Path | None,
        tint: Color,
    ) -> Part:
        fine = self._topologies[key]
        vertices = fine.matrix @ coarse
        return Part(name, kind, vertices, fine.corners, fine.uv, fine.uv_corners, texture, tint)


def _narrowed(teeth: Floats) -> Floats:
    """Teeth a little narrower and farther back: scanned mouths are smaller than the base mesh's."""
    middle = np.array([teeth[:, 0].mean(), 0.0, 0.0])
    return (teeth - middle) * _SCANNED_TEETH + middle - np.array([0.0, 0.0, _TEETH_BACK])


def _turned_part(part: Part, turn: HeadTurn, lift: Floats) -> Part:
    relief = None if part.relief is None else turned(part.relief, turn, lift)
    return replace(part, vertices=turned(part.vertices, turn, lift), relief=relief)


def turned(vertices: Floats, turn: HeadTurn, lift: Floats) -> Floats:
    """Turn the head on its neck: fully above the jaw line, not at all below the neck.

    Args:
        vertices: ``(n, 3)``.
        lift: ``(3,)``, how far this person's neck is from the base mesh's.
    """
    pivot = NECK_PIVOT + lift
    rotated = (vertices - pivot) @ turn.matrix().T + pivot
    share = head_share(vertices - lift)[:, None]
    return vertices + share * (rotated - vertices)


def head_share(vertices: Floats) -> Floats:
    """How far vertices follow the head: ``(n,)`` in [0, 1], for the base mesh's proportions.

    The border runs parallel to the jaw, from below the chin to the nape.
    """
    along = vertices[:, 1] + 0.45 * vertices[:, 2]
    t = np.clip((along - 5.75) / (6.62 - 5.75), 0, 1)
    return t * t * (3 - 2 * t)


def vertex_normals(vertices: Floats, corners: Ints) -> Floats:
    """Area-weighted unit normals, ``(n, 3)``, outward for the studio's meshes."""
    diagonal1 = vertices[corners[:, 2]] - vertices[corners[:, 0]]
    diagonal2 = vertices[corners[:, 3]] - vertices[corners[:, 1]]
    face = np.cross(diagonal1, diagonal2)
    normals = np.zeros_like(vertices)
    for k in range(4):
        np.add.at(normals, corners[:, k], face)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def _neck_lift(plain: Floats, base: Floats) -> Floats:
    """How far the shape targets moved the jaw and nape from the base mesh's place."""
    head = (head_share(base) > 0.98) & (np.arange(len(base)) < 13380)
    return plain[head].mean(0) - base[head].mean(0)


def _refined(polygons: Polygons, keep: NDArray[np.bool_], level: int) -> _Topology:
    """Subdivide the chosen polygons and drop vertices that none of them uses."""
    corners, uv_corners = polygons.corners[keep], polygons.uv_corners[keep]
    matrix: Matrix = sparse.identity(len(polygons.vertices), format="csr")
    uv = polygons.uv
    for _ in range(level):
        shape = subdivide(corners, matrix.shape[0])
        flat = subdivide(uv_corners, len(uv), smooth=False)
        matrix, corners = (shape.matrix @ matrix).tocsr(), shape.corners
        uv, uv_corners = flat.matrix @ uv, flat.corners
    used, renumbered = np.unique(corners, return_inverse=True)
    return _Topology(matrix[used].tocsr(), renumbered.reshape(corners.shape), uv, uv_corners)


def _brow_tint(hair: Color) -> Color:
    """Brows are a shade darker than light hair, and never jet black on the skin."""
    red, green, blue = (0.010 + 0.45 * channel for channel in hair)
    return red, green, blue
