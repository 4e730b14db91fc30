"""What blind ratings say: means, distribution, agreement, and where the faults are."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import heatmap
from benchmarks.generic_face import SIZE, generic_raster, generic_regions

COLUMNS: Final = ("item", "rating", "regions", "remark")
SCALE: Final = range(1, 8)
REGIONS: Final = (
    *("eyes", "brows", "glasses", "nose", "mouth", "teeth", "cheeks", "jaw", "forehead"),
    *("light", "colour", "sharpness", "edge", "hair"),
)
_ON_THE_FACE: Final = {"teeth": "mouth", "glasses": "eyes"}
"""Regions of the form that are drawn where another one lies."""

_GOOD: Final = 5
_POOR: Final = 4


class RatingError(Exception):
    """A form or key that cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Rating:
    """One rater's word on one item."""

    rater: str
    item: int
    value: int
    regions: tuple[str, ...]
    remark: str = ""


def read_form(file: Path) -> list[Rating]:
    """The ratings of one filled-in form.

    Raises:
        RatingError: the file is no such form, a rating is missing or outside 1 to 7, an item is
            rated twice, a region unknown.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RatingError(f"{file} cannot be read: {error}") from error
    ratings: dict[int, Rating] = {}
    for line, row in enumerate(rows, 2):
        rating = _read_row(row, file.stem, f"{file}, line {line}")
        if rating.item in ratings:
            raise RatingError(f"{file}, line {line}: item {rating.item} is rated twice.")
        ratings[rating.item] = rating
    if not ratings:
        raise RatingError(f"{file} has no ratings; its columns are {', '.join(COLUMNS)}.")
    return list(ratings.values())


def _read_row(row: Mapping[str, str | None], rater: str, place: str) -> Rating:
    try:
        item, value = int(row["item"] or ""), int(row["rating"] or "")
    except (KeyError, ValueError):
        raise RatingError(f"{place}: item and rating are two whole numbers.") from None
    if value not in SCALE:
        raise RatingError(f"{place}: the rating {value} is outside {SCALE[0]} to {SCALE[-1]}.")
    named = (row.get("regions") or "").replace(",", ";").split(";")
    regions = tuple(name.strip().lower() for name in named if name.strip())
    unknown = [name for name in regions if name not in REGIONS]
    if unknown:
        raise RatingError(f"{place}: no region {unknown[0]!r}; there are {', '.join(REGIONS)}.")
    return Rating(rater, item, value, regions, row.get("remark") or "")


def agreement(ratings: Sequence[Rating]) -> tuple[float, float]:
    """Mean absolute difference and Pearson correlation of all pairs of raters; NaN for one."""
    by_rater: dict[str, dict[int, int]] = {}
    for rating in ratings:
        by_rater.setdefault(rating.rater, {})[rating.item] = rating.value
    apart, alike = [], []
    raters = sorted(by_rater)
    for index, first in enumerate(raters):
        for second in raters[index + 1 :]:
            common = sorted(by_rater[first].keys() & by_rater[second].keys())
            if len(common) < 2:
                continue
            a, b = (np.array([by_rater[r][i] for i in common]) for r in (first, second))
            apart.append(float(np.abs(a - b).mean()))
            if a.std() > 0 and b.std() > 0:
                alike.append(float(np.corrcoef(a, b)[0, 1]))
    return (float(np.mean(apart)) if apart else np.nan, float(np.mean(alike)) if alike else np.nan)


def fault_map(ratings: Sequence[Rating]) -> np.ndarray:
    """Share of the ratings that name each place, ``(SIZE, SIZE)``, NaN outside the face."""
    named = ({_ON_THE_FACE.get(name, name) for name in r.regions} for r in ratings)
    counts = Counter(name for names in named for name in names)
    shares = np.zeros((SIZE, SIZE), np.float32)
    for name, mask in generic_regions().items():
        shares[mask] = counts[name] / max(len(ratings), 1)
    soft = cv2.GaussianBlur(shares, (0, 0), SIZE / 64)
    return np.where(generic_raster().covered, soft, np.nan).astype(np.float32)


def report(key: Path, forms: Sequence[Path], picture: Path | None, console: Console) -> None:
    """Print the tables; draw the heat map of the rated pairs. Raises `RatingError`."""
    try:
        items = {entry["number"]: entry for entry in json.loads(key.read_text("utf-8"))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RatingError(f"{key} is no key of ratings: {error}") from error
    ratings = [rating for form in forms for rating in read_form(form)]
    strange = sorted({r.item for r in ratings} - items.keys())
    if strange:
        raise RatingError(f"Item {strange[0]} is not in {key}: forms and key do not belong.")
    kinds = sorted({str(entry["kind"]) for entry in items.values()})
    groups = {kind: [r for r in ratings if items[r.item]["kind"] == kind] for kind in kinds}
    console.print(_kinds_table(groups, len(forms)))
    apart, alike = agreement(ratings)
    console.print(f"raters: mean difference {apart:.2f}, correlation {alike:.2f}")
    pairs = groups.get("pairs", [])
    if pairs:
        console.print(_regions_line(pairs), soft_wrap=True)
        console.print(_cases_table(pairs, items))
    if picture is not None:
        drawn = heatmap.draw(fault_map(pairs), f"faults named, {len(pairs)} ratings", 0.5, "share")
        if not cv2.imwrite(str(picture), cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR)):
            raise RatingError(f"{picture} could not be written.")


def _kinds_table(groups: Mapping[str, Sequence[Rating]], raters: int) -> Table:
    title = f"ratings from 1 to 7, {raters} raters"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("kind")
    for heading in ("ratings", "mean", "items under 4", "5 and more", *map(str, SCALE)):
        table.add_column(heading, justify="right")
    for kind, ratings in groups.items():
        if not ratings:
            continue
        values = np.array([rating.value for rating in ratings])
        low = sum(mean < _POOR for mean in _by_item(ratings).values())
        counts = [str(int((values == step).sum())) for step in SCALE]
        good = f"{(values >= _GOOD).mean():.0%}"
        table.add_row(kind, str(len(values)), f"{values.mean():.2f}", str(low), good, *counts)
    return table


def _cases_table(ratings: Sequence[Rating], items: Mapping[int, Mapping[str, object]]) -> Table:
    table = Table(title="pairs, worst first", title_justify="left", box=box.SIMPLE)
    for heading in ("case", "mean", "regions", "remarks"):
        table.add_column(heading)
    for item, mean in sorted(_by_item(ratings).items(), key=lambda pair: pair[1]):
        own = [rating for rating in ratings if rating.item == item]
        named = Counter(name for rating in own for name in rating.regions)
        remarks = " / ".join(rating.remark for rating in own if rating.remark)
        table.add_row(str(items[item]["case"]), f"{mean:.1f}", ", ".join(named), remarks)
    return table


def _regions_line(ratings: Sequence[Rating]) -> str:
    counts = Counter(name for rating in ratings for name in set(rating.regions))
    named = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    return f"named in the {len(ratings)} ratings of pairs: {named or 'nothing'}"


def _by_item(ratings: Sequence[Rating]) -> dict[int, float]:
    values: dict[int, list[int]] = {}
    for rating in ratings:
        values.setdefault(rating.item, []).append(rating.value)
    return {item: float(np.mean(given)) for item, given in values.items()}
