"""Failures a user can meet: each has a code, one sentence that says what is wrong, and a hint."""

from __future__ import annotations

from enum import Enum


class ErrorCode(str, Enum):
    """Stable names of failures; shown by `--json`, carried by the protocol, tested by editors."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    FACE_INDEX = "face_index"
    FACE_TOO_SMALL = "face_too_small"
    FILE_NOT_FOUND = "file_not_found"
    UNREADABLE_IMAGE = "unreadable_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNSUPPORTED_MODE = "unsupported_mode"
    TRUNCATED_IMAGE = "truncated_image"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_EMPTY = "image_empty"
    OUTPUT_NOT_WRITABLE = "output_not_writable"
    OUTPUT_EXISTS = "output_exists"
    MODEL_MISSING = "model_missing"
    MODEL_DAMAGED = "model_damaged"
    BAD_OPTION = "bad_option"
    CANCELLED = "cancelled"
    ENGINE_MISSING = "engine_missing"
    ENGINE_VERSION = "engine_version"
    ENGINE_CRASHED = "engine_crashed"
    ENGINE_TIMEOUT = "engine_timeout"
    PROTOCOL = "protocol"
    PHOTO_UNKNOWN = "photo_unknown"
    INTERNAL = "internal"


class ExshotError(Exception):
    """A failure with a code, a sentence for the user and a hint on what to do.

    Nothing has been written and no input has changed when one is raised.
    """

    def __init__(self, code: ErrorCode, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint


class Cancelled(ExshotError):  # noqa: N818 - not a fault
    """The caller asked to stop; raised at the next checkpoint inside an edit."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.CANCELLED, "The edit was cancelled.", "Start it again.")
