"""Eight-bit copies of the two graphs: ``python -m exshot_train.quantise SHARDS``.

Convolutions are quantised statically, calibrated with training samples; the last layers, whose
answers are positions and colours, stay as they are. Prints how far the copies' answers are from the
originals' and how long both take, so that it can be decided whether they are worth shipping.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from exshot.exprnet.network import DECODER, ENCODER
from exshot.image.sampling import shrink
from exshot.model_store import INDEX_FILE, MODELS_FOLDER
from exshot.options import EditOptions
from exshot_train.data import prepare
from exshot_train.data_root import train_cache
from exshot_train.export import index_entry
from exshot_train.triplets.shards import Shards

Feeds = dict[str, NDArray[np.float32]]

_NARROW: Final = 4  # channels; a layer with fewer answers flow or gain
_REPEATS: Final = 20


class Calibration(CalibrationDataReader):
    """Hands prepared inputs to ONNX Runtime's calibration, one after the other."""

    def __init__(self, feeds: Sequence[Feeds]) -> None:
        self._feeds: Iterator[Feeds] = iter(feeds)

    def get_next(self) -> Feeds | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The next inputs, None at the end."""
        return next(self._feeds, None)


def feeds_of(shards: Shards, count: int, models: Path) -> tuple[list[Feeds], list[Feeds]]:
    """Inputs of encoder and decoder for ``count`` samples spread over the shards."""
    encoder, decoder = (_session(models / f"{name}.onnx") for name in (ENCODER, DECODER))
    inputs = {value.name: value.shape for value in decoder.get_inputs()}
    finest = inputs["edit"][2]
    photos: list[Feeds] = []
    edits: list[Feeds] = []
    for index in range(0, len(shards), max(1, len(shards) // count))[:count]:
        sample = prepare(shards[index], EditOptions())
        planes = [shrink(plane, finest) for plane in sample["edit"]]
        values: Feeds = {"edit": np.stack(planes)[None]}
        for role in ("pose", "expression"):
            photos.append({"photo": sample[f"{role}_input"][None]})
            for level, features in enumerate(encoder.run(None, photos[-1])):
                values[f"{role}_{level}"] = np.asarray(features, np.float32)
        edits.append({name: values[name] for name in inputs})
    return photos, edits


def quantise(source: Path, target: Path, feeds: Sequence[Feeds]) -> None:
    """Write an eight-bit copy of a graph, calibrated with ``feeds``."""
    quantize_static(
        source,
        target,
        Calibration(feeds),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=answering_layers(source),
    )


def answering_layers(source: Path) -> list[str]:
    """Names of the convolutions whose output is an answer or a flow, not features."""
    graph = onnx.load(str(source)).graph
    shapes = {weight.name: tuple(weight.dims) for weight in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    narrow = [node.name for node in convolutions if shapes[node.input[1]][0] < _NARROW]
    # A decoder ends in the layer that holds every pixel's residual, blend and shading.
    return [*narrow, convolutions[-1].name] if narrow else []


def compare(one: Path, other: Path, feeds: Sequence[Feeds]) -> tuple[dict[str, float], float]:
    """Mean distance of each output of two graphs, and how many times as long the second takes."""
    first, second = _session(one), _session(other)
    names = [value.name for value in first.get_outputs()]
    apart: dict[str, list[float]] = {name: [] for name in names}
    for feed in feeds:
        for name, a, b in zip(names, first.run(None, feed), second.run(None, feed), strict=True):
            apart[name].append(float(np.abs(np.asarray(a) - np.asarray(b)).mean()))
    seconds = [
        statistics.median(_seconds(session, feeds[0]) for _ in range(_REPEATS))
        for session in (first, second)
    ]
    return {name: statistics.mean(values) for name, values in apart.items()}, seconds[1] / seconds[
        0
    ]


def _seconds(session: ort.InferenceSession, feed: Feeds) -> float:
    start = time.perf_counter()
    session.run(None, feed)
    return time.perf_counter() - start


def _session(path: Path) -> Any:
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def main() -> None:
    """Quantise the shipped graphs and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path, help="folder of training shards for calibration")
    parser.add_argument(
        "--out", type=Path, default=train_cache() / "int8", help="folder for a whole set of models"
    )
    parser.add_argument("--count", type=int, default=48, help="samples for calibration")
    chosen = parser.parse_args()
    shutil.copytree(MODELS_FOLDER, chosen.out, dirs_exist_ok=True)
    index = (MODELS_FOLDER / INDEX_FILE).read_text("utf-8").partition(f"[{ENCODER}]")[0]
    both = feeds_of(Shards(chosen.shards), chosen.count, MODELS_FOLDER)
    for name, feeds in zip((ENCODER, DECODER), both, strict=True):
        source, target = (folder / f"{name}.onnx" for folder in (MODELS_FOLDER, chosen.out))
        quantise(source, target, feeds)
        index += index_entry(target, "exshot_train.quantise")
        apart, longer = compare(source, target, feeds[:16])
        sizes = " to ".join(f"{path.stat().st_size / 1e6:.1f}" for path in (source, target))
        answers = ", ".join(f"{key} {value:.4f}" for key, value in apart.items())
        print(f"{name}: {sizes} MB, takes {longer:.2f} times as long; mean difference: {answers}")
    (chosen.out / INDEX_FILE).write_text(index, "utf-8")


if __name__ == "__main__":
    main()
