"""Folders with many small photos and a list of them, and runs of `exshot batch` on them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

CORE = os.pathsep.join(sys.path)
FILES_A_LINE = 3


def make_folder(folder: Path, lines: int, *, people: int = 20) -> Path:
    """A list of so many pairs with layer and report, of ``people`` with 10 photos each."""
    (folder / "out").mkdir(parents=True)
    rng = np.random.default_rng(7)
    for person in range(people):
        for shot in range(10):
            pixels = rng.integers(0, 255, (24, 32, 3), np.uint8)
            cv2.imwrite(str(folder / f"{person}-{shot}.png"), pixels)
    rows = ["pose,expression,out,layer,report"]
    for n in range(lines):
        person, shot = n % people, n // people % 9
        files = f"out/{n}.png,out/{n}-layer.png,out/{n}.json"
        rows.append(f"{person}-{shot}.png,{person}-{shot + 1}.png,{files}")
    path = folder / "list.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def start_batch(table: Path, *flags: str, stub: str = "files") -> subprocess.Popen[str]:
    """`exshot batch` as a process in the list's folder, with a stand-in for the edit."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.stub_batch", "batch", table.name, *flags],
        cwd=table.parent,
        env={**os.environ, "PYTHONPATH": CORE, "EXSHOT_STUB": stub},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=None if sys.platform == "win32" else _heed_interrupts,
    )


def contents(table: Path) -> dict[str, bytes]:
    """Every file of the list's folder."""
    folder = table.parent
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _heed_interrupts() -> None:
    """A test run in the background ignores Ctrl-C, and its children would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
