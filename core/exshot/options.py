"""What a user can choose about an edit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, cast, get_args

from exshot.errors import ErrorCode, ExshotError
from exshot_host.options import OPTIONS, OptionSpec

Method = Literal["auto", "exprnet", "warp"]
Gaze = Literal["expression", "pose"]

REGIONS = ("eyes", "brows", "nose", "mouth", "cheeks", "jaw")

TABLE: Final[dict[str, OptionSpec]] = {spec.key: spec for spec in OPTIONS}
"""Ranges and defaults, from the one table that dialogs, protocol and command line read."""


@dataclass(frozen=True)
class RegionWeights:
    """How much of the expression each face region takes, each in [0, 1]."""

    eyes: float = 1.0
    brows: float = 1.0
    nose: float = 1.0
    mouth: float = 1.0
    cheeks: float = 1.0
    jaw: float = 1.0


@dataclass(frozen=True)
class EditOptions:
    """Choices of one edit. Construction checks every range.

    Attributes:
        method: ``"warp"`` (landmark-based warping), ``"exprnet"``, or ``"auto"`` (ExprNet where its
            weights are installed, else warp).
        strength: 0 keeps the pose photo's expression, 1 takes the other one, up to 1.5 exaggerates.
        regions: weight of each face region.
        gaze: which photo the irises' position comes from.
        color_match: carry the pose photo's light onto the expression photo's pixels.
        feather: width of the mask's soft edge as a share of the face width, in [0.01, 0.25].
        pose_face, expression_face: index of the face in each photo (order of `Editor.faces`);
            None takes the only face, and is an error where there are several.
    """

    method: Method = "auto"
    strength: float = cast(float, TABLE["strength"].default)
    regions: RegionWeights = field(default_factory=RegionWeights)
    gaze: Gaze = "expression"
    color_match: bool = True
    feather: float = cast(float, TABLE["feather"].default)
    pose_face: int | None = None
    expression_face: int | None = None

    def __post_init__(self) -> None:
        _check_range("strength", self.strength)
        _check_range("feather", self.feather)
        for name in REGIONS:
            _check_range(f"regions.{name}", getattr(self.regions, name))
        _check_choice("method", self.method, get_args(Method))
        _check_choice("gaze", self.gaze, get_args(Gaze))


def _check_range(name: str, value: float) -> None:
    low, high = TABLE[name].low, TABLE[name].high
    if not low <= value <= high:  # also catches NaN
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} is {value}, outside {low:g} to {high:g}.",
            f"Choose a value from {low:g} to {high:g}.",
        )


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} is {value!r}, which is not one of {', '.join(allowed)}.",
            f"Choose one of {', '.join(allowed)}.",
        )
