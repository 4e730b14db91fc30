"""The one table of options: each is a field of `Options` or `RegionWeights`, written once.

All else follows from it: the field of the library's `EditOptions`, the one on the wire, the flag
and the batch column of the command line, the argument of GIMP's procedures, the row of a dialog,
what settings and layers remember. A new option is one more field here, with `number`, `switch`
or `choice` as its metadata, and the code that heeds it; then its texts are translated
(`tools/translations.py`) and docs/cli.md and docs/protocol.md name it.

This module must not use ``from __future__ import annotations``: `wire` reads the fields' types.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, Union

from exshot_contract.marking import N_

Value = Union[float, bool, str]
Method = Literal["auto", "exprnet", "warp"]
Gaze = Literal["expression", "pose"]
Skin = Literal["auto", "pose", "expression"]


@dataclass(frozen=True)
class Choice:
    """One value of a choice and its label in English; plug-ins translate it."""

    value: str
    label: str


@dataclass(frozen=True)
class OptionSpec:
    """One option, as dialogs and the command line show it.

    Attributes:
        key: name, e.g. ``"strength"`` or ``"regions.mouth"``; unique.
        kind: ``"number"`` (a slider), ``"switch"`` (a check box) or ``"choice"`` (a list).
        default: its value when nothing was chosen.
        label, help: English texts for dialogs, where photos are layers; plug-ins translate them.
        flag_help: the same for the command line; empty where a flag covers several options.
        low, high, step: range and step of a number.
        percent: the number is best shown as a percentage (times 100).
        choices: values of a choice.
        advanced: belongs into a folded section of the dialog.
        last: comes after all others.
    """

    key: str
    kind: str
    default: Value
    label: str
    help: str
    flag_help: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    percent: bool = False
    choices: tuple[Choice, ...] = ()
    advanced: bool = False
    last: bool = False

    @property
    def group(self) -> str:
        """Field of `Options` that holds it, where it is not a field of its own: ``"regions"``."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Name of its field."""
        return self.key.rpartition(".")[2]

    @property
    def argument(self) -> str:
        """Its name where words are joined by hyphens, e.g. ``"regions-mouth"``."""
        return self.key.replace(".", "-").replace("_", "-")

    def accepts(self, value: object) -> bool:
        """Whether the value has the right type and lies in the range."""
        if self.kind == "switch":
            return isinstance(value, bool)
        if self.kind == "choice":
            return any(choice.value == value for choice in self.choices)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and self.low <= value <= self.high  # type: ignore[operator]


# --- How a field is written -----------------------------------------------------------------------


def number(label: str, help_text: str, **more: Any) -> dict[str, Any]:
    """Metadata of a field with a number; ``more``: `OptionSpec`'s other attributes."""
    return {"option": {"kind": "number", "label": label, "help": help_text, **more}}


def switch(label: str, help_text: str, **more: Any) -> dict[str, Any]:
    """Metadata of a field that is on or off; ``more``: `OptionSpec`'s other attributes."""
    return {"option": {"kind": "switch", "label": label, "help": help_text, **more}}


def choice(label: str, help_text: str, *choices: Choice, **more: Any) -> dict[str, Any]:
    """Metadata of a field with one of some values; ``more``: `OptionSpec`'s other attributes."""
    about = {"kind": "choice", "label": label, "help": help_text, "choices": choices}
    return {"option": {**about, **more}}


def _weight(label: str, help_text: str) -> dict[str, Any]:
    return number(label, help_text, step=0.05, percent=True, advanced=True)


# --- The table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RegionWeights:
    """How much of the expression each face region takes, each in [0, 1]."""

    eyes: float = field(
        default=1.0, metadata=_weight(N_("Eyes"), N_("How much of the expression the eyes take."))
    )
    brows: float = field(
        default=1.0, metadata=_weight(N_("Brows"), N_("How much of the expression the brows take."))
    )
    nose: float = field(
        default=1.0, metadata=_weight(N_("Nose"), N_("How much of the expression the nose takes."))
    )
    mouth: float = field(
        default=1.0,
        metadata=_weight(N_("Mouth"), N_("How much of the expression the mouth takes.")),
    )
    cheeks: float = field(
        default=1.0,
        metadata=_weight(N_("Cheeks"), N_("How much of the expression the cheeks take.")),
    )
    jaw: float = field(
        default=1.0, metadata=_weight(N_("Jaw"), N_("How much of the expression the jaw takes."))
    )


