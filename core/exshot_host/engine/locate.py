"""The engine to start, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping

from exshot_contract.engine_command import EngineCommand, find_command, places_searched
from exshot_host.errors import HostError
from exshot_host.texts import texts


def find_engine(env: Mapping[str, str] | None = None) -> EngineCommand:
    """What `find_command` finds.

    Raises:
        HostError: ``engine_missing``; ``details`` lists where it was looked for.
    """
    command = find_command(env)
    if command is None:
        raise HostError(
            "engine_missing",
            texts.ENGINE_MISSING,
            texts.ENGINE_MISSING_HINT,
            details="Looked in: " + ", ".join(places_searched(env)),
        )
    return command
