"""A made-up home with editors in it, and made-up plug-ins to put there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exshot.plugins import PluginSources, UserFolders


@pytest.fixture
def folders(tmp_path: Path) -> UserFolders:
    """A user with nothing installed."""
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    environ = {"PATH": str(home / "bin"), "HOME": str(home)}
    return UserFolders(home, home / ".config", home / ".local/share", home / ".config", environ)


@pytest.fixture
def program(folders: UserFolders) -> Callable[[str, str], None]:
    """Put a program on the user's PATH that answers ``--version`` with a text."""

    def add(name: str, answer: str) -> None:
        path = folders.home / "bin" / name
        path.write_text(f"#!/bin/sh\necho '{answer}'\n")
        path.chmod(0o755)

    return add


@pytest.fixture
def sources(tmp_path: Path) -> PluginSources:
    """Small plug-ins for both editors."""
    gimp, krita, core = (tmp_path / "src" / name for name in ("gimp/exshot", "krita", "core"))
    contract, host, gtk, qt = (
        core / f"exshot_{part}" for part in ("contract", "host", "gtk", "qt")
    )
    for folder in (gimp / "__pycache__", krita / "exshot", contract, host / "engine", gtk, qt):
        folder.mkdir(parents=True)
    (gimp / "exshot.py").write_text("#!/usr/bin/env python3\n")
    (gimp / "__pycache__" / "old.pyc").write_bytes(b"old")
    (krita / "exshot.desktop").write_text("[Desktop Entry]\n")
    (krita / "exshot.action").write_text("<ActionCollection/>\n")
    (krita / "exshot" / "__init__.py").write_text("")
    (qt / "panel.py").write_text("PANEL = 1\n")
    (contract / "wire.py").write_text("WIRE = 1\n")
    (host / "engine" / "client.py").write_text("CLIENT = 1\n")
    return PluginSources(gimp, krita, core)
