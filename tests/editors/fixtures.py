"""Fixtures for tests inside the real editors; import them into a folder's ``conftest.py``."""

from __future__ import annotations

import pytest
from editors.folder import EditorFolder, FolderUnavailableError, find_or_build


@pytest.fixture(scope="session")
def editor_folder() -> EditorFolder:
    """The folder with GIMP and Krita; skips where this machine cannot have one."""
    try:
        return find_or_build()
    except FolderUnavailableError as error:
        pytest.skip(str(error))
