"""Contact sheets: who there is, what they show, and how the two renderers compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exshot_train.studio import cycles
from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import EXPRESSIONS
from exshot_train.studio.lights import Pixels, blurred, look_up, read_light, tone_map
from exshot_train.studio.people import SCANNED_FIRST
from exshot_train.studio.raster import Rasteriser
from exshot_train.studio.render import ROOM_BLUR, Studio
from exshot_train.studio.rig import Camera
from exshot_train.studio.soft_light import SOFT_STUDIO, read_room
from exshot_train.studio.soup import triangulate
from exshot_train.studio.takes import Take
from exshot_train.studio.triplets import develop
from exshot_train.studio.valid_heads import VALID_FIRST

_LIGHTS = (
    "brown_photostudio_02", "christmas_photo_studio_07", "park", "sunset", "vestibule",
    "modern_buildings_2", "bridge", "workshop",
)  # fmt: skip


def draw_sheet(out: Path, kind: str, cell: int) -> None:
    """Draw one sheet as JPEG.

    Args:
        kind: ``"people"`` (16 people, each another expression, camera and light),
            ``"expressions"`` (twelve of two people), ``"lights"`` (one face under eight maps, two
            rows of four, OpenGL above and Cycles below), ``"avatars"`` (six of them),
            ``"scans"`` (eight scanned faces), ``"folds"`` (two of them, calm and moved) or
            ``"renderers"`` (the same four views from OpenGL, above, and Cycles, below).
        cell: side of one view, pixels.
    """
    studio = Studio(Assets.find(), cell)
    if kind == "people":
        views = [_view(studio, Take(0, k % 12, k), k % 5, _LIGHTS[k % 8]) for k in range(16)]
        rows = [views[:8], views[8:]]
    elif kind == "expressions":
        takes = [Take(0, k, person) for person in (10, 11) for k in range(len(EXPRESSIONS))]
        views = [_view(studio, take, 2, _LIGHTS[0]) for take in takes]
        rows = [views[k : k + 6] for k in range(0, 24, 6)]
    elif kind == "avatars":
        shown = ((0, 2, 2), (9, 3, 3), (17, 1, 1), (25, 5, 2), (31, 11, 2), (26, 1, 3))
        views = [
            _view(studio, Take(0, expression, VALID_FIRST + avatar), camera, SOFT_STUDIO)
            for avatar, expression, camera in shown
        ]
        rows = [views[:3], views[3:]]
    elif kind == "scans":
        shown = [(SCANNED_FIRST + k, k * 5 % 12, (2, 1, 3)[k % 3]) for k in range(8)]
        views = [
            _view(studio, Take(0, expression, person), camera, SOFT_STUDIO)
            for person, expression, camera in shown
        ]
        rows = [views[:4], views[4:]]
    elif kind == "folds":
        named = [EXPRESSIONS.index(name) for name in ("neutral", "laugh", "anger", "disgust")]
        rows = [
            [_view(studio, Take(0, e, person), 2, _LIGHTS[0]) for e in named]
            for person in (SCANNED_FIRST + 1, SCANNED_FIRST + 2)
        ]
    elif kind == "lights":
        drawn, traced = _under_all_lights(studio, Take(1, 1, 10), 2)
        rows = [drawn[:4], traced[:4], drawn[4:], traced[4:]]
    else:
        rows = _renderers(studio)
    sheet = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(out, quality=88)


def _view(studio: Studio, take: Take, camera: int, light: str) -> NDArray[np.uint8]:
    room = read_room(studio.assets, light)
    return _eight_bit(_drawn(studio, take, camera, [room])[0])


def _under_all_lights(
    studio: Studio, take: Take, camera: int
) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]]:
    """One view under eight maps: from its stored passes, and path-traced under the same maps."""
    rooms = [read_light(studio.assets.light(name)) for name in _LIGHTS]
    drawn = [_eight_bit(picture) for picture in _drawn(studio, take, camera, rooms)]
    sitting = studio.sit(take)
    seen_from = sitting.cameras[camera]
    cycles.stage(sitting.head, rooms[0])
    traced = []
    for room in rooms:
        cycles.light_up(room)
        view = cycles.shoot(seen_from, cycles.CyclesSettings(24, 2))
        traced.append(_eight_bit(_before_room(view, seen_from, room)))
    return drawn, traced


def _drawn(studio: Studio, take: Take, camera: int, rooms: list[Pixels]) -> list[Pixels]:
    sitting = studio.sit(take)
    rasteriser: Rasteriser = studio.rasteriser
    soup = triangulate(sitting.head)
    transfer = rasteriser.transfer(sitting.head, soup)
    seen_from = sitting.cameras[camera]
    passes = rasteriser.draw(sitting.head, soup, seen_from, transfer)
    return [develop(passes, seen_from, room) for room in rooms]


def _renderers(studio: Studio) -> list[list[NDArray[np.uint8]]]:
    """OpenGL above, Cycles below: two people, each under two lights."""
    above, below = [], []
    for take, camera in ((Take(0, 1, 10), 2), (Take(1, 3, 11), 3)):
        sitting = studio.sit(take)
        for name in (_LIGHTS[0], _LIGHTS[3]):
            room = read_light(studio.assets.light(name))
            above.append(_view(studio, take, camera, name))
            traced = cycles.render(
                sitting.head, sitting.cameras[camera], room, cycles.CyclesSettings(24, 2)
            )
            below.append(_eight_bit(_before_room(traced, sitting.cameras[camera], room)))
    return [above, below]


def _before_room(traced: Pixels, camera: Camera, room: Pixels) -> Pixels:
    behind = look_up(blurred(room, ROOM_BLUR), camera.rays())
    return tone_map(traced[..., :3] + behind * (1 - traced[..., 3:]))


def _eight_bit(picture: Pixels) -> NDArray[np.uint8]:
    return np.round(picture * 255).astype(np.uint8)
