"""The terms that training minimises (paper section 3.3), and the patch discriminator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from exshot_train.config import LossConfig
from exshot_train.model import Maps
from exshot_train.rendering import Drawing

_VGG_MEAN: Final = (103.939, 116.779, 123.68)  # blue, green, red, of the Keras and Caffe weights
_VGG_LAYERS: Final = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3))
_VGG_TAPS: Final = ((1, 2), (2, 2), (3, 3))


@dataclass(frozen=True)
class Window:
    """A square of the crop that the dear terms look at.

    Attributes:
        rows, columns: of the square.
        weight: ``(b, 1, h, w)`` in [0, 1], where the truth counts.
    """

    rows: slice
    columns: slice
    weight: Tensor

    def cut(self, picture: Tensor) -> Tensor:
        """The square of a ``(b, c, h, w)`` picture."""
        return picture[..., self.rows, self.columns]

    def trusted(self, drawn: Tensor, truth: Tensor) -> Tensor:
        """The square of a drawing, with the truth itself where that is not to be trusted."""
        aim = self.cut(truth)
        return aim + self.cut(self.weight) * (self.cut(drawn) - aim)


class Perceptual(nn.Module):
    """Distance of VGG16 features (Simonyan and Zisserman 2015), relative to their size."""

    def __init__(self, weights: Path) -> None:
        """Read ``vgg16_imagenet_keras_bgr.npz``; raises FileNotFoundError where it is absent."""
        super().__init__()
        with np.load(weights, allow_pickle=False) as data:
            for block, layer in _VGG_LAYERS:
                name = f"block{block}_conv{layer}"
                for part in ("weight", "bias"):
                    value = torch.from_numpy(data[f"{name}.{part}"].astype(np.float32))
                    self.register_buffer(f"{name}_{part}", value, persistent=False)
        mean = torch.tensor(_VGG_MEAN)[None, :, None, None]
        self.register_buffer("mean", mean, persistent=False)

    def forward(self, result: Tensor, truth: Tensor) -> Tensor:
        """Mean over the taps; both ``(b, 3, h, w)`` RGB in [0, 1]."""
        with torch.no_grad():
            aims = self._features(truth)
        found = self._features(result)
        terms = [
            (a.float() - b.float()).abs().mean() / (b.float().abs().mean() + 1e-6)
            for a, b in zip(found, aims, strict=True)
        ]
        return torch.stack(terms).mean()

    def _features(self, picture: Tensor) -> list[Tensor]:
        x = picture.flip(1) * 255 - self.get_buffer("mean")
        taps = []
        for block, layer in _VGG_LAYERS:
            if layer == 1 and block > 1:
                x = F.max_pool2d(x, 2)
            name = f"block{block}_conv{layer}"
            weight = self.get_buffer(f"{name}_weight").to(x.dtype)
            bias = self.get_buffer(f"{name}_bias").to(x.dtype)
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
            if (block, layer) in _VGG_TAPS:
                taps.append(x)
        return taps


class PatchDiscriminator(nn.Module):
    """Scores patches of about 70 pixels as photographed or drawn (Isola et al. 2017)."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        sizes = (3, width, 2 * width, 4 * width)
        layers: list[nn.Module] = []
        for index, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False)):
            conv = nn.Conv2d(a, b, 4, stride=2, padding=1)
            layers += [nn.utils.parametrizations.spectral_norm(conv) if index else conv]
            layers += [nn.LeakyReLU(0.2)]
        layers.append(nn.Conv2d(sizes[-1], 1, 4, padding=1))
        self.layers = nn.Sequential(*layers)

    def forward(self, picture: Tensor) -> Tensor:
        """``(b, 1, h / 8 - 1, w / 8 - 1)`` scores of a ``(b, 3, h, w)`` picture in [0, 1]."""
        return self.layers(2 * picture - 1)


def discriminator_loss(real: Tensor, drawn: Tensor) -> Tensor:
    """Hinge loss on scores of truths and of drawings."""
    return F.relu(1 - real).mean() + F.relu(1 + drawn).mean()


def reconstruction_terms(
    drawing: Drawing,
    maps: Maps,
    truth: Tensor,
    weight: Tensor,
    face: Tensor,
    config: LossConfig,
) -> dict[str, Tensor]:
    """The weighted terms that need no other network, by name.

    Args:
        truth: ``(b, 3, h, w)``.
        weight, face: ``(b, 1, h, w)`` in [0, 1]: where the truth counts; inside the face oval.
    """
    everywhere = weight * (1 + (config.face_weight - 1) * face)
    # What is drawn is judged where it is used, what is warped wherever the face is.
    used = weight * maps.blend.detach()
    on_face = weight * face
    return {
        "result": config.result * _mean(drawing.result - truth, everywhere),
        "synthesised": config.synthesised * _mean(drawing.synthesised - truth, used),
        "warped": config.warped * _mean(drawing.warped - truth, on_face),
        "flow_smoothness": config.flow_smoothness * _variation(maps.correction),
        "gain_smoothness": config.gain_smoothness * _variation(maps.log_gain),
        "residual": config.residual * maps.residual.abs().mean(),
        "residual_smoothness": config.residual_smoothness * _variation(maps.residual),
    }


def perceptual_terms(
    perceptual: Perceptual, drawing: Drawing, truth: Tensor, window: Window, config: LossConfig
) -> dict[str, Tensor]:
    """The weighted perceptual distances of result and warped photo, by name."""
    aim = window.cut(truth)
    terms = {
        "perceptual": config.perceptual * perceptual(window.trusted(drawing.result, truth), aim)
    }
    if config.perceptual_warped > 0:
        warped = window.trusted(drawing.warped, truth)
        terms["perceptual_warped"] = config.perceptual_warped * perceptual(warped, aim)
    return terms


def total(terms: Mapping[str, Tensor]) -> Tensor:
    """Sum of terms."""
    return torch.stack(list(terms.values())).sum()


def _mean(difference: Tensor, weight: Tensor) -> Tensor:
    return (difference.abs() * weight).mean()


def _variation(x: Tensor) -> Tensor:
    across = (x[..., 1:] - x[..., :-1]).abs().mean()
    return across + (x[..., 1:, :] - x[..., :-1, :]).abs().mean()
