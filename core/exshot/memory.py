"""Running out of memory, told from other failures: each library has its own way to say it."""

from __future__ import annotations

from exshot.errors import ErrorCode, ExshotError

_WORDS = (
    "bad_alloc",
    "bad allocation",
    "cannot allocate",
    "failed to allocate",
    "failed to map segment",
    "insufficient memory",
    "out of memory",
    "outofmemory",
    "unable to allocate",
    "can't start new thread",
    "cannot create thread",
    "not enough memory",
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether a failure, or one that it came from, means that memory ran out."""
    for _ in range(8):
        if error is None:
            return False
        text = str(error).lower()
        if isinstance(error, MemoryError) or any(word in text for word in _WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def out_of_memory(
    doing: str = "", hint: str = "Close other programs, or scale the photos down."
) -> ExshotError:
    """The failure; ``doing`` says what for, e.g. ``to load ExShot's networks``."""
    return ExshotError(
        ErrorCode.OUT_OF_MEMORY,
        f"There is not enough memory {doing or 'for this'}.",
        hint,
    )
