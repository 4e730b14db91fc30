"""Faces and moves of the ICT face model on the base mesh: scanned identities, folds that form.

`scan_fit` says which place of the face model each vertex of the base mesh lies on. Identities and
expressions are displacements there, and are carried over; skins, brows, lashes, teeth and hair stay
those of the base mesh. What the face model lacks or moves otherwise (lids over their own eyeballs,
cavities, tongue) moves as the base mesh's own face units say.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import KDTree

from exshot_train.data_root import studio_cache
from exshot_train.studio import scan_fit
from exshot_train.studio.assets import Assets, shaped
from exshot_train.studio.head import Expression, Folds, HeadBuilder, vertex_normals
from exshot_train.studio.people import SCAN_MODES, mean_shape, sample_person
from exshot_train.studio.scan_fit import BODY_VERTICES, LEFT_EYE, RIGHT_EYE, FaceModel, Fit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Matrix = Any  # scipy.sparse.csr_matrix

_FILE: Final = "scan_fit_1.npz"
_CLOSE: Final = 0.05  # decimetres: skin farther from the face model is trusted less
_NECK: Final = (5.45, 6.0)  # decimetres: from none of the face model to all of it
_OWN_LIDS: Final = ("eyeBlink", "eyeLook", "eyeWide")  # units that stay the base mesh's
_EYE_REACH: Final = (0.19, 0.34)  # decimetres around an eye: from the base mesh's own to carried
_EYE_FLAT: Final = 0.72  # an eye is that much lower than wide
_MOUTH: Final = (6.615, 0.30, 0.07)  # height, half width, half height; decimetres
_MOUTH_BACK: Final = 1.0  # z: what lies farther back is no lip
_LIP_POINTS: Final = 24  # whose mean a lip's displacement is
_FILL: Final = 0.02  # stiffness of what is filled in where the face model has nothing
_FOLD_ROUNDS: Final = 14  # of smoothing: what is left of a unit's move below is no fold
_DEEPEST: Final = 0.02  # decimetres
_STRENGTH: Final = (0.5, 1.5)  # a carried unit moves as far as the base mesh's own, within bounds


@dataclass(frozen=True)
class Carried:
    """The face model's identities and moves as displacements of the base mesh.

    Attributes:
        identity: ``(SCAN_MODES, 19158, 3)`` float32, decimetres for one standard deviation.
        units: ``(19158, 3)`` by face unit, the base mesh's own mixed in.
        share: how much of each vertex's moves is the face model's, ``(13380,)`` in [0, 1].
        model: the face model on the base mesh.
        body: ``(13380, 3)``, see `scan_fit.Fit`.
        strength: factor on each unit of the face model.
        on_body: ``(13380, 11248)``, the face model's place under each vertex.
    """

    identity: NDArray[np.float32]
    units: dict[str, Floats]
    share: Floats
    model: FaceModel
    body: Floats
    strength: dict[str, float]
    on_body: Matrix

    def shaped(self, plain: Floats, weights: tuple[float, ...]) -> Floats:
        """The base mesh ``(19158, 3)`` with a scanned identity; ``weights`` of its first modes."""
        modes = np.asarray(weights, np.float32)
        return plain + np.tensordot(modes, self.identity[: len(modes)], 1)

    def posed(self, plain: Floats, units: dict[str, float]) -> Floats:
        """The base mesh with an expression."""
        vertices = plain.copy()
        for name, weight in units.items():
            if weight:
                vertices += weight * self.units[name]
        return vertices

    def folds(self, matrix: Matrix, corners: Ints) -> dict[str, Folds]:
        """Folds of a subdivided skin by unit of the face model.

        Args:
            matrix: ``(n, 13380 or more)``, the subdivision.
            corners: fine polygons.
        """
        smooth = matrix[:, :BODY_VERTICES]
        place = smooth @ self.body
        normals = vertex_normals(place, corners)
        told = smooth @ scan_fit.told_apart(self.units, BODY_VERTICES)
        on_model, _ = scan_fit.partners(self.model, place, normals, told)
        share = np.clip(smooth @ self.share, 0, 1)
        blurred = sparse.identity(len(place)) - 0.5 * scan_fit.laplacian(corners, len(place))
        folds = {}
        for name, factor in self.strength.items():
            fine = factor * (on_model @ self.model.units[name])
            coarse = self.share[:, None] * factor * (self.on_body @ self.model.units[name])
            outward = (fine * normals).sum(1)
            even = outward
            for _ in range(_FOLD_ROUNDS):
                even = blurred @ even
            height = share**2 * np.clip(outward - even, -_DEEPEST, _DEEPEST)
            moves = share[:, None] * fine - smooth @ coarse
            folds[name] = Folds(moves.astype(np.float32), height.astype(np.float32))
        return folds


def carry(assets: Assets, fit: Fit) -> Carried:
    """Carry the face model over: all modes and units become displacements of the base mesh."""
    base = assets.base.vertices
    model = scan_fit.read_model(assets)[0].moved(fit.scale, fit.turn, fit.shift)
    corners = scan_fit.body_corners(assets)
    own = scan_fit.base_units(assets, assets.unit_names())
    normals = vertex_normals(fit.body, corners)
    told = scan_fit.told_apart(own, BODY_VERTICES)
    on_body, apart = scan_fit.partners(model, fit.body, normals, told)
    height = np.clip((base[:BODY_VERTICES, 1] - _NECK[0]) / (_NECK[1] - _NECK[0]), 0, 1)
    sure = fit.open_air * height * np.exp(-((apart / _CLOSE) ** 2))
    smooth = scan_fit.laplacian(corners, BODY_VERTICES)
    share = _spread(sure, height, fit.open_air, smooth)
    lids = _near_eyes(base[:BODY_VERTICES], base)
    identity = _identities(model, on_body, sure, height, smooth, base, lids)
    share = share * (1 - lids)
    units, strength = _units(model, on_body, share, own)
    return Carried(identity, units, share, model, fit.body, strength, on_body)


@lru_cache(maxsize=1)
def carried(assets: Assets) -> Carried:
    """The face model on the base mesh; the fit, which takes ten seconds, is kept in the cache.

    Raises:
        ExshotError: ``FILE_NOT_FOUND``, the face model is not there.
    """
    path = studio_cache() / _FILE
    if path.is_file():
        with np.load(path, allow_pickle=False) as data:
            fit = Fit(float(data["scale"]), *(data[k] for k in ("turn", "shift", "body", "air")))
        return carry(assets, fit)
    shape = mean_shape()
    person = replace(sample_person(assets, 0), shape=shape, hair=None)
    head = HeadBuilder(assets, 0).build(person, Expression("neutral", {}))
    fit = scan_fit.fit_base(assets, shaped(assets.base.vertices, assets, shape), head)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.{_FILE}")
    arrays = {"scale": fit.scale, "turn": fit.turn, "shift": fit.shift, "body": fit.body}
    np.savez(part, air=fit.open_air, **arrays)
    part.replace(path)
    return carry(assets, fit)


def _spread(sure: Floats, height: Floats, open_air: Floats, smooth: Matrix) -> Floats:
    """The face model's share: all of the face, fading into cavities and toward the shoulders."""
    none = 0.03 * (1 - open_air) + (height == 0)
    system = sparse.diags(sure + none + 1e-6) + _FILL * (smooth.T @ smooth)
    share = splu(sparse.csc_matrix(system)).solve(sure * height)
    return np.clip(share, 0, 1)


