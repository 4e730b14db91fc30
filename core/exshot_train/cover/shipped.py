"""Takes the shipped network up again: its ONNX graph is all that is kept of a run."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from exshot_train.checkpoint import graph_weights
from exshot_train.cover.network import CoverNet


def read_exported(path: Path, pictures: Tensor) -> CoverNet:
    """The network of a graph that `exshot_train.cover.export.export` wrote, ready to be trained.

    The graph has batch normalisation folded into its convolutions. Each normalisation is set to the
    mean and spread of what it gets on some pictures, with the scale and shift that undo it.

    Args:
        path: of the ONNX file.
        pictures: ``(n, 3, h, w)`` RGB in [0, 1], such as those to train on.
    """
    stored = graph_weights(path)
    network = CoverNet()
    own = network.state_dict()
    network.load_state_dict({name: stored.get(name, value) for name, value in own.items()})
    hooks = [
        norm.register_forward_pre_hook(_undoing(stored[f"{before}.weight_bias"]))
        for before, norm in _normalisations(network)
    ]
    network.eval()
    with torch.no_grad():
        network(pictures)
    for hook in hooks:
        hook.remove()
    return network


def _normalisations(network: CoverNet) -> list[tuple[str, nn.BatchNorm2d]]:
    """Each with the name of the convolution before it."""
    found = []
    for name, module in network.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            place, _, index = name.rpartition(".")
            found.append((f"{place}.{int(index) - 1}", module))
    return found


def _undoing(bias: Tensor):
    def measure(norm: nn.Module, given: tuple[Tensor]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        variance, mean = torch.var_mean(given[0], dim=(0, 2, 3), correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(mean + bias)

    return measure
