"""The installer under test, and a Debian folder to install it in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from editors.fixtures import editor_folder_of
from editors.folder import ENGINE, EditorFolder
from shared_data import CHECKOUT

editor_folder = editor_folder_of("trixie", "forky")
HOME = "/share/home"


@pytest.fixture(scope="session")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``.run``, built from this checkout (compressed fast)."""
    python = shutil.which("python3.11")
    if sys.platform != "linux" or python is None:
        pytest.skip("the bundle is built on Linux with Python 3.11")
    probe = "import sysconfig; print(sysconfig.get_config_var('Py_ENABLE_SHARED'))"
    shared = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    if shared.stdout.strip() != "1" or _loaded_library(python) is None:
        pytest.skip("Python 3.11 has no shared library here (apt install libpython3.11)")
    if shutil.which("cc") is None:
        pytest.skip("no C compiler is here (apt install gcc)")
    out = tmp_path_factory.mktemp("dist")
    _run([python, str(CHECKOUT / "installers/bundle/build.py")])
    _run([python, str(CHECKOUT / "installers/linux/build_run.py"), "--quick", "--out", str(out)])
    return next(out.glob("*.run"))


def _loaded_library(python: str) -> str | None:
    """The name by which PyInstaller finds the library; Debian has it in a package of its own."""
    probe = (
        "import ctypes, sysconfig, pathlib; n = sysconfig.get_config_var('INSTSONAME');"
        "p = pathlib.Path(sysconfig.get_config_var('LIBDIR'), n);"
        "ctypes.CDLL(str(p) if p.exists() else n)"
    )
    done = subprocess.run([python, "-c", probe], capture_output=True, check=False)
    return python if done.returncode == 0 else None


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Computer:
    """A user's computer: the Debian folder, a home that stays, and the download."""

    folder: EditorFolder
    share: Path
    hidden: dict[str, Path]

    @property
    def home(self) -> Path:
        return self.share / "home"

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run shell code as the user, without a network."""
        environment = {"HOME": HOME, "XDG_RUNTIME_DIR": "/tmp/runtime", **env}
        return self.folder.run(
            ["bash", "-c", script], self.share, environment, timeout=400, hidden=self.hidden
        )

    def files(self) -> list[str]:
        """Every path of the home but a desktop's usual folders, sorted."""
        found = (path.relative_to(self.home).as_posix() for path in self.home.rglob("*"))
        return sorted(set(found) - {".config", ".local", ".local/share", ".local/state"})


@pytest.fixture
def computer(editor_folder: EditorFolder, installer: Path, tmp_path: Path) -> Computer:
    """A computer with GIMP, Krita and the download, and no Python packages of ours."""
    return new_computer(editor_folder, installer, tmp_path, editors=True)


@pytest.fixture
def plain_computer(editor_folder: EditorFolder, installer: Path, tmp_path: Path) -> Computer:
    """The same without an editor."""
    return new_computer(editor_folder, installer, tmp_path, editors=False)


def new_computer(folder: EditorFolder, installer: Path, place: Path, *, editors: bool) -> Computer:
    share, empty = place / "share", place / "empty"
    for name in ("", ".config", ".local", ".local/share"):  # every desktop's home has these
        (share / "home" / name).mkdir(parents=True, exist_ok=True)
        (share / "home" / name).chmod(0o777)
    empty.mkdir()
    shutil.copy(installer, share / "ExShot.run")
    hidden = {ENGINE: empty}
    if not editors:
        nothing = place / "nothing"
        nothing.touch(mode=0o644)
        programs = folder.root / "usr/bin"
        found = [*programs.glob("gimp*"), *programs.glob("krita*")]
        hidden |= {f"/usr/bin/{path.name}": nothing for path in found if not path.is_symlink()}
    return Computer(folder, share, hidden)
