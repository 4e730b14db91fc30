"""A worker keeps freed memory, whatever Dask asked of its allocator."""

import os
import platform
import subprocess
import sys

import pytest

from exshot.cli.batch.cluster_memory import keep_freed_memory

_FAULTS = """
import resource
import numpy as np
from exshot.cli.batch.cluster_memory import keep_freed_memory
changed = keep_freed_memory()
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(1 << 20, np.uint8)
before = faults()
for _ in range(50):
    np.ones(1 << 20, np.uint8)
print(changed, faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the setting is glibc's")
def test_memory_of_one_edit_serves_the_next() -> None:
    """A megabyte is 256 pages: fifty arrays would fault 12,800 times if each were given back."""
    changed, faults = _measured({"MALLOC_TRIM_THRESHOLD_": "65536"})
    assert changed == "True"
    assert int(faults) < 1000


def test_another_threshold_is_the_users_and_stays() -> None:
    assert not keep_freed_memory({})
    assert not keep_freed_memory({"MALLOC_TRIM_THRESHOLD_": "131072"})


def _measured(settings: dict[str, str]) -> list[str]:
    environment = {**os.environ, **settings, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", _FAULTS], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()
