"""Undoes what Dask asks of the allocator, which suits data frames and not pictures."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_DASKS_TRIM: Final = "65536"  # bytes; `distributed.nanny.pre-spawn-environ`
_M_TRIM_THRESHOLD: Final = -1  # glibc's malloc.h
_M_MMAP_THRESHOLD: Final = -3
_MMAP: Final = 32 << 20  # bytes; the most that glibc itself would come to
_TRIM: Final = 2 * _MMAP


def keep_freed_memory(environment: Mapping[str, str] = os.environ) -> bool:
    """Let this process keep freed memory for the next edit; True where that was changed.

    Dask starts workers with ``MALLOC_TRIM_THRESHOLD_=65536``: each freed array goes back to the
    system, and the next one is zeroed page by page. An edit frees hundreds of arrays, so that a
    worker took a third more processor time than a thread of ``--jobs``. Another value than Dask's
    default is the user's and stays; so does any allocator but glibc's.
    """
    if environment.get("MALLOC_TRIM_THRESHOLD_") != _DASKS_TRIM:
        return False
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        # Both, because a threshold that is set ends glibc's adjusting of either.
        return bool(mallopt(_M_MMAP_THRESHOLD, _MMAP) and mallopt(_M_TRIM_THRESHOLD, _TRIM))
    return False
