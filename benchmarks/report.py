"""A quality run as JSON, as tables and as a comparison with an earlier run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.evaluate import Row

FORMAT = 1
_MISSING = "-"


@dataclass(frozen=True)
class Column:
    """A metric of the tables: its name in `Row.metrics`, its heading and its number format."""

    metric: str
    title: str
    spec: str
    higher_is_better: bool = False

    def text(self, value: float | None) -> str:
        return _MISSING if value is None or np.isnan(value) else format(value, self.spec)


def _pixel_columns(area: str) -> tuple[Column, ...]:
    return (
        Column(f"{area}_mae", "MAE", ".4f"),
        Column(f"{area}_mse", "MSE", ".5f"),
        Column(f"{area}_psnr", "PSNR", ".2f", higher_is_better=True),
        Column(f"{area}_ssim", "SSIM", ".4f", higher_is_better=True),
        Column(f"{area}_lpips", "LPIPS", ".4f"),
    )


FACE_COLUMNS = (
    *_pixel_columns("face"),
    Column("expression", "expression", ".4f"),
    Column("pose", "pose °", ".2f"),
)
CROP_COLUMNS = _pixel_columns("crop")
PICTURE_COLUMNS = _pixel_columns("picture")
REGION_COLUMNS = tuple(
    Column(f"region_{name}", name, ".4f")
    for name in ("mouth", "eyes", "brows", "nose", "cheeks", "jaw", "forehead")
)
TABLES = {
    "face hull": FACE_COLUMNS,
    "whole crop": CROP_COLUMNS,
    "whole picture": PICTURE_COLUMNS,
    "MAE by region": REGION_COLUMNS,
}


def console() -> Console:
    """Standard output; wide enough for the tables when it is a file or a pipe."""
    return Console(width=None if sys.stdout.isatty() else 120)


def mean(rows: Iterable[Row], metric: str) -> float | None:
    """Mean of a metric over the rows that have it, or None."""
    values = [row.metrics[metric] for row in rows if metric in row.metrics]
    return float(np.mean(values)) if values else None


def _groups(rows: Sequence[Row]) -> dict[str, dict[str, list[Row]]]:
    groups: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        groups.setdefault(row.set_name, {}).setdefault(row.method, []).append(row)
    return groups


def to_json(rows: Sequence[Row], about: dict[str, Any]) -> dict[str, Any]:
    """What is written to disk: the run's circumstances, means and every row."""
    means = {
        set_name: {
            method: {
                "cases": len(group),
                "failures": sum(row.failure is not None for row in group),
                **{
                    metric: round(value, 6)
                    for metric in sorted({name for row in group for name in row.metrics})
                    if (value := mean(group, metric)) is not None
                },
            }
            for method, group in methods.items()
        }
        for set_name, methods in _groups(rows).items()
    }
    return {
        "format": FORMAT,
        **about,
        "means": means,
        "rows": [
            {
                "set": row.set_name,
                "case": row.case_id,
                "method": row.method,
                "failure": row.failure,
                "metrics": {name: round(value, 6) for name, value in row.metrics.items()},
            }
            for row in rows
        ],
    }


def read_rows(file: Path) -> list[Row]:
    """Rows of a run written by `to_json`.

    Raises:
        ValueError: the file is of another format.
    """
    stored = json.loads(file.read_text())
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise ValueError(f"{file} is not a quality run of format {FORMAT}.")
    return [
        Row(row["set"], row["case"], row["method"], row["metrics"], row["failure"])
        for row in stored["rows"]
    ]


def _tables(methods: dict[str, list[Row]]) -> list[str]:
    """Keys of `TABLES`, without the one of whole pictures where none were scored."""
    whole = PICTURE_COLUMNS[0].metric
    scored = any(whole in row.metrics for rows in methods.values() for row in rows)
    return [about for about, columns in TABLES.items() if scored or columns != PICTURE_COLUMNS]


