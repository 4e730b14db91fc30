"""Puts the studio's glasses onto the face of a photo: the right size, turn and perspective."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from exshot.face.fitter import FaceFitter
from exshot.face.similarity import fit_similarity
from exshot.face.topology import CANONICAL_VERTICES, load_topology
from exshot.model_store import ModelStore
from exshot_train.cover.sheet import Sheet
from exshot_train.cover.spectacles import put_glasses, random_frame_color
from exshot_train.studio.assets import Assets
from exshot_train.studio.head import KINDS, Expression, Head, HeadBuilder
from exshot_train.studio.lenses import random_glass, reflection
from exshot_train.studio.lights import harmonics, lights_of, read_light, tone_map
from exshot_train.studio.people import PEOPLE, Split, sample_person
from exshot_train.studio.raster import Rasteriser
from exshot_train.studio.relight import relight
from exshot_train.studio.rig import Camera, look_at
from exshot_train.studio.soup import Soup, triangulate
from exshot_train.studio.wear import GLASSES, Worn

Rng = np.random.Generator

_REFERENCE: Final = 10  # number of the person on whom vertices are matched
_PICTURE: Final = np.array([1.0, -1.0, -1.0])  # pictures have y down and z away
_OPEN_SKY: Final = np.array([np.pi, *[2 * np.pi / 3] * 3, *[np.pi / 4] * 5]) / np.pi


@dataclass(frozen=True, eq=False)
class Wardrobe:
    """The studio as what follows needs it; one per process.

    Attributes:
        matches: ``(468,)``, vertex of the ``body`` part for each vertex of the face mesh.
        lights: paths of light maps of the split.
    """

    assets: Assets
    builder: HeadBuilder
    rasteriser: Rasteriser
    matches: NDArray[np.int64]
    split: Split

    def face_points(self, head: Head) -> NDArray[np.float64]:
        """Where a studio head has the face mesh's vertices, ``(468, 3)``, decimetres."""
        return head.parts[0].vertices[self.matches]

    def random_light(self, rng: Rng) -> NDArray[np.float32]:
        """A light map of the split, randomly turned."""
        return _light(self, str(rng.choice(lights_of(self.split, self.assets.light_names()))),
                      int(rng.integers(12)) * 30)  # fmt: skip


@lru_cache(maxsize=24)
def _light(wardrobe: Wardrobe, name: str, turn: int) -> NDArray[np.float32]:
    return read_light(wardrobe.assets.light(name), turn)


def open_wardrobe(split: Split) -> Wardrobe:
    """Needs OpenGL and the studio's assets."""
    assets = Assets.find()
    builder, rasteriser = HeadBuilder(assets, level=0), Rasteriser()
    person = replace(sample_person(assets, _REFERENCE), hair=None)
    head = builder.build(person, Expression("neutral", {}))
    camera = look_at(head.eye_centre, 0, 0, 85, 140, (512, 512), (0.0, -0.06))
    soup = triangulate(head)
    passes = rasteriser.draw(head, soup, camera, rasteriser.transfer(head, soup, 24))
    room = read_light(assets.light("studio_small_04" if "studio_small_04" in assets.light_names()
                                   else assets.light_names()[0]))  # fmt: skip
    picture = tone_map(relight(passes, camera, room) + 0.5 * (1 - passes.coverage[..., None]))
    faces = FaceFitter(ModelStore()).fit(np.round(picture * 255).astype(np.uint8))
    if not faces:
        raise RuntimeError("the mesh network sees no face on the studio's reference person")
    body = head.parts[0].vertices
    seen = camera.project(body)
    front = np.flatnonzero(body[:, 2] > 0.2)
    _, near = KDTree(seen[front, :2]).query(faces[0].mesh[:CANONICAL_VERTICES, :2], k=12)
    # Of what lies behind one another, the nearest to the camera.
    nearest = np.take_along_axis(
        near, (seen[front[near], 2]).argmin(axis=1, keepdims=True), axis=1
    )[:, 0]
    return Wardrobe(assets, builder, rasteriser, front[nearest], split)


