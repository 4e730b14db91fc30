"""The command as users start it: a process of its own, real photos, the real pipeline."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from exshot.cli.demo import bundled_pair
from exshot.errors import ExshotError


def start(*arguments: object, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "exshot", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=None if sys.platform == "win32" else _heed_interrupts,
    )


def _heed_interrupts() -> None:
    """A test run in the background ignores Ctrl-C, and its children would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, folder=folder)
    stdout, stderr = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def read(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    assert picture is not None
    return picture


def test_an_edit_changes_the_face_and_nothing_else(
    photo_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    answer = run(
        *("edit", *photo_pair, "-o", "out.png", "--layer", "layer.png", "--json"), folder=tmp_path
    )
    assert answer.returncode == 0, answer.stderr
    record = json.loads(answer.stdout)
    pose, out, layer = read(photo_pair[0]), read(tmp_path / "out.png"), read(tmp_path / "layer.png")
    assert out.shape == pose.shape
    assert layer.shape == (*pose.shape[:2], 4)
    box = record["box"]
    inside = np.zeros(pose.shape[:2], bool)
    inside[box["y0"] : box["y1"], box["x0"] : box["x1"]] = True
    assert not layer[~inside, 3].any()
    changed = (out != pose).any(axis=2)
    assert changed.any()
    assert not (changed & (layer[..., 3] == 0)).any()


def test_faces_and_its_overlay(photo_pair: tuple[Path, Path], tmp_path: Path) -> None:
    answer = run("faces", photo_pair[0], "--json", "--overlay", "o.png", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert len(json.loads(answer.stdout)["faces"]) == 1
    assert read(tmp_path / "o.png").shape == read(photo_pair[0]).shape


def test_the_bundled_pair_is_edited_side_by_side(tmp_path: Path) -> None:
    try:
        bundled_pair()
    except ExshotError as error:
        pytest.skip(error.sentence)
    answer = run("demo", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    height, width = read(tmp_path / "exshot-demo.jpg").shape[:2]
    assert width > 1.5 * height


@pytest.mark.parametrize("shards", [1, 2])
def test_a_batch_of_real_triplets(shared_data: Path, tmp_path: Path, shards: int) -> None:
    folder = next(iter(sorted((shared_data / "video_triplets").iterdir())))
    poses = sorted(folder.glob("*_pose.jpg"))[:2]
    with (tmp_path / "list.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["pose", "expression", "out"])
        for number, pose in enumerate(poses):
            expression = pose.with_name(pose.name.replace("_pose", "_expression"))
            writer.writerow([pose, expression, f"{number}.png"])
    for part in range(1, shards + 1):
        answer = run("batch", "list.csv", "--shard", f"{part}/{shards}", folder=tmp_path)
        assert answer.returncode == 0, answer.stderr
    assert len(list(tmp_path.glob("*.png"))) == len(poses)


def test_doctor_finds_the_models_whole(tmp_path: Path) -> None:
    answer = run("doctor", "--json", folder=tmp_path)
    findings = json.loads(answer.stdout)["findings"]
    models = [finding for finding in findings if finding["about"].endswith(".onnx")]
    assert len(models) >= 3
    assert {finding["state"] for finding in models} == {"good"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(("kill", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_batch_leaves_no_part_of_a_file(
    photo_pair: tuple[Path, Path], tmp_path: Path, kill: signal.Signals, code: int
) -> None:
    rows = "".join(f"{photo_pair[0]},{photo_pair[1]},{n}.png\n" for n in range(500))
    (tmp_path / "list.csv").write_text("pose,expression,out\n" + rows)
    process = start("batch", "list.csv", folder=tmp_path)
    while not (tmp_path / "0.png").exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(kill)
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == code, stderr
    assert "Traceback" not in stderr
    made = sorted(path.name for path in tmp_path.iterdir() if path.name != "list.csv")
    assert all(name.removesuffix(".png").isdecimal() for name in made), made
    assert all(read(tmp_path / name).shape == read(photo_pair[0]).shape for name in made)