def _identities(
    model: FaceModel,
    on_body: Matrix,
    sure: Floats,
    height: Floats,
    smooth: Matrix,
    base: Floats,
    lids: Floats,
) -> NDArray[np.float32]:
    """Modes on the whole base mesh: filled in where the face model has nothing, eyes kept whole."""
    modes = SCAN_MODES
    columns = np.concatenate([on_body @ mode for mode in model.identity[:modes]], 1)
    # Shoulders stay as they are: there the goal is no displacement, held as firmly as a face.
    held = np.where(height > 0, sure, 1.0)
    system = sparse.diags(held + 1e-6) + _FILL * (smooth.T @ smooth)
    filled = splu(sparse.csc_matrix(system)).solve((held * height)[:, None] * columns)
    filled = filled.reshape(BODY_VERTICES, modes, 3)
    filled = _shut_mouth(filled, base[:BODY_VERTICES], sure)
    left = base[:BODY_VERTICES, 0] > 0
    result = np.zeros((len(base), modes, 3), np.float32)
    near = np.asarray(KDTree(base[:BODY_VERTICES]).query(base[BODY_VERTICES:], k=6)[1])
    for side, eye in ((left, LEFT_EYE), (~left, RIGHT_EYE)):
        ring = side & (lids > 0.5) & (sure > 0.3)
        carried_by = filled[ring].mean(0)
        filled[side] += lids[side, None, None] * (carried_by - filled[side])
        result[eye] = carried_by
    result[:BODY_VERTICES] = filled
    helpers = np.setdiff1d(np.arange(BODY_VERTICES, len(base)), np.r_[LEFT_EYE, RIGHT_EYE])
    result[helpers] = filled[near[helpers - BODY_VERTICES]].mean(1)
    return np.ascontiguousarray(result.transpose(1, 0, 2))


