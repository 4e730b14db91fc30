"""Time what a plug-in's user waits for, through the engine: ``python -m benchmarks.engine``.

Everything is measured at the client's end of the pipe, as an editor would see it. Every figure of a
"fresh engine" starts a new process; nothing is warmed up before it but the disk's cache.
``--edits 1000`` edits small photos in one engine and compares its memory after 50 edits and at the
end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.faces import read_pixels
from benchmarks.speed_pair import find_pair, write_12_megapixels
from exshot.errors import ExshotError
from exshot.version import __version__
from exshot_contract.engine_command import EngineCommand
from exshot_contract.messages import Edit, EditResult, Hello, HelloResult
from exshot_contract.options import Options
from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError

OUT = Path("out") / "bench"
CORE = Path(__file__).resolve().parents[1] / "core"
_START = f"import sys; sys.path.insert(0, {str(CORE)!r}); from exshot.engine import main; main()"
_FRESH_ROUNDS = 3
_EDIT_ROUNDS = 7
_SLIDER_CHANGES = 50
_SMALL = 640


@dataclass(frozen=True)
class Figure:
    """Milliseconds of one wait over all rounds; ``budget`` is what the project asks for."""

    name: str
    best: float
    median: float
    worst: float
    rounds: int
    budget: float | None


@dataclass(frozen=True)
class Growth:
    """Resident memory of the engine in megabytes (10^6 bytes) after 50 edits and at the end."""

    edits: int
    after_50_mb: float
    at_end_mb: float

    @property
    def share(self) -> float:
        return self.at_end_mb / self.after_50_mb - 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    add = parser.add_argument
    add("--engine", nargs="+", help="command that starts the engine, e.g. of a bundle")
    add("--pose", type=Path, help="photo to use instead of the shared or bundled pair")
    add("--expression", type=Path)
    add("--no-times", action="store_true", help="measure memory alone, see --edits")
    add("--edits", type=int, default=0, help="also measure memory over so many edits")
    add("--out", type=Path, help="JSON to write; default out/bench/engine-TIME.json")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0, or 2 where nothing can be measured."""
    options = parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 110)
    command = EngineCommand(
        tuple(options.engine) if options.engine else (sys.executable, "-c", _START), "benchmark"
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            sources = find_pair(options.pose, options.expression)
            pair = [
                read_pixels(write_12_megapixels(source, Path(folder) / f"{number}.jpg"))
                for number, source in enumerate(sources)
            ]
        photos = [cv2.cvtColor(item, cv2.COLOR_RGB2RGBA) for item in pair]
        figures = [] if options.no_times else EngineBench(command, photos).all()
        growth = measure_growth(command, pair, options.edits) if options.edits else None
    except (ExshotError, HostError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print_figures(console, figures, growth)
    file = options.out or OUT / f"engine-{datetime.now():%Y%m%d-%H%M%S}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "version": __version__,
        "machine": {
            "cpu": platform.processor(),
            "cores": os.cpu_count(),
            "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        },
        "figures": [asdict(figure) for figure in figures],
        "growth": asdict(growth) if growth else None,
    }
    file.write_text(json.dumps(record, indent=1) + "\n")
    console.print(f"written: {file}", soft_wrap=True)
    return 0


class EngineBench:
    """Measures the waits of one user with one pair of RGBA photos."""

    def __init__(self, command: EngineCommand, pair: list[np.ndarray]) -> None:
        self._command = command
        self._pair = [np.ascontiguousarray(item) for item in pair]
        self._times: dict[str, list[float]] = {}
        self._budgets: dict[str, float | None] = {}

    def all(self) -> list[Figure]:
        """Every figure, in the order in which a user meets them."""
        for _ in range(_FRESH_ROUNDS):
            with self._client() as client:
                self._time("fresh engine to hello", 1000, lambda: client.call(Hello()))
        for _ in range(_FRESH_ROUNDS):
            with self._client() as client:
                self._time(
                    "fresh engine to first edit, photos sent", 3000, lambda: self._first(client)
                )
        with self._client() as client:
            self._first(client)
            for number in range(_EDIT_ROUNDS):
                self._photo_round(client, number)
            names = self._send(client)
            self._slider(client, names)
        return [
            Figure(name, min(times), median(times), max(times), len(times), self._budgets[name])
            for name, times in self._times.items()
        ]

    def _first(self, client: EngineClient) -> None:
        pose, expression = self._send(client)
        result = client.call(Edit(pose, expression))
        if not isinstance(result, EditResult) or not result.width:
            raise OSError("The edit came out empty: its times would mean nothing.")

    def _photo_round(self, client: EngineClient, number: int) -> None:
        """Photos that the engine has not seen, sent and edited; then an option changed."""
        names = []
        for item in self._pair:
            item[0, 0] = (number, number + 1, 7, 255)
            pixels = item.tobytes()  # what an editor hands over
            send = partial(_send_bytes, client, item.shape[1], item.shape[0], pixels)
            names.append(self._time("send one 48 MB photo, digest included", 300, send))
        pose, expression = names
        self._time("edit, new photos", 1300, lambda: client.call(Edit(pose, expression)))
        weaker = Options(strength=0.9 - 0.01 * number)
        self._time("edit, slider moved", 1300, lambda: client.call(Edit(pose, expression, weaker)))

    def _slider(self, client: EngineClient, names: tuple[str, str]) -> None:
        def preview(step: int) -> None:
            options = Options(strength=0.3 + 0.01 * step)
            client.call(Edit(*names, options, preview=512, dialog="bench"))

        preview(_SLIDER_CHANGES)
        for step in range(_SLIDER_CHANGES):
            self._time("preview 512, slider moved", 150, lambda step=step: preview(step))

    def _send(self, client: EngineClient) -> tuple[str, str]:
        pose, expression = (_sent(client, item) for item in self._pair)
        return pose, expression

    def _client(self) -> EngineClient:
        return EngineClient(name="benchmark", command=self._command)

    def _time(self, name, budget, work):  # type: ignore[no-untyped-def]
        start = perf_counter()
        result = work()
        self._times.setdefault(name, []).append((perf_counter() - start) * 1000)
        self._budgets[name] = budget
        return result


def measure_growth(command: EngineCommand, pair: list[np.ndarray], edits: int) -> Growth:
    """Edit in one engine, small photos, other options every time and new photos every tenth."""
    small = [
        np.ascontiguousarray(
            cv2.cvtColor(
                cv2.resize(item, (_SMALL * 4 // 3, _SMALL), interpolation=cv2.INTER_AREA),
                cv2.COLOR_RGB2RGBA,
            )
        )
        for item in pair
    ]
    after_50 = 0.0
    with EngineClient(name="benchmark", command=command) as client:
        names = ["", ""]
        for number in range(edits):
            if number % 10 == 0:
                for item in small:
                    item[0, 0] = (number // 256, number % 256, 7, 255)
                for name in names:
                    client.forget(name, engine=True)  # as a dialog does when it closes
                names = [_sent(client, item) for item in small]
            strength = 0.5 + (number % 100) / 200
            client.call(Edit(names[0], names[1], Options(strength=strength)))
            if number == min(49, edits - 1):
                after_50 = _resident_mb(client)
        return Growth(edits, after_50, _resident_mb(client))


def _resident_mb(client: EngineClient) -> float:
    hello = client.call(Hello())
    assert isinstance(hello, HelloResult)
    pages = int(Path(f"/proc/{hello.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _sent(client: EngineClient, pixels: np.ndarray) -> str:
    return _send_bytes(client, pixels.shape[1], pixels.shape[0], pixels.tobytes())


def _send_bytes(client: EngineClient, width: int, height: int, pixels: bytes) -> str:
    pending = client.submit_photo(width, height, "rgba", 8, [pixels])
    client.wait(pending)
    return pending.photo_name


def print_figures(console: Console, figures: list[Figure], growth: Growth | None) -> None:
    """The table, and the line on memory."""
    if figures:
        print_times(console, figures)
    if growth is not None:
        console.print(
            f"Memory over {growth.edits} edits: {growth.after_50_mb:.0f} MB after 50, "
            f"{growth.at_end_mb:.0f} MB at the end ({growth.share:+.1%})."
        )


def print_times(console: Console, figures: list[Figure]) -> None:
    """The table of waits, and how busy the machine is."""
    table = Table(title="What a plug-in's user waits for, 12-megapixel pair (milliseconds)")
    for heading in ("wait", "best", "median", "worst", "rounds", "budget", ""):
        table.add_column(heading, justify="left" if heading == "wait" else "right")
    for figure in figures:
        kept = figure.budget is None or figure.median <= figure.budget
        table.add_row(
            figure.name,
            f"{figure.best:.0f}",
            f"{figure.median:.0f}",
            f"{figure.worst:.0f}",
            str(figure.rounds),
            "" if figure.budget is None else f"{figure.budget:.0f}",
            "kept" if kept else "missed",
        )
    console.print(table)
    if hasattr(os, "getloadavg"):
        load = os.getloadavg()[0]
        console.print(
            f"{os.cpu_count()} cores, load {load:.1f} (over one per core: times are too long)"
        )


if __name__ == "__main__":
    sys.exit(main())
