"""The command ``exshot``: it parses, calls the library and prints; the library does the work."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command with the process's arguments; exits with a code of docs/cli.md."""
    from exshot.address_space import spare_threads

    spare_threads()
    if sys.argv[1:] == ["engine"]:  # an editor waits for its answer: load nothing else before
        from exshot.engine import main as serve

        serve()
    from exshot.cli.app import app
    from exshot.cli.failure import TERMINATED, end_with
    from exshot.cli.terminal import fill_closed_streams, make_streams_tolerant

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Unwinds the stack, so that temporary files are removed, as Ctrl-C does.
        raise SystemExit(TERMINATED)

    fill_closed_streams()
    make_streams_tolerant()
    signal.signal(signal.SIGTERM, stop)
    try:
        app()
    except Exception as error:  # while the help or the version is printed
        end_with(error)
