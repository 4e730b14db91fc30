"""A coverage-guided target for long runs: ``python tests/fuzz/atheris_frames.py [CORPUS]``.

Needs ``pip install atheris`` (not among the development tools: it has no wheel for every Python).
"""

import sys
from pathlib import Path

import atheris  # type: ignore

_TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_TESTS), str(_TESTS.parent / "core")]

with atheris.instrument_imports():  # type: ignore[attr-defined]
    from fuzz.frames import read_both_ways, serve


def check_one(data: bytes) -> None:
    read_both_ways(data)
    serve(data)


atheris.Setup(sys.argv, check_one)
atheris.Fuzz()
