"""Shoots the plan: builds heads, draws their passes, stores takes; resumes where it stopped."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from exshot_train.studio import cycles
from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import EXPRESSIONS, posed
from exshot_train.studio.head import Expression, Head, HeadBuilder, HeadTurn
from exshot_train.studio.lights import blurred, look_up, tone_map
from exshot_train.studio.passes import pack
from exshot_train.studio.people import (
    SCANNED_FIRST,
    Person,
    sample_person,
    scanned_person,
    split_of,
)
from exshot_train.studio.raster import Rasteriser
from exshot_train.studio.rig import Camera
from exshot_train.studio.scans import carried
from exshot_train.studio.soft_light import read_room
from exshot_train.studio.soup import triangulate
from exshot_train.studio.store import Store
from exshot_train.studio.takes import Take, cameras, head_turn
from exshot_train.studio.valid_heads import VALID_FIRST, ValidPerson, build_valid, valid_person
from exshot_train.studio.wear import Worn

ROOM_BLUR = 4.0  # degrees: the room behind the sitter is out of focus


@dataclass(frozen=True)
class Sitting:
    """A take, built and ready for any renderer."""

    take: Take
    person: Person | ValidPerson
    expression: Expression
    head: Head
    cameras: tuple[Camera, ...]


class Studio:
    """Assets, builder and rasteriser of one process."""

    def __init__(self, assets: Assets, size: int = 512) -> None:
        self.assets = assets
        self.size = size
        self.builder = HeadBuilder(assets)
        self.rasteriser = Rasteriser()
        self._scanned: HeadBuilder | None = None
        self._eyes: dict[int, Any] = {}

    def sit(self, take: Take) -> Sitting:
        """Build the head and cameras of a take."""
        person = self._person(take.person)
        expression = posed(person, EXPRESSIONS[take.expression], take.turn)
        head = self._built(person, expression, head_turn(take.person, take.turn))
        if take.person not in self._eyes:
            neutral = self._built(person, Expression("neutral", {}), HeadTurn())
            self._eyes[take.person] = neutral.eye_centre
        rig = cameras(take.person, self._eyes[take.person], self.size)
        return Sitting(take, person, expression, head, rig)

    def _built(self, person: Person | ValidPerson, expression: Expression, turn: HeadTurn) -> Head:
        if isinstance(person, ValidPerson):
            return build_valid(self.assets, person, expression, turn)
        if not person.scan:
            return self.builder.build(person, expression, turn)
        if self._scanned is None:
            self._scanned = HeadBuilder(self.assets, faces=carried(self.assets))
        worn = Worn(person.glasses, person.frame) if person.glasses else None
        return self._scanned.build(person, expression, turn, worn)

    def _person(self, number: int) -> Person | ValidPerson:
        if number >= SCANNED_FIRST:
            return scanned_person(self.assets, number)
        if number >= VALID_FIRST:
            return valid_person(self.assets, number - VALID_FIRST)
        return sample_person(self.assets, number)

    def shoot(
        self,
        take: Take,
        store: Store,
        photos: dict[int, tuple[str, float]],
        settings: cycles.CyclesSettings | None = None,
    ) -> None:
        """Draw all passes of a take and store it.

        Args:
            photos: cameras that Cycles renders too, with the name and turn of their light map.
            settings: of Cycles, where it renders any.
        """
        sitting = self.sit(take)
        soup = triangulate(sitting.head)
        transfer = self.rasteriser.transfer(sitting.head, soup)
        files: dict[str, bytes] = {}
        for k, camera in enumerate(sitting.cameras):
            passes = self.rasteriser.draw(sitting.head, soup, camera, transfer)
            files |= {f"{k}/{name}": data for name, data in pack(passes).items()}
        if settings is not None:
            files |= self._photos(sitting, photos, settings)
        record = {
            "split": split_of(take.person),
            "take": asdict(take),
            "person": asdict(sitting.person),
            "expression": asdict(sitting.expression),
            "head_turn": asdict(head_turn(take.person, take.turn)),
            "photos": {str(k): {"light": n, "turn": t} for k, (n, t) in photos.items()},
            "samples": settings.samples if settings else 0,
        }
        store.write(take.key, record, sitting.cameras, soup, files)

    def _photos(
        self,
        sitting: Sitting,
        photos: dict[int, tuple[str, float]],
        settings: cycles.CyclesSettings,
    ) -> dict[str, bytes]:
        """Path-traced views, each with the room behind it, as JPEG."""
        files: dict[str, bytes] = {}
        for k, light in photos.items():
            room = read_room(self.assets, *light)
            if files:
                cycles.light_up(room)  # the head is built once for all cameras
            else:
                cycles.stage(sitting.head, room)
            view = cycles.shoot(sitting.cameras[k], settings)
            behind = look_up(blurred(room, ROOM_BLUR), sitting.cameras[k].rays())
            developed = tone_map(view[..., :3] + behind * (1 - view[..., 3:]))
            buffer = io.BytesIO()
            picture = Image.fromarray(np.round(developed * 255).astype(np.uint8))
            picture.save(buffer, "JPEG", quality=95, subsampling=0)
            files[f"{k}/photo.jpg"] = buffer.getvalue()
        return files


def render_takes(
    studio: Studio,
    store: Store,
    takes: list[Take],
    photos: dict[str, dict[int, tuple[str, float]]],
    settings: cycles.CyclesSettings | None,
    report: Callable[[int, int, float], None],
) -> int:
    """Render what is missing of a list of takes.

    Args:
        photos: Cycles views of each take's key.
        settings: of Cycles, where there are such views.
        report: called with takes done, takes in all and seconds left, after every take.

    Returns:
        How many takes were rendered now.
    """
    missing = [take for take in takes if not store.has(take.key)]
    made, started = 0, time.monotonic()
    for done, take in enumerate(missing, 1):
        if not store.has(take.key):  # another process may have rendered it meanwhile
            studio.shoot(take, store, photos.get(take.key, {}), settings)
            made += 1
        left = (time.monotonic() - started) / max(made, 1) * (len(missing) - done)
        report(len(takes) - len(missing) + done, len(takes), left)
    return made
