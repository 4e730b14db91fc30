"""Failures a user can meet: each has a code, one sentence that says what is wrong, and a hint."""

from __future__ import annotations

from typing import Any

from exshot_contract.codes import ErrorCode

__all__ = ["Cancelled", "ErrorCode", "ExshotError"]


class ExshotError(Exception):
    """A failure with a code, a sentence for the user and a hint on what to do.

    Nothing has been written and no input has changed when one is raised.
    """

    def __init__(self, code: ErrorCode, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are pickled as a call with their ``args``, which are not what is needed here.
        return _again, (type(self), self.code, self.sentence, self.hint)


class Cancelled(ExshotError):  # noqa: N818 - not a fault
    """The caller asked to stop; raised at the next checkpoint inside an edit."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.CANCELLED, "The edit was cancelled.", "Start it again.")


def _again(kind: type[ExshotError], code: ErrorCode, sentence: str, hint: str) -> ExshotError:
    """The failure that another process met."""
    error = kind.__new__(kind)
    ExshotError.__init__(error, code, sentence, hint)
    return error