def quality_table(set_name: str, methods: dict[str, list[Row]], about: str) -> Table:
    """Means of every method on a set; ``about`` is a key of `TABLES`."""
    columns = TABLES[about]
    table = Table(title=f"{set_name}, {about}", title_justify="left", box=box.SIMPLE)
    table.add_column("method")
    table.add_column("cases", justify="right")
    for column in columns:
        table.add_column(column.title, justify="right")
    for method, rows in methods.items():
        made = [row for row in rows if row.failure is None]
        count = str(len(made)) if len(made) == len(rows) else f"[red]{len(made)}/{len(rows)}[/red]"
        values = [column.text(mean(made, column.metric)) for column in columns]
        table.add_row(method, count, *values)
    return table


def markdown_table(set_name: str, methods: dict[str, list[Row]], about: str) -> str:
    """The same as GitHub-flavoured Markdown; the best value of each column is bold."""
    columns = TABLES[about]
    heads = ["method", "cases", *(column.title for column in columns)]
    lines = [
        f"{set_name}, {about}:",
        "",
        "| " + " | ".join(heads) + " |",
        "|---|" + "---:|" * (len(heads) - 1),
    ]
    best = {}
    for column in columns:
        values = [v for rows in methods.values() if (v := mean(rows, column.metric)) is not None]
        pick = max if column.higher_is_better else min
        best[column.metric] = column.text(pick(values)) if values else None
    for method, rows in methods.items():
        made = [row for row in rows if row.failure is None]
        cells = [method, str(len(made)) if len(made) == len(rows) else f"{len(made)}/{len(rows)}"]
        for column in columns:
            text = column.text(mean(made, column.metric))
            cells.append(f"**{text}**" if text == best[column.metric] else text)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def print_run(console: Console, rows: Sequence[Row], *, markdown: bool) -> None:
    """Tables of all sets, then every failure."""
    for set_name, methods in _groups(rows).items():
        for about in _tables(methods):
            if markdown:
                console.print(
                    markdown_table(set_name, methods, about), markup=False, soft_wrap=True
                )
            else:
                console.print(quality_table(set_name, methods, about))
    failures = [row for row in rows if row.failure is not None]
    for row in failures:
        console.print(f"[bold red]failed[/] {row.set_name} {row.case_id} {row.method}: ", end="")
        console.print(row.failure, markup=False, soft_wrap=True)
    if failures:
        console.print(f"[bold red]{len(failures)} of {len(rows)} edits failed.[/]")


def print_comparison(
    console: Console, rows: Sequence[Row], before: Sequence[Row], method: str, limit: int
) -> None:
    """Change since an earlier run of one method: means, then cases with the worst change first."""
    columns = FACE_COLUMNS
    earlier = {(r.set_name, r.case_id): r for r in before if r.method == method and not r.failure}
    for set_name, methods in _groups(rows).items():
        pairs = [
            (row, earlier[set_name, row.case_id])
            for row in methods.get(method, [])
            if row.failure is None and (set_name, row.case_id) in earlier
        ]
        if not pairs:
            continue
        pairs.sort(key=lambda pair: _change(pair, "face_psnr") or 0.0)
        table = Table(
            title=f"{set_name}, {method}: change on the face hull",
            title_justify="left",
            box=box.SIMPLE,
        )
        table.add_column("case")
        for column in columns:
            table.add_column(column.title, justify="right")
        table.add_row(f"mean of {len(pairs)}", *(_mean_change(pairs, c) for c in columns))
        table.add_section()
        for pair in pairs[:limit]:
            table.add_row(pair[0].case_id, *(_signed(_change(pair, c.metric), c) for c in columns))
        console.print(table)


def _change(pair: tuple[Row, Row], metric: str) -> float | None:
    now, then = (row.metrics.get(metric) for row in pair)
    return None if now is None or then is None else now - then


def _mean_change(pairs: Sequence[tuple[Row, Row]], column: Column) -> str:
    changes = [c for pair in pairs if (c := _change(pair, column.metric)) is not None]
    return _signed(float(np.mean(changes)) if changes else None, column)


def _signed(change: float | None, column: Column) -> str:
    if change is None:
        return _MISSING
    text = format(change, "+" + column.spec)
    if float(text) == 0:
        return "0"
    return f"[green]{text}[/]" if (change > 0) == column.higher_is_better else f"[red]{text}[/]"
