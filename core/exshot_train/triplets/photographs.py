"""Triplets of real photographs: nothing is rendered but the change itself.

From one portrait: the photo is the truth; redrawn with another expression it is the pose photo;
under another head pose and light it is the expression photo. From a pair (neutral, smiling) of
one person and session: one is the pose photo, the other, brought onto the first one's head pose,
is the truth, and turned it is the expression photo. Pairs are what keeps the network honest: there
the pose photo is no warp of the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.retarget import rigid_fit
from exshot.face.crop import face_crop
from exshot.face.face import Face
from exshot.face.fitter import FaceFitter
from exshot.face.topology import CANONICAL_VERTICES
from exshot_train.data_root import data_root
from exshot_train.studio.lights import lights_of
from exshot_train.triplets.camera import faint_noise, random_camera
from exshot_train.triplets.expressions import (
    apply_delta,
    measured_delta,
    random_delta,
    redraw,
)
from exshot_train.triplets.lamp import random_lamp, strike
from exshot_train.triplets.light import relight
from exshot_train.triplets.occluders import random_occluder
from exshot_train.triplets.repose import random_turn, repose, turn_mesh
from exshot_train.triplets.sample import Mesh, Picture, Sample, Uncropped, crop_sample

TRAINING_FOLDERS: Final = ("portraits/train", "portraits/train_cc_by", "london/train")
VALIDATION_FOLDERS: Final = ("portraits/val", "london/val")
"""The only folders that photographs are taken from. What is for testing is not among them."""

_PAIR: Final = ("_neutral.jpg", "_smiling.jpg")
_DETAIL: Final = 1.5  # photo pixels kept per pixel of the crop
_WORST_FIT: Final = 0.15  # of the face width, mean distance to where the mesh was put


@dataclass(frozen=True)
class Recipe:
    """How often what happens, each a probability.

    ``relight`` 0 leaves out all light augmentation (ablation "without light augmentation").
    ``lamp`` and ``lamp_all`` are hard light on the expression photo alone, and on the other two.
    """

    pair: float = 0.5
    relight: float = 0.75
    relight_all: float = 0.3
    lamp: float = 0.35
    lamp_all: float = 0.2
    occlude_expression: float = 0.25
    occlude_pose: float = 0.12
    camera: float = 0.6
    yaw: float = 20.0


@dataclass
class Photographs:
    """Makes triplets from the photographs of some folders; see `TripletMaker`.

    Args:
        folders: below the data root, of `TRAINING_FOLDERS` or `VALIDATION_FOLDERS`.
        size: side of the crops.
    """

    fitter: FaceFitter
    size: int
    folders: Sequence[str] = TRAINING_FOLDERS
    recipe: Recipe = field(default_factory=Recipe)
    root: Path = field(default_factory=data_root)

    def __post_init__(self) -> None:
        if not set(self.folders) <= {*TRAINING_FOLDERS, *VALIDATION_FOLDERS}:
            raise ValueError(f"only {TRAINING_FOLDERS} or {VALIDATION_FOLDERS} may be used")
        found = [path for name in self.folders for path in sorted((self.root / name).glob("*.jpg"))]
        self._singles = found
        self._pairs = [
            (path, path.with_name(path.name.replace(*_PAIR)))
            for path in found
            if path.name.endswith(_PAIR[0])
        ]
        split = "train" if set(self.folders) <= set(TRAINING_FOLDERS) else "val"
        maps = sorted((self.root / "hdri").glob("*.hdr"))
        chosen = set(lights_of(split, [path.stem for path in maps]))
        self._lights = [path for path in maps if path.stem in chosen]
        self._faces: dict[tuple[Path, bool], Face | None] = {}
        self._deltas: list[NDArray[np.float64]] = []
        if not self._singles:
            raise ValueError(f"no photographs below {self.root}")

    def __call__(self, rng: np.random.Generator) -> Sample | None:
        """One triplet, or None where a face was lost on the way."""
        if self._pairs and rng.random() < self.recipe.pair:
            whole = self._from_pair(rng)
        else:
            whole = self._from_single(rng)
        return None if whole is None else crop_sample(whole, self.size)

    def _from_single(self, rng: np.random.Generator) -> Uncropped | None:
        path = self._singles[int(rng.integers(len(self._singles)))]
        found = self._open(path, rng.random() < 0.5)
        if found is None:
            return None
        truth, face = found
        if rng.random() < self._chance(self.recipe.relight_all):
            truth = relight(truth, face.mesh, self._lights, rng)
        target = apply_delta(face, random_delta(rng, self._measured()))
        pose = redraw(truth, face.mesh, target)
        weight = np.full(truth.shape[:2], 255, np.uint8)
        return self._finish(rng, path.stem, truth, face.mesh, pose, target, weight, False)

    def _from_pair(self, rng: np.random.Generator) -> Uncropped | None:
        names = self._pairs[int(rng.integers(len(self._pairs)))]
        first, second = names if rng.random() < 0.5 else names[::-1]
        mirrored = rng.random() < 0.5
        here, there = self._open(first, mirrored), self._open(second, mirrored)
        if here is None or there is None:
            return None
        (pose, pose_face), (source, source_face) = here, there
        if source.shape != pose.shape:
            return None
        lain_on = rigid_fit(source_face.mesh, pose_face.mesh)(source_face.mesh)
        truth = repose(source, source_face.mesh, lain_on)
        weight = _near_face(lain_on, pose.shape[:2])
        mesh = pose_face.mesh
        return self._finish(rng, first.stem, truth, lain_on, pose, mesh, weight, True)

    def _finish(
        self,
        rng: np.random.Generator,
        origin: str,
        truth: Picture,
        truth_mesh: NDArray[np.floating],
        pose: Picture,
        pose_mesh: NDArray[np.floating],
        weight: NDArray[np.uint8],
        independent: bool,
    ) -> Uncropped | None:
        """Turn the truth into the expression photo, disturb all three, fit what came of them."""
        recipe = self.recipe
        turned = turn_mesh(truth_mesh, random_turn(rng, recipe.yaw))
        plain = expression = repose(truth, truth_mesh, turned)
        if rng.random() < self._chance(recipe.lamp_all):
            # The expression photo was taken without this lamp.
            lamp = random_lamp(rng)
            pose = strike(pose, pose_mesh, lamp, rng)
            truth = strike(truth, truth_mesh, lamp, rng)
            plain = repose(truth, truth_mesh, turned)
        if rng.random() < recipe.occlude_expression:
            expression = random_occluder(expression, turned, rng)
        if rng.random() < self._chance(recipe.relight):
            expression = relight(expression, turned, self._lights, rng)
        if rng.random() < self._chance(recipe.lamp):
            expression = strike(expression, turned, random_lamp(rng), rng)
        if rng.random() < recipe.camera:
            expression = random_camera(expression, rng)
        if rng.random() < recipe.occlude_pose:
            # Before the pose photo and in the truth: what is there has to stay.
            seed = int(rng.integers(2**31))
            pose = random_occluder(pose, pose_mesh, np.random.default_rng(seed))
            truth = random_occluder(truth, pose_mesh, np.random.default_rng(seed))
        pose = faint_noise(pose, rng)
        pose_face = self._fit(pose, pose_mesh)
        expression_face = self._fit(expression, turned)
        if pose_face is None or expression_face is None:
            return None
        meshes = pose_face.mesh, expression_face.mesh
        return Uncropped(pose, truth, weight, expression, plain, *meshes, origin, independent)

    def _chance(self, probability: float) -> float:
        return probability if self._lights and self.recipe.relight > 0 else 0.0

    def _fit(self, photo: Picture, expected: NDArray[np.floating]) -> Face | None:
        """The face that the fitter finds where a face should be."""
        width = float(np.ptp(expected[:CANONICAL_VERTICES, 0]))
        for face in self.fitter.fit(photo):
            apart = np.linalg.norm((face.mesh - expected)[:, :2], axis=1).mean()
            if apart < _WORST_FIT * width:
                return face
        return None

    def _open(self, path: Path, mirrored: bool) -> tuple[Picture, Face] | None:
        """A photo with its face, shrunk to the detail that the crops will show."""
        picture = read_picture(path)
        if mirrored:
            picture = np.ascontiguousarray(picture[:, ::-1])
        key = (path, mirrored)
        if key not in self._faces:
            faces = self.fitter.fit(picture)
            self._faces[key] = faces[0] if faces else None
        face = self._faces[key]
        if face is None:
            return None
        scale = _DETAIL * self.size / face_crop(face.mesh).side
        if scale >= 1:
            return picture, face
        width, height = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8), shrunk(face, width / picture.shape[1])

    def _measured(self) -> list[NDArray[np.float64]]:
        """Smiles of the people who were photographed twice."""
        if not self._deltas:
            for neutral, smiling in self._pairs:
                pair = self._open(neutral, False), self._open(smiling, False)
                if pair[0] is not None and pair[1] is not None:
                    self._deltas.append(measured_delta(pair[0][1], pair[1][1]))
        return self._deltas


def read_picture(path: Path) -> Picture:
    """An 8-bit RGB picture. Raises ValueError where it cannot be read."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} cannot be read")
    return np.ascontiguousarray(picture[..., ::-1], np.uint8)


def shrunk(face: Face, scale: float) -> Face:
    """The face in the photo resized by ``scale``; pixel centres stay at integers."""
    mesh: Mesh = (face.mesh * np.float32(scale)).astype(np.float32)
    mesh[:, :2] += np.float32((scale - 1) / 2)
    pose = face.head_pose
    moved = pose.translation * scale + np.array([(scale - 1) / 2, (scale - 1) / 2, 0])
    smaller = type(pose)(
        pose.scale * scale, pose.rotation, moved.astype(np.float32), pose.yaw, pose.pitch, pose.roll
    )
    return Face(mesh, face.blendshapes, smaller, face.box, face.score)


def _near_face(mesh: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """255 over the face and a little beyond, falling to 0: hair may differ between two photos."""
    points = mesh[:CANONICAL_VERTICES, :2]
    centre = points.mean(axis=0)
    outline = cv2.convexHull((centre + 1.06 * (points - centre)).round().astype(np.int32))
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, outline, (255,))
    soft = cv2.GaussianBlur(mask, (0, 0), 0.02 * float(np.ptp(points[:, 0])))
    return np.asarray(soft, np.uint8)
