"""Runs of the trainer, far too short to learn anything."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from train.conftest import SIZE, WHY

torch = pytest.importorskip("torch", reason=WHY)
pytest.importorskip("lightning", reason=WHY)
pytest.importorskip("tensorboard", reason=WHY)
pytest.importorskip("yaml", reason=WHY)

from lightning.fabric import Fabric  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from exshot.exprnet.network import ENCODER  # noqa: E402
from exshot.model_store import MODELS_FOLDER  # noqa: E402
from exshot.options import EditOptions  # noqa: E402
from exshot_train.checkpoint import read_mean_network, read_network, write_average  # noqa: E402
from exshot_train.config import ConfigError, TrainConfig, read_experiment  # noqa: E402
from exshot_train.data import MixedOrder, collate, prepare  # noqa: E402
from exshot_train.table import EXPERIMENTS, ROWS  # noqa: E402
from exshot_train.table import main as train_table  # noqa: E402
from exshot_train.train import Trainer, precision_here, run  # noqa: E402
from exshot_train.triplets.shards import Shards  # noqa: E402

TOY = f"""
data: {{size: {SIZE}, shards: {{toy: 1.0}}, validation: [toy], validation_limit: 2, workers: 0}}
model: {{channels: [8, 8, 12, 16], coarsest_blocks: 1}}
loss: {{perceptual: 0.0, adversarial: 0.01, perceptual_crop: 32}}
train: {{steps: 4, batch: 2, warm_up: 1, measure_every: 2, save_every: 2, log_every: 1,
        accelerator: cpu}}
