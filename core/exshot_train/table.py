"""Trains the rows of the paper's table, several seeds each: ``python -m exshot_train.table``.

Every row and seed is a run of `exshot_train.train` of its own, named ``paper_ROW_sSEED``. All get
the same steps and, where ``--minutes`` says so, the same time; what was stopped goes on when the
command is given again. Several runs may share a GPU (``--at-once``): preparing samples is the
slower half.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from exshot_train.data_root import train_cache

EXPERIMENTS: Final = Path(__file__).with_name("experiments")

ROWS: Final = {
    "full": "ExprNet",
    "rgb_warping": "RGB warping",
    "no_flow_refinement": "without flow refinement",
    "no_perceptual": "without perceptual loss",
    "no_light": "without light augmentation",
}
"""Experiments ``paper_ROW.yaml`` and what the paper's Table 1 calls them."""


@dataclass(frozen=True)
class Run:
    """One row with one seed."""

    row: str
    seed: int

    @property
    def name(self) -> str:
        """Of the run's folder below ``runs``."""
        return f"paper_{self.row}_s{self.seed}"

    @property
    def folder(self) -> Path:
        """Where its checkpoints and logs lie."""
        return train_cache() / "runs" / self.name

    def command(self, minutes: float | None, changes: Sequence[str]) -> list[str]:
        """How it is trained."""
        given = (f"name={self.name}", f"train.seed={self.seed}", *changes)
        words = [sys.executable, "-m", "exshot_train.train"]
        words += [str(EXPERIMENTS / f"paper_{self.row}.yaml")]
        words += [] if minutes is None else ["--minutes", str(minutes)]
        return words + [word for change in given for word in ("--set", change)]


def runs_of(rows: Sequence[str], seeds: int) -> list[Run]:
    """All runs, seed by seed, so that a stopped table has whole seeds."""
    return [Run(row, seed) for seed in range(seeds) for row in rows]


def train_runs(
    runs: Sequence[Run], at_once: int, minutes: float | None, changes: Sequence[str], threads: int
) -> list[Run]:
    """Train them, ``at_once`` at a time; each writes ``log.txt``. Returns those that failed."""
    waiting, failed = list(runs), []
    working: list[tuple[Run, subprocess.Popen[bytes], IO[bytes]]] = []
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    try:
        while waiting or working:
            while waiting and len(working) < at_once:
                run = waiting.pop(0)
                run.folder.mkdir(parents=True, exist_ok=True)
                log = (run.folder / "log.txt").open("ab")
                command = run.command(minutes, changes)
                started = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
                working.append((run, started, log))
                print(f"{run.name}: started", flush=True)
            time.sleep(0.5)
            for entry in [entry for entry in working if entry[1].poll() is not None]:
                working.remove(entry)
                run, ended, log = entry
                log.close()
                if ended.returncode:
                    failed.append(run)
                word = f"failed, see {run.folder / 'log.txt'}" if ended.returncode else "done"
                print(f"{run.name}: {word}; {last_line(run)}", flush=True)
    finally:
        for _, started, log in working:
            started.terminate()
            log.close()
    return failed


def last_line(run: Run) -> str:
    """What a run's log says last of its steps."""
    path = run.folder / "log.txt"
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    steps = [line for line in lines if line.startswith("step ")]
    return steps[-1] if steps else "no step yet"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and train; returns 1 where a run failed."""
    parser = argparse.ArgumentParser(prog="python -m exshot_train.table", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help="comma-separated; default all")
    parser.add_argument("--seeds", type=int, default=2, help="runs of each row")
    parser.add_argument("--shard", default="1/1", help="I/N: this process takes every N-th run")
    parser.add_argument("--at-once", type=int, default=1, help="runs at the same time")
    parser.add_argument("--minutes", type=float, help="save and stop each run after these")
    parser.add_argument("--threads", type=int, default=2, help="of the processor, for each run")
    parser.add_argument("--set", action="append", default=[], help="such as train.steps=4000")
    chosen = parser.parse_args(arguments)
    rows = chosen.rows.split(",")
    unknown = [row for row in rows if row not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]!r}; choose from {', '.join(ROWS)}")
    index, count = (int(part) for part in chosen.shard.split("/"))
    runs = runs_of(rows, chosen.seeds)[index - 1 :: count]
    failed = train_runs(runs, chosen.at_once, chosen.minutes, chosen.set, chosen.threads)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
