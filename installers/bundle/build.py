"""Builds the bundle: a folder that runs ExShot on a computer without Python.

``python installers/bundle/build.py`` with Python 3.11 (one that has a shared library, which
PyInstaller needs) makes ``build/bundle/exshot`` (on Windows ``build/bundle-windows/exshot``) in a
clean virtual environment that holds exactly what ``requirements.lock`` lists.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "installers/requirements.lock"
# A checkout may be one for Linux and, under Wine, for Windows.
WORK = ROOT / ("build/bundle-windows" if sys.platform == "win32" else "build/bundle")
PYTHON = (3, 11)  # what the lock file was made for


def main() -> None:
    """Build; print the bundle's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="make the environment anew")
    parser.add_argument(
        "--here",
        action="store_true",
        help="use this Python's own packages, which must be those of the lock file",
    )
    wanted = parser.parse_args()
    if sys.version_info[:2] != PYTHON:
        raise SystemExit("The bundle is built with Python 3.11: make bundle PYTHON311=/path/to/it")
    if sys.platform != "win32" and not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        raise SystemExit("This Python has no shared library, which PyInstaller needs.")
    if wanted.here:
        check_packages(LOCK.read_text(encoding="utf-8"))
        python = Path(sys.executable)
    else:
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


def check_packages(lock: str) -> None:
    """End with a sentence where a package of ours has another version than the lock file's."""
    locked = dict(re.findall(r"^([a-z][\w.-]*)==([\w.]+)", lock, re.MULTILINE)[::-1])
    for package in distributions():
        name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
        if locked.get(name) != package.version:
            raise SystemExit(f"{name} {package.version} is not what {LOCK.name} lists.")


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
