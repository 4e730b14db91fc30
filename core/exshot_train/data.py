"""From shards to batches: samples mixed by weight, and prepared as inference prepares them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from exshot.align.pair import CroppedFace, align
from exshot.exprnet.inputs import SHADING, edit_planes, photo_planes
from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore
from exshot.options import EditOptions
from exshot_train.triplets.photographs import read_picture
from exshot_train.triplets.sample import Sample, Uncropped, crop_sample

Batch = dict[str, Tensor]
_STREAM = 7919  # keeps the order of samples apart from other uses of a seed


class SampleSource(Protocol):
    """A sequence of samples; `exshot_train.triplets.shards.Shards` is one."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Sample: ...


@dataclass(frozen=True)
class Draw:
    """Names one prepared sample: source, its index, and the seed of what is random about it."""

    source: int
    index: int
    seed: int


class PreparedSamples(Dataset[dict[str, NDArray[np.float32]]]):
    """Samples of several sources as the network's inputs; see `prepare`."""

    def __init__(self, sources: Sequence[SampleSource], *, whole_pose: bool = False) -> None:
        self.sources = sources
        self.whole_pose = whole_pose

    def __getitem__(self, draw: Draw) -> dict[str, NDArray[np.float32]]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng(draw.seed)
        options = EditOptions(feather=float(rng.uniform(0.06, 0.16)))
        sample = self.sources[draw.source][draw.index]
        return prepare(sample, options, whole_pose=self.whole_pose)


class MixedOrder(Sampler[list[Draw]]):
    """Batches of a run, a function of seed and step alone, so that a run resumes where it stopped.

    Every step draws its sources by weight. Processes take turns within a step's samples.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        weights: Sequence[float],
        batch: int,
        seed: int,
        steps: range,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        self._lengths = lengths
        self._weights = np.asarray(weights, np.float64) / np.sum(weights)
        self._batch = batch
        self._seed = seed
        self._steps = steps
        self._process = process
        self._processes = processes

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[list[Draw]]:
        for step in self._steps:
            rng = np.random.default_rng([_STREAM, self._seed, step])
            total = self._batch * self._processes
            sources = rng.choice(len(self._lengths), total, p=self._weights)
            draws = [
                Draw(int(k), int(rng.integers(self._lengths[k])), int(rng.integers(2**31)))
                for k in sources
            ]
            yield draws[self._process :: self._processes]


def prepare(
    sample: Sample, options: EditOptions, *, whole_pose: bool = False
) -> dict[str, NDArray[np.float32]]:
    """A sample as the network reads it, and what its answer is compared with.

    Args:
        whole_pose: the pose photo's expression is not hidden, see
            `exshot_train.model.ModelConfig`.

    Returns:
        Planes-first float32 arrays: ``pose_input``, ``expression_input``, ``edit`` for the
        network; ``pose``, ``expression``, ``plain``, ``truth`` ``(3, s, s)``, ``weight`` and
        ``face`` ``(1, s, s)``, ``independent`` ``(1, 1, 1)`` for losses and scores.
    """
    pose, expression, plain, truth = (
        _as_float(p) for p in (sample.pose, sample.expression, sample.plain, sample.truth)
    )
    pair = align(
        CroppedFace.whole(pose, sample.mesh_pose),
        CroppedFace.whole(expression, sample.mesh_expression),
        options,
    )
    edit = edit_planes(pair, options)
    if not sample.independent:
        # The pose photo is the truth redrawn: its shading is the answer, creases and all.
        edit.planes[SHADING] = 0
    return {
        "pose_input": photo_planes(pair.pose, "whole_pose" if whole_pose else "pose"),
        "expression_input": photo_planes(pair.expression, "expression"),
        "edit": edit.planes,
        "pose": _planes(pose),
        "expression": _planes(expression),
        "plain": _planes(plain),
        "truth": _planes(truth),
        "weight": _as_float(sample.weight)[None],
        "face": pair.maps.face[None].astype(np.float32),
        "independent": np.full((1, 1, 1), sample.independent, np.float32),
    }


def collate(samples: list[dict[str, NDArray[np.float32]]]) -> Batch:
    """Stack prepared samples."""
    return {
        name: torch.from_numpy(np.stack([sample[name] for sample in samples]))
        for name in samples[0]
    }


class RealTriplets:
    """Triplets of photos on disk (``triplets.json``), for measuring only. Fits them when made."""

    def __init__(self, folder: Path, size: int, limit: int, role: str = "expression") -> None:
        """Read and fit ``limit`` of them, spread evenly; ``role`` names the expression's file."""
        listing = json.loads((folder / "triplets.json").read_text("utf-8"))
        fitter = FaceFitter(ModelStore())
        self._samples: list[Sample] = []
        step = max(1, len(listing) // limit)
        for entry in listing[::step][:limit]:
            name = str(entry["subject"])
            if "index" in entry:
                name = f"{name}/{int(entry['index']):02d}"
            pose, expression, truth = (
                read_picture(folder / f"{name}_{part}.jpg") for part in ("pose", role, "truth")
            )
            here, there = fitter.fit(pose), fitter.fit(expression)
            if not here or not there or truth.shape != pose.shape:
                continue
            trusted = np.full(truth.shape[:2], 255, np.uint8)
            whole = Uncropped(
                pose,
                truth,
                trusted,
                expression,
                expression,
                here[0].mesh,
                there[0].mesh,
                name,
                True,
            )
            self._samples.append(crop_sample(whole, size))

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]


def _as_float(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (values / np.float32(255)).astype(np.float32)


def _planes(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.moveaxis(picture, 2, 0))
