"""What the terminal can show."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def is_plain() -> bool:
    """Whether the terminal, or its user, wants text without escape sequences."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in ("dumb", "unknown")


def fill_closed_streams() -> None:
    """Where stdin, stdout or stderr was closed (``2>&-``), have nothing stand in its place.

    The next file that is opened would else get its number, and what a library prints would go into
    it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def make_streams_tolerant() -> None:
    """Print what a terminal's encoding lacks as escapes, instead of failing over it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def can_show(text: str, stream: TextIO | None = None) -> bool:
    """Whether the stream's encoding (stdout's by default) has all of these characters."""
    try:
        text.encode(getattr(stream or sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
