"""The paper's Table 1 beside this project's rows: ``python -m benchmarks.paper``.

Whole pictures of ``studio_paper`` (``python -m exshot_train.studio paper-set``). Trained rows are
those runs of ``python -m exshot_train.table`` that are at hand; a row's figure is the mean over its
seeds, with the distance between the outermost of them, so that a difference can be told from noise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import lpips, quality, report
from benchmarks.evaluate import Row, Settings
from benchmarks.methods import RUN
from benchmarks.sets import SetError, data_root, load_set
from benchmarks.trained import checkpoint

SET: Final = "studio_paper"
MEASURES: Final = ("psnr", "ssim", "lpips", "mae")
_SPECS: Final = {"psnr": ".2f", "ssim": ".4f", "lpips": ".4f", "mae": ".4f"}

PAPER: Final[dict[str, tuple[float, float | None, float | None, float | None]]] = {
    "landmark warping": (25.15, 0.8134, 0.0322, 0.0171),
    "ExprNet": (36.23, 0.9598, 0.0115, 0.0061),
    "RGB warping": (29.83, None, None, None),
    "without flow refinement": (32.21, None, None, None),
    "without perceptual loss": (31.34, None, None, None),
    "without light augmentation": (34.21, None, None, None),
}
"""Table 1 of the paper as far as it is known here, on its own rig: PSNR, SSIM, LPIPS, MAE."""

UNTRAINED: Final = {
    "untouched": "pose photo untouched",
    "landmarks_whole": "landmark warping",
    "landmarks": "landmark warping, face only",
    "warp": "this project's warp method",
    "exprnet": "this project's shipped ExprNet",
}
"""Methods that need no training here, and what their rows are called."""


def trained_rows() -> dict[str, list[str]]:
    """Methods of the training runs at hand, by row."""
    from exshot_train.table import ROWS, Run

    found = {}
    for row, title in ROWS.items():
        runs = [Run(row, seed).name for seed in range(16)]
        there = [f"{RUN}{name}" for name in runs if checkpoint(name).is_file()]
        if there:
            found[title] = there
    return found


def table(rows: Sequence[Row], trained: dict[str, list[str]]) -> str:
    """The Markdown table: our figure, its spread over seeds, the paper's figure."""
    lines = ["| row | " + " | ".join(m.upper() for m in MEASURES) + " | paper |"]
    lines += ["|---|" + "---:|" * (len(MEASURES) + 1)]
    groups = {title: [name] for name, title in UNTRAINED.items()} | trained
    for title, names in groups.items():
        seeds = [[row for row in rows if row.method == name] for name in names]
        seeds = [group for group in seeds if group]
        if not seeds:
            continue
        cells = [_cell(seeds, measure) for measure in MEASURES]
        known = " / ".join(
            format(value, _SPECS[m])
            for m, value in zip(MEASURES, PAPER.get(title, ()), strict=False)
            if value is not None
        )
        many = f" ({len(seeds)} seeds)" if len(seeds) > 1 else ""
        lines.append(f"| {title}{many} | " + " | ".join(cells) + f" | {known} |")
    return "\n".join(lines)


def print_table(rows: Sequence[Row], trained: dict[str, list[str]]) -> None:
    """The table with the number of its cases."""
    print(f"{SET}, whole picture, {len({row.case_id for row in rows})} cases:\n")
    print(table(rows, trained))


def _cell(seeds: Sequence[Sequence[Row]], measure: str) -> str:
    means = [report.mean(rows, f"picture_{measure}") for rows in seeds]
    values = [value for value in means if value is not None]
    if not values:
        return "-"
    spec = _SPECS[measure]
    spread = f" ± {format(np.ptp(values) / 2, spec)}" if len(values) > 1 else ""
    return format(float(np.mean(values)), spec) + spread


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 1 where an edit failed, 2 where the set is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper", description=__doc__)
    parser.add_argument("--limit", type=int, help="at most this many cases")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--no-lpips", action="store_true")
    parser.add_argument("--shard", default="1/1", help="I/N: only every N-th case")
    parser.add_argument("--out", type=Path, help="JSON of every case")
    parser.add_argument(
        "--read", type=Path, nargs="+", help="print the table of such files, measuring nothing"
    )
    chosen = parser.parse_args(arguments)
    trained = trained_rows()
    if chosen.read:
        rows = [row for file in chosen.read for row in report.read_rows(file)]
        print_table(rows, trained)
        return 1 if any(row.failure for row in rows) else 0
    methods = (*UNTRAINED, *(name for names in trained.values() for name in names))
    try:
        data = data_root()
        cases = load_set(SET, data, limit=chosen.limit)
        index, count = (int(part) for part in chosen.shard.split("/"))
        cases = cases[index - 1 :: count]
    except SetError as error:
        print(error, "Render it: python -m exshot_train.studio paper-set", file=sys.stderr)
        return 2
    settings = Settings(
        methods=methods,
        data=data,
        cache=quality.OUT / "fits",
        fits=None,
        lpips=not chosen.no_lpips and lpips.missing_reason(data) is None,
        threads=1,
    )
    rows = quality.run(settings, cases, chosen.jobs)
    print_table(rows, trained)
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(json.dumps(report.to_json(rows, {"set": SET}), indent=1) + "\n")
    return 1 if any(row.failure for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
