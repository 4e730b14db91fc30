"""The list as a file: CSV as spreadsheets, scripts and people write it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import reason_of, shown

_DELIMITERS: Final = (",", ";", "\t")
_SEP_LINE: Final = re.compile(r'"?sep=(?P<delimiter>[^\r\n"])"?[;,\t]*[\r\n]*', re.IGNORECASE)
_BYTE_ORDER_MARKS: Final = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one line; ``line`` counts from 1 as a text editor shows it."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A list: ``header`` has the columns' names in small letters, ``records`` the lines below."""

    path: Path
    header: tuple[str, ...]
    records: tuple[Record, ...]


def read_table(path: Path) -> Table:
    """Read a list whatever program wrote it.

    Text is UTF-8, UTF-16 or UTF-32, with or without a byte order mark; bytes that are no UTF-8
    stay in the cells as `os.fsdecode` would have them. Values stand between commas, semicolons or
    tabs: what a first line ``sep=;`` names, else what the header uses. Empty lines are left out.

    Raises:
        ExshotError: ``FILE_NOT_FOUND``; ``BAD_OPTION`` for what is no text, for quotes that do not
            pair up and for a value that runs over a line's end (the line is named).
    """
    lines = io.StringIO(_text(path), newline="").readlines()
    skipped = 0
    named = _SEP_LINE.fullmatch(lines[0]) if lines else None
    if named:
        lines, skipped = lines[1:], 1
    delimiter = named["delimiter"] if named else _delimiter(lines[0] if lines else "")
    records = _records(path, lines, delimiter, skipped)
    header = next(records, Record(1, ())).cells
    return Table(path, _names(header), tuple(r for r in records if any(map(str.strip, r.cells))))


def wrong(path: Path, what: str, hint: str) -> ExshotError:
    """The failure of a list as a whole, or of one of its lines."""
    return ExshotError(ErrorCode.BAD_OPTION, f"{shown(path)} {what}.", hint)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ExshotError(
            ErrorCode.FILE_NOT_FOUND, f"{shown(path)} was not found.", "Check the path."
        ) from None
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise wrong(path, f"cannot be read ({reason})", "Check that you may read it.") from None
    encoding = _encoding(data)
    try:
        # File names need not be UTF-8: such bytes are kept, `rows` sees whether a file has them.
        return data.decode(encoding, "surrogateescape" if encoding == "utf-8-sig" else "strict")
    except UnicodeDecodeError as error:
        what = f"is no sound {encoding.upper()} text from byte {error.start} on"
        raise wrong(path, what, "Save it as CSV, UTF-8.") from None


def _encoding(data: bytes) -> str:
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    # A list begins with a plain letter: in UTF-16 without a mark its other byte is zero.
    if data[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" else "utf-8-sig"


def _delimiter(header: str) -> str:
    """The one that parts the header into the most values; a comma where none does."""
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one), [])))


def _records(path: Path, lines: list[str], delimiter: str, skipped: int) -> Iterator[Record]:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error:
            what = f"has a quotation mark in line {line} that has no partner"
            hint = (
                'Put quotation marks around whole values, in pairs; one that belongs to it is "".'
            )
            raise wrong(path, what, hint) from None
        if any("\n" in cell or "\r" in cell for cell in cells):
            what = f"has a value that begins in line {line} and runs on into the next line"
            raise wrong(path, what, "Close its quotation marks in the same line.")
        yield Record(line, cells)


def _names(header: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip().lower().replace("-", "_") for name in header]
    while names and not names[-1]:  # spreadsheets keep columns that were emptied
        names.pop()
    return tuple(names)
