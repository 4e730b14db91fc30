"""Makes shards. Apart from the command line, because worker processes import this module."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore
from exshot_train.triplets.photographs import (
    TRAINING_FOLDERS,
    VALIDATION_FOLDERS,
    Photographs,
    Recipe,
)
from exshot_train.triplets.sample import Sample, TripletMaker
from exshot_train.triplets.shards import write_shard

PER_SHARD = 32
_TRIES = 20  # draws per sample before a maker counts as broken


@dataclass(frozen=True)
class Order:
    """What to make: everything that a worker process has to know."""

    maker: str
    split: str
    size: int
    seed: int
    relight: bool

    @property
    def name(self) -> str:
        plain = "" if self.relight else "_one_light"
        return f"{self.maker}_{self.split}_{self.size}{plain}"


def make_shard(job: tuple[Order, int, Path]) -> Path:
    """Make one shard, and say where it is."""
    order, number, _ = job
    cv2.setNumThreads(1)
    maker = _maker(order)
    rng = np.random.default_rng([order.seed, number])
    path = job_path(*job)
    write_shard(path, [_one(maker, rng) for _ in range(PER_SHARD)], order.maker, order.seed)
    return path


def _one(maker: TripletMaker, rng: np.random.Generator) -> Sample:
    for _ in range(_TRIES):
        sample = maker(rng)
        if sample is not None:
            return sample
    raise RuntimeError(f"{_TRIES} draws in a row gave no triplet")


@lru_cache(maxsize=1)
def _maker(order: Order) -> TripletMaker:
    fitter = FaceFitter(ModelStore())
    train = order.split == "train"
    if order.maker == "renders":
        from exshot_train.triplets.renders import Renders  # needs scipy

        same = 0.25 if order.relight else 1.0
        return Renders(fitter, order.size, "train" if train else "val", same)
    recipe = Recipe() if order.relight else replace(Recipe(), relight=0.0, relight_all=0.0)
    folders = TRAINING_FOLDERS if train else VALIDATION_FOLDERS
    return Photographs(fitter, order.size, folders, recipe)


def job_path(order: Order, number: int, folder: Path) -> Path:
    """Where a shard lies."""
    return folder / f"s{order.seed}_{number:05d}.safetensors"
