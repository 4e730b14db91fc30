"""Sheets of real portraits: what is known of them, and things put in front of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.kinds import BACKGROUND, BROW, HAIR, SKIN
from exshot.face.fitter import FaceFitter
from exshot.face.topology import (
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_OUTER,
    NOSE_BASE,
    RIGHT_BROW,
    RIGHT_EYE,
)
from exshot_train.cover import things
from exshot_train.cover.dress import Wardrobe, wear_glasses
from exshot_train.cover.sheet import IGNORED, OUTSIDE, UNCOVERED, Labels, Picture, Sheet, cut
from exshot_train.cover.spectacles import random_spectacles
from exshot_train.data_root import data_root
from exshot_train.people import measured_people, person_of
from exshot_train.triplets.light import relight
from exshot_train.triplets.photographs import TRAINING_FOLDERS, read_picture

Rng = np.random.Generator

_PLAIN_BEHIND: Final = ("london/train", "portraits/train_cc_by")
"""Sets before an even grey wall: there hair and background can be told apart by colour."""


_NOTHING: Final = 0.3
"""Share of sheets without anything drawn: bare faces, of which users have most."""


@dataclass(eq=False)
class Photographs:
    """Makes sheets from portraits of people who wear no glasses."""

    wardrobe: Wardrobe
    fitter: FaceFitter
    root: Path = field(default_factory=data_root)

    def __post_init__(self) -> None:
        left_out = measured_people(self.root) | wearers()
        self._paths = [
            (name in _PLAIN_BEHIND, path)
            for name in TRAINING_FOLDERS
            for path in sorted((self.root / name).glob("*.jpg"))
            if person_of(path) not in left_out
        ]
        self._lights = [self.wardrobe.assets.light(n) for n in self.wardrobe.assets.light_names()]
        if not self._paths:
            raise ValueError(f"no photographs below {self.root}")

    def __call__(self, rng: Rng) -> Sheet | None:
        """One sheet, or None where no face is found."""
        plain, path = self._paths[int(rng.integers(len(self._paths)))]
        sheet = self._bare(path, plain)
        if sheet is None:
            return None
        if rng.random() < 0.35:
            lit = relight(sheet.picture, sheet.mesh, self._lights, rng)
            lit[(sheet.picture == OUTSIDE).all(axis=2)] = OUTSIDE
            sheet = Sheet(lit, sheet.labels, sheet.mesh)
        if rng.random() < _NOTHING:
            return sheet
        if rng.random() < 0.12:
            sheet = things.beard(sheet, rng)
        glasses = rng.random()
        if glasses < 0.38:
            sheet = wear_glasses(self.wardrobe, sheet, rng)
        elif glasses < 0.62:
            sheet = random_spectacles(sheet, rng)
        for _ in range(int(rng.choice(3, p=[0.62, 0.3, 0.08]))):
            sheet = things.random_thing(sheet, rng)
        return sheet

    @lru_cache(maxsize=800)  # noqa: B019 - one maker lives as long as its process
    def _bare(self, path: Path, plain: bool) -> Sheet | None:
        picture = read_picture(path)
        faces = self.fitter.fit(picture)
        if not faces:
            return None
        unknown = np.full(picture.shape[:2], IGNORED, np.uint8)
        sheet = cut(picture, unknown, faces[0].mesh)
        return Sheet(sheet.picture, known_labels(sheet, plain), sheet.mesh)


def wearers() -> frozenset[str]:
    """Names of portraits in ``portraits/train`` that show glasses, found by looking at them."""
    text = (resources.files("exshot_train") / "cover" / "wearers.txt").read_text("utf-8")
    return frozenset(text.split())


def known_labels(sheet: Sheet, plain_behind: bool) -> Labels:
    """What the mesh and the colours say for sure about a bare face; the rest of the face is
    `UNCOVERED`, the rest of the picture `IGNORED`."""
    points = sheet.mesh[:, :2]
    width = things.face_width(sheet.mesh)
    shape = sheet.labels.shape
    labels = np.full(shape, IGNORED, np.uint8)
    picture = cv2.GaussianBlur(sheet.picture, (0, 0), 1.0).astype(np.float32)
    grey = picture.mean(axis=2)
    oval = _hull(points[list(FACE_OVAL)], shape)
    inner = cv2.erode(oval, _disc(0.03 * width)) > 0
    features = np.zeros(shape, np.uint8)
    for ring in (RIGHT_EYE, LEFT_EYE, LIPS_OUTER, NOSE_BASE):
        features |= _hull(points[list(ring)], shape)
    features = cv2.dilate(features, _disc(0.035 * width)) > 0
    brows = np.zeros(shape, np.uint8)
    for ring in (RIGHT_BROW, LEFT_BROW):
        brows |= _hull(points[list(ring)], shape)
    brows = cv2.dilate(brows, _disc(0.03 * width)) > 0
    # Skin is as bright as skin around it: not where hair, a beard or a hard shadow lies.
    plain = (inner & ~features & ~brows).astype(np.float32)
    around = cv2.GaussianBlur(grey * plain, (0, 0), 0.1 * width)
    around /= np.maximum(cv2.GaussianBlur(plain, (0, 0), 0.1 * width), 1e-3)
    level = np.maximum(around, np.median(grey[plain > 0]) * 0.6)
    ratio = grey / np.maximum(level, 1)
    labels[oval > 0] = UNCOVERED
    labels[inner & (ratio > 0.8)] = SKIN
    labels[inner & features & ~brows] = SKIN
    labels[brows] = UNCOVERED
    labels[brows & (ratio < 0.72)] = BROW
    labels[brows & (ratio > 0.95)] = SKIN
    if plain_behind:
        _label_surroundings(labels, sheet.picture, points, oval, width, float(np.median(level)))
    labels[(sheet.picture == OUTSIDE).all(axis=2)] = IGNORED
    return labels


def _label_surroundings(
    labels: Labels,
    picture: Picture,
    points: NDArray[np.float32],
    oval: NDArray[np.uint8],
    width: float,
    skin: float,
) -> None:
    """Hair and background of a head before an even wall, above the mouth; written to ``labels``."""
    real = ~(picture == OUTSIDE).all(axis=2)
    rows, columns = np.indices(labels.shape)
    high = real & (rows < points[13, 1])
    sides = high & (np.abs(columns - points[4, 0]) > 0.85 * width)
    if sides.sum() < 200:
        return
    wall = np.median(picture[sides], axis=0)
    apart = np.abs(picture.astype(np.float32) - wall).max(axis=2)
    grey = cv2.GaussianBlur(picture, (0, 0), 1.0).mean(axis=2)
    outside = cv2.dilate(oval, _disc(0.05 * width)) == 0
    even = cv2.erode(((apart < 16) & real).astype(np.uint8), _disc(2.0)) > 0
    labels[even & high & outside] = BACKGROUND
    ears = (rows > points[[105, 334], 1].min()) & (np.abs(columns - points[4, 0]) < 0.72 * width)
    dark = (grey < 0.5 * skin) & (apart > 60)
    labels[high & outside & dark & ~ears] = HAIR


def _hull(points: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), (255,))
    return mask


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.uint8)
