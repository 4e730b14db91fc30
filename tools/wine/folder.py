"""A Debian 12 folder with Wine in it, built once and kept in the user's cache.

Commands in it run as an ordinary user without a network; what they may see and change beside the
folder itself is named in each call.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENTER = HERE.parent / "enter_folder.sh"
CACHE_VARIABLE = "EXSHOT_WINE"
USER = "Jörg Müller"  # as in build_folder.sh
USER_ID = 4242  # as in enter_folder.sh
PREFIX = "/prefix"  # where a command finds its Windows drives
_STAMP = "etc/exshot-folder-stamp"
_WINE = {
    "WINEARCH": "win64",
    "WINEDEBUG": "-all",
    "VKD3D_DEBUG": "none",
    # No Mono, no browser, no menus on the desktop outside; our C runtime before Wine's.
    "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d;ucrtbase,bcryptprimitives=n,b",
}


class WineUnavailableError(Exception):
    """Why there can be no Wine on this machine, in a sentence."""


@dataclass(frozen=True)
class WineFolder:
    """The folder; ``root`` is where it lies."""

    root: Path

    def run(
        self,
        argv: Sequence[str],
        *,
        prefix: Path,
        binds: Mapping[str, Path] = {},
        read_only: Mapping[str, Path] = {},
        env: Mapping[str, str] = {},
        timeout: float = 540.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command inside and wait; everything that it started ends with it.

        ``prefix`` (made where it is missing) holds Wine's drives. ``binds`` and ``read_only`` map
        paths inside to files and folders outside. Output is raw: Windows programs choose its
        encoding.
        """
        if not prefix.exists():
            prefix.mkdir(parents=True)
        os.chown(prefix, USER_ID, USER_ID)  # Wine uses none but the user's own
        options = ["--bind", f"{prefix}:{PREFIX}"]
        for inside, outside in read_only.items():
            options += ["--bind-ro", f"{outside}:{inside}"]
        for inside, outside in binds.items():
            options += ["--bind", f"{outside}:{inside}"]
        for name, value in {**_WINE, "WINEPREFIX": PREFIX, "USER": USER, **env}.items():
            options += ["--env", f"{name}={value}"]
        return subprocess.run(
            [str(ENTER), str(self.root), *options, "--", *argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )


def cache() -> Path:
    """Where the folder and the parts of the installer are kept."""
    return Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache/exshot/wine")


def find_or_build() -> WineFolder:
    """The folder, built (3 minutes, 2 GB) where needed.

    Raises:
        WineUnavailableError: this machine cannot have one.
    """
    check_machine()
    root = cache() / "debian"
    recipe = digest(HERE / "build_folder.sh")
    with locked(root):
        stamp = root / _STAMP
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != recipe:
            _build(root)
            stamp.write_text(recipe, encoding="utf-8")
    return WineFolder(root)


def check_machine() -> None:
    """Raises `WineUnavailableError` where this machine lacks something."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise WineUnavailableError("Wine is run in a Debian folder, which needs root and Linux")
    for program, package in (("apt-get", "apt"), ("mmdebstrap", "mmdebstrap"), ("npm", "npm")):
        if shutil.which(program) is None:
            raise WineUnavailableError(f"{program} is not installed (apt install {package})")
    probe = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        raise WineUnavailableError("this machine does not allow namespaces (unshare)")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One at a time makes what lies at ``path``; others wait for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(*files: Path) -> str:
    """A short name for the content of some files."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def _build(root: Path) -> None:
    fresh = root.with_name(f"{root.name}.building")
    for old in (fresh, root):
        if old.exists():
            shutil.rmtree(old)
    result = subprocess.run(
        [str(HERE / "build_folder.sh"), str(fresh)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        last = result.stderr.strip().splitlines()[-1:] or ["no message"]
        raise WineUnavailableError(f"the folder with Wine could not be built: {last[0]}")
    fresh.rename(root)
