"""The VALID avatars as further people: heads with textures and 65 face morphs of their own.

MIT, VALID (Tiffany Do and others): 7 ethnicities, women and men. The files and what is in them are
described in the data sets' README (``heads/valid``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from exshot_train.studio.assets import Assets
from exshot_train.studio.head import Expression, Floats, Head, HeadTurn, Ints, Part, turned
from exshot_train.studio.lights import to_linear
from exshot_train.studio.people import Color

_DECIMETRES: Final = 10.0  # the files are in metres
_EYES: Final = slice(14598, 14742)  # of MakeHuman's base mesh
_LEAST_Y: Final = 3.0  # decimetres; the studio's heads end there
_OF_TEETH: Final = "t_"  # begins the names of the same morphs on the lower teeth and the tongue

VALID_FIRST: Final = 100
"""Take numbers from here on are avatars: 100 is the first of `valid_names`."""

# Which morphs stand for a face unit, and how far. "*" is L or R.
_MORPHS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "jawOpen": (("MouthOpen_h", 0.6), ("Shout_h", 0.5)),  # 4 cm at the chin
    "jawForward": (("JawFront_h", 1.0),),
    "mouthSmile*": (("*smileOpen_h", 0.8), ("*smileClose_h", 0.7)),
    "mouthFrown*": (("*mouthSad_h", 1.0),),
    "mouthDimple*": (("*lipCorner_h", 1.0),),
    "mouthStretch*": (("*lipSide_h", 1.0),),
    "mouthUpperUp*": (("*lipUp_h", 0.5),),
    "mouthLowerDown*": (("*lipDown_h", 0.5),),
    "mouthPucker": (("Kiss_h", 1.0),),
    "mouthFunnel": (("SH_CH_h", 1.0),),
    "mouthShrugLower": (("Chin_h", 1.0),),
    "mouthPress*": (("MPB_Up_h", 0.4), ("MPB_Down_h", 0.4)),
    "noseSneer*": (("*disgust_h", 0.8), ("*nostril_h", 0.4)),
    "cheekSquint*": (("*lowLid_h", 0.6),),
    "eyeSquint*": (("*squint_h", 1.0),),
    "eyeBlink*": (("*eyeClose_h", 1.0),),
    "eyeWide*": (("*eyeOpen_h", 1.0),),
    "browDown*": (("*browDown_h", 0.8), ("**browDown_h", 0.5)),
    "browOuterUp*": (("**browUp_h", 1.0),),
    "browInnerUp": (("LbrowUp_h", 0.9), ("RbrowUp_h", 0.9)),
}


@dataclass(frozen=True)
class ValidPerson:
    """One avatar; ``file`` names it, the rest is as in `exshot_train.studio.people.Person`."""

    key: str
    file: str
    vigour: float = 1.0
    habit: dict[str, float] = field(default_factory=dict)


def valid_names(assets: Assets) -> list[str]:
    """Names of the avatars at hand, sorted: ethnicity, sex and number."""
    return sorted(path.stem for path in assets.valid.glob("*.npz"))


def valid_person(assets: Assets, index: int) -> ValidPerson:
    """Avatar ``index`` of `valid_names`, the same on every machine, with its way of moving."""
    rng = np.random.default_rng([20243, index])
    names = valid_names(assets)
    return ValidPerson(
        f"v{index:02d}",
        names[index],
        vigour=round(float(rng.uniform(0.8, 1.05)), 3),
        habit={
            unit: round(float(np.clip(rng.normal(1, 0.15), 0.65, 1.3)), 3)
            for unit in assets.unit_names()
        },
    )


def build_valid(
    assets: Assets, person: ValidPerson, expression: Expression, turn: HeadTurn | None = None
) -> Head:
    """The head of an avatar with an expression, turned on its neck, where MakeHuman's heads are."""
    turn = turn or HeadTurn()
    data = _opened(assets.valid / f"{person.file}.npz")
    weights = morph_weights(expression.units)
    eyes = assets.base.vertices[_EYES].mean(0)
    middle = np.concatenate([data.vertices[k] for k in data.eyes]).mean(0)
    nowhere = np.zeros(3)
    parts = []
    for number, piece in enumerate(data.pieces):
        vertices = data.moved(number, weights)
        if number in data.eyes:
            vertices = _gazing(vertices, expression)
        place = (vertices - middle) * _DECIMETRES + eyes
        part = piece.part(turned(place, turn, nowhere), place[:, 1])
        parts.append(part)
    return Head(tuple(parts), turned(eyes[None], turn, nowhere)[0])


