"""Measure `exshot batch --dask`: ``python -m benchmarks.cluster speed|kill|memory``.

``speed``: a list of 400 pairs on two workers of one thread each, against ``--jobs 2``, in turns;
pairs that share no photo, and pairs in groups of four with one pose photo. ``kill``: a list during
which a worker is killed three times, and one whose scheduler is killed. ``memory``: peak of the
client and the scheduler over lists of 10,000 and 100,000 lines with a stand-in for the edit that
touches no file. Everything stays on the loopback address.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import cv2

from benchmarks.local_cluster import LocalCluster
from exshot.cli.demo import bundled_pair

CORE = os.pathsep.join(str(Path(__file__).resolve().parents[1] / part) for part in ("core", ""))
LISTS = {"alone": 1, "groups": 4}  # pairs that share a pose photo
STUB = ("--preload", "benchmarks.stub_batch")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("what", choices=("speed", "kill", "memory"))
    parser.add_argument("--pairs", type=int, default=400, help="of speed and kill")
    parser.add_argument("--rounds", type=int, default=2, help="of speed; the first has new workers")
    parser.add_argument(
        "--lists", nargs="+", choices=tuple(LISTS), default=tuple(LISTS), help="of speed"
    )
    parser.add_argument("--side", type=int, default=320, help="width of the photos of speed")
    parser.add_argument("--method", default="auto", help="of speed")
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000], help="of memory")
    parser.add_argument("--out", type=Path, help="JSON to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = parse(arguments)
    run: dict[str, Callable[[argparse.Namespace, Path], Any]] = {
        "speed": speed,
        "kill": kill,
        "memory": memory,
    }
    with tempfile.TemporaryDirectory(prefix="exshot-cluster-") as folder:
        found = run[options.what](options, Path(folder))
    print(json.dumps(found, indent=1))
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def speed(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Seconds of both ways, in turns, and the ratio of their medians.

    Seconds of the clock, and of the processors (of the command, the scheduler and the workers),
    which tell more where the computer has other work.
    """
    found: dict[str, Any] = {}
    for name in options.lists:
        group = LISTS[name]
        table = write_pairs(folder / name, options.pairs, group, options.side)
        with LocalCluster(_made(folder / f"{name}-cluster"), environment=_environment()) as cluster:
            times: dict[str, list[tuple[float, float]]] = {"jobs": [], "dask": []}
            ways = {"jobs": ("--jobs", "2"), "dask": ("--dask", cluster.address)}
            for _ in range(options.rounds):
                for way, flags in ways.items():
                    before = _cluster_seconds(cluster)
                    clock, own = _timed(table, *flags, "--method", options.method)
                    others = _cluster_seconds(cluster) - before if way == "dask" else 0.0
                    times[way].append((clock, round(own + others, 2)))
        clocks, processors = (
            {way: median(pair[kind] for pair in pairs) for way, pairs in times.items()}
            for kind in (0, 1)
        )
        found[name] = {
            "seconds of clock and processors": times,
            "ratio of clocks": round(clocks["dask"] / clocks["jobs"], 3),
            "ratio of processors": round(processors["dask"] / processors["jobs"], 3),
            "load": os.getloadavg()[0],
        }
        print(f"{name}: {found[name]}", file=sys.stderr)
    return found


