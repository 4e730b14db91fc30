"""Trains the cover network on saved sheets; see `exshot_train.cover.__main__`."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from exshot.cover.crop import COVER_SIZE
from exshot.cover.kinds import BACKGROUND, BROW, GLARE, HAIR, KINDS, OTHER, RIM, SKIN
from exshot_train.checkpoint import Progress, load_checkpoint, save_checkpoint
from exshot_train.cover.augment import random_crop
from exshot_train.cover.making import MAKERS, sheet_folder
from exshot_train.cover.network import CoverConfig, CoverNet
from exshot_train.cover.sheet import IGNORED, UNCOVERED, load
from exshot_train.cover.shipped import read_exported
from exshot_train.data_root import train_cache

_WEIGHT: Final = {RIM: 2.0, GLARE: 1.5, BROW: 1.5, OTHER: 1.2}
_FREE: Final = (BACKGROUND, SKIN, BROW, HAIR)  # what an `UNCOVERED` pixel may be
_SAVE_SECONDS: Final = 120
_REPORT_STEPS: Final = 20
_KEEP: Final = 0.995  # of the averaged weights, each step
_WHOLE_FROM: Final = 0.8  # share of the steps after which they see whole crops


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        name: of the run; its checkpoint lies in ``runs/NAME`` of the training cache.
        steps: at which the learning rate has fallen to nothing.
        window: side of the part of a crop that a step sees, a multiple of 32, until the last fifth
            of the steps; cheaper than all of it.
        photographs: share of crops from real portraits.
        bfloat16: multiply in bfloat16, which processors with AMX do twice as fast.
    """

    name: str = "cover"
    steps: int = 6000
    batch: int = 16
    window: int = 192
    rate: float = 2e-3
    photographs: float = 0.6
    seed: int = 0
    bfloat16: bool = True
    threads: int = 2


def checkpoint_path(name: str) -> Path:
    return train_cache() / "runs" / name / "last.safetensors"


def train(settings: Settings, minutes: float = math.inf, start: Path | None = None) -> None:
    """Train until ``settings.steps``, or stop after some minutes and save.

    Goes on from the run's own checkpoint; a new run may begin with the weights of ``start``, a
    checkpoint or an exported graph.
    """
    torch.set_num_threads(settings.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(settings.seed)
    network = CoverNet()
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    average = deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=1e-4)
    modules: dict[str, torch.nn.Module] = {"network": network, "average": average}
    path, progress = checkpoint_path(settings.name), Progress()
    if path.exists():
        progress = load_checkpoint(path, modules, {"main": optimizer})
    elif start:
        _begin_with(start, modules, settings)
    deadline = saved = time.monotonic()
    deadline += 60 * minutes
    smooth, began = 0.0, time.monotonic()
    for step, (pictures, labels) in zip(
        range(progress.step, settings.steps), _batches(settings, progress.step), strict=False
    ):
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * _schedule(step, settings.steps)
        loss = _step(network, optimizer, pictures, labels, settings.bfloat16)
        _follow(average, network, min(_KEEP, (step + 1) / (step + 10)))
        smooth = loss if not smooth else 0.97 * smooth + 0.03 * loss
        progress = replace(progress, step=step + 1)
        if progress.step % _REPORT_STEPS == 0:
            seconds = (time.monotonic() - began) / _REPORT_STEPS
            began = time.monotonic()
            print(f"step {progress.step}  {seconds:.2f} s  loss {smooth:.4f}", flush=True)
        if time.monotonic() - saved > _SAVE_SECONDS:
            save_checkpoint(path, modules, {"main": optimizer}, network.config, progress)
            saved = time.monotonic()
        if time.monotonic() > deadline:
            break
    save_checkpoint(path, modules, {"main": optimizer}, network.config, progress)


def _begin_with(start: Path, modules: dict[str, torch.nn.Module], settings: Settings) -> None:
    if start.suffix == ".onnx":
        network = read_exported(start, _batch(settings, step=0)[0])
        for module in modules.values():
            module.load_state_dict(network.state_dict())
    else:
        load_checkpoint(start, modules, {})


