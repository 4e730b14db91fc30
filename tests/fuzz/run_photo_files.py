"""Ten thousand mutated files: ``python tests/fuzz/run_photo_files.py [--first N --count N]``."""

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_TESTS), str(_TESTS.parent / "core")]

if __name__ == "__main__":
    from fuzz.photo_files import main

    main()
