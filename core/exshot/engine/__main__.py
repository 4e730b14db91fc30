"""``python -m exshot.engine``."""

from exshot.engine.run import main

main()