def _shut_mouth(moves: Floats, place: Floats, sure: Floats) -> Floats:
    """Both lips move as one where they meet: an identity opens no mouth.

    There every displacement is the mean of those around it in space, on whichever lip.
    """
    away = np.hypot(place[:, 0] / _MOUTH[1], (place[:, 1] - _MOUTH[0]) / _MOUTH[2])
    t = np.clip((1.5 - away) / 0.5, 0, 1) * (place[:, 2] > _MOUTH_BACK)
    near = np.flatnonzero(t > 0)
    skin = np.flatnonzero((away < 2.0) & (place[:, 2] > _MOUTH_BACK) & (sure > 0.2))
    nearest = skin[np.asarray(KDTree(place[skin]).query(place[near], k=_LIP_POINTS)[1])]
    result = moves.copy()
    result[near] += t[near, None, None] * (moves[nearest].mean(1) - moves[near])
    return result


def _units(
    model: FaceModel, on_body: Matrix, share: Floats, own: dict[str, Floats]
) -> tuple[dict[str, Floats], dict[str, float]]:
    """Units with the face model's share in them, and the factors that make both move as far."""
    units, strength = dict(own), {}
    for name in own:
        if name not in model.units or name.startswith(_OWN_LIDS):
            continue
        move, usual = on_body @ model.units[name], own[name][:BODY_VERTICES]
        weight = share[:, None]
        factor = (weight * move * usual).sum() / max(float((weight * move**2).sum()), 1e-9)
        strength[name] = float(np.clip(factor, *_STRENGTH))
        mixed = own[name].copy()
        mixed[:BODY_VERTICES] += weight * (strength[name] * move - usual)
        units[name] = mixed
    return units, strength


def _near_eyes(place: Floats, base: Floats) -> Floats:
    """1 at the lids, falling to 0 around the eyes, ``(n,)``."""
    near = np.zeros(len(place))
    for eye in (LEFT_EYE, RIGHT_EYE):
        middle = base[eye].mean(0)
        offset = (place - middle) / np.array([1.0, _EYE_FLAT, 1.0])
        away = np.hypot(offset[:, 0], offset[:, 1]) + 10 * (offset[:, 2] < -0.3)
        t = np.clip((_EYE_REACH[1] - away) / (_EYE_REACH[1] - _EYE_REACH[0]), 0, 1)
        near = np.maximum(near, t * t * (3 - 2 * t))
    return near
