"""Failures as an editor shows them: a code, one sentence, a hint."""

from __future__ import annotations


class HostError(Exception):
    """A failure with a code, a sentence for the user and a hint on what to do.

    Attributes:
        code: one of the values of `exshot.errors.ErrorCode`, e.g. ``"no_face"``.
        sentence: what is wrong, in one sentence.
        hint: what the user can do; may be empty.
        details: text for a bug report (exit status, last lines of the engine's log); may be empty.
    """

    def __init__(self, code: str, sentence: str, hint: str = "", details: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint
        self.details = details


class RequestStoppedError(HostError):
    """The request was cancelled, or a newer one took its place. Nothing to show to the user."""

    def __init__(self, sentence: str = "The edit was cancelled.") -> None:
        super().__init__("cancelled", sentence)


class EngineError(HostError):
    """A failure that the engine reported; its sentence is in English."""
