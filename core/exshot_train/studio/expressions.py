"""The twelve expressions of the protocol, composed from face units, different for each person."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from exshot_train.studio.head import Expression

EXPRESSIONS = (
    "neutral", "smile", "laugh", "surprise", "anger", "disgust", "fear", "sadness", "wink",
    "kiss", "squint", "open_mouth",
)  # fmt: skip


def both(**weights: float) -> dict[str, float]:
    """Weights of units, where names ending in ``LR`` stand for the left and the right unit."""
    units: dict[str, float] = {}
    for name, weight in weights.items():
        if name.endswith("LR"):
            units[name[:-2] + "Left"] = units[name[:-2] + "Right"] = weight
        else:
            units[name] = weight
    return units


RECIPES: dict[str, dict[str, float]] = {
    "neutral": {},
    "smile": both(
        mouthSmileLR=0.72, jawOpen=0.06, mouthUpperUpLR=0.5, mouthLowerDownLR=0.25,
        cheekSquintLR=0.5, eyeSquintLR=0.22,
    ),
    "laugh": both(
        mouthSmileLR=0.85, jawOpen=0.42, mouthUpperUpLR=0.5, mouthLowerDownLR=0.45,
        cheekSquintLR=0.75, eyeSquintLR=0.5, browOuterUpLR=0.15, noseSneerLR=0.2,
    ),
    "surprise": both(
        browInnerUp=0.9, browOuterUpLR=0.85, eyeWideLR=0.8, jawOpen=0.5, mouthFunnel=0.25,
    ),
    "anger": both(
        browDownLR=0.9, eyeSquintLR=0.35, noseSneerLR=0.45, mouthPressLR=0.6, mouthFrownLR=0.3,
        jawForward=0.2,
    ),
    "disgust": both(
        noseSneerLR=0.9, mouthUpperUpLR=0.55, browDownLR=0.5, eyeSquintLR=0.45, cheekSquintLR=0.4,
        mouthFrownLR=0.45, mouthShrugLower=0.3,
    ),
    "fear": both(
        browInnerUp=0.85, browOuterUpLR=0.3, eyeWideLR=0.75, mouthStretchLR=0.6, jawOpen=0.18,
        mouthLowerDownLR=0.3,
    ),
    "sadness": both(
        browInnerUp=0.8, mouthFrownLR=0.7, mouthShrugLower=0.45, eyeSquintLR=0.2, eyeBlinkLR=0.12,
    ),
    "wink": both(
        mouthSmileLR=0.4, eyeBlinkLeft=0.97, cheekSquintLeft=0.6, browDownLeft=0.25,
        mouthDimpleLeft=0.3,
    ),
    "kiss": both(mouthPucker=0.9, mouthFunnel=0.15, eyeSquintLR=0.15, browInnerUp=0.15),
    "squint": both(
        eyeSquintLR=0.85, cheekSquintLR=0.6, browDownLR=0.45, mouthStretchLR=0.2, noseSneerLR=0.15,
        eyeBlinkLR=0.18,
    ),
    "open_mouth": both(jawOpen=0.62, mouthLowerDownLR=0.15),
}  # fmt: skip


class Mover(Protocol):
    """Whoever has a way of moving the face of their own."""

    @property
    def key(self) -> str: ...
    @property
    def vigour(self) -> float: ...
    @property
    def habit(self) -> dict[str, float]: ...


def posed(person: Mover, name: str, take: int) -> Expression:
    """The expression as this person shows it in this take: habit, vigour, asymmetry, gaze.

    Args:
        name: one of ``EXPRESSIONS``.
        take: number that seeds the variation.

    Returns:
        Weights in [0, 1]; a wink closes the right eye in odd takes.
    """
    rng = np.random.default_rng([77, int(person.key[1:]), EXPRESSIONS.index(name), take])
    recipe = RECIPES[name]
    if name == "wink" and take % 2:
        recipe = {_mirrored(unit): weight for unit, weight in recipe.items()}
    force = person.vigour * float(rng.uniform(0.8, 1.08))
    lean = float(rng.normal(0, 0.06))
    units = {}
    for unit, weight in recipe.items():
        side = 1 + lean * (unit.endswith("Left") - unit.endswith("Right"))
        steady = 1.0 if unit.startswith("eyeBlink") and weight > 0.9 else force * side
        units[unit] = weight * steady * (1 if steady == 1.0 else person.habit.get(unit, 1))
    drift = rng.uniform(0, 0.06, 3)  # a resting face is never quite the same twice
    for unit, amount in zip(("jawOpen", "browInnerUp", "mouthPressLeft"), drift, strict=True):
        units[unit] = units.get(unit, 0) + float(amount)
    blink = float(rng.uniform(0, 0.10))
    for unit in ("eyeBlinkLeft", "eyeBlinkRight"):
        units[unit] = units.get(unit, 0) + blink
    yaw, pitch = _gaze(rng)
    units |= _lids_of_gaze(units, yaw, pitch)
    clipped = {unit: round(float(np.clip(w, 0, 1)), 4) for unit, w in units.items()}
    return Expression(name, clipped, round(yaw, 2), round(pitch, 2))


def _mirrored(unit: str) -> str:
    if unit.endswith("Left"):
        return unit[:-4] + "Right"
    return unit[:-5] + "Left" if unit.endswith("Right") else unit


def _gaze(rng: np.random.Generator) -> tuple[float, float]:
    """Degrees; two takes of three look at the middle camera, the rest elsewhere."""
    if rng.random() < 0.65:
        return float(rng.normal(0, 1.5)), float(rng.normal(0, 1.0))
    return float(rng.uniform(-22, 22)), float(rng.uniform(-14, 10))


def _lids_of_gaze(units: dict[str, float], yaw: float, pitch: float) -> dict[str, float]:
    """Lids that follow the eyeballs; a full unit belongs to about 30°."""
    down, up = max(-pitch, 0) / 30, max(pitch, 0) / 30
    left, right = max(yaw, 0) / 35, max(-yaw, 0) / 35
    lids = both(eyeLookDownLR=down, eyeLookUpLR=up)
    lids |= {"eyeLookOutLeft": left, "eyeLookInRight": left}
    lids |= {"eyeLookInLeft": right, "eyeLookOutRight": right}
    return {unit: weight for unit, weight in lids.items() if weight > 0}
