"""The options of an edit as flags and as batch columns, from the one table of options.

Several options of a group, the face regions, share one flag and one column: a short text.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal, TypeVar

import typer

from exshot.errors import ErrorCode, ExshotError
from exshot.options import REGIONS, TABLE, EditOptions, RegionWeights
from exshot_contract.options import OPTIONS, OptionSpec

R = TypeVar("R")

FACES = {
    "pose_face": "Face of the pose photo, by its number in `exshot faces`; needed where there are"
    " several.",
    "expression_face": "The same for the expression photo.",
}
REGIONS_HELP = (
    f"Face regions that change, of {', '.join(REGIONS)}: 'mouth,eyes' (the others keep the"
    " pose photo's expression) or with weights from 0 to 1: 'mouth=1,eyes=0.5'."
)


def takes_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command a flag for each option, in place of its parameter of type `EditOptions`.

    The command gets the options checked: what is out of range is an `ExshotError` BAD_OPTION.
    """
    signature = inspect.signature(command, eval_str=True)
    (taken,) = (p.name for p in signature.parameters.values() if p.annotation is EditOptions)
    flags = option_parameters()

    @functools.wraps(command)
    def wrapped(*arguments: Any, **values: Any) -> R:
        chosen = {flag.name: values.pop(flag.name) for flag in flags if flag.name in values}
        if "regions" in chosen:
            chosen["regions"] = parse_regions(chosen["regions"])
        return command(*arguments, **values, **{taken: EditOptions(**chosen)})

    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        parameters += flags if parameter.name == taken else [parameter]
    wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    wrapped.__annotations__["return"] = signature.return_annotation
    return wrapped


def option_parameters() -> list[inspect.Parameter]:
    """A parameter for each flag, as Typer reads it from a command's signature."""
    found: dict[str, inspect.Parameter] = {}
    for spec in OPTIONS:
        if spec.group:
            shown = typer.Option(help=REGIONS_HELP, show_default="all of them")
            found.setdefault(spec.group, _parameter(spec.group, Annotated[str, shown], ""))
        else:
            found[spec.name] = _parameter(spec.name, _annotation(spec), spec.default)
    for name, text in FACES.items():
        face = Annotated[int | None, typer.Option(metavar="N", help=text)]
        found[name] = _parameter(name, face, None)
    return list(found.values())


def _annotation(spec: OptionSpec) -> object:
    kinds: dict[str, Any] = {"number": float, "switch": bool}
    kind = kinds.get(spec.kind) or Literal[tuple(choice.value for choice in spec.choices)]
    names = (f"--{spec.argument}/--no-{spec.argument}",) if spec.kind == "switch" else ()
    return Annotated[kind, typer.Option(*names, help=spec.flag_help)]


def _parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


# --- As text --------------------------------------------------------------------------------------


def override(options: EditOptions, cells: Mapping[str, str]) -> EditOptions:
    """``options`` with the given text values, keyed by field name, put in place of its own.

    Raises `ExshotError` ``BAD_OPTION`` for a text that is no value of its option.
    """
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    values |= {name: _parsed(name, text) for name, text in cells.items()}
    return EditOptions(**values)


def parse_regions(text: str) -> RegionWeights:
    """Weights from ``mouth,eyes`` or ``mouth=1,eyes=0.5``; regions not named weigh 0, "" is all 1.

    Raises `ExshotError` ``BAD_OPTION`` for an unknown or repeated region and for a weight that is
    no number (its range is checked by `EditOptions`).
    """
    if not text.strip():
        return RegionWeights()
    weights = dict.fromkeys(REGIONS, 0.0)
    seen: set[str] = set()
    for part in text.split(","):
        name, _, weight = (piece.strip() for piece in part.partition("="))
        if name not in REGIONS or name in seen:
            what = "is named twice" if name in seen else "is no face region"
            raise _bad_regions(f"{name!r} in the regions {what}.")
        seen.add(name)
        weights[name] = _number("regions", weight) if "=" in part else 1.0
    return RegionWeights(**weights)


def _parsed(name: str, text: str) -> object:
    if name in FACES:
        return _index(name, text)
    spec: OptionSpec | None = TABLE.get(name)
    if spec is None:
        return parse_regions(text)
    if spec.kind == "number":
        return _number(name, text)
    return _flag(name, text) if spec.kind == "switch" else text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} has {text!r} where a number belongs.",
            "Write a number such as 0.5.",
        ) from None


def _index(name: str, text: str) -> int:
    if not text.isdecimal():
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} has {text!r} where a face number belongs.",
            "Write a number as `exshot faces` shows it, such as 0.",
        )
    return int(text)


def _flag(name: str, text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} has {text!r} where yes or no belongs.",
            "Write yes or no.",
        )
    return words[text.lower()]


def _bad_regions(sentence: str) -> ExshotError:
    return ExshotError(
        ErrorCode.BAD_OPTION,
        sentence,
        f"Name each once, of {', '.join(REGIONS)}: 'mouth,eyes' or 'mouth=1,eyes=0.5'.",
    )
