"""Measure methods against real truth photos: ``python -m benchmarks.quality``.

Every case is scored on a 512-pixel crop around the truth's face: over the convex hull of the
truth's mesh ("face") and over the whole crop. Scores are means over cases.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks import lpips, report
from benchmarks.evaluate import Row, Settings, evaluate
from benchmarks.heatmap import write_heat_map
from benchmarks.methods import METHODS, RUN, known
from benchmarks.sets import TRUTH_SETS, Case, SetError, data_root, load_set
from exshot.version import __version__

OUT = Path("out") / "bench"
RESULTS = Path(__file__).parent / "results"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    names = lambda text: tuple(name for name in text.split(",") if name)  # noqa: E731
    add = parser.add_argument
    add("--sets", type=names, default=TRUTH_SETS, help="comma-separated; default all four")
    add(
        "--methods",
        type=names,
        default=("untouched", "feathered", "poisson", "warp", "exprnet"),
        help=f"comma-separated out of {', '.join(METHODS)}",
    )
    add("--only", type=names, default=(), help="case ids, or how they begin")
    add("--limit", type=int, help="at most this many cases of each set, spread evenly")
    add("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="worker processes")
    add("--no-lpips", action="store_true", help="leave LPIPS out (quicker)")
    add("--fits", type=Path, help="npz with stored meshes instead of the project's fitter")
    add("--out", type=Path, help="JSON to write; default out/bench/quality-TIME.json")
    add("--save", metavar="NAME", help="also keep it as benchmarks/results/NAME.json")
    add("--against", type=Path, help="JSON of an earlier run: print what changed, worst first")
    add("--worst", type=int, default=12, help="cases that --against lists for each set")
    add("--markdown", action="store_true", help="print the tables as Markdown")
    add("--heat-map", action="store_true", help="draw the error on a generic face, by method")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0, 1 where an edit failed, 2 for wrong input."""
    options = parse(arguments)
    console = report.console()
    try:
        data = data_root()
        cases = collect(options, data)
        before = report.read_rows(options.against) if options.against else None
    except (SetError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    settings = settings_for(options, data)
    reason = None if options.no_lpips else lpips.missing_reason(data)
    if reason:
        console.print(f"[yellow]LPIPS is not measured: {reason}[/]")
    rows = run(settings, cases, options.jobs)
    report.print_run(console, rows, markdown=options.markdown)
    file = options.out or OUT / f"quality-{datetime.now():%Y%m%d-%H%M%S}.json"
    about = describe(options, reason)
    for target in [file, *([RESULTS / f"{options.save}.json"] if options.save else [])]:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(report.to_json(rows, about), indent=1) + "\n")
        console.print(f"written: {target}", soft_wrap=True)
    if options.heat_map:
        for picture in write_heat_map(rows, file.parent / f"{file.stem}-heat"):
            console.print(f"written: {picture}", soft_wrap=True)
    if before is not None:
        for method in options.methods:
            report.print_comparison(console, rows, before, method, options.worst)
    return 1 if any(row.failure for row in rows) else 0


def collect(options: argparse.Namespace, data: Path) -> list[Case]:
    """Cases of the sets that were asked for.

    Raises:
        SetError: a set or method is unknown, is missing, or has no truth.
    """
    unknown = [name for name in options.methods if not known(name)]
    if unknown:
        names = ", ".join(METHODS)
        raise SetError(
            f"There is no method {unknown[0]!r}; choose from {names}, or {RUN} and a training run."
        )
    cases = []
    for name in options.sets:
        cases += load_set(name, data, only=options.only, limit=options.limit)
    if any(case.truth is None for case in cases):
        raise SetError("real_pairs has no truth to score against; look at benchmarks.sheet.")
    return cases


def settings_for(options: argparse.Namespace, data: Path) -> Settings:
    measure_lpips = not options.no_lpips and lpips.missing_reason(data) is None
    return Settings(
        methods=options.methods,
        data=data,
        cache=OUT / "fits",
        fits=options.fits,
        lpips=measure_lpips,
        threads=max(1, (os.cpu_count() or 1) // options.jobs),
    )


def run(settings: Settings, cases: list[Case], jobs: int) -> list[Row]:
    """Rows in the order of the cases and methods, with a progress bar on stderr."""
    place = {(case.set_name, case.id): index for index, case in enumerate(cases)}
    rows: list[Row] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=len(cases) * len(settings.methods))
        for done in evaluate(settings, cases, jobs):
            rows += done
            progress.advance(task, len(done))
    rows.sort(key=lambda r: (place[r.set_name, r.case_id], settings.methods.index(r.method)))
    return rows


def describe(options: argparse.Namespace, lpips_missing: str | None) -> dict[str, Any]:
    """What a reader needs in order to judge or repeat the run."""
    return {
        "exshot": __version__,
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "faces": "stored meshes" if options.fits else "FaceFitter",
        "lpips": "left out" if options.no_lpips else (lpips_missing or "alex v0.1"),
        "limit": options.limit,
    }


if __name__ == "__main__":
    sys.exit(main())
