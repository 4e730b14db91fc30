"""What the terminal can show."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def is_plain() -> bool:
    """Whether the terminal, or its user, wants text without escape sequences."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in ("dumb", "unknown")


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
