"""``python -m exshot`` is the command ``exshot``."""

from exshot.cli import main

if __name__ == "__main__":
    main()
