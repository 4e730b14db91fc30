"""Who is shown on a photo, and of whom no photo may be trained on."""

from __future__ import annotations

from pathlib import Path

from exshot_train.data_root import data_root

_ENDS = ("_neutral", "_smiling", "_a", "_b")


def person_of(path: Path) -> str:
    """Who is shown, by the file's name: ``ID_smiling``, ``ID_a``, ``canada_ID`` or ``ID``."""
    return next(
        (path.stem.removesuffix(end) for end in _ENDS if path.stem.endswith(end)), path.stem
    )


def measured_people(root: Path | None = None) -> frozenset[str]:
    """Everybody in ``real_pairs``: some have another photo in the training folders."""
    return frozenset(
        person_of(path) for path in ((root or data_root()) / "real_pairs").glob("*.jpg")
    )
