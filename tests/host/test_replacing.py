"""A finished file gets its name although another program looks into the old one (Windows)."""

from __future__ import annotations

from pathlib import Path

import pytest

from exshot_contract import replacing
from exshot_contract.replacing import replace_file


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    fresh.write_text("new")
    old.write_text("old")
    return fresh, old


def held_open(times: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the next renamings fail as Windows fails them; the list counts them."""
    tried: list[int] = []
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        tried.append(1)
        if len(tried) <= times:
            raise PermissionError(13, "Access is denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(replacing, "_PAUSE", 0.0)
    monkeypatch.setattr(replacing, "_HELD_OPEN_HAPPENS", True)
    return tried


def test_a_file_that_is_held_open_for_a_moment_is_replaced(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held_open(3, monkeypatch)
    replace_file(*files)
    assert files[1].read_text() == "new"


def test_a_file_that_stays_open_is_left_as_it_was(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held_open(10_000, monkeypatch)
    with pytest.raises(PermissionError):
        replace_file(*files)
    assert [path.read_text() for path in files] == ["new", "old"]


def test_a_read_only_file_is_not_waited_for(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = held_open(10_000, monkeypatch)
    files[1].chmod(0o444)
    with pytest.raises(PermissionError):
        replace_file(*files)
    assert len(tried) == 1
