"""Why the engine gave no result, as errors; ``say`` puts their texts into the user's language."""

from __future__ import annotations

from collections.abc import Callable

from exshot_contract import messages
from exshot_contract.engine_command import EngineCommand
from exshot_contract.paths import log_folder
from exshot_host.engine.process import EngineProcess
from exshot_host.errors import EngineError, HostError, RequestStoppedError
from exshot_host.texts import texts

_Say = Callable[[str], str]


def not_started(say: _Say, command: EngineCommand, error: OSError) -> HostError:
    """The command could not be run."""
    return HostError(
        "engine_missing",
        say(texts.ENGINE_NOT_STARTED).format(reason=error.strerror or error),
        say(texts.ENGINE_MISSING_HINT),
        details=" ".join(command.argv),
    )


def ended(say: _Say, process: EngineProcess, *, editor: str, silence: float) -> HostError:
    """Why an engine is gone; ``silence``: seconds after which a silent one is killed."""
    report = process.obituary()
    if process.wrong_version is not None:
        return HostError(
            "engine_version",
            say(texts.ENGINE_VERSION),
            say(texts.ENGINE_VERSION_HINT).format(editor=editor or "GIMP"),
            details=f"Protocol {process.wrong_version}, not {messages.VERSION}.",
        )
    if process.killed_for_silence:
        return silent(say, silence, report)
    if process.garbage:
        return HostError("protocol", say(texts.ENGINE_GARBAGE), details=report)
    return crashed(say, report)


def crashed(say: _Say, report: str = "") -> HostError:
    """It ended on its own; ``report``: how, for a bug report."""
    return HostError(
        "engine_crashed",
        say(texts.ENGINE_CRASHED),
        say(texts.ENGINE_CRASHED_HINT).format(log=log_folder() / "engine.log"),
        details=report,
    )


def silent(say: _Say, seconds: float, report: str = "") -> HostError:
    """It did not answer for so long."""
    return HostError(
        "engine_timeout",
        say(texts.ENGINE_TIMEOUT).format(seconds=f"{seconds:g}"),
        say(texts.ENGINE_TIMEOUT_HINT),
        details=report,
    )


def reported(reply: messages.Error) -> HostError:
    """What the engine itself says went wrong."""
    if reply.code == "cancelled":
        return RequestStoppedError(reply.sentence)
    return EngineError(reply.code, reply.sentence, reply.hint)
