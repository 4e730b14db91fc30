"""The bundle's program: ``exshot`` as in any other installation."""

import os
import sys

# The loader points the library path at the bundle. What we start (GIMP, to ask for its version)
# must use the system's libraries.
if sys.platform.startswith("linux"):
    original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original

from exshot.cli import main

main()
