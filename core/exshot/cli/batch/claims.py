"""No line may write what another line reads or writes, under whatever name."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from exshot.cli.batch.table import wrong
from exshot.path_text import shown


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that a line names, with its keys: two files with a key in common are one file."""

    line: int
    path: str
    keys: tuple[str, ...]


@dataclass
class Names:
    """Tells whether two names mean one file: links, spellings, hard links, letter case.

    Remembers which folders tell letters' case apart, so one `Names` should see many paths.
    """

    _folds: dict[str, bool] = field(default_factory=dict)

    def keys(self, path: str) -> tuple[str, ...]:
        """What the file is known by: its place, and its number on the disk where it exists.

        None for a device, a pipe or a socket: those are written through and may be named often.
        """
        try:
            real = os.path.realpath(path)
            try:
                info = Path(real).stat()
            except OSError:
                return (self._place(real),)
        except (OSError, ValueError):  # ValueError: a name that no file can have
            return (f"name {path}",)
        if not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
            return ()
        place = self._place(real)
        return (place, f"file {info.st_dev} {info.st_ino}") if info.st_ino else (place,)

    def _place(self, real: str) -> str:
        """The folder's number and the name in it, as the folder tells names apart."""
        folder, name = os.path.split(real)
        try:
            info = Path(folder).stat()
        except OSError:
            return f"name {os.path.normcase(real)}"
        if self._folds_case(folder):
            name = unicodedata.normalize("NFC", name).casefold()
        where = f"{info.st_dev} {info.st_ino}" if info.st_ino else os.path.normcase(folder)
        return f"place {where} {name}"

    def _folds_case(self, folder: str) -> bool:
        if folder not in self._folds:
            self._folds[folder] = folds_case(folder)
        return self._folds[folder]


def folds_case(folder: str) -> bool:
    """Whether ``A.jpg`` and ``a.jpg`` are one file there, told from a name that exists."""
    for name in _existing(folder):
        other = name.with_name(name.name.swapcase())
        if other.name != name.name:
            try:
                return other.samefile(name)
            except OSError:
                return False
    return False


def check_claims(table: Path, outputs: Iterable[Claim], inputs: Iterable[Claim]) -> None:
    """Raise `ExshotError` ``BAD_OPTION`` where an output is another output or an input.

    Both are read once, ``outputs`` first; only the outputs' keys are kept.
    """
    written: dict[str, Claim] = {}
    for claim in outputs:
        for key in claim.keys:
            first = written.setdefault(key, claim)
            if first is not claim:
                raise _two_outputs(table, first, claim)
    for claim in inputs:
        for key in claim.keys:
            if key in written:
                raise _over_a_photo(table, written[key], claim)


def _two_outputs(table: Path, first: Claim, second: Claim) -> Exception:
    hint = "Give each edit its own output."
    if first.line == second.line:
        return wrong(
            table, f"names {shown(second.path)} for two outputs in line {first.line}", hint
        )
    also = "" if first.path == second.path else f", as {shown(first.path)} in the former"
    lines = f"line {first.line} and in line {second.line}{also}"
    return wrong(table, f"writes {shown(second.path)} in {lines}", hint)


def _over_a_photo(table: Path, output: Claim, photo: Claim) -> Exception:
    hint = "Name another file; ExShot never replaces a photo it reads."
    if not photo.line:
        return wrong(table, f"would be replaced by its own line {output.line}", hint)
    also = "" if output.path == photo.path else f", where it is called {shown(photo.path)}"
    what = (
        f"writes {shown(output.path)} in line {output.line}, a photo that line {photo.line} reads"
    )
    return wrong(table, f"{what}{also}", hint)


def _existing(folder: str) -> Iterator[Path]:
    """Something in the folder, else the folder itself."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.swapcase() != entry.name:
                    yield Path(folder) / entry.name
                    break
    except OSError:
        return
    yield Path(folder)
