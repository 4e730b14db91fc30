"""Peak memory of one edit, taken in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True)
class Footprint:
    """Peak resident memory in megabytes (10^6 bytes), after the imports and at the end.

    ``seconds`` is from the start of the imports to the end of the edit, photos read from disk.
    """

    imports_mb: float
    peak_mb: float
    seconds: float


def edit_footprint(pose: Path, expression: Path, method: str) -> Footprint:
    """Run one edit in a fresh process and report what it needed.

    Raises:
        OSError: the process failed; the message has the end of what it wrote.
    """
    command = [sys.executable, "-m", "benchmarks.memory", str(pose), str(expression), method]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=600
    )
    if done.returncode:
        raise OSError(f"The memory measurement failed: {done.stderr.strip()[-400:]}")
    return Footprint(**json.loads(done.stdout.splitlines()[-1]))


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if status.is_file():
        # Not getrusage: on Linux its peak starts from that of the process that started this one.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _measure(pose: str, expression: str, method: str) -> Footprint:
    start = perf_counter()
    from exshot import EditOptions, Editor, Photo

    editor = Editor()
    after_imports = _peak_mb()
    options = EditOptions(method=method)  # type: ignore[arg-type]  # checked by EditOptions
    editor.edit(Photo.open(pose), Photo.open(expression), options)
    return Footprint(after_imports, _peak_mb(), perf_counter() - start)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(*sys.argv[1:4]))))