def morph_weights(units: dict[str, float]) -> dict[str, float]:
    """Weights of the avatars' morphs for weights of face units; units without one are left out."""
    weights: dict[str, float] = {}
    for unit, weight in units.items():
        side = "L" if unit.endswith("Left") else "R" if unit.endswith("Right") else ""
        stem = unit.removesuffix("Left").removesuffix("Right") + ("*" if side else "")
        for name, share in _MORPHS.get(stem, ()):
            morph = name.replace("*", side)
            weights[morph] = min(1.0, weights.get(morph, 0.0) + share * weight)
    return weights


@dataclass(frozen=True)
class _Piece:
    """A part of an avatar without its place: welded polygons and texture."""

    name: str
    kind: str
    kept: Ints  # (n,) the file's vertex that stands for each of its own
    corners: Ints
    uv: Floats
    uv_corners: Ints
    texture: Path | None
    tint: Color

    def part(self, place: Floats, height: Floats) -> Part:
        """The part with its vertices, ``(n, 3)`` of the file; what lies too low is cut off."""
        high = height[self.uv_corners].min(1) > _LEAST_Y
        return Part(
            self.name,
            self.kind,
            place[self.kept],
            self.corners[high],
            self.uv,
            self.uv_corners[high],
            self.texture,
            self.tint,
        )


@dataclass(frozen=True)
class _Avatar:
    """A file, read: pieces, the numbers of its eyeballs, resting vertices and morphs."""

    pieces: tuple[_Piece, ...]
    eyes: tuple[int, ...]
    vertices: tuple[Floats, ...]
    morphs: tuple[dict[str, tuple[Ints, Floats]], ...]

    def moved(self, number: int, weights: dict[str, float]) -> Floats:
        """Vertices of a piece under morphs, metres."""
        vertices = self.vertices[number].copy()
        for name, (where, deltas) in self.morphs[number].items():
            if weight := weights.get(name.removeprefix(_OF_TEETH), 0.0):
                vertices[where] += weight * deltas
        return vertices


@lru_cache(maxsize=4)
def _opened(path: Path) -> _Avatar:
    with np.load(path, allow_pickle=False) as data:
        parts: list[dict[str, Any]] = json.loads(data["meta"].tobytes())["parts"]
        pieces, vertices, morphs = [], [], []
        for k, part in enumerate(parts):
            place = data[f"v{k}"].astype(np.float64)
            vertices.append(place)
            pieces.append(_piece(part, place, data[f"f{k}"], data[f"uv{k}"], path.parent))
            morphs.append(
                {
                    name: (data[f"d{k}_{name}_i"].astype(np.int64), data[f"d{k}_{name}"])
                    for name in part.get("morphs", ())
                }
            )
    eyes = tuple(k for k, part in enumerate(parts) if part["name"].endswith("_eye"))
    return _Avatar(tuple(pieces), eyes, tuple(vertices), tuple(morphs))


def _piece(
    part: dict[str, Any],
    place: Floats,
    triangles: NDArray[np.integer],
    uv: NDArray[np.floating],
    folder: Path,
) -> _Piece:
    """Vertices that the file repeats along seams of the texture become one: seams would show."""
    _, kept, welded = np.unique(np.round(place, 6), axis=0, return_index=True, return_inverse=True)
    polygons = np.concatenate([triangles, triangles[:, 2:]], axis=1).astype(np.int64)
    upright = np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1).astype(np.float64)
    albedo = part.get("albedo")
    texture = folder / albedo if albedo else None
    kind = _kind_of(part["name"])
    corners = welded.reshape(-1)[polygons]
    return _Piece(
        part["name"], kind, kept, corners, upright, polygons, texture, _tint(kind, texture)
    )


def _tint(kind: str, texture: Path | None) -> Color:
    """What the studio's recolouring would else take from these textures, or put in."""
    if kind == "teeth":
        return (0.60, 0.62, 0.70)  # painted as a camera sees them, unlike MakeHuman's
    if kind == "hair" and texture is not None:
        picture: Any = cv2.imread(str(texture), cv2.IMREAD_REDUCED_COLOR_8)
        linear = to_linear(picture[..., ::-1].reshape(-1, 3) / 255)
        bright = linear.sum(1)
        red, green, blue = linear[bright >= np.percentile(bright, 80)].mean(0)
        return (float(red), float(green), float(blue))
    return (1.0, 1.0, 1.0)


def _kind_of(name: str) -> str:
    word = name.lower()
    if word.endswith("_eye"):
        return "eye"
    if "teeth" in word:
        return "teeth"
    if "wig" in word or "hair" in word:
        return "hair"
    return "skin"


def _gazing(vertices: Floats, expression: Expression) -> Floats:
    gaze = Rotation.from_euler("YX", [expression.gaze_yaw, -expression.gaze_pitch], degrees=True)
    centre = vertices.mean(0)
    return (vertices - centre) @ gaze.as_matrix().T + centre
