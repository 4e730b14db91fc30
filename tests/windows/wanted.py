"""Which of these tests are asked for."""

from __future__ import annotations

import os

import pytest

WANTED = os.environ.get("EXSHOT_WINDOWS_TESTS", "")
# Each start of Wine costs seconds: the continuous integration makes do with the core.
beyond_the_core = pytest.mark.skipif(WANTED != "all", reason="make test-windows runs it")
