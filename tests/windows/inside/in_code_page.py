"""in_code_page.py CODE_PAGE WORDS...: run the command from the sources with pipes in a code page.

The installed program takes the computer's own code page for a pipe, which Wine cannot change.
"""

import io
import sys

sys.path.insert(0, r"Z:\exshot\core")
code_page, *words = sys.argv[1:]
sys.argv = ["exshot", *words]
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, code_page, newline="")
sys.stderr = io.TextIOWrapper(sys.stderr.buffer, code_page, newline="")

from exshot.cli import main

main()
