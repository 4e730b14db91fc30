"""The fixture for tests inside the real editors; a folder's ``conftest.py`` makes its own."""

from __future__ import annotations

from typing import Any

import pytest
from editors.folder import SUITES, EditorFolder
from editors.selection import look_for


def editor_folder_of(*suites: str) -> Any:
    """A fixture: the folder with the editors of each suite in turn, of all where none is named.

    It skips where this machine cannot have one. Which suites run is told in `editors.selection`.
    """

    @pytest.fixture(scope="session", params=suites or tuple(SUITES))
    def editor_folder(request: pytest.FixtureRequest) -> EditorFolder:
        found = look_for(request.param)
        if isinstance(found, str):
            pytest.skip(f"{request.param}: {found}")
        return found

    return editor_folder