@dataclass(frozen=True)
class Options:
    """Choices of one edit, as they travel. `exshot.options.EditOptions` says what each means.

    The order of the fields is part of the library's interface: a new one goes to the end of those
    with a place in a dialog, before the faces.
    """

    method: Method = field(
        default="auto",
        metadata=choice(
            N_("Method"),
            N_("How the new face is made."),
            Choice("auto", N_("Best available")),
            Choice("exprnet", N_("Neural network (ExprNet)")),
            Choice("warp", N_("Warping only")),
            flag_help="auto takes ExprNet where its weights are installed, else the mesh warp.",
            advanced=True,
            last=True,
        ),
    )
    strength: float = field(
        default=1.0,
        metadata=number(
            N_("Strength"),
            N_(
                "0 % keeps the pose layer's expression, 100 % takes the other one, more"
                " exaggerates."
            ),
            flag_help="0 keeps the pose photo's expression, 1 takes the other one,"
            " 1.5 exaggerates.",
            high=1.5,
            percent=True,
        ),
    )
    regions: RegionWeights = field(default_factory=RegionWeights)
    gaze: Gaze = field(
        default="expression",
        metadata=choice(
            N_("Gaze"),
            N_("Which photo the direction of the eyes comes from."),
            Choice("expression", N_("From the expression layer")),
            Choice("pose", N_("From the pose layer")),
            flag_help="Photo the look comes from.",
        ),
    )
    color_match: bool = field(
        default=True,
        metadata=switch(
            N_("Match colors"),
            N_("Give the new face the light and colors of the pose layer."),
            flag_help="Carry the pose photo's light onto the new pixels.",
        ),
    )
    feather: float = field(
        default=0.15,
        metadata=number(
            N_("Feather"),
            N_("Width of the mask's soft edge, as a share of the face width."),
            flag_help="Width of the soft edge as a share of the face width, 0.01 to 0.25.",
            low=0.01,
            high=0.25,
            percent=True,
            advanced=True,
        ),
    )
    skin: Skin = field(
        default="auto",
        metadata=choice(
            N_("Skin"),
            N_("Which photo the skin comes from; the folds of the expression come with either."),
            Choice("auto", N_("By the photos' light")),
            Choice("pose", N_("From the pose layer")),
            Choice("expression", N_("From the expression layer")),
            flag_help="Photo the skin comes from; auto keeps the pose photo's between two days.",
            advanced=True,
        ),
    )
    pose_face: Optional[int] = None
    expression_face: Optional[int] = None


def _specs(holder: type, group: str = "") -> list[OptionSpec]:
    """The options among the fields of a dataclass, and of those that it holds, in their order."""
    found: list[OptionSpec] = []
    for entry in dataclasses.fields(holder):
        if "option" in entry.metadata:
            about = entry.metadata["option"]
            default: Any = entry.default
            found.append(OptionSpec(key=group + entry.name, default=default, **about))
        elif isinstance(entry.type, type) and dataclasses.is_dataclass(entry.type):
            found += _specs(entry.type, f"{entry.name}.")
    return found


OPTIONS: tuple[OptionSpec, ...] = tuple(sorted(_specs(Options), key=lambda entry: entry.last))
"""All options, in the order of a dialog. The faces are none of them: they belong to the photos."""


# --- Reading and changing -------------------------------------------------------------------------


def spec(key: str) -> OptionSpec:
    """The entry of the table with that key; KeyError where there is none."""
    for entry in OPTIONS:
        if entry.key == key:
            return entry
    raise KeyError(key)


def get_value(options: Options, key: str) -> Value:
    """Value of an option, e.g. ``get_value(options, "regions.mouth")``."""
    entry = spec(key)
    return getattr(getattr(options, entry.group) if entry.group else options, entry.name)


def with_value(options: Options, key: str, value: object) -> Options:
    """The options with one changed; ValueError where the value is not allowed."""
    entry = spec(key)
    if not entry.accepts(value):
        raise ValueError(f"{key} cannot be {value!r}.")
    changed: dict[str, Any] = {entry.name: float(value) if entry.kind == "number" else value}  # type: ignore[arg-type]
    if entry.group:
        changed = {entry.group: dataclasses.replace(getattr(options, entry.group), **changed)}
    return dataclasses.replace(options, **changed)


def to_record(options: Options) -> dict[str, Value]:
    """All options of the table by key, for settings and for a layer's note. Faces are left out."""
    return {entry.key: get_value(options, entry.key) for entry in OPTIONS}


def from_record(record: object, base: Optional[Options] = None) -> Options:
    """Options from a record; keys that are unknown, missing or out of range keep the base's value.

    Settings and notes come from files that anyone may have edited, so nothing here raises.
    """
    options = base or Options()
    if not isinstance(record, dict):
        return options
    for entry in OPTIONS:
        if entry.accepts(record.get(entry.key)):
            options = with_value(options, entry.key, record[entry.key])
    return options


def with_faces(options: Options, pose: Optional[int], expression: Optional[int]) -> Options:
    """The options with these face indexes."""
    return dataclasses.replace(options, pose_face=pose, expression_face=expression)
