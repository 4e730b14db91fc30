"""Measure the Windows installer under Wine: ``python -m benchmarks.windows --setup INSTALLER``.

Its size, the seconds of a silent installation, the size of what it installs, and the seconds until
a fresh engine, started by the installed plug-in, says hello. Without ``--setup`` the installer is
built first, as released. Needs what ``make windows-installer`` needs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tools.wine.build import build
from tools.wine.computer import HOME, WindowsComputer
from tools.wine.folder import WineUnavailableError

PLUGIN = rf"{HOME}\AppData\Roaming\GIMP\3.2\plug-ins\exshot"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.windows", description=__doc__)
    parser.add_argument("--setup", type=Path, help="the installer, if it is there already")
    parser.add_argument("--rounds", type=int, default=7, help="engines to start")
    parser.add_argument("--out", type=Path, help="JSON to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = parse(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="exshot-windows-") as folder:
            setup = options.setup or build(Path(folder) / "dist")
            found = measure(WindowsComputer.new(Path(folder) / "prefix"), setup, options.rounds)
    except WineUnavailableError as error:
        print(f"There is no Windows to measure on: {error}.", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=1))
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(computer: WindowsComputer, setup: Path, rounds: int) -> dict[str, object]:
    """Megabytes (10^6 bytes) and seconds; ``hello`` in the order in which engines were started."""
    computer.start_editors_once()
    began = time.perf_counter()
    computer.install(setup)
    took = time.perf_counter() - began
    files = [path for path in computer.program.rglob("*") if path.is_file()]
    done = computer.script("hello.py", PLUGIN, str(rounds))
    if done.status != 0:
        raise SystemExit(done.text)
    hello = json.loads(done.stdout)
    return {
        "installer_mb": round(setup.stat().st_size / 1e6, 1),
        "install_seconds": round(took, 1),
        "installed_mb": round(sum(path.stat().st_size for path in files) / 1e6),
        "files": len(files),
        "hello": {"first": hello[0], "median": median(hello), "worst": max(hello), "all": hello},
    }


if __name__ == "__main__":
    sys.exit(main())
