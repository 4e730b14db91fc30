"""Address space with a limit (`ulimit -v`, some batch systems): told early, used sparingly.

Where a thread cannot start or a library's own memory gives out, the process is ended by the C
library, and nobody is left to say why. Each thread takes 70 MB of addresses, whatever it uses of
them. So where there are few, one thread does the work, and where there are too few to begin,
that is said before the libraries are loaded. What lies between fails as Python can tell.
"""

from __future__ import annotations

import os
import sys

from exshot.memory import out_of_memory

SMALL = 3 << 30  # bytes; four threads with photos of a usual size fit into more
LEAST = 650 << 20  # bytes; the libraries and networks alone, with one thread

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


def address_limit() -> int | None:
    """Bytes of addresses that this process may have; None where there is no limit."""
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def is_small() -> bool:
    """Whether threads would take too much of it."""
    limit = address_limit()
    return limit is not None and limit < SMALL


def spare_threads() -> None:
    """Where addresses are few, have libraries that are loaded later work with one thread each."""
    if is_small():
        os.environ.update(dict.fromkeys(_THREADS, "1"))


def check_least() -> None:
    """Raise `ExshotError` ``OUT_OF_MEMORY`` where not even the libraries can be loaded."""
    limit = address_limit()
    if limit is not None and limit < LEAST:
        megabytes = (round(size / 2**20) for size in (limit, LEAST))
        raise out_of_memory(
            "to start: it is limited to {} MB, {} are needed".format(*megabytes),
            "Raise the limit (`ulimit -v`, or what the batch system calls it).",
        )
