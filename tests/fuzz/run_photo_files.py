"""Ten thousand mutated files: ``python tests/fuzz/run_photo_files.py [--first N --count N]``.

Files of every format, with every kind of metadata block, are damaged at random and go through
`faces`, `edit` and `suggest`, by the commands and by one long-lived engine (``--library``: through
one `Editor` instead). Each gives a result or one of the known sentences; whatever else happens ends
the run with the number of the case, which ``--first NUMBER --count 1`` repeats; ``--first`` also
goes on with a run that was stopped. Memory is looked at all along.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

_TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_TESTS), str(_TESTS.parent / "core")]

from fuzz.long_lived import LongRun  # noqa: E402
from fuzz.photo_files import Run  # noqa: E402

HANG = 240  # seconds for one file, on a busy machine
GROWTH = 150 << 20  # bytes beyond those after the warm-up
WARM_UP = 2500  # by then the caches are full
TOLD_EVERY = 100


class Watchdog:
    """Ends the process, with all threads' stacks, when one case takes too long.

    It counts its own ticks instead of looking at a clock: a run that is stopped for a while
    (SIGSTOP) does not hang.
    """

    def __init__(self) -> None:
        self._ticks = 0
        threading.Thread(target=self._count, daemon=True).start()

    def begin(self) -> None:
        self._ticks = 0

    def _count(self) -> None:
        while True:
            time.sleep(1)
            self._ticks += 1
            if self._ticks > HANG:
                faulthandler.dump_traceback(all_threads=True)
                os._exit(1)


def resident(pid: int) -> int:
    """Bytes of memory that a process has; 0 where that cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--library", action="store_true", help="one Editor, no commands, no engine")
    arguments = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory() as name:
        run = (Run if arguments.library else LongRun)(Path(name), arguments.seed)
        pids = {"this process": os.getpid()}
        if isinstance(run, LongRun):
            pids["the engine"] = run.engine.pid
        warm: dict[str, int] = {}
        start = time.monotonic()
        watchdog = Watchdog()
        for done in range(1, arguments.count + 1):
            number = arguments.first + done - 1
            watchdog.begin()
            try:
                run.case(number)
            except BaseException:
                print(f"case {number} of seed {arguments.seed}", file=sys.stderr)
                raise
            if done == WARM_UP:
                warm = {what: resident(pid) for what, pid in pids.items()}
            if done % TOLD_EVERY == 0:
                sizes = ", ".join(f"{what} {resident(pid) >> 20}" for what, pid in pids.items())
                print(f"{number + 1}: {time.monotonic() - start:.0f} s; MiB: {sizes}", flush=True)
        for what, before in warm.items():
            now = resident(pids[what])
            print(f"{what}: {before >> 20} MiB after {WARM_UP}, {now >> 20} at the end")
            if now > before + GROWTH:
                sys.exit(f"the memory of {what} grew")
        print(f"{arguments.count} files from {arguments.first} on, seed {arguments.seed}")
        print(", ".join(f"{what} {count}" for what, count in sorted(run.outcomes.items())))
        print(", ".join(f"{count} {what}" for what, count in run.refusals.most_common()))
        print(f"slowest {run.slowest[0]:.1f} s (case {run.slowest[1]})")
        if isinstance(run, LongRun):
            run.engine.close()


if __name__ == "__main__":
    main()
