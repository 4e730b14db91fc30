"""What a user can choose about an edit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from exshot.errors import ErrorCode, ExshotError
from exshot_contract.options import (
    OPTIONS,
    Gaze,
    Method,
    Options,
    OptionSpec,
    RegionWeights,
    get_value,
)

__all__ = ["REGIONS", "TABLE", "EditOptions", "Gaze", "Method", "RegionWeights", "checked"]

REGIONS: Final = tuple(field.name for field in fields(RegionWeights))
TABLE: Final[dict[str, OptionSpec]] = {spec.key: spec for spec in OPTIONS}
"""Ranges, defaults and texts, from the one table that dialogs, protocol and command line read."""


@dataclass(frozen=True)
class EditOptions(Options):
    """Choices of one edit. Construction checks every range.

    Attributes:
        method: ``"warp"`` (landmark-based warping), ``"exprnet"``, or ``"auto"`` (ExprNet where its
            weights are installed, else warp).
        strength: 0 keeps the pose photo's expression, 1 takes the other one, up to 1.5 exaggerates.
        regions: weight of each face region.
        gaze: which photo the irises' position comes from.
        color_match: carry the pose photo's light onto the expression photo's pixels.
        feather: width of the mask's soft edge as a share of the face width, in [0.01, 0.25].
        skin: which photo the skin is drawn from; ``"auto"`` takes the pose photo's where the two
            photos are of different sittings (`exshot.draw.sitting`). The method warp has none.
        pose_face, expression_face: index of the face in each photo (order of `Editor.faces`);
            None takes the only face, and is an error where there are several.
    """

    def __post_init__(self) -> None:
        for spec in OPTIONS:
            _check(spec, get_value(self, spec.key))


def checked(options: Options) -> EditOptions:
    """The options as they travelled. Raises `ExshotError` (BAD_OPTION) where one is wrong."""
    return EditOptions(**{field.name: getattr(options, field.name) for field in fields(options)})


def _check(spec: OptionSpec, value: object) -> None:
    if spec.kind == "number" and not spec.low <= value <= spec.high:  # type: ignore[operator]
        raise ExshotError(  # also for NaN
            ErrorCode.BAD_OPTION,
            f"The option {spec.key} is {value}, outside {spec.low:g} to {spec.high:g}.",
            f"Choose a value from {spec.low:g} to {spec.high:g}.",
        )
    allowed = [choice.value for choice in spec.choices]
    if spec.kind == "choice" and value not in allowed:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {spec.key} is {value!r}, which is not one of {', '.join(allowed)}.",
            f"Choose one of {', '.join(allowed)}.",
        )
