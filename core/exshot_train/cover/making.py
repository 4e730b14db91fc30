"""Makes sheets. Apart from the command line, because worker processes import this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from exshot_train.cover.sheet import Sheet, save
from exshot_train.data_root import train_cache
from exshot_train.studio.people import Split

MAKERS: Final = ("photographs", "renders")
PER_JOB: Final = 8
_TRIES: Final = 20  # draws per sheet before a maker counts as broken


@dataclass(frozen=True)
class Job:
    """Eight sheets; which ones depends on nothing but these four.

    Attributes:
        maker: one of `MAKERS`.
        split: photographs are of ``"train"`` only.
        number: of the job.
    """

    maker: str
    split: Split
    seed: int
    number: int

    def path(self, folder: Path, k: int) -> Path:
        """Where the ``k``-th picture lies."""
        return folder / f"s{self.seed}_{self.number:05d}_{k}.jpg"

    def done(self, folder: Path) -> bool:
        """Whether the last picture is there."""
        return self.path(folder, PER_JOB - 1).exists()


def sheet_folder(maker: str, split: Split) -> Path:
    """Where sheets of a maker and split lie."""
    return train_cache() / "cover" / f"{maker}_{split}"


def make(job: Job) -> Job:
    """Make and save the sheets of a job."""
    cv2.setNumThreads(1)
    folder = sheet_folder(job.maker, job.split)
    rng = np.random.default_rng([job.seed, MAKERS.index(job.maker), job.number])
    for k, sheet in enumerate(_sheets(job, rng)):
        save(sheet, job.path(folder, k))
    return job


def _sheets(job: Job, rng: np.random.Generator) -> list[Sheet]:
    if job.maker == "renders":
        from exshot_train.cover.renders import VIEWS, render_sheets

        heads = [render_sheets(_wardrobe(job.split), rng) for _ in range(PER_JOB // VIEWS)]
        return [sheet for head in heads for sheet in head]
    made: list[Sheet] = []
    for _ in range(_TRIES * PER_JOB):
        sheet = _photographs()(rng)
        made += [sheet] if sheet else []
        if len(made) == PER_JOB:
            return made
    raise RuntimeError(f"{_TRIES * PER_JOB} draws gave {len(made)} sheets")


@lru_cache(maxsize=1)
def _wardrobe(split: Split):
    from exshot_train.cover.dress import open_wardrobe

    return open_wardrobe(split)


@lru_cache(maxsize=1)
def _photographs():
    from exshot.face.fitter import FaceFitter
    from exshot.model_store import ModelStore
    from exshot_train.cover.photographs import Photographs

    return Photographs(_wardrobe("train"), FaceFitter(ModelStore()))
