"""Scores of a network during training, beside those of the warp method on the same samples."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from exshot.options import EditOptions
from exshot_train.data import Batch, SampleSource, collate, prepare
from exshot_train.model import ExprNet, Maps, prior_maps
from exshot_train.rendering import Drawing, draw

_LEAST_MSE = 1e-10
_SHOWN = 4


@dataclass(frozen=True)
class Score:
    """Means over samples, on the face where the truth is trusted; PSNR in decibels.

    ``warp_psnr`` and ``warp_mae`` are the warp method's.
    """

    psnr: float
    mae: float
    warp_psnr: float
    warp_mae: float

    @property
    def gained(self) -> float:
        """Decibels above the warp method."""
        return self.psnr - self.warp_psnr


def draw_batch(maps: Maps, batch: Batch) -> Drawing:
    """Draw a batch of `exshot_train.data.prepare`."""
    return draw(maps, batch["pose"], batch["expression"], batch["plain"], batch["edit"])


@torch.no_grad()
def measure(
    network: ExprNet, source: SampleSource, limit: int, device: torch.device
) -> tuple[Score, Tensor]:
    """Scores over up to ``limit`` samples spread over the source, and a sheet to look at.

    Returns:
        The score; ``(3, h, w)`` rows of pose, expression, warp method, network, truth.
    """
    network.eval()
    whole = network.config.whole_pose
    count = min(limit, len(source))
    chosen = [k * len(source) // count for k in range(count)]
    rows: list[tuple[float, float, float, float]] = []
    sheet: list[Tensor] = []
    for index in chosen:
        batch = collate([prepare(source[index], EditOptions(), whole_pose=whole)])
        batch = {name: value.to(device) for name, value in batch.items()}
        maps = network(batch["pose_input"], batch["expression_input"], batch["edit"])
        ours = draw_batch(maps, batch).result.clamp(0, 1)
        plain = draw_batch(prior_maps(batch["edit"]), batch).result.clamp(0, 1)
        mask = batch["face"] * batch["weight"]
        rows.append((*_scores(ours, batch["truth"], mask), *_scores(plain, batch["truth"], mask)))
        if len(sheet) < _SHOWN:
            pictures = (batch["pose"], batch["expression"], plain, ours, batch["truth"])
            sheet.append(torch.cat([picture[0] for picture in pictures], 2))
    means = torch.tensor(rows, dtype=torch.float64).mean(0).tolist()
    return Score(*means), torch.cat(sheet, 1).cpu()


def face_psnr(maps: Maps, batch: Batch) -> float:
    """PSNR of what maps draw, on the face where the truth is trusted, of a batch of one."""
    drawn = draw_batch(maps, batch).result.clamp(0, 1)
    return _scores(drawn, batch["truth"], batch["face"] * batch["weight"])[0]


def overall(scores: Mapping[str, Score], real: Container[str]) -> float:
    """What the best checkpoint is chosen by, decibels above the warp method.

    The least gain on a set of real triplets, named by ``real``: made triplets go on improving long
    after real ones have turned, and no set of them shall pay for another. Without real ones, the
    mean over all.
    """
    gains = [score.gained for name, score in scores.items() if name in real]
    if gains:
        return min(gains)
    return sum(score.gained for score in scores.values()) / len(scores)


def _scores(result: Tensor, truth: Tensor, mask: Tensor) -> tuple[float, float]:
    share = 3 * mask.sum().clamp(min=1)
    difference = (result - truth).abs()
    mse = float((difference.square() * mask).sum() / share)
    return -10 * float(torch.tensor(max(mse, _LEAST_MSE)).log10()), float(
        (difference * mask).sum() / share
    )
