"""A Wine prefix: the Windows drives and registry that programs see."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.wine.folder import HERE, USER, USER_ID, WineFolder, digest, locked
from tools.wine.windows_python import WindowsPython

# Windows 10; no graphics driver, for there is no screen. The settling at the end waits until
# Wine's server has written the registry.
_SET_UP = r"""set -e
wine wineboot -i
wine winecfg -v win10
wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f
wineserver -w
cp /for-wine/*.dll /prefix/drive_c/windows/system32/
"""


def fresh_prefix(target: Path, cache: Path, folder: WineFolder, python: WindowsPython) -> Path:
    """Make ``target`` a prefix in which nothing of ours has ever run; returns it."""
    shutil.copytree(_template(cache, folder, python), target, symlinks=True)
    subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", str(target)], check=True)
    return target


def _template(cache: Path, folder: WineFolder, python: WindowsPython) -> Path:
    """The prefix that others are copied from; making one takes half a minute."""
    libraries = sorted(python.for_wine.iterdir())
    template = cache / f"prefix-{digest(HERE / 'prefix.py', *libraries)}"
    with locked(template):
        if template.is_dir():
            return template
        fresh = cache / "prefix.building"
        shutil.rmtree(fresh, ignore_errors=True)
        done = folder.run(
            ["bash", "-c", _SET_UP], prefix=fresh, read_only={"/for-wine": python.for_wine}
        )
        if done.returncode != 0:
            raise SystemExit((done.stdout + done.stderr).decode(errors="replace"))
        for link in (fresh / "drive_c/users" / USER).iterdir():
            if link.is_symlink():  # Pictures and others lead out of the prefix, into the home
                link.unlink()
                link.mkdir()
        fresh.rename(template)
    return template
