"""The flags that describe an edit, shared by `edit`, `batch` and `demo`, and their text forms."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, cast

import typer

from exshot.errors import ErrorCode, ExshotError
from exshot.options import REGIONS, TABLE, EditOptions, Gaze, Method, RegionWeights


class MethodChoice(str, Enum):
    auto = "auto"
    exprnet = "exprnet"
    warp = "warp"


class GazeChoice(str, Enum):
    expression = "expression"
    pose = "pose"


Strength = Annotated[
    float,
    typer.Option(
        help="0 keeps the pose photo's expression, 1 takes the other one,"
        f" {TABLE['strength'].high:g} exaggerates.",
    ),
]
Regions = Annotated[
    str,
    typer.Option(
        help=f"Face regions that change, of {', '.join(REGIONS)}: 'mouth,eyes' (the others keep the"
        " pose photo's expression) or with weights from 0 to 1: 'mouth=1,eyes=0.5'.",
        show_default="all of them",
    ),
]
GazeFlag = Annotated[GazeChoice, typer.Option(help="Photo the look comes from.")]
MethodFlag = Annotated[
    MethodChoice,
    typer.Option(
        help="auto takes ExprNet where its weights are installed, else the mesh warp.",
    ),
]
ColorMatch = Annotated[
    bool,
    typer.Option(
        "--color-match/--no-color-match",
        help="Carry the pose photo's light onto the new pixels.",
    ),
]
Feather = Annotated[
    float,
    typer.Option(
        help="Width of the soft edge as a share of the face width,"
        f" {TABLE['feather'].low:g} to {TABLE['feather'].high:g}.",
    ),
]
PoseFace = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Face of the pose photo, by its number in `exshot faces`; needed where there are"
        " several.",
    ),
]
ExpressionFace = Annotated[
    int | None,
    typer.Option(metavar="N", help="The same for the expression photo."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines to stdout.")]

DEFAULTS = EditOptions()


def edit_options(
    *,
    strength: float,
    regions: str,
    gaze: str,
    method: str,
    color_match: bool,
    feather: float,
    pose_face: int | None,
    expression_face: int | None,
) -> EditOptions:
    """`EditOptions` from the flags' values; `ExshotError` ``BAD_OPTION`` where one is wrong."""
    return EditOptions(
        method=cast(Method, method),
        strength=strength,
        regions=parse_regions(regions),
        gaze=cast(Gaze, gaze),
        color_match=color_match,
        feather=feather,
        pose_face=pose_face,
        expression_face=expression_face,
    )


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


def override(options: EditOptions, cells: Mapping[str, str]) -> EditOptions:
    """``options`` with the given text values, keyed by field name, put in place of its own."""
    return EditOptions(
        method=cast(Method, cells.get("method", options.method)),
        strength=_cell(cells, "strength", options.strength),
        regions=parse_regions(cells["regions"]) if "regions" in cells else options.regions,
        gaze=cast(Gaze, cells.get("gaze", options.gaze)),
        color_match=_flag(cells, "color_match", options.color_match),
        feather=_cell(cells, "feather", options.feather),
        pose_face=_index(cells, "pose_face", options.pose_face),
        expression_face=_index(cells, "expression_face", options.expression_face),
    )


def _cell(cells: Mapping[str, str], name: str, default: float) -> float:
    return _number(name, cells[name]) if name in cells else default


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} has {text!r} where a number belongs.",
            "Write a number such as 0.5.",
        ) from None


def _index(cells: Mapping[str, str], name: str, default: int | None) -> int | None:
    if name not in cells:
        return default
    if not cells[name].isdecimal():
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} has {cells[name]!r} where a face number belongs.",
            "Write a number as `exshot faces` shows it, such as 0.",
        )
    return int(cells[name])


def _flag(cells: Mapping[str, str], name: str, default: bool) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if name not in cells:
        return default
    if cells[name].lower() not in words:
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The option {name} has {cells[name]!r} where yes or no belongs.",
            "Write yes or no.",
        )
    return words[cells[name].lower()]


def _bad_regions(sentence: str) -> ExshotError:
    return ExshotError(
        ErrorCode.BAD_OPTION,
        sentence,
        f"Name each once, of {', '.join(REGIONS)}: 'mouth,eyes' or 'mouth=1,eyes=0.5'.",
    )
