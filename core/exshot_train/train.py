"""Train ExprNet: ``python -m exshot_train.train EXPERIMENT.yaml [--set train.steps=10]``.

Goes on from the last checkpoint of the experiment where there is one. Several processes or nodes:
``torchrun --nproc-per-node 2 -m exshot_train.train EXPERIMENT.yaml --set train.devices=2``.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter

from exshot.exprnet.network import DECODER
from exshot_train.checkpoint import Progress, load_checkpoint, read_network, save_checkpoint
from exshot_train.config import DataConfig, Experiment, TrainConfig, read_experiment
from exshot_train.data import (
    Batch,
    MixedOrder,
    PreparedSamples,
    RealTriplets,
    SampleSource,
    collate,
)
from exshot_train.data_root import data_root, studio_cache, train_cache
from exshot_train.grow import take_over
from exshot_train.losses import (
    PatchDiscriminator,
    Perceptual,
    Window,
    discriminator_loss,
    perceptual_terms,
    reconstruction_terms,
    total,
)
from exshot_train.measure import Score, draw_batch, measure, overall
from exshot_train.model import ExprNet
from exshot_train.triplets.shards import Shards
from exshot_train.triplets.views import ViewTriplets

_VGG = Path("weights") / "vgg16_imagenet_keras_bgr.npz"
_SHORT_MEMORY = 0.9  # of the losses that are printed


class Trainer:
    """One run: the networks, their optimizers, and where it stands."""

    def __init__(self, experiment: Experiment, fabric: Fabric, resume: Path | None) -> None:
        self.experiment = experiment
        self.fabric = fabric
        self.folder = train_cache() / "runs" / experiment.name
        settings = experiment.train
        fabric.seed_everything(settings.seed, verbose=False)
        self.network = ExprNet(experiment.model)
        if settings.initial:
            take_over(self.network, read_network(_checkpoint(settings.initial)))
        self.average = deepcopy(self.network).requires_grad_(False)
        self.discriminator = PatchDiscriminator()
        self.perceptual = (
            fabric.to_device(Perceptual(data_root() / _VGG))
            if experiment.loss.perceptual > 0
            else None
        )
        hold(self.network, settings.only)
        optimizer = torch.optim.AdamW(
            [weights for weights in self.network.parameters() if weights.requires_grad],
            settings.rate,
            betas=(0.9, 0.99),
            weight_decay=settings.weight_decay,
        )
        judge = torch.optim.AdamW(self.discriminator.parameters(), settings.rate, betas=(0.5, 0.99))
        # Whatever Fabric hands back wraps these very modules.
        self.model, self.optimizer = fabric.setup(self.network, optimizer)
        self.judge, self.judge_optimizer = fabric.setup(self.discriminator, judge)
        self.average = fabric.to_device(self.average)
        self.progress = Progress()
        last = resume or self.folder / "last.safetensors"
        if last.is_file():
            self.progress = load_checkpoint(last, self._modules, self._optimizers)
            fabric.print(f"going on from step {self.progress.step} of {last}")

    @property
    def _modules(self) -> dict[str, torch.nn.Module]:
        modules: dict[str, torch.nn.Module] = {"network": self.network, "average": self.average}
        if self.experiment.loss.adversarial > 0:
            modules["discriminator"] = self.discriminator
        return modules

    @property
    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        found: dict[str, Any] = {"network": self.optimizer.optimizer}
        if self.experiment.loss.adversarial > 0:
            found["discriminator"] = self.judge_optimizer.optimizer
        return found

    def step(self, batch: Batch, number: int) -> dict[str, Tensor]:
        """One step of the network, and of the discriminator where there is one."""
        config, settings = self.experiment.loss, self.experiment.train
        for optimizer in (self.optimizer, self.judge_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(number, settings)
        maps = self.model(batch["pose_input"], batch["expression_input"], batch["edit"])
        # Where the pose photo shows the answer, the network must not learn to draw from it.
        learned = torch.where(batch["independent"] > 0, maps.blend, maps.blend.detach())
        maps = maps._replace(blend=learned)
        drawing = draw_batch(maps, batch)
        truth, weight = batch["truth"], batch["weight"]
        terms = reconstruction_terms(drawing, maps, truth, weight, batch["face"], config)
        window = random_window(weight, config.perceptual_crop, settings.seed, number)
        with self.fabric.autocast():
            if self.perceptual is not None and number % config.perceptual_every == 0:
                found = perceptual_terms(self.perceptual, drawing, truth, window, config)
                terms |= {name: config.perceptual_every * term for name, term in found.items()}
            drawn = window.trusted(drawing.result, truth)
            if config.adversarial > 0:
                self.discriminator.requires_grad_(False)
                terms["adversarial"] = -config.adversarial * self.discriminator(drawn).mean()
        self.fabric.backward(total(terms))
        self.fabric.clip_gradients(self.model, self.optimizer, max_norm=settings.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if config.adversarial > 0:
            terms["discriminator"] = self._judge_step(window.cut(truth), drawn.detach())
        follow(self.average, self.network, settings.average, number)
        return {name: term.detach() for name, term in terms.items()}

    def _judge_step(self, truth: Tensor, drawn: Tensor) -> Tensor:
        self.discriminator.requires_grad_(True)
        real, fake = self.judge(torch.cat([truth, drawn])).float().chunk(2)
        loss = discriminator_loss(real, fake)
        self.fabric.backward(loss)
        self.judge_optimizer.step()
        self.judge_optimizer.zero_grad()
        return loss

    def save(self, name: str = "last") -> None:
        """Write a checkpoint; only the first process does."""
        if self.fabric.is_global_zero:
            save_checkpoint(
                self.folder / f"{name}.safetensors",
                self._modules,
                self._optimizers,
                self.experiment.model,
                self.progress,
            )


def run(experiment: Experiment, minutes: float = math.inf, resume: Path | None = None) -> Progress:
    """Train until the schedule ends, measurements stop improving, or time is up."""
    settings = experiment.train
    fabric = Fabric(
        accelerator=settings.accelerator,
        devices=settings.devices,
        num_nodes=settings.nodes,
        precision=precision_here(settings),  # pyright: ignore[reportArgumentType]
    )
    fabric.launch()
    trainer = Trainer(experiment, fabric, resume)
    log = SummaryWriter(str(trainer.folder / "log")) if fabric.is_global_zero else None
    measured = validation_sources(experiment) if fabric.is_global_zero else {}
    deadline = time.monotonic() + 60 * minutes
    start = trainer.progress.step
    clock, smooth = time.monotonic(), {}
    for number, batch in enumerate(_batches(experiment, fabric, start), start):
        terms = trainer.step(batch, number)
        trainer.progress = replace(trainer.progress, step=number + 1)
        for name, term in terms.items():
            value = float(term)
            smooth[name] = _SHORT_MEMORY * smooth.get(name, value) + (1 - _SHORT_MEMORY) * value
        done = number + 1
        if log and done % settings.log_every == 0:
            seconds = (time.monotonic() - clock) / (done - start)
            _report(log, smooth, done, seconds)
        if done % settings.measure_every == 0:
            _measure(trainer, measured, log)
        if done % settings.save_every == 0:
            trainer.save()
        if fabric.broadcast(_over(trainer.progress, settings, deadline)):
            break
    trainer.save()
    if log:
        log.close()
    return trainer.progress


def precision_here(settings: TrainConfig) -> str:
    """The precision that is asked for; float32 where a processor would have to emulate bfloat16.

    Emulated, a step takes three times as long as it does in float32.
    """
    on_processor = settings.accelerator == "cpu" or not torch.cuda.is_available()
    able = torch.cpu.get_capabilities()
    emulated = on_processor and not any(able[name] for name in able if "bf16" in name)
    return "32-true" if emulated and settings.precision == "bf16-mixed" else settings.precision


def learning_rate(number: int, settings: TrainConfig) -> float:
    """Warm-up, then a cosine down to the final rate."""
    warm = min(1.0, (number + 1) / max(1, settings.warm_up))
    share = min(1.0, number / max(1, settings.steps))
    fall = 0.5 * (1 + math.cos(math.pi * share))
    return warm * (settings.final_rate + (settings.rate - settings.final_rate) * fall)


def random_window(weight: Tensor, side: int, seed: int, number: int) -> Window:
    """A square around the middle of the crop, where the face is; the same for a seed and step."""
    size = weight.shape[-1]
    side = min(side, size)
    room = size - side
    rng = np.random.default_rng([seed, number])
    y, x = (round(room * float(rng.uniform(0.25, 0.75))) for _ in range(2))
    return Window(slice(y, y + side), slice(x, x + side), weight)


@torch.no_grad()
def follow(average: ExprNet, network: ExprNet, most: float, number: int) -> None:
    """Move the averaged weights a little toward the network's."""
    keep = min(most, (1 + number) / (10 + number))
    for slow, fast in zip(average.parameters(), network.parameters(), strict=True):
        slow.lerp_(fast, 1 - keep)


