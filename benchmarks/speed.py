"""Time an edit of a 12-megapixel pair, stage by stage: ``python -m benchmarks.speed``.

Rounds are interleaved (every stage once, then again), so that a busy moment of the machine does
not fall on one stage alone. The last columns are the ratio to a fixed piece of work measured in the
same rounds (`cv2.remap` of 12 megapixels, cubic), to compare runs of different machines, and the
ratio to stay below.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.memory import Footprint, edit_footprint
from benchmarks.speed_pair import WIDTH, find_pair, write_12_megapixels
from exshot.align.pair import CroppedFace, align
from exshot.editor import Editor
from exshot.errors import ExshotError
from exshot.exprnet.inputs import EDIT_PLANES, Role
from exshot.exprnet.network import ExprNet, Features, has_exprnet
from exshot.face.crop import PLAN_SIZE, face_crop
from exshot.face.face import Face
from exshot.face.fitter import FaceFitter
from exshot.identity.likeness import LikenessMeter
from exshot.model_store import ModelStore
from exshot.options import EditOptions
from exshot.photo import Photo, save_edit
from exshot.result import EditReport
from exshot.version import __version__

OUT = Path("out") / "bench"
T = TypeVar("T")
REFERENCE = "reference: remap of 12 MP"
WARP_MAPS = "warp maps, one core"
NETWORK_FEATURES = "ExprNet: both photos' features"
NETWORK_EDIT = "ExprNet: edit, features kept"
_BUDGETS = {  # milliseconds, from the project's requirements, on two cores
    "fit one face": 40.0,
    WARP_MAPS: 15.0,
    NETWORK_FEATURES: 70.0,
    NETWORK_EDIT: 80.0,
    "edit, new photos": 1200.0,
    "edit, same photos again": 1200.0,
    "preview 512, same photos": 120.0,
}
_GOALS = {  # times the reference, on two cores
    "edit, new photos": 2.6,
    "edit, slider moved": 1.3,
    "preview 512, slider moved": 0.60,
}
_MEMORY_GOAL = 392.0  # megabytes


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one stage over all rounds."""

    stage: str
    median: float
    best: float
    rounds: int
    ratio: float  # median over the reference work's median


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    add = parser.add_argument
    add("--method", choices=("auto", "warp", "exprnet"), default="auto")
    add("--rounds", type=int, default=5)
    add("--pose", type=Path, help="photo to time with instead of the bundled or shared pair")
    add("--expression", type=Path)
    add("--out", type=Path, help="JSON to write; default out/bench/speed-TIME.json")
    add("--no-memory", action="store_true", help="leave the memory measurement out")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0, or 2 where the pair cannot be edited."""
    options = parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)
    try:
        with tempfile.TemporaryDirectory() as folder:
            sources = find_pair(options.pose, options.expression)
            pair = tuple(
                write_12_megapixels(source, Path(folder) / f"{role}.jpg")
                for source, role in zip(sources, ("pose", "expression"))
            )
            bench = Bench(pair[0], pair[1], EditOptions(method=options.method), Path(folder))
            for _ in range(options.rounds):
                bench.round()
            footprint = (
                None if options.no_memory else edit_footprint(pair[0], pair[1], options.method)
            )
    except (ExshotError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    timings = bench.timings()
    print_timings(console, timings, bench.report, footprint)
    file = options.out or OUT / f"speed-{datetime.now():%Y%m%d-%H%M%S}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    record = describe(options, bench, timings, footprint)
    file.write_text(json.dumps(record, indent=1) + "\n")
    console.print(f"written: {file}", soft_wrap=True)
    return 0


class Bench:
    """Collects times of each stage; one `round` runs every stage once."""

    def __init__(self, pose: Path, expression: Path, options: EditOptions, folder: Path) -> None:
        self._paths = (pose, expression)
        self._options = options
        self._folder = folder
        self._times: dict[str, list[float]] = {}
        self._steps: dict[str, list[float]] = {}
        self._round = 0
        self._reference = _reference_work()
        self._editor = Editor()
        store = ModelStore()
        self._fitter = FaceFitter(store, LikenessMeter(store))
        self.face_width = 0.0
        self.report: EditReport | None = None
        # The first inference of a model allocates its buffers: warm means after one edit.
        edit = self._editor.edit(Photo.open(pose), Photo.open(expression), options)
        if not edit.mask.any():
            raise OSError("The edit came out empty: its times would mean nothing.")
        here, there = (self._fitter.fit(Photo.open(path).as_uint8())[0] for path in self._paths)
        self._warp_maps = _warp_work(here, there, options)
        self._network = ExprNet(ModelStore()) if has_exprnet(ModelStore()) else None
        grey = np.full((PLAN_SIZE, PLAN_SIZE, 3), 0.5, np.float32)
        self._face = CroppedFace(grey, here.mesh, face_crop(here.mesh, PLAN_SIZE))

    def round(self) -> None:
        """Every stage once, with photos that the editor has not seen."""
        self._round += 1
        time, editor, options = self._time, self._editor, self._options
        time(REFERENCE, self._reference)
        pose = time("decode one photo", lambda: Photo.open(self._paths[0]))
        pose = _changed(pose, self._round)
        expression = _changed(Photo.open(self._paths[1]), self._round)
        edit = time("edit, new photos", lambda: editor.edit(pose, expression, options))
        for step, milliseconds in edit.report.timings.items():
            self._steps.setdefault(step, []).append(milliseconds)
        self.report = edit.report
        time("edit, same photos again", lambda: editor.edit(pose, expression, options))
        weaker = replace(options, strength=0.8 - 0.01 * self._round)
        time("edit, slider moved", lambda: editor.edit(pose, expression, weaker))
        time("preview 512, same photos", lambda: editor.preview(pose, expression, options))
        slid = replace(options, strength=0.7 - 0.01 * self._round)
        time("preview 512, slider moved", lambda: editor.preview(pose, expression, slid))
        unseen = [_changed(photo, self._round + 100) for photo in (pose, expression)]
        time("preview 512, new photos", lambda: editor.preview(unseen[0], unseen[1], options))
        unhashed = _changed(pose, self._round + 200)
        time("hash one photo", lambda: unhashed.content_hash)
        with _one_core():
            time(WARP_MAPS, self._warp_maps)
        if self._network is not None:
            self._time_network(self._network)
        faces = time("fit one face", lambda: self._fitter.fit(pose.as_uint8()))
        self.face_width = max(face.width for face in faces)
        out = self._folder / "out.jpg"
        time("write the result", lambda: save_edit(pose, edit, out, overwrite=True))

    def _time_network(self, network: ExprNet) -> None:
        """What ExprNet alone costs; the pixels do not matter."""
        planes = np.zeros((len(EDIT_PLANES), *[network.edit_size] * 2), np.float32)
        roles: tuple[Role, Role] = ("pose", "expression")

        def features() -> list[Features]:
            return [network.features(self._round, self._face, role) for role in roles]

        pose, expression = self._time(NETWORK_FEATURES, features)
        self._time(NETWORK_EDIT, lambda: network.decode(pose, expression, planes))

    def timings(self) -> list[Timing]:
        """Medians so far; steps inside the first edit follow it, indented."""
        reference = median(self._times[REFERENCE])
        rows: list[Timing] = []
        for stage, times in self._times.items():
            rows.append(_timing(stage, times, reference))
            if stage == "edit, new photos":
                rows += [_timing(f"  {s}", t, reference) for s, t in self._steps.items()]
        return rows

    def _time(self, stage: str, work: Callable[[], T]) -> T:
        start = perf_counter()
        value = work()
        self._times.setdefault(stage, []).append((perf_counter() - start) * 1e3)
        return value


def _timing(stage: str, times: list[float], reference: float) -> Timing:
    return Timing(stage, median(times), min(times), len(times), median(times) / reference)


def _changed(photo: Photo, mark: int) -> Photo:
    """The same photo with one corner pixel changed: another content hash, nothing cached."""
    pixels = photo.pixels.copy()
    pixels[0, 0] = mark % 256
    pixels.flags.writeable = False
    return Photo.from_array(pixels)


def _warp_work(pose: Face, expression: Face, options: EditOptions) -> Callable[[], object]:
    """Everything the meshes say about an edit, from fitted meshes to maps."""
    blank = np.zeros((PLAN_SIZE, PLAN_SIZE, 3), np.float32)
    here, there = (
        CroppedFace(blank, face.mesh, face_crop(face.mesh, PLAN_SIZE))
        for face in (pose, expression)
    )
    return lambda: align(here, there, options)


@contextmanager
def _one_core() -> Iterator[None]:
    """OpenCV on the calling thread alone; NumPy is there already."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _reference_work() -> Callable[[], NDArray[np.uint8]]:
    """A fixed piece of work that this project has no part in."""
    side = 3464  # squared: 12 million
    grid = np.arange(side, dtype=np.float32)
    x, y = np.meshgrid(grid + 0.3, grid + 0.7)
    picture = np.zeros((side, side, 3), np.uint8)
    return lambda: np.asarray(cv2.remap(picture, x, y, cv2.INTER_CUBIC), np.uint8)


