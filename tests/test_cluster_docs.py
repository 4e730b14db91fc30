"""docs/cluster.md: its examples are short, sound, and those for one computer run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.batch_folder import CORE, make_folder

LONGEST = 30  # lines


def examples(checkout: Path, language: str) -> list[str]:
    text = (checkout / "docs/cluster.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def commands(tmp_path: Path) -> dict[str, str]:
    """An environment whose ``exshot`` is this checkout's, with a stand-in for the edit."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, module in (("exshot", "benchmarks.stub_batch"), ("dask", "dask")):
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        path.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": CORE}


def test_every_example_is_short(checkout: Path) -> None:
    text = (checkout / "docs/cluster.md").read_text(encoding="utf-8")
    found = re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)
    assert len(found) >= 7
    assert max(example.count("\n") for example in found) < LONGEST


@pytest.mark.parametrize(("language", "shell"), [("bash", "bash"), ("sh", "sh")])
def test_shell_examples_pass_shellcheck(checkout: Path, language: str, shell: str) -> None:
    program = Path(sys.executable).with_name("shellcheck")
    if not program.exists():
        pytest.skip("shellcheck is not installed")
    for example in examples(checkout, language):
        if not example.startswith("#!"):
            continue
        done = subprocess.run(
            [program, "--shell", shell, "-"], input=example, text=True, capture_output=True
        )
        assert done.returncode == 0, done.stdout


def test_python_examples_compile(checkout: Path) -> None:
    for example in examples(checkout, "python"):
        compile(example, "docs/cluster.md", "exec")


def test_the_indexed_job_takes_every_part_of_the_list_once(checkout: Path) -> None:
    job: dict[str, Any] = yaml.safe_load(examples(checkout, "yaml")[0])
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    spec = job["spec"]
    assert spec["completionMode"] == "Indexed"
    pod = spec["template"]["spec"]
    assert pod["restartPolicy"] in ("OnFailure", "Never")
    (container,) = pod["containers"]
    (script,) = container["args"]
    assert container["command"] == ["sh", "-c"]
    shards = {_shard(script, index) for index in range(spec["completions"])}
    count = spec["completions"]
    assert shards == {f"{number}/{count}" for number in range(1, count + 1)}
    assert {v["name"] for v in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}


def test_the_operators_cluster_fits_together(checkout: Path) -> None:
    cluster: dict[str, Any] = yaml.safe_load(examples(checkout, "yaml")[1])
    assert (cluster["apiVersion"], cluster["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    scheduler, worker = cluster["spec"]["scheduler"], cluster["spec"]["worker"]
    (port,) = scheduler["service"]["ports"]
    (container,) = scheduler["spec"]["containers"]
    assert port["targetPort"] == container["ports"][0]["name"]
    assert str(port["port"]) in container["args"]
    assert scheduler["service"]["selector"]["dask.org/cluster-name"] == cluster["metadata"]["name"]
    (hands,) = worker["spec"]["containers"]
    assert hands["image"] == container["image"]
    assert {v["name"] for v in hands["volumeMounts"]} == {
        v["name"] for v in worker["spec"]["volumes"]
    }


def test_the_local_cluster_of_the_manual_makes_the_edits(
    checkout: Path, commands: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    table = make_folder(tmp_path / "list", 6)
    table.rename(table.with_name("pairs.csv"))
    script = table.with_name("example.py")
    script.write_text(examples(checkout, "python")[0])
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=table.parent,
        env=commands | {"DASK_DISTRIBUTED__WORKER__PRELOAD": '["benchmarks.stub_batch"]'},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "6 made, 0 skipped, 0 failed." in done.stdout
    assert len(list((table.parent / "out").glob("*.json"))) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_scripts_shards_are_those_of_the_array(
    checkout: Path, commands: dict[str, str], tmp_path: Path
) -> None:
    """The Slurm array's script, run as each of three tasks."""
    table = make_folder(tmp_path / "list", 7)
    table.rename(table.with_name("pairs.csv"))
    script = examples(checkout, "bash")[0]
    made = []
    for task in (1, 2, 3):
        slurm = {
            "SLURM_SUBMIT_DIR": str(table.parent),
            "SLURM_ARRAY_TASK_ID": str(task),
            "SLURM_ARRAY_TASK_COUNT": "3",
        }
        done = subprocess.run(
            ["bash", "-s"], input=script, env=commands | slurm, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        made.append(int(done.stdout.splitlines()[-1].split()[0]))
    assert made == [3, 2, 2]


def _shard(script: str, index: int) -> str:
    """What the shell makes of ``--shard`` in the pod of that index."""
    (word,) = re.findall(r'--shard ("[^"]*")', script)
    done = subprocess.run(
        ["sh", "-c", f"printf %s {word}"],
        env={"JOB_COMPLETION_INDEX": str(index)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
