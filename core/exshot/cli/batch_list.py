"""The CSV file of `exshot batch`: one edit a line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from exshot.cli.edit import EditJob
from exshot.cli.option_flags import override
from exshot.errors import ErrorCode, ExshotError
from exshot.options import EditOptions

REQUIRED = ("pose", "expression", "out")
FILES = ("layer", "report")
OPTIONS = tuple(field.name for field in fields(EditOptions))

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line: ``line`` counts from 1 as an editor shows it; ``job`` is None where it is wrong."""

    line: int
    job: EditJob | None
    error: ExshotError | None = None


def read_rows(table: Path, defaults: EditOptions, *, overwrite: bool) -> tuple[Row, ...]:
    """Every edit the file lists; relative paths start at the file's own folder.

    A line with a wrong value becomes a `Row` with an error, so that the others still run. Raises
    `ExshotError` where the file as a whole cannot be used: missing, no text, a column missing,
    unknown or twice, nothing in it, or two lines with one output.
    """
    lines = _read_lines(table)
    delimiter = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    reader = csv.reader(lines, delimiter=delimiter)
    header = [name.strip().lower().replace("-", "_") for name in next(reader, [])]
    _check_header(table, header)
    rows = tuple(
        _row(table, header, cells, reader.line_num, defaults, overwrite)
        for cells in reader
        if any(cell.strip() for cell in cells)
    )
    if not rows:
        raise _wrong(table, "lists no edits", "Add a line for each edit below the header.")
    _check_outputs_differ(table, rows)
    return rows


def shard(rows: Sequence[T], text: str) -> tuple[T, ...]:
    """Part I of N for ``I/N``: every N-th item from the I-th on, counted from 1.

    The N parts together are all items, each once. Raises `ExshotError` ``BAD_OPTION``.
    """
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise ExshotError(
            ErrorCode.BAD_OPTION,
            f"The shard {text!r} is not of the form I/N.",
            "Write 1/4 for the first of four parts, 4/4 for the last.",
        )
    return tuple(rows[int(number) - 1 :: int(count)])


def _read_lines(table: Path) -> list[str]:
    try:
        return table.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except FileNotFoundError:
        raise ExshotError(
            ErrorCode.FILE_NOT_FOUND, f"{table} was not found.", "Check the path."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(table, f"cannot be read ({error})", "Save it as CSV, UTF-8.") from None


def _check_header(table: Path, header: list[str]) -> None:
    known = (*REQUIRED, *FILES, *OPTIONS)
    for name in REQUIRED:
        if name not in header:
            raise _wrong(
                table,
                f"has no column {name!r} in its first line",
                "The first line must be: pose,expression,out (more columns may follow).",
            )
    for position, name in enumerate(header):
        if name not in known:
            raise _wrong(
                table, f"has an unknown column {name!r}", f"Known are: {', '.join(known)}."
            )
        if name in header[:position]:
            raise _wrong(table, f"has the column {name!r} twice", "Remove one.")


def _row(
    table: Path,
    header: list[str],
    cells: list[str],
    line: int,
    defaults: EditOptions,
    overwrite: bool,
) -> Row:
    if len(cells) > len(header):
        hint = "Put paths that hold a comma in double quotes."
        return Row(line, None, _wrong(table, f"has too many values in line {line}", hint))
    values = {name: cell.strip() for name, cell in zip(header, cells) if cell.strip()}
    missing = [name for name in REQUIRED if name not in values]
    if missing:
        error = _wrong(table, f"has no {missing[0]} in line {line}", "Fill the cell.")
        return Row(line, None, error)
    paths = {n: table.parent / values.pop(n) for n in (*REQUIRED, *FILES) if n in values}
    try:
        options = override(defaults, values)
    except ExshotError as error:
        return Row(line, None, error)
    job = EditJob(
        paths["pose"],
        paths["expression"],
        paths["out"],
        options,
        layer=paths.get("layer"),
        report=paths.get("report"),
        overwrite=overwrite,
    )
    return Row(line, job)


def _check_outputs_differ(table: Path, rows: Sequence[Row]) -> None:
    first: dict[Path, int] = {}
    for row in rows:
        if row.job is None:
            continue
        for path in (row.job.out, row.job.layer, row.job.report):
            if path is None:
                continue
            line = first.setdefault(path.resolve(), row.line)
            if line != row.line:
                raise _wrong(
                    table,
                    f"writes {path} in line {line} and in line {row.line}",
                    "Give each edit its own output.",
                )


def _wrong(table: Path, what: str, hint: str) -> ExshotError:
    return ExshotError(ErrorCode.BAD_OPTION, f"{table} {what}.", hint)
