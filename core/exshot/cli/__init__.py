"""The command ``exshot``: it parses, calls the library and prints; the library does the work."""

from __future__ import annotations

import signal
from types import FrameType


def main() -> None:
    """Run the command with the process's arguments; exits with a code of docs/cli.md."""
    from exshot.cli.app import app
    from exshot.cli.failure import TERMINATED

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Unwinds the stack, so that temporary files are removed, as Ctrl-C does.
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, stop)
    app()
