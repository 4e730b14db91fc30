"""Progress on stderr, shown only where stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from exshot.cli.terminal import is_plain
from exshot.progress import ProgressCallback


@contextmanager
def progress_bar(title: str) -> Iterator[ProgressCallback | None]:
    """A callback for the library's long calls; None where nobody would see it."""
    if not sys.stderr.isatty() or is_plain():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=1.0)

        def report(share: float, step: str) -> None:
            bar.update(task, completed=share, description=step or title)

        yield report
