"""The pair of photos that ExShot's demo edits: one rendered person who exists nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exshot_train.studio import cycles
from exshot_train.studio.assets import Assets
from exshot_train.studio.expressions import both
from exshot_train.studio.head import Expression, Head, HeadBuilder, HeadTurn
from exshot_train.studio.lights import Pixels, blurred, look_up, read_light, tone_map
from exshot_train.studio.people import Person
from exshot_train.studio.raster import Rasteriser
from exshot_train.studio.relight import relight
from exshot_train.studio.rig import Camera, look_at
from exshot_train.studio.soup import triangulate

LIGHT = "christmas_photo_studio_07"
SIZE = (1200, 1600)

PERSON = Person(
    key="p99",
    sex="female",
    age=0.0,
    shape={
        "macrodetails/caucasian-female-young": 0.75,
        "macrodetails/asian-female-young": 0.25,
        "macrodetails/universal-female-young-averagemuscle-averageweight": 1.0,
        "head/head-oval": 0.1,
        "mouth/mouth-upperlip-volume-incr": 0.25,
        "nose/nose-scale-horiz-decr": 0.15,
        "eyes/l-eye-scale-incr": 0.12,
        "eyes/r-eye-scale-incr": 0.12,
        "chin/chin-width-decr": 0.3,
    },
    skin="young_lightskinned_female_diffuse3",
    skin_tint=(0.95, 0.93, 0.92),
    iris="brownlight_eye",
    brows="eyebrow001",
    lashes="eyelashes01",
    teeth="teeth_base",
    hair="long01",
    hair_color=(0.045, 0.024, 0.014),
    shirt_color=(0.10, 0.16, 0.26),
)


@dataclass(frozen=True)
class Shot:
    """How one of the two photos is taken."""

    expression: Expression
    turn: HeadTurn
    light_turn: float
    exposure: float
    face_px: float
    shift: tuple[float, float]


SHOTS = {
    "pose": Shot(
        Expression(
            "awkward",
            both(eyeBlinkLR=0.36, mouthFrownLR=0.25, mouthPressLR=0.3, browDownLR=0.12),
        ),
        HeadTurn(-3, 1, 2),
        light_turn=0,
        exposure=1.25,
        face_px=430,
        shift=(0.0, -0.06),
    ),
    "expression": Shot(
        Expression(
            "smile",
            both(
                mouthSmileLR=0.85,
                jawOpen=0.045,
                mouthUpperUpLR=0.42,
                mouthLowerDownLR=0.3,
                cheekSquintLR=0.5,
                eyeSquintLR=0.18,
                browOuterUpLR=0.1,
                browInnerUp=0.1,
            ),
            gaze_yaw=-6,
        ),
        HeadTurn(8, 0, -3),
        light_turn=25,
        exposure=1.15,
        face_px=450,
        shift=(0.02, -0.03),
    ),
}


def scene(assets: Assets, shot: Shot, level: int, scale: float) -> tuple[Head, Camera, Pixels]:
    """The head, the camera and the light of one shot; ``scale`` shrinks the picture."""
    head = HeadBuilder(assets, level).build(PERSON, shot.expression, shot.turn)
    size = (round(SIZE[0] * scale), round(SIZE[1] * scale))
    camera = look_at(head.eye_centre, 0, 2, 85, shot.face_px * scale, size, shot.shift)
    return head, camera, read_light(assets.light(LIGHT), shot.light_turn)


def photo(
    color: NDArray[np.float32],
    coverage: NDArray[np.float32],
    camera: Camera,
    light: Pixels,
    exposure: float,
) -> NDArray[np.uint8]:
    """Put the room, out of focus, behind a rendered head and develop: ``(h, w, 3)`` sRGB."""
    room = look_up(blurred(light, 5), camera.rays())
    linear = color + room * (1 - coverage[..., None])
    grain = np.random.default_rng(5).normal(0, 0.004, linear.shape)
    return np.round(np.clip(tone_map(linear, exposure) + grain, 0, 1) * 255).astype(np.uint8)


def render_demo(
    folder: Path, renderer: str = "cycles", samples: int = 32, scale: float = 1.0, threads: int = 2
) -> None:
    """Render both photos into a folder as ``pose.jpg`` and ``expression.jpg``.

    Args:
        renderer: ``"cycles"`` (path tracing) or ``"raster"`` (OpenGL, a preview in seconds).
    """
    assets = Assets.find()
    folder.mkdir(parents=True, exist_ok=True)
    for name, shot in SHOTS.items():
        head, camera, light = scene(assets, shot, 2, scale)
        if renderer == "cycles":
            settings = cycles.CyclesSettings(samples, threads)
            view = cycles.render(head, camera, light, settings)
            color, coverage = view[..., :3], view[..., 3]
        else:
            rasteriser, soup = Rasteriser(), triangulate(head)
            passes = rasteriser.draw(head, soup, camera, rasteriser.transfer(head, soup))
            color, coverage = relight(passes, camera, light), passes.coverage
        picture = photo(color, coverage, camera, light, shot.exposure)
        Image.fromarray(picture).save(folder / f"{name}.jpg", quality=92, subsampling=0)
