"""``exshot engine``: what editors start; it speaks the protocol on stdin and stdout."""

from __future__ import annotations


def engine() -> None:
    """Serve an editor over stdin and stdout (started by the plug-ins; not for the terminal)."""
    from exshot.engine import main

    main()
