"""The finder of the data sets beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared_data import find_shared_data


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXSHOT_SHARED_DATA", str(tmp_path))
    assert find_shared_data() == tmp_path


def test_an_absent_folder_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXSHOT_SHARED_DATA", str(tmp_path / "absent"))
    assert find_shared_data() is None