def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of known pixels, thin and rare kinds weighing more, plus 1 - Dice, plus what
    covers are seen where there are none.

    Args:
        logits: ``(n, 9, h, w)``.
        labels: ``(n, h, w)`` int64, `UNCOVERED` or `IGNORED` where the kind is unknown.
    """
    weight = torch.ones(len(KINDS))
    for kind, value in _WEIGHT.items():
        weight[kind] = value
    log_share = logits.log_softmax(dim=1)
    known, bare = labels < len(KINDS), labels == UNCOVERED
    crossed = F.nll_loss(log_share, labels.where(known, IGNORED), weight, ignore_index=IGNORED)
    seen_bare = log_share[:, list(_FREE)].logsumexp(dim=1)[bare]
    crossed = crossed - seen_bare.sum() / known.sum().clamp(min=1)
    told = log_share.movedim(1, 3)[known].exp()  # (m, 9)
    truth = labels[known]
    at_truth = told.gather(1, truth[:, None])[:, 0]
    both = torch.zeros(len(KINDS)).index_add(0, truth, at_truth)
    count = torch.bincount(truth, minlength=len(KINDS))
    dice = (2 * both + 1) / (told.sum(0) + count + 1)
    return crossed + 0.5 * (1 - dice[count > 0].mean())


def _step(
    network: CoverNet,
    optimizer: torch.optim.Optimizer,
    pictures: Tensor,
    labels: Tensor,
    bfloat16: bool,
) -> float:
    """One step; the loss is measured on a random quarter of the pixels, which costs a quarter."""
    network.train()
    some = torch.randint(0, 2, (2,)).tolist()
    quarter = np.s_[..., some[0] :: 2, some[1] :: 2]
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        logits = network(pictures)
    loss = loss_of(logits[quarter].float(), labels[quarter])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimizer.step()
    return float(loss.detach())


def _follow(average: CoverNet, network: CoverNet, keep: float) -> None:
    with torch.no_grad():
        state = network.state_dict()
        for key, value in average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(state[key], 1 - keep)
            else:
                value.copy_(state[key])


def _schedule(step: int, steps: int) -> float:
    """Share of the learning rate: a short rise, then half a cosine down."""
    rise = min(1.0, (step + 1) / 100)
    return rise * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))))


def _batches(settings: Settings, start: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless random batches; new sheets are found as they are made."""
    with ThreadPoolExecutor(1) as pool:
        step = start
        following = pool.submit(_batch, settings, step)
        while True:
            ready = following.result()
            step += 1
            following = pool.submit(_batch, settings, step)
            yield ready


def _batch(settings: Settings, step: int) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng([settings.seed, step])
    found = {maker: sorted(sheet_folder(maker, "train").glob("s*_?.jpg")) for maker in MAKERS}
    window = settings.window if step < _WHOLE_FROM * settings.steps else COVER_SIZE
    pictures, labels = [], []
    for _ in range(settings.batch):
        maker = MAKERS[0] if rng.random() < settings.photographs else MAKERS[1]
        paths = found[maker] or found[MAKERS[0]] or found[MAKERS[1]]
        if not paths:
            raise SystemExit("There are no sheets yet: run python -m exshot_train.cover make.")
        picture, said = random_crop(*load(paths[int(rng.integers(len(paths)))]), rng)
        top, left = rng.integers(0, len(said) - window + 1, 2)
        seen = np.s_[top : top + window, left : left + window]
        picture, said = picture[seen], said[seen]
        pictures.append(np.moveaxis(picture, 2, 0))
        labels.append(said)
    stacked = torch.from_numpy(np.stack(pictures)).float() / 255
    return (
        stacked.contiguous(memory_format=torch.channels_last),
        torch.from_numpy(np.stack(labels).astype(np.int64)),
    )


def read_cover_network(path: Path) -> CoverNet:
    """The averaged network of a checkpoint."""
    network = CoverNet(CoverConfig())
    load_checkpoint(path, {"average": network}, {})
    return network.eval()
