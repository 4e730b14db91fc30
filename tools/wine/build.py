"""Builds the Windows installer on Linux: ``make windows-installer``.

A Windows Python, put together from pinned parts, runs ``installers/windows/build_setup.py`` under
Wine, without a network. Needs root and Debian's mmdebstrap and npm; see docs/install.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from tools.wine import parts as parts_of
from tools.wine import windows_python
from tools.wine.folder import (
    HERE,
    USER_ID,
    WineFolder,
    WineUnavailableError,
    cache,
    find_or_build,
)
from tools.wine.prefix import fresh_prefix
from tools.wine.windows_python import WindowsPython

CHECKOUT = HERE.parent.parent
WORK = "build/bundle-windows"  # as in installers/bundle/build.py


def main() -> None:
    """Build; print the installer's path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=CHECKOUT / "dist")
    parser.add_argument("--quick", action="store_true", help="compress fast, for tests")
    wanted = parser.parse_args()
    try:
        print(build(wanted.out, quick=wanted.quick))
    except WineUnavailableError as error:
        raise SystemExit(f"The Windows installer cannot be built here: {error}.") from None


def build(out: Path, *, quick: bool = False) -> Path:
    """Build the installer, with its checksum beside it; returns its path.

    Raises:
        WineUnavailableError: this machine cannot run Wine.
        SystemExit: a step failed; the message is what it wrote.
    """
    folder = find_or_build()
    parts = parts_of.fetch(cache())
    python = windows_python.find_or_assemble(cache(), folder, parts)
    work = CHECKOUT / WORK
    setup = work / "setup"
    shutil.rmtree(setup, ignore_errors=True)
    setup.mkdir(parents=True)
    for place in (work, setup):
        os.chown(place, USER_ID, USER_ID)
    stand_in = _stand_in(folder, python, work)
    with tempfile.TemporaryDirectory() as scratch:
        done = folder.run(
            [
                *("wine", r"Z:\python\python.exe", r"Z:\exshot\installers\windows\build_setup.py"),
                *("--iscc", r"Z:\inno-setup\ISCC.exe", "--here"),
                *("--out", f"Z:\\exshot\\{WORK}\\setup".replace("/", "\\")),
                *(("--quick",) if quick else ()),
            ],
            prefix=fresh_prefix(Path(scratch) / "prefix", cache(), folder, python),
            read_only={
                "/exshot": CHECKOUT,
                "/python": python.home,
                "/inno-setup": parts.inno_setup,
            },
            binds={f"/exshot/{WORK}": work},
            env={"PYTHONDONTWRITEBYTECODE": "1", "EXSHOT_X265_STAND_IN": stand_in},
            timeout=1200,
        )
    if done.returncode != 0:
        raise SystemExit((done.stdout + done.stderr).decode(errors="replace"))
    out.mkdir(parents=True, exist_ok=True)
    for path in setup.iterdir():
        shutil.move(path, out / path.name)
        os.chown(out / path.name, os.getuid(), os.getgid())
    return next(out.glob("ExShot-*-windows-x86_64.exe"))


def _stand_in(folder: WineFolder, python: WindowsPython, work: Path) -> str:
    """What the bundle has for libx265, compiled by mingw-w64; its Windows path."""
    (heif,) = (python.home / "Lib/site-packages").glob("libheif-*.dll")
    script = "/exshot/installers/bundle/x265_stand_in.py"
    inside = f"/exshot/{WORK}"
    done = folder.run(
        [
            *("python3.11", "-B", script, f"/python/Lib/site-packages/{heif.name}"),
            *(f"{inside}/libx265.dll", "x86_64-w64-mingw32-gcc"),
        ],
        prefix=work / "unused",
        read_only={"/exshot": CHECKOUT, "/python": python.home},
        binds={inside: work},
    )
    if done.returncode != 0:
        raise SystemExit((done.stdout + done.stderr).decode(errors="replace"))
    return rf"Z:\exshot\{WORK}\libx265.dll".replace("/", "\\")


if __name__ == "__main__":
    main()
