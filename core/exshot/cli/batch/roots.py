"""``--root``: where the list's paths lie for whoever makes the edits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Root:
    """Maps paths below ``here`` to the same paths below ``there``; others stay as they are.

    Without ``there`` nothing is mapped. ``absolute`` is for workers, whose own folder is another.
    """

    here: str = ""
    there: str | None = None
    absolute: bool = False

    @classmethod
    def parse(cls, text: str | None, table: Path, *, absolute: bool) -> Root:
        """``HERE=THERE``, or ``THERE`` alone for where the list's own folder lies there."""
        if text is None:
            return cls(absolute=absolute)
        here, equals, there = text.rpartition("=")
        return cls(_plain(here if equals else table.parent), there, absolute)

    def path(self, path: Path) -> str:
        """The path as the workers see it."""
        if self.there is None:
            return str(path.absolute() if self.absolute else path)
        plain = _plain(path)
        folder = self.here.rstrip(os.sep) + os.sep
        return str(Path(self.there) / plain[len(folder) :]) if plain.startswith(folder) else plain


def _plain(path: str | Path) -> str:
    """Absolute and without ``..``; links stay, the workers may not have them."""
    return os.path.normpath(Path(path).absolute())
