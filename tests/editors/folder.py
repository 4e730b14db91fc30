"""Debian folders with the real GIMP and Krita in them, built once and kept in the user's cache.

There is one for each suite of Debian in `SUITES`, and so for each generation of the editors. Tests
take them through `editor_folder` (see `editors.fixtures`) and run commands in them as an ordinary
user without a network. The engine's own Python environment is at ``/opt/exshot`` there, the
checkout at ``/exshot`` (read-only) and the test's folder at ``/share``.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]

SUITES = {
    "trixie": "GIMP 3.0 and Krita 5.2",
    "forky": "GIMP 3.2 and Krita 5.3",
    "experimental": "Krita 6",
}
"""Debian's suites and what each of them has."""

FOLDER_VARIABLE = "EXSHOT_EDITORS"
HERE = Path(__file__).resolve().parent
ENTER = HERE.parent.parent / "tools/enter_folder.sh"
ENGINE = "/opt/exshot"
CHECKOUT = "/exshot"
SHARE = "/share"
_ENGINE_RECIPE = "2"  # to be raised when `_put_engine` changes
_STAMP = "exshot-folder-stamp"


class FolderUnavailableError(Exception):
    """Why there can be no such folder on this machine, as the reason of a skip."""


@dataclass(frozen=True)
class EditorFolder:
    """One folder. ``root`` is where it lies, ``checkout`` the project's top folder."""

    suite: str
    root: Path
    checkout: Path

    def command(
        self,
        argv: Sequence[str],
        share: Path,
        env: Mapping[str, str] | None = None,
        hidden: Mapping[str, Path] | None = None,
    ) -> list[str]:
        """The command line that runs ``argv`` inside, with ``share`` at `SHARE`.

        ``hidden`` maps files and folders inside to what stands in their place, such as an empty
        folder.
        """
        share.chmod(0o777)
        options = ["--bind-ro", f"{self.checkout}:{CHECKOUT}", "--bind", f"{share}:{SHARE}"]
        for inside, outside in (hidden or {}).items():
            options += ["--bind-ro", f"{outside}:{inside}"]
        for name, value in {"PYTHONDONTWRITEBYTECODE": "1", **(env or {})}.items():
            options += ["--env", f"{name}={value}"]
        return [
            str(HERE.parent.parent / "tools/enter_folder.sh"),
            str(self.root),
            *options,
            "--",
            *argv,
        ]

    def run(
        self,
        argv: Sequence[str],
        share: Path,
        env: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        hidden: Mapping[str, Path] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside and wait; everything that it started ends with it."""
        return subprocess.run(
            self.command(argv, share, env, hidden),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            preexec_fn=_heed_interrupts,
        )


def _heed_interrupts() -> None:
    """Tests that run in the background ignore Ctrl-C, and a shell cannot trap what it inherits."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@functools.cache
def find_or_build(suite: str = "trixie") -> EditorFolder:
    """The suite's folder, built (minutes) or brought up to date where needed.

    Raises:
        FolderUnavailableError: this machine cannot have one.
    """
    _check_machine()
    parent = Path(os.environ.get(FOLDER_VARIABLE) or Path.home() / ".cache/exshot")
    root = parent / f"editors-{suite}"
    checkout = HERE.parent.parent
    with _locked(root):
        recipe = _digest((HERE / "build_folder.sh").read_text(encoding="utf-8"))
        if _stamp(root, "debian") != recipe:
            _build(suite, root, recipe)
        _put_engine(root, checkout)
    return EditorFolder(suite, root, checkout)


def _check_machine() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        raise FolderUnavailableError("the real editors are tested as root on Linux only (chroot)")
    if shutil.which("apt-get") is None:
        raise FolderUnavailableError("the editors' folder is made from Debian's packages (no apt)")
    if shutil.which("mmdebstrap") is None:
        raise FolderUnavailableError("mmdebstrap is not installed (apt install mmdebstrap)")
    probe = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        raise FolderUnavailableError("this machine does not allow namespaces (unshare)")


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One builder at a time; others wait for it."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{root}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(suite: str, root: Path, recipe: str) -> None:
    fresh = Path(f"{root}.building")
    if fresh.exists():
        shutil.rmtree(fresh)
    result = subprocess.run(
        [str(HERE / "build_folder.sh"), suite, str(fresh)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        last = result.stderr.strip().splitlines()[-1:] or ["no message"]
        raise FolderUnavailableError(f"Debian's {suite} could not be had: {last[0]}")
    _set_stamp(fresh, "debian", recipe)
    if root.exists():  # only now: a build that was stopped has cost nothing
        shutil.rmtree(root)
    fresh.rename(root)


def _put_engine(root: Path, checkout: Path) -> None:
    """Install the engine's packages with this machine's pip: inside there is no network."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = [entry for entry in project["dependencies"] if "python_version <" not in entry]
    version = (root / "usr/bin/python3").readlink().name.removeprefix("python")
    recipe = _digest("\n".join([_ENGINE_RECIPE, version, *packages]))
    if _stamp(root, "engine") == recipe:
        return
    home = Path(f"{root}{ENGINE}")
    target = home / f"lib/python{version}/site-packages"
    fresh = target.with_name("site-packages.building")  # tests may be using the old ones
    shutil.rmtree(fresh, ignore_errors=True)
    machine = platform.machine()
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(fresh)]
    command += ["--implementation", "cp", "--python-version", version]
    for tag in ("manylinux_2_28", "manylinux2014"):
        command += ["--platform", f"{tag}_{machine}"]
    command += ["--only-binary=:all:", *packages]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = result.stderr.strip().splitlines()[-1:] or ["no message"]
        raise FolderUnavailableError(f"the engine's packages could not be had: {last[0]}")
    (fresh / "exshot-checkout.pth").write_text(f"{CHECKOUT}/core\n", encoding="utf-8")
    old = target.with_name(f"site-packages.old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    program = home / "bin/exshot"
    program.write_text(
        f"#!{ENGINE}/bin/python3\nfrom exshot.cli import main\nmain()\n", encoding="utf-8"
    )
    program.chmod(0o755)
    _set_stamp(root, "engine", recipe)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stamp(root: Path, part: str) -> str:
    path = root / "etc" / f"{_STAMP}-{part}"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _set_stamp(root: Path, part: str, text: str) -> None:
    (root / "etc" / f"{_STAMP}-{part}").write_text(text + "\n", encoding="utf-8")
