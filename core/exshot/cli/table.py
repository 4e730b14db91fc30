"""Tables that lose nothing: whole when redirected, one value a line where a terminal is narrow."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import typer

GAP = "  "


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print to stdout: columns where they fit the terminal, else each row as lines of its own."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    typer.echo(laid_out(head, rows, width))


def laid_out(head: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> str:
    """The table as text; ``width`` in characters, None for any."""
    sizes = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(head, sizes), _line(["-" * size for size in sizes], sizes)]
    lines += [_line(row, sizes) for row in rows]
    if width is None or max(map(len, lines)) <= width:
        return "\n".join(lines)
    return "\n\n".join(
        "\n".join(f"{name}: {value}" for name, value in zip(head, row, strict=True) if value)
        for row in rows
    )


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    padded = (cell.ljust(size) for cell, size in zip(cells, sizes, strict=True))
    return GAP.join(padded).rstrip()
