"""Builds the bundle: a folder that runs ExShot on a computer without Python.

``python installers/bundle/build.py`` with Python 3.11 (one that has a shared library, which
PyInstaller needs) makes ``build/bundle/exshot`` in a clean virtual environment that holds exactly
what ``requirements.lock`` lists.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "installers/requirements.lock"
WORK = ROOT / "build/bundle"
PYTHON = (3, 11)  # what the lock file was made for


def main() -> None:
    """Build; print the bundle's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="make the environment anew")
    wanted = parser.parse_args()
    if sys.version_info[:2] != PYTHON:
        raise SystemExit("The bundle is built with Python 3.11: make bundle PYTHON311=/path/to/it")
    if sys.platform != "win32" and not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        raise SystemExit("This Python has no shared library, which PyInstaller needs.")
    python = environment(WORK / "environment", fresh=wanted.fresh)
    print(freeze(python))


def environment(folder: Path, *, fresh: bool) -> Path:
    """A virtual environment with the locked packages; kept while the lock file stays the same."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not fresh and stamp.is_file() and stamp.read_text() == digest:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", folder)
    run(
        *(python, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"),
        *("--require-hashes", "--requirement", LOCK),
    )
    stamp.write_text(digest)
    return python


def freeze(python: Path) -> Path:
    """Run PyInstaller on the checkout."""
    for name in ("exshot", "work"):
        shutil.rmtree(WORK / name, ignore_errors=True)
    run(
        *(python, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"),
        *("--distpath", WORK, "--workpath", WORK / "work"),
        ROOT / "installers/bundle/exshot.spec",
    )
    return WORK / "exshot"


def run(*command: str | os.PathLike[str]) -> None:
    """Run a command with our own Python settings out of its way; end with it if it fails."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    # The same order of sets and dicts in every build.
    result = subprocess.run([*map(str, command)], env={**kept, "PYTHONHASHSEED": "1"}, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{Path(command[0]).name} failed, see above.")


if __name__ == "__main__":
    main()
