"""Learned perceptual image patch similarity (LPIPS, AlexNet, version 0.1)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

WEIGHTS = Path("weights") / "lpips_alex_v01.npz"  # inside the data folder
_STRIDES_PADDINGS = ((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))
_POOL_BEFORE = (1, 2)
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)


def missing_reason(data: Path) -> str | None:
    """Why LPIPS cannot be measured here, or None where it can."""
    if find_spec("torch") is None:
        return "torch is not installed (pip install 'exshot[bench]')"
    if not (data / WEIGHTS).is_file():
        return f"the weights {WEIGHTS} are not in the data folder"
    return None


class Lpips:
    """The metric of Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features".

    Lower is nearer; 0 for identical pictures.
    """

    def __init__(self, data: Path, threads: int | None = None) -> None:
        import torch

        if threads is not None:
            torch.set_num_threads(threads)
        with np.load(data / WEIGHTS) as stored:
            tensors = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored}
        self._convolutions = [
            (tensors[f"conv{i}.weight"], tensors[f"conv{i}.bias"]) for i in range(5)
        ]
        self._heads = [tensors[f"lin{i}"] for i in range(5)]

    def features(self, image: NDArray[np.uint8]) -> list[torch.Tensor]:
        """Unit-length features of an ``(h, w, 3)`` RGB picture at five depths."""
        import torch
        from torch.nn import functional

        shift = torch.tensor(_SHIFT)[None, :, None, None]
        scale = torch.tensor(_SCALE)[None, :, None, None]
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
        x = (pixels / 127.5 - 1.0 - shift) / scale
        levels = []
        with torch.inference_mode():
            for depth, ((weight, bias), (stride, padding)) in enumerate(
                zip(self._convolutions, _STRIDES_PADDINGS)
            ):
                if depth in _POOL_BEFORE:
                    x = functional.max_pool2d(x, 3, 2)
                x = functional.relu(functional.conv2d(x, weight, bias, stride, padding))
                length = torch.sqrt((x**2).sum(1, keepdim=True))
                levels.append(x / (length + 1e-10))
        return levels

    def distance(
        self,
        a: list[torch.Tensor],
        b: list[torch.Tensor],
        mask: NDArray[np.bool_] | None = None,
    ) -> float:
        """LPIPS between two pictures' `features`.

        With a mask ``(h, w)`` each depth's distance map is averaged over the mask's share of its
        cells instead of over all of them; a mask of ones gives the plain metric.
        """
        import torch
        from torch.nn import functional

        total = 0.0
        with torch.inference_mode():
            for x, y, head in zip(a, b, self._heads):
                cells = functional.conv2d((x - y) ** 2, head)
                if mask is None:
                    total += float(cells.mean())
                    continue
                ones = torch.from_numpy(mask.astype(np.float32))[None, None]
                size = (int(cells.shape[2]), int(cells.shape[3]))
                weight = functional.adaptive_avg_pool2d(ones, size)
                total += float((cells * weight).sum() / weight.sum())
        return total
