"""A finished file gets its name although another program looks into the old one (Windows)."""

from __future__ import annotations

from pathlib import Path

import pytest

from exshot_contract import replacing
from exshot_contract.replacing import replace_file, write_whole


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
    monkeypatch.setattr(replacing, "_ON_WINDOWS", True)
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


def test_windows_replaces_no_read_only_file(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = held_open(0, monkeypatch)
    files[1].chmod(0o444)
    with pytest.raises(PermissionError, match="marked read-only"):
        replace_file(*files)
    assert tried == []
    assert files[1].read_text() == "old"


def test_settings_that_cannot_be_replaced_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text("old")
    held_open(10_000, monkeypatch)
    with pytest.raises(PermissionError):
        write_whole(settings, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]
    assert settings.read_text() == "old"


def test_settings_behind_a_link_stay_there_with_their_mode(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "settings.json"
    kept.parent.mkdir()
    kept.write_text("old")
    kept.chmod(0o600)
    link = tmp_path / "config" / "settings.json"
    link.parent.mkdir()
    link.symlink_to(kept)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert kept.read_text() == "new"
    assert kept.stat().st_mode & 0o777 == 0o600
    write_whole(tmp_path / "new" / "settings.json", b"first")
    assert (tmp_path / "new" / "settings.json").read_text() == "first"
