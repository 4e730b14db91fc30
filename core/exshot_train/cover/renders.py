"""Sheets of the studio's people, where the kind of every pixel is exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover import kinds
from exshot_train.cover import things
from exshot_train.cover.dress import Wardrobe, dyed
from exshot_train.cover.sheet import IGNORED, ROOM, SIDE, UNCOVERED, Sheet, sheet_crop
from exshot_train.cover.spectacles import random_spectacles
from exshot_train.studio.expressions import EXPRESSIONS, posed
from exshot_train.studio.head import KINDS, Head, HeadTurn
from exshot_train.studio.lenses import random_glass, reflection, through
from exshot_train.studio.lights import Pixels, blurred, look_up, tone_map
from exshot_train.studio.people import PEOPLE, sample_person
from exshot_train.studio.relight import relight
from exshot_train.studio.rig import Camera, look_at
from exshot_train.studio.soup import Soup, triangulate
from exshot_train.studio.wear import GLASSES, Glass, Worn

Rng = np.random.Generator

VIEWS: Final = 4  # of one head, each with its own camera, light, glass and colours
_BLINDING: Final = 0.2  # see `spectacles`
_DIRECTIONS: Final = 32  # of the shadows
_CANVAS: Final = 400
_KIND: Final = {
    "skin": kinds.SKIN, "cloth": kinds.BACKGROUND, "eye": kinds.SKIN, "teeth": kinds.SKIN,
    "tongue": kinds.SKIN, "brow": kinds.BROW, "lash": kinds.SKIN, "hair": kinds.HAIR,
    "rim": kinds.RIM, "lens": kinds.CLEAR_LENS, "mask": kinds.OTHER,
}  # fmt: skip
_WEIGHT: Final = {kinds.RIM: 1.4, kinds.BROW: 1.3}  # thin things would lose every vote
_SCALP: Final = (7.75, 1.2)  # y and z, decimetres, of the hairline over the nose
_SCALP_SLOPE: Final = 0.9


def random_worn(rng: Rng) -> Worn:
    """Glasses for two in three, a mask for one in ten."""
    glasses = str(rng.choice(list(GLASSES))) if rng.random() < 0.66 else None
    masked = rng.random() < (0.05 if glasses else 0.2)
    tint = tuple(float(v) for v in np.exp(rng.normal(-0.15, 0.25, 3)))
    return Worn(glasses, mask=masked, mask_tint=tint)  # pyright: ignore[reportArgumentType]


def render_sheets(
    wardrobe: Wardrobe, rng: Rng, *, views: int = VIEWS, extras: bool = True
) -> Iterator[Sheet]:
    """Views of one random head of the wardrobe's split.

    Args:
        extras: draw other things before the rendered ones, see `things`.
    """
    person = sample_person(wardrobe.assets, int(rng.choice(PEOPLE[wardrobe.split])))
    name = str(rng.choice(EXPRESSIONS))
    expression = posed(person, name, int(rng.integers(1000)))
    turn = HeadTurn(*(float(v) for v in rng.normal(0, (8, 5, 4))))
    worn = random_worn(rng)
    head = wardrobe.builder.build(person, expression, turn, worn)
    soup = triangulate(head)
    transfer = wardrobe.rasteriser.transfer(head, soup, _DIRECTIONS)
    scalp = None if person.hair else _scalp(head, soup)
    for _ in range(views):
        glass, dark = random_glass(rng)
        colored = dyed(head, rng)
        camera = random_camera(wardrobe.face_points(head), head, rng)
        light = wardrobe.random_light(rng)
        sheet = shot(wardrobe, colored, soup, transfer, camera, light, glass, dark, rng, scalp)
        if extras:
            if not worn.glasses and rng.random() < 0.4:
                sheet = random_spectacles(sheet, rng)
            if rng.random() < 0.1:
                sheet = things.beard(sheet, rng)
            for _ in range(int(rng.choice(3, p=[0.68, 0.26, 0.06]))):
                sheet = things.random_thing(sheet, rng)
        yield sheet


def shot(
    wardrobe: Wardrobe,
    head: Head,
    soup: Soup,
    transfer: NDArray[np.float32],
    camera: Camera,
    light: Pixels,
    glass: Glass,
    dark: bool,
    rng: Rng,
    scalp: NDArray[np.bool_] | None = None,
) -> Sheet:
    """One view as a sheet.

    Args:
        transfer: of the soup's vertices, see `exshot_train.studio.occlusion`.
        scalp: triangles whose skin is painted as cropped hair, of unknown kind.
    """
    passes = wardrobe.rasteriser.draw(head, soup, camera, transfer)
    lenses = wardrobe.rasteriser.lenses(head, soup, camera)
    fine = wardrobe.rasteriser.kinds(head, soup, camera)
    room = _room(camera, light, rng)
    linear = relight(passes, camera, light) + room * (1 - passes.coverage[..., None])
    exposure = float(np.exp(rng.normal(0, 0.25)))
    mirrored = lenses[..., 3:] * reflection(lenses, camera, light, glass)
    behind = through(linear.astype(np.float32, copy=False), lenses, glass)
    seen = tone_map(behind + mirrored, exposure)
    labels = kinds_of(fine)
    inside = (lenses[..., 3] > 0.5) & (labels != kinds.RIM)
    labels[inside] = kinds.DARK_LENS if dark else kinds.CLEAR_LENS
    glaring = (seen - tone_map(behind, exposure)).mean(axis=2) > _BLINDING
    labels[inside & glaring] = kinds.GLARE
    if scalp is not None:
        bald = np.append(scalp, False)[passes.numbers]
        labels[bald & (labels == kinds.SKIN)] = UNCOVERED
    return _cropped(seen, labels, wardrobe.face_points(head), camera)


def random_camera(points: NDArray[np.float64], head: Head, rng: Rng) -> Camera:
    """A camera before the face, at a person's distance, that frames it about as a sheet does."""
    yaw, pitch, roll = rng.normal(0, (14, 6, 5))
    lens = float(rng.choice([35, 50, 85]))
    middle = (points.min(0) + points.max(0)) / 2
    size = (_CANVAS, _CANVAS)
    distance = float(rng.uniform(5, 18))
    trial = look_at(middle, yaw, pitch, lens, lens / 36 * _CANVAS / distance, size, (0, 0), roll)
    seen = trial.project(points)[:, :2]
    wanted = _CANVAS / (1.45 * ROOM * 1.05)
    zoom = wanted / float(np.ptp(seen, axis=0).max())
    return replace(trial, focal=trial.focal * zoom)