def kill(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Whether kills change the files or the summary."""
    dice = random.Random(11)
    whole = write_pairs(folder / "undisturbed", options.pairs, 1, 64)
    killed = write_pairs(folder / "killed", options.pairs, 1, 64)
    stopped = write_pairs(folder / "stopped", options.pairs, 1, 64)
    environment = _environment() | {"EXSHOT_STUB": "files"}
    found: dict[str, Any] = {}
    with LocalCluster(_made(folder / "a"), worker_flags=STUB, environment=environment) as cluster:
        _batch(whole, "--dask", cluster.address, stub="files").communicate()
        process = _batch(killed, "--dask", cluster.address, "--json", stub="files")
        for part in (1, 2, 3):
            _wait(lambda part=part: _made_files(killed) >= part * options.pairs // 5, process)
            _wait(lambda: bool(cluster.worker_ids()), process)
            os.kill(dice.choice(cluster.worker_ids()), signal.SIGKILL)
        record = json.loads(process.communicate()[0])
        lines = [edit["line"] for edit in record["edits"]]
        found["worker killed three times"] = {
            "counts": record["counts"],
            "every line once": lines == list(range(2, options.pairs + 2)),
            "same files": _files(killed) == _files(whole),
        }
        process = _batch(stopped, "--dask", cluster.address, "--skip-existing", stub="files")
        _wait(lambda: _made_files(stopped) >= options.pairs // 4, process)
        assert cluster.scheduler is not None
        cluster.scheduler.kill()
        stderr = process.communicate()[1]
        found["scheduler killed"] = {"exit": process.returncode, "said": stderr.strip()}
    with LocalCluster(_made(folder / "b"), worker_flags=STUB, environment=environment) as cluster:
        flags = ("--dask", cluster.address, "--skip-existing", "--json")
        process = _batch(stopped, *flags, stub="files")
        counts = json.loads(process.communicate()[0])["counts"]
    found["the same command again"] = {
        "exit": process.returncode,
        "counts": counts,
        "same files": _files(stopped) == _files(whole),
    }
    return found


def memory(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Peak resident megabytes (10^6 bytes) of the client and the scheduler, and the time taken."""
    found = {}
    for count in options.lines:
        table = write_names(folder / str(count), count)
        environment = _environment() | {"EXSHOT_STUB": "nothing"}
        with LocalCluster(
            _made(folder / f"{count}-cluster"), worker_flags=STUB, environment=environment
        ) as cluster:
            assert cluster.scheduler is not None
            start = time.perf_counter()
            process = _batch(table, "--dask", cluster.address, stub="nothing")
            client = 0.0
            while process.poll() is None:
                client = max(client, _peak_mb(process.pid))
                time.sleep(0.2)
            last = (process.communicate()[0].splitlines() or ["nothing"])[-1]
            found[str(count)] = {
                "client_mb": round(client),
                "scheduler_mb": round(_peak_mb(cluster.scheduler.pid)),
                "seconds": round(time.perf_counter() - start),
                "summary": last,
            }
        print(f"{count}: {found[str(count)]}", file=sys.stderr)
    return found


def write_pairs(folder: Path, count: int, group: int, side: int) -> Path:
    """A list of pairs of one person, no two photos alike; ``group`` pairs share a pose photo."""
    (folder / "out").mkdir(parents=True)
    pixels = {}
    for role, path in zip(("pose", "expression"), bundled_pair(), strict=True):
        picture = cv2.imread(str(path))
        assert picture is not None
        height = round(picture.shape[0] * side / picture.shape[1])
        pixels[role] = cv2.resize(picture, (side, height), interpolation=cv2.INTER_AREA)
    rows = ["pose,expression,out"]
    for n in range(count):
        names = {"pose": f"pose{n // group}.png", "expression": f"expression{n}.png"}
        for role, name in names.items():
            if not (folder / name).exists():
                marked = pixels[role].copy()
                marked[0, 0] = (n % 256, n // 256, 0)
                cv2.imwrite(str(folder / name), marked)
        rows.append(f"{names['pose']},{names['expression']},out/{n}.png")
    return _table(folder, rows)


def write_names(folder: Path, count: int) -> Path:
    """A list of photos that are not there, three hundred to a folder, named as cameras do."""
    folder.mkdir(parents=True)
    rows = ["pose,expression,out"]
    for n in range(count):
        place = f"school-{n // 300:04d}/IMG_{n % 300:05d}"
        rows.append(f"{place}a.JPG,{place}b.JPG,{place}-best.jpg")
        if n % 300 == 0:
            (folder / place).parent.mkdir()
    return _table(folder, rows)


def _table(folder: Path, rows: Sequence[str]) -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def _timed(table: Path, *flags: str) -> tuple[float, float]:
    """Seconds of the clock and of the processors that one batch took."""
    for path in (table.parent / "out").iterdir():
        path.unlink()
    start, used = time.perf_counter(), _children_seconds()
    process = _batch(table, *flags)
    stdout, stderr = process.communicate()
    if process.returncode:
        raise OSError(f"The batch failed: {stdout[-500:]} {stderr[-500:]}")
    return round(time.perf_counter() - start, 2), _children_seconds() - used


def _children_seconds() -> float:
    """Of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _cluster_seconds(cluster: LocalCluster) -> float:
    """Processor seconds of the scheduler and the workers up to now."""
    total = 0.0
    for pid in (cluster.scheduler.pid if cluster.scheduler else 0, *cluster.worker_ids()):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _batch(table: Path, *flags: str, stub: str = "") -> subprocess.Popen[str]:
    module = "benchmarks.stub_batch" if stub else "exshot"
    environment = _environment() | ({"EXSHOT_STUB": stub} if stub else {})
    return subprocess.Popen(
        [sys.executable, "-m", module, "batch", table.name, *flags],
        cwd=table.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": CORE}


def _wait(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition() and process.poll() is None:
        time.sleep(0.02)


def _made_files(table: Path) -> int:
    return len(list((table.parent / "out").glob("*.png")))


def _files(table: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (table.parent / "out").iterdir()}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    peaks = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0].split()[1]) * 1024 / 1e6 if peaks else 0.0


if __name__ == "__main__":
    sys.exit(main())
