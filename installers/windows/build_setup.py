"""Makes the Windows installer; runs on Windows, real or Wine.

``python installers/windows/build_setup.py`` with Python 3.11 makes the bundle, has Inno Setup 6
compile ``installers/windows/exshot.iss`` around it and writes
``dist/ExShot-VERSION-windows-x86_64.exe`` and its checksum beside it. On Linux
``python -m tools.wine.build`` (``make windows-installer``) runs this.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_MB = 120
# Parts of Windows: never ours to ship, and under Wine not Microsoft's. Without ".dll", for so does
# PyInstaller name what it finds in a call of ctypes.
NOT_OURS = ("ucrtbase", "ucrtwine", "bcryptprimitives", "kernel32")


def main() -> None:
    """Build; print the installer's path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iscc", default="iscc", help="Inno Setup's compiler, if not on the PATH")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--quick", action="store_true", help="compress fast, for tests")
    wanted, bundle_options = parser.parse_known_args()
    compiler = shutil.which(wanted.iscc)
    if compiler is None:
        raise SystemExit("Inno Setup 6 is not here; name its compiler with --iscc.")
    run(sys.executable, ROOT / "installers/bundle/build.py", *bundle_options)
    check_bundle(ROOT / "build/bundle-windows/exshot")
    name = f"ExShot-{version()}-windows-x86_64"
    run(
        *(compiler, "/Q", f"/DVersion={version()}", f"/O{wanted.out}", f"/F{name}"),
        *(("/DQuick",) if wanted.quick else ()),
        ROOT / "installers/windows/exshot.iss",
    )
    path = wanted.out / f"{name}.exe"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    checksum = f"{digest}  {path.name}\n"
    path.with_name(path.name + ".sha256").write_text(checksum, encoding="ascii", newline="\n")
    megabytes = path.stat().st_size / 1e6
    if megabytes > LARGEST_MB and not wanted.quick:
        raise SystemExit(f"{path} has {megabytes:.0f} MB, more than {LARGEST_MB}.")
    print(f"{path} ({megabytes:.0f} MB)")


def version() -> str:
    """ExShot's version, read without importing anything."""
    text = (ROOT / "core/exshot_contract/version.py").read_text(encoding="utf-8")
    found = re.search(r'^VERSION = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise SystemExit("core/exshot_contract/version.py has no version.")
    return found.group(1)


def check_bundle(folder: Path) -> None:
    """End with a sentence where parts of Windows itself have got into the bundle."""
    found = [path.name for path in folder.rglob("*") if path.stem.lower() in NOT_OURS]
    if found:
        raise SystemExit(f"The bundle holds parts of Windows: {', '.join(found)}.")


def run(*command: str | Path) -> None:
    """Run a command; end with it if it fails."""
    if subprocess.run([*map(str, command)], check=False).returncode != 0:
        raise SystemExit(f"{Path(command[0]).name} failed, see above.")


if __name__ == "__main__":
    main()