def validation_sources(experiment: Experiment) -> dict[str, SampleSource]:
    """What is measured: shards and real triplets, by name."""
    data = experiment.data
    sources: dict[str, SampleSource] = {name: open_source(name, data) for name in data.validation}
    for name in data.triplets:
        place, _, role = name.partition(":")
        sources[_triplets_name(name)] = RealTriplets(
            data_root() / place, data.size, data.validation_limit, role or "expression"
        )
    return sources


def open_source(name: str, data: DataConfig) -> Shards | ViewTriplets:
    """Shards by the name of their folder, or the studio's views: ``views:train``.

    Raises:
        ValueError: nothing is there.
    """
    kind, _, split = name.partition(":")
    if kind == "views":
        folder = studio_cache() / split / "views"
        return ViewTriplets(folder, data.size, relight=data.relight)
    return Shards(_shards(name))


def _triplets_name(place: str) -> str:
    """What a set of real triplets is called in logs, such as ``video_triplets_relit``."""
    return place.replace("/", "_").replace(":", "_")


def _batches(experiment: Experiment, fabric: Fabric, start: int) -> Any:
    data, settings = experiment.data, experiment.train
    sources = [open_source(name, data) for name in data.shards]
    for name, source in zip(data.shards, sources, strict=True):
        if source.size != data.size:
            raise ValueError(f"{name} has crops of {source.size} pixels, not {data.size}")
    order = MixedOrder(
        [len(source) for source in sources],
        list(data.shards.values()),
        settings.batch,
        settings.seed,
        range(start, settings.steps),
        fabric.global_rank,
        fabric.world_size,
    )
    loader = DataLoader(
        PreparedSamples(sources, whole_pose=experiment.model.whole_pose),
        batch_sampler=order,
        num_workers=data.workers,
        # A fork inherits the locks of threads that it does not have, OpenCV's among them.
        multiprocessing_context="spawn" if data.workers else None,
        collate_fn=collate,
        pin_memory=torch.cuda.is_available(),
    )
    return fabric.setup_dataloaders(loader, use_distributed_sampler=False)