"""


@pytest.fixture
def experiment_file(training_cache: Path) -> Path:
    path = training_cache / "toy.yaml"
    path.write_text(TOY)
    return path


def weights(cache: Path, name: str) -> dict[str, Any]:
    return dict(load_file(cache / "runs" / name / "last.safetensors"))


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    training_cache: Path, experiment_file: Path
) -> None:
    run(read_experiment(experiment_file, ("name=whole",)))
    short = read_experiment(experiment_file, ("name=halves",))
    run(short, minutes=0)  # one step, then time is up
    done = run(short)
    assert done.step == 4
    whole, halves = weights(training_cache, "whole"), weights(training_cache, "halves")
    assert whole.keys() == halves.keys()
    for name, value in whole.items():
        torch.testing.assert_close(halves[name], value, msg=name)


def test_a_run_leaves_a_log_and_a_network_that_can_be_read(
    training_cache: Path, experiment_file: Path
) -> None:
    run(read_experiment(experiment_file))
    folder = training_cache / "runs" / "toy"
    assert list((folder / "log").glob("events*"))
    network = read_network(folder / "best.safetensors")
    assert network.config.channels == (8, 8, 12, 16)


def test_averaged_weights_alone_are_a_network_of_an_eighth_of_the_size(
    training_cache: Path, experiment_file: Path
) -> None:
    run(read_experiment(experiment_file))
    whole, small = (
        training_cache / name for name in ("runs/toy/last.safetensors", "a.safetensors")
    )
    write_average(whole, small)
    assert small.stat().st_size < 0.2 * whole.stat().st_size
    kept, given = (read_network(path).state_dict() for path in (whole, small))
    for name, value in kept.items():
        torch.testing.assert_close(given[name], value, atol=1e-3, rtol=1e-2, msg=name)


def test_the_mean_of_two_checkpoints_is_a_network_again(
    training_cache: Path, experiment_file: Path
) -> None:
    run(read_experiment(experiment_file, ("name=one",)))
    run(read_experiment(experiment_file, ("name=two", "train.seed=5")))
    paths = [training_cache / "runs" / name / "last.safetensors" for name in ("one", "two")]
    one, two = (read_network(path).state_dict() for path in paths)
    mean = read_mean_network(paths).state_dict()
    assert any(not one[key].equal(two[key]) for key in mean)
    for key, value in mean.items():
        np.testing.assert_allclose(value, (one[key] + two[key]) / 2, rtol=1e-5, atol=1e-7)


def test_checkpoints_of_different_shapes_have_no_mean(
    training_cache: Path, experiment_file: Path
) -> None:
    run(read_experiment(experiment_file, ("name=one",)))
    run(read_experiment(experiment_file, ("name=wide", "model.channels=[16, 8, 12, 16]")))
    paths = [training_cache / "runs" / name / "last.safetensors" for name in ("one", "wide")]
    with pytest.raises(ValueError, match="different shapes"):
        read_mean_network(paths)


def test_the_shipped_graphs_are_a_network_to_go_on_from() -> None:
    ort = pytest.importorskip("onnxruntime")
    network = read_network(MODELS_FOLDER).eval()
    session = ort.InferenceSession(MODELS_FOLDER / f"{ENCODER}.onnx")
    photo = torch.rand(session.get_inputs()[0].shape)
    features = session.run(None, {session.get_inputs()[0].name: photo.numpy()})
    with torch.no_grad():
        for found, expected in zip(network.encoder(photo), features, strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-4)


def test_weights_that_are_held_stay_as_they_are(
    training_cache: Path, experiment_file: Path
) -> None:
    run(read_experiment(experiment_file, ("name=first",)))
    start = training_cache / "runs" / "first" / "last.safetensors"
    changes = (f"train.initial={start}", "train.only=[decoder.refine]", "loss.adversarial=0.0")
    run(read_experiment(experiment_file, ("name=then", *changes)))
    before = read_network(start).state_dict()
    after = read_network(training_cache / "runs" / "then" / "last.safetensors").state_dict()
    moved = {name for name, value in before.items() if not after[name].equal(value)}
    assert moved
    assert all(name.startswith("decoder.refine") for name in moved)


def test_a_run_that_would_train_nothing_is_refused(experiment_file: Path) -> None:
    with pytest.raises(ValueError, match=r"decoder\.rafine"):
        run(read_experiment(experiment_file, ("train.only=[decoder.rafine]",)))


@pytest.mark.parametrize(
    ("able", "asked", "used"),
    [
        ({"avx512_bf16": False, "amx_bf16": False}, "bf16-mixed", "32-true"),
        ({"avx512_bf16": False, "amx_bf16": True}, "bf16-mixed", "bf16-mixed"),
        ({"avx512_bf16": False}, "16-mixed", "16-mixed"),
    ],
)
def test_a_processor_does_not_emulate_short_numbers(
    able: dict[str, bool], asked: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert precision_here(TrainConfig(precision=asked, accelerator="cpu")) == used


def test_nothing_learns_to_draw_from_a_pose_photo_that_shows_the_answer(
    training_cache: Path, experiment_file: Path
) -> None:
    changes = ("loss.adversarial=0.0", "model.blend_reach=3.0")
    experiment = read_experiment(experiment_file, changes)
    trainer = Trainer(experiment, Fabric(accelerator="cpu", devices=1), None)
    shards = Shards(training_cache / "shards" / "toy")

    def blend_moved(index: int) -> bool:
        head = trainer.network.decoder.head.weight
        # Its planes by blocks of the pixel shuffle: three of residual, then the blend's.
        planes = head[3 * trainer.network.config.unshuffle**2 :]
        before = planes.detach().clone()
        trainer.step(collate([prepare(shards[index], EditOptions())]), 0)
        return not torch.equal(planes.detach(), before)

    assert not shards[0].independent
    assert not blend_moved(0)
    assert shards[1].independent
    assert blend_moved(1)


def test_two_processes_train_one_network(training_cache: Path, experiment_file: Path) -> None:
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"),
        # Without an address the processes meet under this computer's full name, which a network
        # may or may not resolve, and look for a network interface to talk over.
        *("--standalone", "--local-addr", "127.0.0.1"),
        *("-m", "exshot_train.train", str(experiment_file)),
        *("--set", "train.devices=2", "--set", "train.steps=2"),
    ]
    core = Path(__file__).resolve().parents[2] / "core"
    places = [str(core), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        environment["GLOO_SOCKET_IFNAME"] = "lo"
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=540, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    saved = weights(training_cache, "toy")
    assert any(name.startswith("average.") for name in saved)
    assert "step 2" in done.stdout


def test_processes_share_a_steps_samples_without_overlap() -> None:
    def order(process: int, processes: int, batch: int) -> list[list[object]]:
        parts = MixedOrder([100, 50], [1, 1], batch, 3, range(2, 4), process, processes)
        return [list(draws) for draws in parts]

    one = order(0, 1, 8)
    two = [order(process, 2, 4) for process in range(2)]
    for step in range(2):
        assert one[step][0::2] == two[0][step]
        assert one[step][1::2] == two[1][step]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("train.stepz=3", "stepz.*@ toy.train"),
        ("train.steps=many", "expected int @ toy.train.steps"),
        ("train.rate=fast", "@ toy.train.rate"),
        ("data.validation=toy", "expected tuple @ toy.data.validation"),
        ("loss=3", "@ toy.loss"),
    ],
)
def test_a_wrong_experiment_names_the_place(
    experiment_file: Path, change: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_experiment(experiment_file, (change,))


def test_the_experiments_that_come_with_the_project_can_be_read(checkout: Path) -> None:
    files = sorted((checkout / "core" / "exshot_train" / "experiments").glob("*.yaml"))
    assert len(files) >= 5
    for path in files:
        experiment = read_experiment(path)
        assert experiment.data.size % experiment.model.stride == 0
        assert np.isfinite(sum(experiment.data.shards.values()))


def test_a_checkpoint_is_judged_by_the_real_set_that_it_serves_worst() -> None:
    from exshot_train.measure import Score, overall

    def gained(decibels: float) -> Score:
        return Score(20 + decibels, 0.03, 20, 0.03)

    scores = {"made": gained(3), "video": gained(0.1), "london": gained(0.4)}
    assert overall(scores, {"video", "london"}) == pytest.approx(0.1)
    assert overall({"made": gained(3), "renders": gained(1)}, ()) == pytest.approx(2)


def test_an_experiment_may_be_like_another_but_for_a_few_settings(tmp_path: Path) -> None:
    (tmp_path / "row.yaml").write_text(TOY)
    (tmp_path / "variant.yaml").write_text("like: row\nmodel: {refine_flow: false}\n")
    row, variant = (read_experiment(tmp_path / f"{name}.yaml") for name in ("row", "variant"))
    assert variant.name == "variant"
    assert row.model.refine_flow
    assert variant == replace(row, name="variant", model=replace(row.model, refine_flow=False))
    (tmp_path / "loop.yaml").write_text("like: loop\n")
    with pytest.raises(ConfigError, match="like itself"):
        read_experiment(tmp_path / "loop.yaml")


def test_the_rows_of_the_papers_table_differ_in_what_they_are_called_after() -> None:
    full, *others = (read_experiment(EXPERIMENTS / f"paper_{row}.yaml") for row in ROWS)
    assert full.model.whole_pose
    for other in others:
        assert other.train == full.train
        assert (other.model, other.loss, other.data) != (full.model, full.loss, full.data)


def test_a_table_trains_every_row_and_seed(training_cache: Path) -> None:
    changes = [
        *("data.shards={toy: 1.0}", "data.validation=[]", f"data.size={SIZE}", "data.workers=0"),
        *("model.channels=[8, 8, 12, 16]", "loss.perceptual=0.0", "train.steps=2", "train.batch=2"),
        *("train.accelerator=cpu", "train.precision=32-true"),
    ]
    given = ["--rows", "no_light", "--seeds", "2", "--at-once", "2", "--threads", "1"]
    given += [word for change in changes for word in ("--set", change)]
    assert train_table(given) == 0
    one, two = (weights(training_cache, f"paper_no_light_s{seed}") for seed in (0, 1))
    assert any((one[name] != two[name]).any() for name in one if name.startswith("network"))
