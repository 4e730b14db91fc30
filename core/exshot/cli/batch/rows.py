"""A job of each line of the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TypeVar

from exshot.cli.batch.jobs import BurstJob, Job, PairJob
from exshot.cli.batch.roots import Root
from exshot.cli.batch.table import Record, Table, read_table, wrong
from exshot.cli.option_flags import override
from exshot.errors import ErrorCode, ExshotError
from exshot.options import EditOptions

PAIR: Final = ("pose", "expression", "out")
PAIR_FILES: Final = ("layer", "report")
BURST: Final = ("burst", "out")
BURST_FILES: Final = ("base", "layers")
OPTIONS: Final = tuple(field.name for field in fields(EditOptions))
_WRITTEN: Final = ("out", "layer", "report", "layers")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``line`` counts from 1 as an editor shows it; ``job`` is None where it is wrong.

    ``inputs`` are the photos that it names, also where the rest of it is wrong.
    """

    line: int
    job: Job | None
    error: ExshotError | None = None
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Defaults:
    """What an empty cell stands for, and what holds for every line."""

    options: EditOptions
    quality: int | None = None
    overwrite: bool = False


def read_rows(path: Path, defaults: Defaults, root: Root) -> tuple[Row, ...]:
    """Every job the file lists; its relative paths start at its own folder, ``root`` maps them.

    A line with a wrong value becomes a `Row` with an error, so that the others still run. Raises
    `ExshotError` where the file as a whole cannot be used: missing, no text, a column missing,
    unknown or twice, nothing in it.
    """
    table = read_table(path)
    bursts = "burst" in table.header
    known = (*BURST, *BURST_FILES) if bursts else (*PAIR, *PAIR_FILES, *OPTIONS)
    _check_header(table, BURST if bursts else PAIR, known)
    make = _burst if bursts else _pair
    rows = []
    for record in table.records:
        cells = _Cells(table, record, root)
        try:
            rows.append(Row(record.line, make(cells, defaults), inputs=cells.inputs()))
        except ExshotError as error:
            rows.append(Row(record.line, None, error, cells.inputs()))
    if not rows:
        raise wrong(path, "lists no edits", "Add a line for each edit below the header.")
    return tuple(rows)


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


def with_decimal_points(cell: str) -> str:
    """A number or region weights as they are written with a decimal comma, with a point.

    ``0,8`` becomes ``0.8`` and ``mouth=0,5,eyes=1`` ``mouth=0.5,eyes=1``; no region's name begins
    with a digit, so nothing else can be meant.
    """
    if re.fullmatch(r"[+-]?\d*,\d+", cell):
        return cell.replace(",", ".")
    return re.sub(r"(=\s*\d*),(?=\d)", r"\1.", cell)


class _Cells:
    """The values of one line, by column."""

    def __init__(self, table: Table, record: Record, root: Root) -> None:
        self._table, self._line, self._root = table, record.line, root
        self._extra = any(cell.strip() for cell in record.cells[len(table.header) :])
        self.values = {
            name: cell.strip() for name, cell in zip(table.header, record.cells) if cell.strip()
        }

    def check(self, required: Sequence[str]) -> None:
        """Raise `ExshotError` for too few or too many values and for names nobody can have."""
        if self._extra:
            hint = "Put paths that hold a comma in double quotes."
            raise self._wrong(f"has too many values in line {self._line}", hint)
        for name in required:
            if name not in self.values:
                raise self._wrong(f"has no {name} in line {self._line}", "Fill the cell.")
        for name, cell in self.values.items():
            if "\0" in cell:
                raise self._wrong(f"has a zero byte in line {self._line}", "Write the value anew.")
            if name not in OPTIONS and not _means_its_bytes(cell, name, self.inputs()):
                what = f"has letters in line {self._line} that are not UTF-8"
                raise self._wrong(what, "Save it as CSV, UTF-8.")

    def path(self, name: str) -> str | None:
        """The path in that column as the workers see it."""
        cell = self.values.get(name)
        return None if cell is None else self._root.path(self._table.path.parent / cell)

    def required(self, name: str) -> str:
        path = self.path(name)
        if path is None:
            raise self._wrong(f"has no {name} in line {self._line}", "Fill the cell.")
        return path

    def options(self) -> dict[str, str]:
        return {n: with_decimal_points(v) for n, v in self.values.items() if n in OPTIONS}

    def inputs(self) -> tuple[str, ...]:
        named = (self.path(name) for name in ("pose", "expression", "burst", "base"))
        return tuple(path for path in named if path is not None and "\0" not in path)

    def _wrong(self, what: str, hint: str) -> ExshotError:
        return wrong(self._table.path, what, hint)


def _pair(cells: _Cells, defaults: Defaults) -> PairJob:
    cells.check(PAIR)
    given = cells.options()
    return PairJob(
        cells.required("pose"),
        cells.required("expression"),
        cells.required("out"),
        override(defaults.options, given) if given else defaults.options,
        layer=cells.path("layer"),
        report=cells.path("report"),
        quality=defaults.quality,
        overwrite=defaults.overwrite,
    )


def _burst(cells: _Cells, defaults: Defaults) -> BurstJob:
    cells.check(BURST)
    return BurstJob(
        cells.required("burst"),
        cells.required("out"),
        base=cells.path("base"),
        layers=cells.path("layers"),
        overwrite=defaults.overwrite,
    )


def _check_header(table: Table, required: Sequence[str], known: Sequence[str]) -> None:
    for name in required:
        if name not in table.header:
            raise wrong(
                table.path,
                f"has no column {name!r} in its first line",
                f"The first line must be: {','.join(required)} (more columns may follow).",
            )
    for position, name in enumerate(table.header):
        if name not in known:
            raise wrong(
                table.path, f"has an unknown column {name!r}", f"Known are: {', '.join(known)}."
            )
        if name in table.header[:position]:
            raise wrong(table.path, f"has the column {name!r} twice", "Remove one.")


def _means_its_bytes(cell: str, name: str, inputs: Sequence[str]) -> bool:
    """Whether bytes that are no UTF-8 are a file's real name and not a list in another encoding.

    A photo of that name is there, or, for a name to be written, the line's photos have such names.
    """
    if cell.isascii() or not _undecodable(cell):
        return True
    there = [path for path in inputs if _undecodable(path) and Path(path).exists()]
    return bool(there) if name in _WRITTEN else any(path.endswith(cell) for path in there)


def _undecodable(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)
