"""`exshot batch --dask` on a real scheduler with real worker processes, on the loopback address."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.batch_folder import CORE, contents, make_folder, start_batch
from typer.testing import Result

from benchmarks.local_cluster import LocalCluster

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

Run = Callable[..., Result]
PAIRS = 90
STUB = ("--preload", "benchmarks.stub_batch")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two workers with a stand-in for the edit that takes a moment."""
    environment = {"PYTHONPATH": CORE, "EXSHOT_STUB": "files"}
    folder = tmp_path_factory.mktemp("cluster")
    with LocalCluster(folder, worker_flags=STUB, environment=environment) as running:
        yield running


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    stdout, stderr = process.communicate(timeout=300)
    return process.returncode, stdout, stderr


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition() and process.poll() is None:
        time.sleep(0.01)


def made(table: Path) -> int:
    return len(list((table.parent / "out").glob("*.png"))) // 2


def test_a_cluster_makes_the_files_and_the_summary_of_one_computer(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    tables = [make_folder(tmp_path / name, 40) for name in ("here", "there")]
    with tables[1].open("a") as file:
        file.write("absent.png,0-0.png,out/x.png,,\n0-0.png,0-1.png,,,\n")
    tables[0].write_text(tables[1].read_text())
    code, stdout, stderr = ended(start_batch(tables[0], "--json"))
    assert code == 60, stderr
    here = json.loads(stdout)
    code, stdout, stderr = ended(start_batch(tables[1], "--json", "--dask", cluster.address))
    assert code == 60, stderr
    there = json.loads(stdout)
    assert there["counts"] == here["counts"] == {"made": 40, "skipped": 0, "failed": 2}
    assert [e["line"] for e in there["edits"]] == [e["line"] for e in here["edits"]]
    assert [e["report"] for e in there["edits"]] == [e["report"] for e in here["edits"]]
    first, second = contents(tables[0]), contents(tables[1])
    pictures = [name for name in first if name.endswith(".png")]
    assert first.keys() == second.keys()
    assert [name for name in pictures if first[name] != second[name]] == []


def test_a_file_that_a_worker_cannot_see_is_named_with_the_worker(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    table = make_folder(tmp_path / "list", 1)
    table.write_text("pose,expression,out\nabsent.png,0-0.png,out/x.png\n")
    code, stdout, _stderr = ended(start_batch(table, "--json", "--dask", str(cluster.file)))
    assert code == 60
    error = json.loads(stdout)["edits"][0]["error"]
    assert str(table.parent / "absent.png") in error["sentence"]
    assert socket.gethostname() in error["sentence"]
    assert "--root" in error["hint"]


def test_a_root_maps_the_lists_paths_for_the_workers(cluster: LocalCluster, tmp_path: Path) -> None:
    table = make_folder(tmp_path / "seen-here", 4)
    (tmp_path / "seen-here").rename(tmp_path / "seen-there")
    (tmp_path / "seen-here").mkdir()
    moved = tmp_path / "seen-here" / "list.csv"
    moved.write_text((tmp_path / "seen-there" / "list.csv").read_text())
    flags = ("--dask", cluster.address, "--root", str(tmp_path / "seen-there"))
    code, _stdout, stderr = ended(start_batch(table, *flags))
    assert code == 0, stderr
    assert len(list((tmp_path / "seen-there" / "out").glob("*.json"))) == 4


def test_nothing_is_made_where_an_output_is_a_photo_that_only_workers_see(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    table = make_folder(tmp_path / "list", 2)
    os.link(table.parent / "0-1.png", table.parent / "out" / "hard.png")
    rows = "0-0.png,0-2.png,out/hard.png\n0-0.png,0-1.png,out/b.png\n"
    table.write_text("pose,expression,out\n" + rows)
    flags = ("--dask", cluster.address, "--overwrite")
    code, _stdout, stderr = ended(start_batch(table, *flags))
    assert code == 2
    assert "line 2" in stderr
    assert made(table) == 0


def test_workers_killed_at_random_cost_no_line_and_double_none(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    dice = random.Random(5)
    undisturbed = make_folder(tmp_path / "undisturbed", PAIRS)
    assert ended(start_batch(undisturbed, "--dask", cluster.address))[0] == 0
    table = make_folder(tmp_path / "killed", PAIRS)
    process = start_batch(table, "--json", "--dask", cluster.address)
    for part in (1, 2, 3):
        until(lambda part=part: made(table) >= part * PAIRS // 5, process)
        until(lambda: bool(cluster.worker_ids()), process)
        os.kill(dice.choice(cluster.worker_ids()), signal.SIGKILL)
    code, stdout, stderr = ended(process)
    assert code == 0, stderr
    record = json.loads(stdout)
    assert record["counts"] == {"made": PAIRS, "skipped": 0, "failed": 0}
    assert [edit["line"] for edit in record["edits"]] == list(range(2, PAIRS + 2))
    first, second = contents(undisturbed), contents(table)
    assert first.keys() == second.keys(), "no file more, no file less"
    pictures = [name for name in first if name.endswith(".png")]
    assert [name for name in pictures if first[name] != second[name]] == []


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_cancels_what_has_not_begun(
    cluster: LocalCluster, tmp_path: Path, stop: signal.Signals
) -> None:
    table = make_folder(tmp_path / "list", PAIRS)
    process = start_batch(table, "--dask", cluster.address)
    until(lambda: made(table) > 5, process)
    process.send_signal(stop)
    code, _stdout, stderr = ended(process)
    assert code == (130 if stop is signal.SIGINT else 143), stderr
    after = contents(table)
    assert 5 < made(table) < PAIRS
    time.sleep(1)
    assert contents(table) == after, "workers go on with nothing"
    assert not [name for name in after if ".tmp" in name]


def test_a_scheduler_that_dies_is_said_and_the_same_command_goes_on(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": CORE, "EXSHOT_STUB": "files"}
    table = make_folder(tmp_path / "list", PAIRS)
    (tmp_path / "cluster").mkdir()
    with LocalCluster(tmp_path / "cluster", worker_flags=STUB, environment=environment) as cluster:
        assert cluster.scheduler is not None
        process = start_batch(table, "--skip-existing", "--dask", str(cluster.file))
        until(lambda: made(table) > 5, process)
        cluster.scheduler.kill()
        code, stdout, stderr = ended(process)
        assert code == 63, stdout
        assert "was lost" in stderr
        assert "--skip-existing" in stderr
        assert "Traceback" not in stderr
        assert 5 < made(table) < PAIRS
    with LocalCluster(tmp_path / "cluster", worker_flags=STUB, environment=environment) as cluster:
        flags = ("--skip-existing", "--json", "--dask", str(cluster.file))
        code, stdout, stderr = ended(start_batch(table, *flags))
    assert code == 0, stderr
    counts = json.loads(stdout)["counts"]
    assert counts["made"] + counts["skipped"] == PAIRS
    assert counts["skipped"] > 5
    assert made(table) == PAIRS


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "127.0.0.1", "http://x:1"])
def test_an_address_without_a_scheduler_gets_a_sentence(
    exshot: Run, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exshot.cli.batch.cluster._CONNECT", 0.5)
    table = make_folder(tmp_path / "list", 1)
    result = exshot("batch", table, "--dask", address)
    assert result.exit_code in (2, 63), result.output
    assert address in result.stderr
    assert "unexpected" not in result.stderr


def test_without_dask_the_command_says_what_to_install(
    exshot: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = exshot("batch", make_folder(tmp_path / "list", 1), "--dask", "tcp://127.0.0.1:1")
    assert result.exit_code == 2
    assert "exshot[cluster]" in result.stderr


def test_jobs_and_a_cluster_exclude_each_other(exshot: Run, tmp_path: Path) -> None:
    table = make_folder(tmp_path / "list", 1)
    result = exshot("batch", table, "--dask", "tcp://127.0.0.1:1", "--jobs", "2")
    assert result.exit_code == 2


def test_only_paths_options_and_the_names_of_functions_travel() -> None:
    """A task is text, and the function is named, not sent: no code, no pixels."""
    from distributed.protocol.pickle import dumps

    from exshot.cli.batch import cluster_worker
    from exshot.cli.batch.examine import Verdict
    from exshot.cli.batch.jobs import PairJob
    from exshot.cli.batch.work import task_for
    from exshot.options import EditOptions

    for function in (cluster_worker.run_task, cluster_worker.run_question):
        assert len(dumps(function)) < 200
    job = PairJob("/photos/a.jpg", "/photos/b.jpg", "/photos/out.jpg", EditOptions())
    text = json.dumps(task_for([(0, job, Verdict())], again=True))
    assert len(text) < 1000
    assert json.loads(text)["lines"][0]["job"]["pose"] == "/photos/a.jpg"
