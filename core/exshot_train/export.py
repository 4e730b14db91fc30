"""Writes a trained network as two ONNX graphs: ``python -m exshot_train.export CHECKPOINT OUT``.

Of several checkpoints, ``CHECKPOINT CHECKPOINT OUT``, the mean of their weights is written.

The encoder reads one photo, the decoder both photos' features and the edit, so that a photo's
features are computed once and a slider costs a run of the decoder only. It reads the edit at the
size of its finest level, and answers what to correct: enlarging that and adding it to the maps
costs less outside, where they are at hand. ``EXPORTED OUT``, a folder with two graphs in the place
of a checkpoint, writes their network anew.
"""

from __future__ import annotations

import argparse
import hashlib
from copy import deepcopy
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from exshot.exprnet.inputs import EDIT_PLANES, NETWORK_SIZE, PHOTO_PLANES
from exshot.exprnet.network import DECODER, ENCODER, WHOLE_POSE
from exshot_train.model import Decoder, ExprNet, gathering_warp

OPSET = 20


class _DecoderGraph(nn.Module):
    """The decoder with one argument per level, which graphs need."""

    def __init__(self, decoder: Decoder, levels: int) -> None:
        super().__init__()
        self.decoder = decoder
        self.levels = levels

        decoder.read = gathering_warp

    @property
    def feeds(self) -> list[str]:
        """Names of the arguments."""
        first = self.decoder.first_pose_level
        pose = [f"pose_{level}" for level in range(first, self.levels)]
        return [*pose, *(f"expression_{level}" for level in range(self.levels)), "edit"]

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        own, other = values[: -self.levels - 1], values[-self.levels - 1 : -1]
        found = self.decoder(list(own), list(other), values[-1])
        return tuple(getattr(found, name) for name in self.decoder.answers)


def export(network: ExprNet, folder: Path, size: int = NETWORK_SIZE) -> tuple[Path, Path]:
    """Write ``exprnet_encoder.onnx`` and ``exprnet_decoder.onnx`` for crops of ``size`` pixels.

    Raises:
        ValueError: the size is no multiple of the network's stride, or the network warps pixels
            instead of features (the ablation has no encoder that sees one photo alone).
    """
    if size % network.config.stride:
        raise ValueError(f"{size} is no multiple of {network.config.stride}")
    if not network.config.warp_features:
        raise ValueError("a network that warps pixels cannot be exported")
    folder.mkdir(parents=True, exist_ok=True)
    network = deepcopy(network).float().eval().cpu()
    count = len(network.config.channels)
    photo, edit = _any_inputs(network, size)
    with torch.no_grad():
        levels = network.encoder(photo)
    encoder, decoder = folder / f"{ENCODER}.onnx", folder / f"{DECODER}.onnx"
    # What the encoder's input is called says whether the pose photo goes in as it is.
    name = WHOLE_POSE if network.config.whole_pose else "photo"
    _write(network.encoder, (photo,), encoder, [name], [f"level_{level}" for level in range(count)])
    graph = _DecoderGraph(network.decoder, count)
    # Copies: of one and the same tensor the exporter would make a single input.
    own = [level.clone() for level in levels[network.decoder.first_pose_level :]]
    _write(graph, (*own, *levels, edit), decoder, graph.feeds, network.decoder.answers)
    return encoder, decoder


def _any_inputs(network: ExprNet, size: int) -> tuple[Tensor, Tensor]:
    """A photo's planes and an edit's as the encoder and the decoder read them, of no meaning."""
    finest = size // network.config.unshuffle
    return (
        torch.rand(1, len(PHOTO_PLANES), size, size),
        torch.rand(1, len(EDIT_PLANES), finest, finest),
    )


def index_entry(path: Path, source: str) -> str:
    """The entry of ``models.toml`` for an exported graph."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    part = (
        "Features of one photo"
        if path.stem == ENCODER
        else "Flow, gain, residual, blend and shading"
    )
    return (
        f'[{path.stem}]\nfile = "{path.name}"\nsha256 = "{digest}"\n'
        f'description = "{part} (ExprNet, {path.stat().st_size / 1e6:.1f} MB)"\n'
        'licence = "Apache-2.0; trained on CC0 and CC BY pictures, see exprnet.md"\n'
        f'source = "{source}"\n'
        'conversion = "python -m exshot_train.export CHECKPOINT... core/exshot/models"\n'
        'training_data = "see exprnet.md"\n'
    )


def describe(network: ExprNet, size: int) -> str:
    """Weights and operations of a network for crops of ``size`` pixels, one line."""
    weights = sum(parameter.numel() for parameter in network.parameters())
    photo, edit = _any_inputs(network, size)
    with torch.no_grad():
        with FlopCounterMode(display=False) as encoding:
            levels = network.encoder(photo)
        with FlopCounterMode(display=False) as decoding:
            network.decoder(levels[network.decoder.first_pose_level :], levels, edit)
    encoder, decoder = (part.get_total_flops() / 1e9 for part in (encoding, decoding))
    return (
        f"{weights / 1e6:.2f} million weights; at {size} x {size}: {encoder:.1f} GFLOP a photo, "
        f"{decoder:.1f} GFLOP an edit"
    )


def _write(
    graph: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
) -> None:
    graph.eval()
    torch.onnx.export(
        graph,
        example,
        str(path),
        input_names=inputs,
        output_names=outputs,
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    without_traces(path)


def without_traces(path: Path) -> None:
    """Take out of the file what it says of the machine: stack traces with paths."""
    model = onnx.load(path)
    for part in (*model.graph.node, *model.graph.value_info, model.graph, model):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def main() -> None:
    """Read checkpoints' averaged weights and export them."""
    from exshot_train.checkpoint import read_mean_network

    parser = argparse.ArgumentParser(description=__doc__)
    given = ".safetensors of training runs, or a folder of exported graphs"
    parser.add_argument("checkpoint", type=Path, nargs="+", help=given)
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--size", type=int, default=NETWORK_SIZE, help="side of the crops")
    chosen = parser.parse_args()
    network = read_mean_network(chosen.checkpoint)
    source = ", ".join(f"{path.parent.name}/{path.name}" for path in chosen.checkpoint)
    print("#", describe(network, chosen.size))
    for path in export(network, chosen.out, chosen.size):
        print(index_entry(path, f"exshot_train, {source}"))


if __name__ == "__main__":
    main()