def print_timings(
    console: Console,
    timings: list[Timing],
    report: EditReport | None,
    footprint: Footprint | None,
) -> None:
    """The table, with a mark where a stage is over its budget or its goal."""
    method = report.method if report else "?"
    table = Table(title=f"method {method}, {WIDTH} x 3000 pixels", box=box.SIMPLE)
    table.add_column("stage")
    for title in ("median ms", "best ms", "budget ms", "x reference", "goal"):
        table.add_column(title, justify="right")
    for row in timings:
        budget = _BUDGETS.get(row.stage)
        over = budget is not None and row.median > budget
        value = f"[red]{row.median:.1f}[/]" if over else f"{row.median:.1f}"
        wanted = "" if budget is None else f"{budget:g}"
        goal = _GOALS.get(row.stage)
        ratio = f"{row.ratio:.2f}"
        if goal is not None:
            ratio = f"[{'red' if row.ratio > goal else 'green'}]{ratio}[/]"
        aim = "" if goal is None else f"{goal:.2f}"
        table.add_row(row.stage, value, f"{row.best:.1f}", wanted, ratio, aim)
    console.print(table)
    if footprint is not None:
        console.print(
            f"memory peak of a fresh process: {footprint.peak_mb:.0f} MB "
            f"(goal {_MEMORY_GOAL:.0f} MB; after the imports {footprint.imports_mb:.0f} MB); "
            f"start to first edit done: {footprint.seconds:.1f} s"
        )


def describe(
    options: argparse.Namespace,
    bench: Bench,
    timings: list[Timing],
    footprint: Footprint | None,
) -> dict[str, Any]:
    """The record that is written to disk."""
    return {
        "format": 1,
        "exshot": __version__,
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load_average": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "method": bench.report.method if bench.report else None,
        "rounds": options.rounds,
        "face_width_pixels": round(bench.face_width, 1),
        "timings": [asdict(row) for row in timings],
        "memory": None if footprint is None else asdict(footprint),
    }


if __name__ == "__main__":
    sys.exit(main())
