"""Names of failures and warnings: stable, shown by ``--json``, carried by the protocol."""

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
    OUT_OF_MEMORY = "out_of_memory"
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
    CLUSTER_FAILED = "cluster_failed"
    INTERNAL = "internal"


class WarningCode(str, Enum):
    """Stable names of what a user should know about a result that was made all the same."""

    DIFFERENT_PERSON = "different_person"
    LARGE_TURN = "large_turn"
    HIDDEN_PARTS = "hidden_parts"
    DIFFERENT_LIGHT = "different_light"
    SOFT_EXPRESSION = "soft_expression"
    NOISY = "noisy"
    COMPRESSED = "compressed"
    GLASSES = "glasses"
    SUNGLASSES = "sunglasses"
    COVERED = "covered"
    CUT_OFF = "cut_off"