def wear_glasses(wardrobe: Wardrobe, sheet: Sheet, rng: Rng) -> Sheet:
    """The sheet's face with a pair of the studio's glasses, a little resized."""
    people = PEOPLE[wardrobe.split]
    head = _wearer(wardrobe, int(rng.choice(people)), str(rng.choice(list(GLASSES))))
    head = _resized(dyed(head, rng), rng)
    glass, dark = random_glass(rng)
    camera = camera_on(wardrobe.face_points(head), sheet.mesh, len(sheet.labels), rng)
    light = wardrobe.random_light(rng)
    rim, paint, lenses = _layers(wardrobe.rasteriser, head, camera, light)
    exposure = float(rng.uniform(0.4, 1.5))
    mirrored = reflection(lenses, camera, light, glass) * exposure
    paint = tone_map(paint, exposure)
    return put_glasses(sheet, rim, paint, lenses[..., 3], glass, dark, rng, mirrored)


@lru_cache(maxsize=120)
def _wearer(wardrobe: Wardrobe, number: int, glasses: str) -> Head:
    person = replace(sample_person(wardrobe.assets, number), hair=None)
    return wardrobe.builder.build(person, Expression("neutral", {}), worn=Worn(glasses))


def dyed(head: Head, rng: Rng) -> Head:
    """The head with a frame of a random colour."""
    red, green, blue = (float(c) for c in np.clip(random_frame_color(rng), 0, 1))
    parts = [
        replace(part, tint=(red, green, blue)) if part.kind == "rim" else part
        for part in head.parts
    ]
    return Head(tuple(parts), head.eye_centre)


def camera_on(
    points: NDArray[np.float64], mesh: NDArray[np.floating], size: int, rng: Rng
) -> Camera:
    """The camera that sees a studio head's face points ``(468, 3)`` where a photo's mesh lies."""
    weights = np.zeros(CANONICAL_VERTICES)
    shape = load_topology()
    weights[shape.procrustes_indices] = shape.procrustes_weights
    source = points * _PICTURE
    to_photo = fit_similarity(source, mesh[:CANONICAL_VERTICES].astype(np.float64), weights)
    distance = float(rng.uniform(9, 25))
    axes = to_photo.rotation * _PICTURE  # rows: right, down, forward in the studio's frame
    middle = weights @ source / weights.sum()
    x, y, _ = to_photo(middle)
    shift = np.array([(size - 1) / 2 - x, (size - 1) / 2 - y, 0]) / to_photo.scale
    looked_at = middle * _PICTURE + axes.T @ shift
    return Camera(looked_at - distance * axes[2], axes, to_photo.scale * distance, size, size)


def _resized(head: Head, rng: Rng) -> Head:
    """Glasses of other proportions, for six are few."""
    lenses = head.parts[-1].vertices
    middle = lenses.mean(0)
    size = np.array([rng.uniform(0.92, 1.12), rng.uniform(0.85, 1.4), 1.0])
    shift = np.array([0, rng.uniform(-0.06, 0.05), 0.04 * rng.random()])
    parts = list(head.parts)
    for k in (-2, -1):
        place = (parts[k].vertices - middle) * size + middle + shift
        parts[k] = replace(parts[k], vertices=place)
    return Head(tuple(parts), head.eye_centre)


def _layers(
    rasteriser: Rasteriser, head: Head, camera: Camera, light: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Coverage of the rim that the head leaves free, its linear colour, and the lenses."""
    solid = Head((head.parts[0], *head.parts[-2:]), head.eye_centre)
    soup = triangulate(solid)
    kinds = rasteriser.kinds(solid, soup, camera)
    rim = (kinds == KINDS.index("rim")).astype(np.float32)
    rim = cv2.resize(rim, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    lenses = rasteriser.lenses(solid, soup, camera)
    alone = Head(head.parts[-2:], head.eye_centre)
    passes = rasteriser.draw(alone, own := triangulate(alone), camera, unshaded(own))
    share = np.maximum(passes.coverage, 0.05)[..., None]
    paint = relight(passes, camera, light) / share
    return rim.astype(np.float32), paint.astype(np.float32), lenses


def unshaded(soup: Soup) -> NDArray[np.float32]:
    """Transfer vectors ``(n, 9)`` of a head that throws no shadows."""
    return (harmonics(soup.normals.astype(np.float64)) * _OPEN_SKY).astype(np.float32)
