"""Exit codes, and how a failure is shown: one sentence and a hint on stderr."""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar

import typer

from exshot.cli.terminal import is_plain
from exshot.errors import ErrorCode, ExshotError
from exshot.memory import is_out_of_memory, out_of_memory
from exshot.path_text import shown
from exshot_contract.paths import NoHomeFolder

EXIT_CODES: dict[ErrorCode, int] = {
    ErrorCode.INTERNAL: 1,
    ErrorCode.BAD_OPTION: 2,
    ErrorCode.NO_FACE: 10,
    ErrorCode.SEVERAL_FACES: 11,
    ErrorCode.FACE_INDEX: 12,
    ErrorCode.FACE_TOO_SMALL: 13,
    ErrorCode.FILE_NOT_FOUND: 20,
    ErrorCode.UNREADABLE_IMAGE: 21,
    ErrorCode.UNSUPPORTED_FORMAT: 22,
    ErrorCode.UNSUPPORTED_MODE: 23,
    ErrorCode.TRUNCATED_IMAGE: 24,
    ErrorCode.IMAGE_TOO_LARGE: 25,
    ErrorCode.IMAGE_EMPTY: 26,
    ErrorCode.OUT_OF_MEMORY: 27,
    ErrorCode.OUTPUT_NOT_WRITABLE: 30,
    ErrorCode.OUTPUT_EXISTS: 31,
    ErrorCode.MODEL_MISSING: 40,
    ErrorCode.MODEL_DAMAGED: 41,
    ErrorCode.ENGINE_MISSING: 50,
    ErrorCode.ENGINE_VERSION: 51,
    ErrorCode.ENGINE_CRASHED: 52,
    ErrorCode.ENGINE_TIMEOUT: 53,
    ErrorCode.PROTOCOL: 54,
    ErrorCode.PHOTO_UNKNOWN: 55,
    ErrorCode.CLUSTER_FAILED: 63,
    ErrorCode.CANCELLED: 130,
}
"""Exit code of each failure; they never change meaning between versions."""

BATCH_FAILED = 60
DOCTOR_FAILED = 61
PLUGINS_FAILED = 62
TERMINATED = 143

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_NO_FILES = (errno.EMFILE, errno.ENFILE)

P = ParamSpec("P")
R = TypeVar("R")


def show_error(error: ExshotError, *, as_json: bool = False) -> None:
    """Print the sentence and the hint to stderr, and for machines the same to stdout."""
    say(f"exshot: {error.sentence}", color="red")
    if error.hint:
        typer.echo(f"        {error.hint}", err=True)
    if as_json:
        typer.echo(json.dumps({"error": error_record(error)}))


def say(text: str, *, color: str) -> None:
    """Print to stderr, in color where the terminal wants that."""
    typer.echo(text if is_plain() else typer.style(text, fg=color), err=True)


def error_record(error: ExshotError) -> dict[str, str]:
    """The failure as ``--json`` shows it."""
    return {"code": error.code.value, "sentence": error.sentence, "hint": error.hint}


def reports_failures(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a command raises into a message and an exit code; no traceback reaches the user.

    ``EXSHOT_DEBUG=1`` lets an unexpected failure through with its traceback.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        as_json = bool(kwargs.get("as_json", False))
        try:
            return command(*args, **kwargs)
        except ExshotError as error:
            show_error(error, as_json=as_json)
            raise typer.Exit(EXIT_CODES.get(error.code, 1)) from None
        except KeyboardInterrupt:
            typer.echo("exshot: Stopped; nothing half-written was left.", err=True)
            raise typer.Exit(EXIT_CODES[ErrorCode.CANCELLED]) from None
        except BrokenPipeError:  # the reader of our stdout went away, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except Exception as error:
            if isinstance(error, (typer.Exit, typer.Abort)) or os.environ.get("EXSHOT_DEBUG"):
                raise
            failure = _named(error, command.__name__)
            _give_up_stdout(error)
            show_error(failure, as_json=as_json)
            raise typer.Exit(EXIT_CODES[failure.code]) from None

    return wrapped


def end_with(error: Exception) -> NoReturn:
    """End the process over a failure outside any command."""
    if os.environ.get("EXSHOT_DEBUG"):
        raise error
    failure = _named(error, "")
    _give_up_stdout(error)
    show_error(failure)
    sys.exit(EXIT_CODES[failure.code])


def _named(error: Exception, command: str) -> ExshotError:
    """A failure of the computer rather than of a photo, by its name."""
    if is_out_of_memory(error):
        return out_of_memory()
    if isinstance(error, NoHomeFolder):
        return ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE, str(error), "Set HOME to a folder you may write to."
        )
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return ExshotError(
            ErrorCode.OUTPUT_NOT_WRITABLE,
            f"The output cannot be written: {(error.strerror or '').lower()}.",
            "Write it to a place with room.",
        )
    if isinstance(error, OSError) and error.errno in _NO_FILES:
        return ExshotError(
            ErrorCode.UNREADABLE_IMAGE,
            f"No more files can be opened: {(error.strerror or '').lower()}.",
            "Close other programs, or name fewer photos at once.",
        )
    return _unexpected(error, command)


def _give_up_stdout(error: Exception) -> None:
    """Where stdout takes nothing any more, keep Python from trying again when it ends."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception, command: str) -> ExshotError:
    return ExshotError(
        ErrorCode.INTERNAL,
        f"Something unexpected went wrong in `{f'exshot {command}'.strip().replace('_', '-')}`"
        f" ({type(error).__name__}: {shown(str(error))}).",
        "Please report it with the output of the same command run with EXSHOT_DEBUG=1 set.",
    )
