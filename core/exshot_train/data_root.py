"""Where the data sets lie that training reads and that are no part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

from exshot.errors import ErrorCode, ExshotError

VARIABLE = "EXSHOT_SHARED_DATA"


def data_root() -> Path:
    """``$EXSHOT_SHARED_DATA``, else ``shared/data`` beside the checkout.

    Raises:
        ExshotError: ``FILE_NOT_FOUND``.
    """
    named = os.environ.get(VARIABLE)
    root = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not root.is_dir():
        raise ExshotError(
            ErrorCode.FILE_NOT_FOUND,
            f"The training data is not at {root}.",
            f"Set {VARIABLE} to the folder that holds portraits, london, hdri and weights.",
        )
    return root


def train_cache() -> Path:
    """Folder of shards, checkpoints and logs: ``$EXSHOT_TRAIN_CACHE``, else the user's cache."""
    default = Path.home() / ".cache" / "exshot" / "train"
    return Path(os.environ.get("EXSHOT_TRAIN_CACHE", default))


def studio_cache() -> Path:
    """Folder of the studio's renders: ``$EXSHOT_STUDIO_CACHE``, else the user's cache."""
    default = Path.home() / ".cache" / "exshot" / "studio"
    return Path(os.environ.get("EXSHOT_STUDIO_CACHE", default))
