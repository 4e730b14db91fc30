"""Fetches what the Windows installer is made of, each part compared with its checksum.

The bundle's wheels come as ``installers/requirements.lock`` lists them, the Windows Python's as
``parts.txt`` does, both from PyPI by pip; Inno Setup's compiler comes from npm.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tools.wine.folder import HERE, digest, locked

LOCK = HERE.parent.parent / "installers/requirements.lock"
LIST = HERE / "parts.txt"
INNO_SETUP = "innosetup@6.4.1"
INNO_SETUP_SHA512 = (  # as npm writes it, base64
    "Bh/dNlyyFsFKBGoTf19n1msPnm4Njfb0CWVirw2CV1MSJXYy0ajRI+xjo/Yr9DtZFLLafhnwm1ZsxTu309F8lQ=="
)
PYTHON = "3.11"


@dataclass(frozen=True)
class Parts:
    """Folders: ``wheels`` with the wheels, ``inno_setup`` with ``ISCC.exe``; ``requirements`` is
    the lock file as Windows reads it."""

    wheels: Path
    inno_setup: Path
    requirements: Path


def fetch(cache: Path) -> Parts:
    """The parts, fetched where they are not there yet. Raises SystemExit where that fails."""
    place = cache / f"parts-{digest(LOCK, LIST, Path(__file__))}"
    parts = Parts(place / "wheels", place / "inno-setup/bin", place / "requirements.txt")
    with locked(place):
        if place.is_dir():
            return parts
        fresh = cache / "parts.fetching"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        requirements = fresh / parts.requirements.name
        requirements.write_text(for_windows(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
        for wanted in (requirements, LIST):
            _fetch_wheels(wanted, fresh / "wheels")
        _fetch_inno_setup(fresh)
        fresh.rename(place)
    return parts


def for_windows(lock: str) -> str:
    """The lock file without other systems' packages and without markers.

    pip judges markers by the system it runs on, which is not the one that it fetches for.
    """
    entries = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]
    others = ("sys_platform == 'darwin'", "python_full_version >= '3.12'")
    kept = [entry for entry in entries if not any(marker in entry for marker in others)]
    return "".join(re.sub(r" ; [^\\\n]*", " ", entry, count=1) for entry in kept)


def pip_for_windows() -> list[str]:
    """Options with which pip chooses Windows' wheels and no others."""
    options = ["--platform=win_amd64", f"--python-version={PYTHON}", "--implementation=cp"]
    abis = ["--abi=cp311", "--abi=abi3", "--abi=none"]
    return [*options, *abis, "--no-deps", "--only-binary=:all:", "--require-hashes"]


def _fetch_wheels(requirements: Path, target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
    _run([*pip, *pip_for_windows(), "--dest", str(target), "--requirement", str(requirements)])


def _fetch_inno_setup(place: Path) -> None:
    _run(["npm", "pack", "--silent", INNO_SETUP, "--pack-destination", str(place)])
    (package,) = place.glob("innosetup-*.tgz")
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != INNO_SETUP_SHA512:
        raise SystemExit(f"{INNO_SETUP} from npm has another checksum than the pinned one.")
    with tarfile.open(package) as archive:
        archive.extractall(place / "unpacked", filter="data")
    (place / "unpacked/package").rename(place / "inno-setup")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed.\n{done.stdout}{done.stderr}")
