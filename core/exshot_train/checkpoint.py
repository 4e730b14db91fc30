"""Checkpoints: one safetensors file with everything a run needs to go on as if never stopped.

``python -m exshot_train.checkpoint RUN.safetensors OUT.safetensors`` keeps the averaged weights
alone, in half precision: an eighth of the size, enough to measure, to export and to begin from.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
import torch
from onnx import numpy_helper
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from exshot.exprnet.network import DECODER, ENCODER
from exshot_train.config import build
from exshot_train.model import ExprNet, ModelConfig

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_OPTIMIZER = "optimizer"


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        step: steps done.
        best: best score of a measurement so far, decibels.
        stale: measurements since then.
    """

    step: int = 0
    best: float = float("-inf")
    stale: int = 0


def save_checkpoint(
    path: Path,
    modules: dict[str, nn.Module],
    optimizers: dict[str, torch.optim.Optimizer],
    config: DataclassInstance,
    progress: Progress,
) -> None:
    """Write a checkpoint; the file appears whole or not at all.

    Args:
        modules: by name; ``network`` and ``average`` (the averaged copy) are what others read.
        optimizers: by name.
    """
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        for key, value in module.state_dict().items():
            tensors[f"{name}.{key}"] = value
    for name, optimizer in optimizers.items():
        for index, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                tensors[f"{_OPTIMIZER}.{name}.{index}.{key}"] = torch.as_tensor(value)
    header = {"model": json.dumps(asdict(config)), "progress": json.dumps(asdict(progress))}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, part, header)
    part.replace(path)


def load_checkpoint(
    path: Path, modules: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer]
) -> Progress:
    """Put a checkpoint into modules and optimizers. Those that it does not hold stay as they are.

    Raises:
        ValueError: it belongs to a network of another shape.
    """
    tensors, header = _read(path)
    for name, module in modules.items():
        state = _below(tensors, name)
        if state:
            _load_module(path, module, state)
    for name, optimizer in optimizers.items():
        found: dict[int, dict[str, Tensor]] = {}
        for key, value in _below(tensors, f"{_OPTIMIZER}.{name}").items():
            index, _, part = key.partition(".")
            found.setdefault(int(index), {})[part] = value
        if found:
            optimizer.load_state_dict({**optimizer.state_dict(), "state": found})
    return build(Progress, json.loads(header["progress"]), "progress")


def read_network(path: Path) -> ExprNet:
    """The averaged network of a checkpoint, or the one of a folder with exported graphs.

    Raises:
        ValueError: the weights belong to a network of another shape.
    """
    if path.is_dir():
        return _read_exported(path)
    tensors, header = _read(path)
    network = ExprNet(build(ModelConfig, json.loads(header["model"]), "model"))
    _load_module(path, network, _below(tensors, "average"))
    return network


def read_mean_network(paths: Sequence[Path]) -> ExprNet:
    """The mean of several runs' averaged weights (model soups, Wortsman et al. 2022).

    It is one network again when the runs began from one of them and stayed near it.

    Raises:
        ValueError: their networks differ in shape, or there is none.
    """
    if not paths:
        raise ValueError("no checkpoint to read")
    networks = [read_network(path) for path in paths]
    states = [network.state_dict() for network in networks]
    mean: dict[str, Tensor] = {}
    for key, value in states[0].items():
        values = [state.get(key, value.new_empty(0)) for state in states]
        if any(other.shape != value.shape for other in values):
            raise ValueError(f"{', '.join(map(str, paths))} are networks of different shapes")
        mean[key] = torch.stack([other.double() for other in values]).mean(0).to(value.dtype)
    networks[0].load_state_dict(mean)
    return networks[0]


def graph_weights(path: Path) -> dict[str, Tensor]:
    """The weights in an ONNX graph, by name."""
    stored = onnx.load(path).graph.initializer
    return {weights.name: torch.tensor(numpy_helper.to_array(weights)) for weights in stored}


def write_average(path: Path, out: Path) -> None:
    """Write the averaged weights of a checkpoint alone, as float16; `read_network` reads them."""
    tensors, header = _read(path)
    half = {
        name: value.half().contiguous()
        for name, value in tensors.items()
        if name.startswith("average.")
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{os.getpid()}")
    save_file(half, part, header)
    part.replace(out)


def _read_exported(folder: Path) -> ExprNet:
    """The network of the default shape behind two graphs, such as the shipped ones."""
    network = ExprNet(ModelConfig())
    found = {
        below + name: weights
        for part, below in ((ENCODER, "encoder."), (DECODER, ""))  # as `export` names them
        for name, weights in graph_weights(folder / f"{part}.onnx").items()
    }
    state = {name: found[name] for name in network.state_dict() if name in found}
    _load_module(folder, network, state)
    return network


def _load_module(path: Path, module: nn.Module, state: dict[str, Tensor]) -> None:
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(f"{path} belongs to a network of another shape") from error


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, "pt") as file:
        names: list[str] = list(file.keys())
        header: dict[str, Any] = file.metadata() or {}
        return {name: file.get_tensor(name) for name in names}, header


def _below(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    start = f"{name}."
    return {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}


def main() -> None:
    """Read the command line and write the averaged weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="of a training run")
    parser.add_argument("out", type=Path, help="file to write")
    chosen = parser.parse_args()
    write_average(chosen.checkpoint, chosen.out)


if __name__ == "__main__":
    main()
