"""The studio's cast: seeded identities, split into train, val and test by person."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np

from exshot_train.studio.assets import ETHNICITIES, EYES, Assets

Split = Literal["train", "val", "test"]
Color = tuple[float, float, float]

PEOPLE: dict[Split, range] = {"train": range(40), "val": range(40, 44), "test": range(44, 52)}

AVATARS: dict[Split, tuple[int, ...]] = {
    "train": tuple(100 + k for k in range(32) if k % 4 != 3),
    "val": tuple(100 + k for k in range(32) if k % 8 == 3),
    "test": tuple(100 + k for k in range(32) if k % 8 == 7),
}
"""The avatars of `exshot_train.studio.valid_heads` by split; no test set uses theirs so far."""

SCANNED_FIRST = 200
SCANNED: dict[Split, tuple[int, ...]] = {
    "train": tuple(SCANNED_FIRST + k for k in range(64) if k % 8 < 6),
    "val": tuple(SCANNED_FIRST + k for k in range(64) if k % 8 == 6),
    "test": tuple(SCANNED_FIRST + k for k in range(64) if k % 8 == 7),
}
"""People with faces of the ICT face model (see `scans`); no test set has theirs so far."""

Cast = Literal["people", "avatars", "scans"]
CASTS: dict[Cast, Mapping[Split, Sequence[int]]] = {
    "people": PEOPLE,
    "avatars": AVATARS,
    "scans": SCANNED,
}

# Natural hair colours, linear RGB albedo of the strands' bright parts.
HAIR_COLORS: dict[str, Color] = {
    "black": (0.020, 0.017, 0.015),
    "dark brown": (0.050, 0.030, 0.018),
    "brown": (0.110, 0.062, 0.034),
    "auburn": (0.160, 0.060, 0.026),
    "dark blond": (0.240, 0.155, 0.080),
    "blond": (0.420, 0.300, 0.165),
    "grey": (0.300, 0.290, 0.280),
    "white": (0.560, 0.550, 0.530),
}
# Styles that leave the eyes free: bob01 and braid01 hang over one, afro01 shows its patches.
_LONG_HAIR = ("long01", "ponytail01")
_SHORT_HAIR = ("short01", "short02", "short04")

# Groups of shape targets and how far a person may go in each; beyond these faces turn odd.
_SHAPE_SPREAD = {
    "head": 0.40,
    "forehead": 0.40,
    "eyebrows": 0.40,
    "eyes": 0.35,
    "nose": 0.40,
    "mouth": 0.35,
    "cheek": 0.45,
    "chin": 0.40,
    "ears": 0.45,
    "neck": 0.25,
    "asym": 0.30,
}
# These move whole features off the skull, turn ears into fantasy or fight the expressions.
_SHAPE_EXCLUDED = (
    "pointed", "ear-shape-triangle", "head-trans", "head-scale", "head-age", "breast", "trunk",
    "asym-top", "asym-brown", "epicanthus", "laugh-lines-in", "mouth-trans-forward", "eye-trans",
    "mouth-trans-backward", "nose-trans-backward", "neck-trans", "head-back", "eye-height", "push",
    "mouth-trans-in", "mouth-trans-out", "nose-trans-in", "nose-trans-out", "neck-double-incr",
    "neck-back", "eyefold-down", "asym-jaw", "asym-mouth",
)  # fmt: skip


SCAN_MODES = 60
"""Of the ICT face model's hundred; the rest move skin by a tenth of a millimetre and less."""
_SCAN_SPREAD = 0.9  # standard deviations
_GLASSES = ("angular", "narrow", "half_rim", "rimless", "wide", "round")
_FRAMES: tuple[Color, ...] = (
    (0.015, 0.015, 0.017), (0.07, 0.035, 0.018), (0.30, 0.29, 0.28), (0.02, 0.03, 0.07),
    (0.25, 0.17, 0.08),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Everything that makes one identity; all of it goes into the manifest.

    Attributes:
        key: stable name such as ``"p07"``.
        shape: weight of every macro and shape target.
        skin: name of the skin texture; ``skin_tint`` multiplies it (linear RGB).
        iris, brows, lashes, teeth: names of textures and parts.
        hair: name of the hair part, or None for a shaved head.
        hair_color, shirt_color: linear RGB.
        vigour: how strongly this person moves the face, about 1.
        habit: per-unit factor on expressions, so that two people smile differently.
        scan: weights of the ICT face model's identities, in standard deviations; empty for none.
        folds: how much deeper folds look than the face model has them.
        stubble: density, 0 to 1.
        glasses: a name in `exshot_train.studio.wear.GLASSES`, worn in every take.
        frame: linear RGB albedo of theirs.
    """

    key: str
    sex: str
    age: float
    shape: dict[str, float]
    skin: str
    skin_tint: Color
    iris: str
    brows: str
    lashes: str
    teeth: str
    hair: str | None
    hair_color: Color
    shirt_color: Color
    vigour: float = 1.0
    habit: dict[str, float] = field(default_factory=dict)
    scan: tuple[float, ...] = ()
    folds: float = 0.0
    stubble: float = 0.0
    glasses: str | None = None
    frame: Color = (0.02, 0.02, 0.02)


def split_of(index: int) -> Split:
    """Which split a person's number belongs to; fixed for good."""
    for name in get_args(Split):
        if any(index in people[name] for people in CASTS.values()):
            return name
    raise ValueError(f"person {index} is outside every split")


def sample_person(assets: Assets, index: int) -> Person:
    """The identity with this number, the same on every machine.

    Args:
        index: 0 … 51, see ``PEOPLE``; `scanned_person` uses others.
    """
    rng = np.random.default_rng([20240, index])
    sex = ("female", "male")[index % 2]
    age = float(rng.uniform(0.0, 0.33) if rng.random() < 0.65 else rng.uniform(0.33, 0.9))
    main = ETHNICITIES[(index // 2) % 3]
    mixture = rng.dirichlet([0.4] * 3) * 0.3
    mixture[ETHNICITIES.index(main)] += 0.7
    dark = main == "african"
    return Person(
        key=f"p{index:02d}",
        sex=sex,
        age=round(age, 3),
        shape=_macros(sex, age, mixture, float(rng.beta(1.3, 3.0))) | _features(assets, rng),
        skin=_skin(assets, rng, sex, age, dark),
        skin_tint=_skin_tint(rng, main),
        iris=str(rng.choice(EYES if main == "caucasian" else ("brown", "brownlight"))) + "_eye",
        brows=_brows(rng, sex),
        lashes=f"eyelashes{rng.choice([1, 4] if sex == 'male' else [1, 2, 3, 4]):02d}",
        teeth=str(rng.choice(["teeth_base"] + [f"teeth_shape{k:02d}" for k in range(1, 6)])),
        hair=_hair(rng, sex, main),
        hair_color=_hair_color(rng, age, main),
        shirt_color=_shirt(rng),
        vigour=round(float(rng.uniform(0.85, 1.1)), 3),
        habit={
            unit: round(float(np.clip(rng.normal(1, 0.15), 0.65, 1.3)), 3)
            for unit in assets.unit_names()
        },
    )


def scanned_person(assets: Assets, index: int) -> Person:
    """The person with this number of `SCANNED`, the same on every machine.

    Sex, age, skin, hair and way of moving as `sample_person` draws them; the face's form is a
    scanned identity's in place of shape targets.
    """
    person = sample_person(assets, index)
    rng = np.random.default_rng([20244, index])
    bearded = person.sex == "male" and rng.random() < 0.65
    frame = _FRAMES[int(rng.integers(len(_FRAMES)))]
    wears = rng.random() < 0.35
    return replace(
        person,
        shape={name: w for name, w in person.shape.items() if name.startswith("macrodetails/")},
        scan=tuple(round(float(w), 3) for w in rng.normal(0, _SCAN_SPREAD, SCAN_MODES)),
        folds=round(0.6 + 1.4 * person.age + float(rng.uniform(0, 0.4)), 3),
        stubble=round(float(rng.uniform(0.15, 0.9)), 3) if bearded else 0.0,
        glasses=str(rng.choice(_GLASSES)) if wears else None,
        frame=frame,
    )


def mean_shape() -> dict[str, float]:
    """The young face halfway between both sexes and all ethnicities."""
    weights: dict[str, float] = {}
    for sex in ("female", "male"):
        for name in ETHNICITIES:
            weights[f"macrodetails/{name}-{sex}-young"] = 0.5 / len(ETHNICITIES)
        weights[f"macrodetails/universal-{sex}-young-averagemuscle-averageweight"] = 0.5
    return weights


def _macros(sex: str, age: float, mixture: np.ndarray, heaviness: float) -> dict[str, float]:
    weights: dict[str, float] = {}
    for stage, share in (("young", 1 - age), ("old", age)):
        for name, part in zip(ETHNICITIES, mixture, strict=True):
            weights[f"macrodetails/{name}-{sex}-{stage}"] = share * float(part)
        body = f"macrodetails/universal-{sex}-{stage}-averagemuscle"
        weights[f"{body}-averageweight"] = share * (1 - heaviness)
        weights[f"{body}-maxweight"] = share * heaviness
    return weights


def _features(assets: Assets, rng: np.random.Generator) -> dict[str, float]:
    """Random shape targets, the same on both sides of the face but for a few asymmetries."""
    weights: dict[str, float] = {}
    for folder, spread in _SHAPE_SPREAD.items():
        names = [
            name
            for name in assets.target_names(folder)
            if not any(word in name for word in _SHAPE_EXCLUDED)
        ]
        if folder != "asym":
            names = [name for name in names if not name.startswith(f"{folder}/r-")]
        for name in rng.permutation(names)[: max(2, len(names) // 4)]:
            weight = round(min(abs(float(rng.normal(0, spread * 0.6))), spread * 1.3), 3)
            weights[str(name)] = weight
            if f"{folder}/l-" in name:
                weights[str(name).replace("/l-", "/r-")] = weight
    return weights


def _skin(assets: Assets, rng: np.random.Generator, sex: str, age: float, dark: bool) -> str:
    stage = "young" if age < 0.33 else "middleage" if age < 0.66 else "old"
    tone = "darkskinned" if dark else "lightskinned"
    return str(rng.choice([s for s in assets.skins() if s.startswith(f"{stage}_{tone}_{sex}")]))


def _skin_tint(rng: np.random.Generator, ethnicity: str) -> Color:
    depth = {"african": (0.85, 1.7), "asian": (0.72, 0.95), "caucasian": (0.85, 1.05)}[ethnicity]
    level = rng.uniform(*depth)
    warmth = rng.normal(0, 0.025) + (0.03 if ethnicity == "asian" else 0)
    return _rounded(level, level * (1 - warmth / 2), level * (1 - 2 * warmth))


def _brows(rng: np.random.Generator, sex: str) -> str:
    plucked = (6, 7)  # drawn as thin arcs
    numbers = [k for k in range(1, 13) if sex == "female" or k not in plucked]
    return f"eyebrow{rng.choice(numbers):03d}"


def _hair(rng: np.random.Generator, sex: str, ethnicity: str) -> str | None:
    """A hair style, or None for cropped hair, which the skins have painted on."""
    if sex == "female":
        cropped = 0.3 if ethnicity == "african" else 0.0
        styles, rest = (*_LONG_HAIR, "short04", ""), 1 - cropped
        hair = rng.choice(styles, p=[0.45 * rest, 0.3 * rest, 0.25 * rest, cropped])
    else:
        cropped = 0.7 if ethnicity == "african" else 0.1
        hair = rng.choice([*_SHORT_HAIR, ""], p=[*[(1 - cropped) / 3] * 3, cropped])
    return str(hair) or None


def _hair_color(rng: np.random.Generator, age: float, ethnicity: str) -> Color:
    if age > 0.6 and rng.random() < 0.7:
        name = rng.choice(["grey", "white"])
    elif ethnicity == "caucasian":
        name = rng.choice(["dark brown", "brown", "auburn", "dark blond", "blond"])
    else:
        name = rng.choice(["black", "dark brown"], p=[0.7, 0.3])
    return _rounded(*(np.array(HAIR_COLORS[str(name)]) * rng.uniform(0.8, 1.25)))


def _shirt(rng: np.random.Generator) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(
        rng.random(), rng.uniform(0, 0.6), rng.uniform(0.08, 0.7)
    )
    return _rounded(red**1.8, green**1.8, blue**1.8)


def _rounded(red: float, green: float, blue: float) -> Color:
    return round(float(red), 4), round(float(green), 4), round(float(blue), 4)
