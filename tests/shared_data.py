"""Finds the data sets that lie beside the project (they are no part of the repository)."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def find_shared_data() -> Path | None:
    """Folder named by ``EXSHOT_SHARED_DATA``, else ``../shared/data`` beside the checkout.

    None where it is absent. For module-level parametrization; tests take the `shared_data` fixture.
    """
    named = os.environ.get("EXSHOT_SHARED_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    return folder if folder.is_dir() else None
