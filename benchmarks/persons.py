"""Measure the check for different people: ``python -m benchmarks.persons``.

Every two photos of a set make a pair, of one person or of two. A *false alarm* is a pair of one
person that is warned of; a pair of two people that is warned of is *caught*. Nobody in these sets
was trained on: ``london/val`` (the same as under other light, turned, in ``val_triplets``),
``portraits/val`` (one photo for each person, so that there are only pairs of two),
``video_triplets``, and ``real_pairs``, whose photos were taken years apart.

Prints a table, writes it as JSON with ``--json``, draws the ROC with ``--roc``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table

from benchmarks.sets import data_root
from exshot.editor import Editor
from exshot.identity.likeness import STRANGERS_BELOW
from exshot.photo import Photo

ASKED_FALSE_ALARMS: Final = 0.02
_PATTERNS: Final = {
    "london": ("london/val/*.jpg",),
    "london, relit": ("london/val/*_neutral.jpg", "london/val_triplets/*_relit.jpg"),
    "portraits": ("portraits/val/*.jpg",),
    "video": ("video_triplets/*/*_pose.jpg", "video_triplets/*/*_expression.jpg"),
    "video, relit": ("video_triplets/*/*_pose.jpg", "video_triplets/*/*_relit.jpg"),
    "real_pairs": ("real_pairs/*.jpg",),
}
_COLOURS: Final = ("#1f5fbf", "#6f9fe0", "#888888", "#2b8a3e", "#7cc08a", "#c92a2a")


@dataclass(frozen=True)
class Pairs:
    """Likenesses of all pairs of a set: ``(n,)`` of one person, ``(m,)`` of two."""

    people: int
    same: NDArray[np.float64]
    other: NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """What is measured on a set; shares in [0, 1], None where the set has no such pairs.

    ``caught_at_2`` is the share caught at the threshold of this very set that raises a false alarm
    for at most 2 % of its pairs of one person.
    """

    name: str
    people: int
    pairs: int
    false_alarms: int
    strangers: int
    caught: float
    area: float | None
    caught_at_2: float | None


def main() -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--roc", type=Path, help="where to draw the curves (PNG)")
    wanted = parser.parse_args()
    editor = Editor()
    measured = {name: measure(editor, data_root(), globs) for name, globs in _PATTERNS.items()}
    rows = [row_of(name, pairs) for name, pairs in measured.items()]
    table = Table(
        "set", "people", "true pairs", "false alarms", "swapped", "caught", "AUC", "at 2 %"
    )
    for row in rows:
        counts = str(row.people), str(row.pairs), str(row.false_alarms), str(row.strangers)
        shares = f"{row.caught:.1%}", _text(row.area, ".4f"), _text(row.caught_at_2, ".1%")
        table.add_row(row.name, *counts, *shares)
    Console().print(table)
    if wanted.json:
        content = {"threshold": STRANGERS_BELOW, "sets": [asdict(row) for row in rows]}
        wanted.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    if wanted.roc:
        draw_roc({name: pairs for name, pairs in measured.items() if len(pairs.same)}, wanted.roc)


def measure(editor: Editor, root: Path, patterns: Sequence[str]) -> Pairs:
    """Compare every two photos of a set."""
    paths = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    people, likenesses = [], []
    for path in paths:
        for face in editor.faces(Photo.open(path))[:1]:
            assert face.likeness is not None
            filmed = path.parent.parent.name == "video_triplets"
            people.append(path.parent.name if filmed else path.stem.split("_")[0])
            likenesses.append(face.likeness)
    stacked = np.stack(likenesses).astype(np.float64)
    one, two = np.triu_indices(len(people), 1)
    alike = np.sum(stacked[one] * stacked[two], axis=1)
    same = np.array(people)[one] == np.array(people)[two]
    return Pairs(len(set(people)), alike[same], alike[~same])


def row_of(name: str, pairs: Pairs, threshold: float = STRANGERS_BELOW) -> Row:
    """The figures of a set."""
    area = at_2 = None
    if len(pairs.same):
        false_alarms, caught = roc(pairs)
        steps = np.diff(false_alarms)
        area = float(np.sum(steps * (caught[1:] + caught[:-1]) / 2))
        at_2 = float(caught[false_alarms <= ASKED_FALSE_ALARMS].max(initial=0.0))
    return Row(
        name,
        pairs.people,
        len(pairs.same),
        int((pairs.same < threshold).sum()),
        len(pairs.other),
        float((pairs.other < threshold).mean()),
        area,
        at_2,
    )


def roc(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False alarms and caught pairs, shares, at every threshold, both rising from 0 to 1."""
    thresholds = np.sort(np.concatenate([pairs.same, pairs.other, [-2.0, 2.0]]))
    false_alarms = np.searchsorted(np.sort(pairs.same), thresholds, "left") / len(pairs.same)
    caught = np.searchsorted(np.sort(pairs.other), thresholds, "left") / len(pairs.other)
    return false_alarms, caught


def draw_roc(measured: dict[str, Pairs], out: Path) -> None:
    """The curves up to 20 % false alarms, with the chosen threshold as dots and what was asked."""
    left, top, width, height, most = 90, 30, 800, 500, 0.20
    picture = Image.new("RGB", (left + width + 40, top + height + 80), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(18)

    def place(false_alarms: float, caught: float) -> tuple[float, float]:
        lowest = 0.5
        share = (max(caught, lowest) - lowest) / (1 - lowest)
        return left + width * min(false_alarms / most, 1.0), top + height * (1 - share)

    draw.rectangle((*place(0, 1), *place(ASKED_FALSE_ALARMS, 0.9)), fill="#eef6ee")
    for k in range(6):
        x, y = place(most * k / 5, 0.5 + 0.1 * k)
        draw.line((x, top, x, top + height), fill="#dddddd")
        draw.line((left, y, left + width, y), fill="#dddddd")
        draw.text((x, top + height + 8), f"{most * k / 5:.0%}", "black", font, anchor="ma")
        draw.text((left - 10, y), f"{0.5 + 0.1 * k:.0%}", "black", font, anchor="rm")
    for number, (name, pairs) in enumerate(measured.items()):
        colour = _COLOURS[list(_PATTERNS).index(name)]
        points = [place(float(a), float(b)) for a, b in zip(*roc(pairs), strict=True)]
        draw.line(points, fill=colour, width=3)
        row = row_of(name, pairs)
        x, y = place(row.false_alarms / row.pairs, row.caught)
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill=colour)
        draw.text((left + width - 200, top + 250 + 26 * number), name, colour, font)
    axis = "one person's pairs warned of; upward: two people's pairs caught; dots: the threshold"
    draw.text((left + width / 2, top + height + 42), axis, "black", font, anchor="ma")
    picture.save(out, optimize=True)


def _text(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


if __name__ == "__main__":
    main()
