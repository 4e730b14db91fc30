"""The one table of options: names, ranges, defaults and texts, for dialogs and the command line."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Union

from exshot_host.protocol import Options, Regions
from exshot_host.texts import N_

Value = Union[float, bool, str]


@dataclass(frozen=True)
class Choice:
    """One value of a choice option and its label (untranslated; see `texts.translate`)."""

    value: str
    label: str


@dataclass(frozen=True)
class OptionSpec:
    """One option as a dialog shows it.

    Attributes:
        key: name, e.g. ``"strength"`` or ``"regions.mouth"``; unique.
        kind: ``"number"`` (a slider), ``"switch"`` (a check box) or ``"choice"`` (a list).
        default: its value when nothing was chosen.
        label, help: English texts; `texts.translate` gives them in the user's language.
        low, high, step: range and step of a number.
        percent: the number is best shown as a percentage (times 100).
        choices: values of a choice.
        advanced: belongs into a folded section of the dialog.
    """

    key: str
    kind: str
    default: Value
    label: str
    help: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    percent: bool = False
    choices: tuple[Choice, ...] = ()
    advanced: bool = False

    def accepts(self, value: object) -> bool:
        """Whether the value has the right type and lies in the range."""
        if self.kind == "switch":
            return isinstance(value, bool)
        if self.kind == "choice":
            return any(choice.value == value for choice in self.choices)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and self.low <= value <= self.high  # type: ignore[operator]


def _region(name: str, label: str, help_text: str) -> OptionSpec:
    return OptionSpec(
        f"regions.{name}", "number", 1.0, label, help_text, step=0.05, percent=True, advanced=True
    )


OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec(
        "strength",
        "number",
        1.0,
        N_("Strength"),
        N_("0 % keeps the pose layer's expression, 100 % takes the other one, more exaggerates."),
        high=1.5,
        percent=True,
    ),
    _region("eyes", N_("Eyes"), N_("How much of the expression the eyes take.")),
    _region("brows", N_("Brows"), N_("How much of the expression the brows take.")),
    _region("nose", N_("Nose"), N_("How much of the expression the nose takes.")),
    _region("mouth", N_("Mouth"), N_("How much of the expression the mouth takes.")),
    _region("cheeks", N_("Cheeks"), N_("How much of the expression the cheeks take.")),
    _region("jaw", N_("Jaw"), N_("How much of the expression the jaw takes.")),
    OptionSpec(
        "gaze",
        "choice",
        "expression",
        N_("Gaze"),
        N_("Which photo the direction of the eyes comes from."),
        choices=(
            Choice("expression", N_("From the expression layer")),
            Choice("pose", N_("From the pose layer")),
        ),
    ),
    OptionSpec(
        "color_match",
        "switch",
        True,
        N_("Match colors"),
        N_("Give the new face the light and colors of the pose layer."),
    ),
    OptionSpec(
        "feather",
        "number",
        0.15,
        N_("Feather"),
        N_("Width of the mask's soft edge, as a share of the face width."),
        low=0.01,
        high=0.25,
        percent=True,
        advanced=True,
    ),
    OptionSpec(
        "method",
        "choice",
        "auto",
        N_("Method"),
        N_("How the new face is made."),
        choices=(
            Choice("auto", N_("Best available")),
            Choice("exprnet", N_("Neural network (ExprNet)")),
            Choice("warp", N_("Warping only")),
        ),
        advanced=True,
    ),
)


def spec(key: str) -> OptionSpec:
    """The entry of the table with that key; KeyError where there is none."""
    for entry in OPTIONS:
        if entry.key == key:
            return entry
    raise KeyError(key)


def get_value(options: Options, key: str) -> Value:
    """Value of an option, e.g. ``get_value(options, "regions.mouth")``."""
    group, _, name = key.rpartition(".")
    return getattr(options.regions if group == "regions" else options, name)


def with_value(options: Options, key: str, value: object) -> Options:
    """The options with one changed; ValueError where the value is not allowed."""
    entry = spec(key)
    if not entry.accepts(value):
        raise ValueError(f"{key} cannot be {value!r}.")
    if entry.kind == "number":
        value = float(value)  # type: ignore[arg-type]
    group, _, name = key.rpartition(".")
    if group == "regions":
        return dataclasses.replace(
            options, regions=dataclasses.replace(options.regions, **{name: value})
        )
    return dataclasses.replace(options, **{name: value})


def to_record(options: Options) -> dict[str, Value]:
    """All options of the table by key, for settings and for a layer's note. Faces are left out."""
    return {entry.key: get_value(options, entry.key) for entry in OPTIONS}


def from_record(record: object, base: Options | None = None) -> Options:
    """Options from a record; keys that are unknown, missing or out of range keep the base's value.

    Settings and notes come from files that anyone may have edited, so nothing here raises.
    """
    options = base or Options(regions=Regions())
    if not isinstance(record, dict):
        return options
    for entry in OPTIONS:
        if entry.accepts(record.get(entry.key)):
            options = with_value(options, entry.key, record[entry.key])
    return options


def with_faces(options: Options, pose: int | None, expression: int | None) -> Options:
    """The options with these face indexes."""
    return dataclasses.replace(options, pose_face=pose, expression_face=expression)
