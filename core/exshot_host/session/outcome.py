"""What has come of the user's last choice."""

from __future__ import annotations

from dataclasses import dataclass

from exshot_host.errors import HostError


@dataclass(frozen=True)
class Outcome:
    """What is forgotten with the next choice.

    Attributes:
        failure: what went wrong, in the user's language; None where nothing did.
        paused: the user stopped the work.
        said: a sentence for the user; empty where there is nothing to say.
    """

    failure: HostError | None = None
    paused: bool = False
    said: str = ""
