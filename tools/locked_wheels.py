"""Whether every locked package has a wheel for each system: ``python -m tools.locked_wheels``.

Fetches the wheels of ``installers/requirements.lock`` for Linux, Windows and macOS (some hundred
megabytes each, into a folder that goes again), each compared with the hashes of the lock file.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

LOCK = Path(__file__).resolve().parent.parent / "installers/requirements.lock"
PYTHON = "3.11"
# As the installers promise: glibc 2.36, Windows 10, macOS 14 on Apple silicon.
SYSTEMS = {
    "linux": [f"manylinux_2_{minor}_x86_64" for minor in range(36, 16, -1)]
    + ["manylinux2014_x86_64"],
    "win32": ["win_amd64"],
    "darwin": [f"macosx_{major}_0_{kind}" for major in range(14, 10, -1)
               for kind in ("arm64", "universal2")],
}  # fmt: skip


def main() -> None:
    """Print a line for each system; ends with 1 where a package has no wheel."""
    text, sound = LOCK.read_text(encoding="utf-8"), True
    for system in SYSTEMS:
        wanted = for_system(text, system)
        problem = fetched(wanted, system)
        count = len(re.findall(r"^[a-z][\w.-]*==", wanted, re.MULTILINE))
        print(f"{system}: {problem or f'all {count} packages have a wheel'}", flush=True)
        sound = sound and not problem
    sys.exit(0 if sound else 1)


def for_system(lock: str, system: str) -> str:
    """The entries for a system, without their markers: pip judges those by its own system."""
    kept = []
    for entry in re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]:
        marker = re.search(r" ; ([^\\\n]*)", entry)
        environment = {"sys_platform": system, "python_full_version": f"{PYTHON}.0"}
        if marker is None or Marker(marker[1].strip()).evaluate(environment):
            kept.append(re.sub(r" ; [^\\\n]*", " ", entry, count=1))
    return "".join(kept)


def fetched(requirements: str, system: str) -> str:
    """Why pip cannot fetch them all as wheels; empty where it can."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text(requirements, encoding="utf-8")
        platforms = [f"--platform={tag}" for tag in SYSTEMS[system]]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"),
                *("download", "--no-deps", "--only-binary=:all:", "--require-hashes", *platforms),
                *(f"--python-version={PYTHON}", "--implementation=cp", "--abi=cp311"),
                *("--abi=abi3", "--abi=none", "--dest", folder, "--requirement", str(listed)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["pip failed"])[-1]


if __name__ == "__main__":
    main()
