"""Training of the network that says what covers a face: see ``docs/training.md``."""
