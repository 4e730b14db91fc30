"""Measuring speed and quality; each module with a `main` is a command that prints a table."""
