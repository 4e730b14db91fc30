"""A Windows computer, made of Wine, and the installer under test.

`make test-windows` runs everything, the continuous integration the core, and a plain `make test`
nothing of it, for the installer's making takes minutes: ``EXSHOT_WINDOWS_TESTS`` says ``all``,
``core`` or ``none``. ``EXSHOT_WINDOWS_SETUP`` names an installer that is there already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_data import CHECKOUT
from windows.wanted import WANTED

from tools.wine.build import build
from tools.wine.computer import WindowsComputer
from tools.wine.folder import WineUnavailableError, cache, digest, locked

SETUP_VARIABLE = "EXSHOT_WINDOWS_SETUP"
LOCK = CHECKOUT / "installers/requirements.lock"


@pytest.fixture(scope="session")
def new_computer(tmp_path_factory: pytest.TempPathFactory) -> WindowsComputer:
    """A computer on which nothing of ours has ever run; skips where there can be none."""
    if WANTED not in ("core", "all"):
        pytest.skip("make test-windows runs it")
    try:
        return WindowsComputer.new(tmp_path_factory.mktemp("windows") / "prefix")
    except WineUnavailableError as error:
        pytest.skip(f"no Wine: {error}")


@pytest.fixture(scope="session")
def setup_program(new_computer: WindowsComputer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installer, built from this checkout (compressed fast)."""
    del new_computer  # without Wine there is no installer either
    named = os.environ.get(SETUP_VARIABLE)
    if named:
        return Path(named)
    folder = tmp_path_factory.mktemp("dist")
    folder.chmod(0o755)  # the Windows user, who is nobody here, runs it from there
    return build(folder, quick=True)


@pytest.fixture(scope="session")
def installed(new_computer: WindowsComputer, setup_program: Path) -> WindowsComputer:
    """A computer with GIMP's and Krita's folders on which the installer has run, silently."""
    new_computer.start_editors_once()
    new_computer.install(setup_program)
    return new_computer


@pytest.fixture
def copied(installed: WindowsComputer, tmp_path: Path) -> Iterator[WindowsComputer]:
    """A computer like `installed` that the test may change."""
    copy = installed.copy(tmp_path / "prefix")
    yield copy
    shutil.rmtree(copy.prefix, ignore_errors=True)


@pytest.fixture(scope="session")
def linux_python() -> Path:
    """A Linux Python with the very packages that the Windows bundle holds."""
    if sys.version_info < (3, 11):
        pytest.skip("the lock file is for Python 3.11 and newer")
    name = f"linux-{sys.version_info.minor}-{digest(LOCK)}"
    place = cache() / name
    with locked(place):
        if not (place / "whole").exists():
            shutil.rmtree(place, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
            pip = [str(place / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            command = [*pip, "--only-binary=:all:", "--require-hashes", "--requirement", str(LOCK)]
            subprocess.run(command, check=True, capture_output=True)
            (place / "whole").touch()
    return place / "bin/python"
