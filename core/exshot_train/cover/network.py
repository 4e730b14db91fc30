"""The cover network: residual blocks down to an eighth of the crop's size and a light way up."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from torch import Tensor, nn

from exshot.cover.kinds import KINDS


@dataclass(frozen=True)
class CoverConfig:
    """Shape of the network.

    Attributes:
        channels: at 1/2, 1/4, … 1/32 of the crop's side.
        blocks: residual blocks on each of them.
        fine: channels at full size, for rims that are a pixel or two wide.
    """

    channels: tuple[int, ...] = (16, 32, 64, 112, 160)
    blocks: tuple[int, ...] = (0, 1, 2, 2, 1)
    fine: int = 8


class CoverNet(nn.Module):
    """``(n, 3, h, w)`` RGB in [0, 1] to ``(n, 9, h, w)`` logits of `KINDS`; sides of 32 k."""

    def __init__(self, config: CoverConfig | None = None) -> None:
        super().__init__()
        self.config = config or CoverConfig()
        widths = self.config.channels
        downs: list[nn.Module] = []
        before = 3
        for width, blocks in zip(widths, self.config.blocks, strict=True):
            inner = [_Block(width) for _ in range(blocks)] or [_conv(width, width)]
            downs.append(nn.Sequential(_conv(before, width, stride=2), *inner))
            before = width
        self.downs = nn.ModuleList(downs)
        self.whole = nn.Sequential(nn.Conv2d(before, before, 1), nn.ReLU())
        lower = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.narrow = nn.ModuleList([nn.Conv2d(wide, thin, 1) for wide, thin in lower])
        self.join = nn.ModuleList([_conv(thin, thin) for _, thin in lower])
        self.fine = _conv(3, self.config.fine)
        self.last = nn.Conv2d(widths[0] + self.config.fine, len(KINDS), 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        centred = (picture - 0.45) * 4
        levels = []
        x = centred
        for down in self.downs:
            x = down(x)
            levels.append(x)
        x = x + self.whole(x.mean(dim=(2, 3), keepdim=True))
        for narrow, join, level in zip(self.narrow, self.join, levels[-2::-1], strict=True):
            x = join(_doubled(narrow(x)) + level)
        return self.last(torch.cat([_doubled(x), self.fine(centred)], dim=1))


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def _conv(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