def _cropped(
    picture: Pixels, labels: NDArray[np.uint8], points: NDArray[np.float64], camera: Camera
) -> Sheet:
    mesh = camera.project(points)
    mesh[:, 2] = (mesh[:, 2] - mesh[:, 2].mean()) * camera.focal / mesh[:, 2].mean()
    mesh = np.concatenate([mesh, np.repeat(mesh[[159, 386]], 5, axis=0)]).astype(np.float32)
    crop = sheet_crop(mesh)
    eight = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    step = 1 / crop.scale
    matrix = np.array([
        [step, 0, crop.left - 0.5 + 0.5 * step], [0, step, crop.top - 0.5 + 0.5 * step]
    ])  # fmt: skip
    flags = cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(
        eight, matrix, (SIDE, SIDE), flags=flags | cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    said = cv2.warpAffine(
        labels, matrix, (SIDE, SIDE), flags=flags | cv2.INTER_NEAREST, borderValue=(IGNORED,)
    )
    return Sheet(shown.astype(np.uint8), said.astype(np.uint8), crop.to_crop(mesh))


def kinds_of(fine: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Kind of each pixel by the vote of its nine parts."""
    table = np.full(256, kinds.BACKGROUND, np.uint8)
    for name, kind in _KIND.items():
        table[KINDS.index(name)] = kind
    known = table[fine]
    size = (fine.shape[1] // 3, fine.shape[0] // 3)
    best = np.zeros(size[::-1], np.float32)
    labels = np.full(size[::-1], kinds.BACKGROUND, np.uint8)
    for kind in np.unique(known):
        share = (known == kind).astype(np.float32)
        share = cv2.resize(share, size, interpolation=cv2.INTER_AREA) * _WEIGHT.get(int(kind), 1.0)
        better = share > best
        labels[better] = kind
        best = np.maximum(best, share)
    return labels


def _scalp(head: Head, soup: Soup) -> NDArray[np.bool_]:
    """Triangles of the body above the hairline, where skins have cropped hair painted on."""
    first, last = soup.part_triangles[0]
    middle = soup.vertices[soup.triangles].mean(axis=1)
    eyes = head.eye_centre
    y, z = _SCALP
    above = middle[:, 1] - (y - 7.3 + eyes[1]) - _SCALP_SLOPE * (middle[:, 2] - z)
    chosen = above > 0
    chosen[:first] = chosen[last:] = False
    return chosen


def _room(camera: Camera, light: Pixels, rng: Rng) -> Pixels:
    """What is behind the sitter: the room out of focus, or a wall with a gradient."""
    if rng.random() < 0.6:
        return look_up(blurred(light, float(rng.uniform(0.5, 8))), camera.rays())
    rows, columns = np.indices((camera.height, camera.width)).astype(np.float32) / camera.height
    a = rng.uniform(0, 2 * np.pi)
    slope = 1 + rng.uniform(0, 0.8) * (columns * np.cos(a) + rows * np.sin(a))
    color = rng.uniform(0.02, 0.8) * np.exp(rng.normal(0, 0.25, 3))
    blots = cv2.GaussianBlur(
        rng.standard_normal(rows.shape).astype(np.float32), (0, 0), float(rng.uniform(8, 50))
    )
    blots = 1 + rng.uniform(0, 0.5) * blots / (np.abs(blots).max() + 1e-6)
    return (np.maximum(slope * blots, 0)[..., None] * color).astype(np.float32)