def _measure(trainer: Trainer, sources: dict[str, SampleSource], log: SummaryWriter | None) -> None:
    """Score the averaged network on the first process; the others wait for the verdict."""
    fabric, progress = trainer.fabric, trainer.progress
    if log and sources:
        scores: dict[str, Score] = {}
        limit = trainer.experiment.data.validation_limit
        for name, source in sources.items():
            scores[name], sheet = measure(trainer.average, source, limit, fabric.device)
            log.add_image(name, sheet, progress.step)
            for part in ("psnr", "mae", "warp_psnr", "warp_mae", "gained"):
                log.add_scalar(f"{name}/{part}", getattr(scores[name], part), progress.step)
            print(f"step {progress.step}  {name}  {scores[name]}", flush=True)
        score = overall(scores, {_triplets_name(name) for name in trainer.experiment.data.triplets})
        if score > progress.best:
            progress = replace(progress, best=score, stale=0)
        else:
            progress = replace(progress, stale=progress.stale + 1)
    trainer.progress = fabric.broadcast(progress)
    if trainer.progress.stale == 0:
        trainer.save("best")


def _report(log: SummaryWriter, smooth: dict[str, float], step: int, seconds: float) -> None:
    for name, value in smooth.items():
        log.add_scalar(f"loss/{name}", value, step)
    log.add_scalar("seconds_per_step", seconds, step)
    parts = "  ".join(f"{name} {value:.4f}" for name, value in smooth.items())
    print(f"step {step}  {seconds:.2f} s  {parts}", flush=True)


def _over(progress: Progress, settings: TrainConfig, deadline: float) -> bool:
    tired = settings.patience > 0 and progress.stale >= settings.patience
    return tired or time.monotonic() > deadline


def _shards(name: str) -> Path:
    return train_cache() / "shards" / name


def hold(network: torch.nn.Module, only: Sequence[str]) -> None:
    """Hold all weights whose names do not begin with one of ``only``; none where it is empty.

    Raises:
        ValueError: nothing would be trained.
    """
    for name, weights in network.named_parameters():
        weights.requires_grad_(not only or name.startswith(tuple(only)))
    if not any(weights.requires_grad for weights in network.parameters()):
        raise ValueError(f"no weights are called {' or '.join(only)}")


def _checkpoint(name: str) -> Path:
    """A checkpoint's file or a folder of exported graphs, or the name of an experiment whose best
    checkpoint is meant."""
    path = Path(name)
    given = path.suffix or (path / f"{DECODER}.onnx").is_file()
    return path if given else train_cache() / "runs" / name / "best.safetensors"


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", type=Path, help="YAML file of the experiment")
    parser.add_argument("--set", action="append", default=[], help="such as train.steps=10")
    parser.add_argument("--minutes", type=float, default=math.inf, help="save and stop after these")
    parser.add_argument("--resume", type=Path, help="a checkpoint other than the last one")
    chosen = parser.parse_args()
    run(read_experiment(chosen.experiment, tuple(chosen.set)), chosen.minutes, chosen.resume)


if __name__ == "__main__":
    main()
