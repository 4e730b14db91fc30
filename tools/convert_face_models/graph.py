"""Rewrites of the converted graphs that make ONNX Runtime fast without changing what they compute.

ONNX Runtime keeps convolutions in its blocked layout only as long as every operator between them
knows that layout. ``PRelu`` and channel padding do not, so each one costs two re-orderings, and
``PRelu`` itself is slow there. Both can be said in convolutions and ``Relu``:

- With ``p = Relu(y)`` and ``n = Relu(-y)``, ``PRelu(y) = p - a n``. Where one convolution feeds
  the ``PRelu`` and a depthwise plus a pointwise convolution follow, the first is made to put out
  ``y`` and ``-y``, the depthwise one treats both alike, and ``-a`` goes into the last one's
  weights.
- Elsewhere ``PRelu(y) = a y + (1 - a) Relu(y)``, two depthwise 1x1 convolutions and a sum.
- Padding channels with zeros is a 1x1 convolution with a rectangular identity.
"""

# pyright: reportMissingImports=false
# (the converters live in an environment of their own)
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[np.float32]


class Graph:
    """A model's nodes and constants, with the look-ups that rewriting needs."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.proto = model.graph
        self.nodes: list[onnx.NodeProto] = list(model.graph.node)
        self.constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
        self._serial = 0

    def constant(self, values: NDArray[np.generic]) -> str:
        self._serial += 1
        name = f"constant_{self._serial}"
        self.constants[name] = np.ascontiguousarray(values)
        return name

    def conv(
        self, source: str, weight: Array, bias: Array | None, out: str, **attributes: object
    ) -> onnx.NodeProto:
        inputs = [source, self.constant(weight)]
        if bias is not None:
            inputs.append(self.constant(bias))
        attributes.setdefault("kernel_shape", list(weight.shape[2:]))
        return helper.make_node("Conv", inputs, [out], **attributes)

    def producer(self, tensor: str) -> onnx.NodeProto | None:
        return next((node for node in self.nodes if tensor in node.output), None)

    def consumers(self, tensor: str) -> list[onnx.NodeProto]:
        return [node for node in self.nodes if tensor in node.input]

    def only_consumer(self, tensor: str) -> onnx.NodeProto | None:
        found = self.consumers(tensor)
        is_output = any(tensor == out.name for out in self.proto.output)
        return found[0] if len(found) == 1 and not is_output else None

    def replace(self, old: Iterable[onnx.NodeProto], new: list[onnx.NodeProto]) -> None:
        """Put new nodes where the last of the old ones was."""
        gone = list(old)
        at = max(index for index, node in enumerate(self.nodes) if any(node is o for o in gone))
        tail = self.nodes[at + 1 :]
        head = [node for node in self.nodes[: at + 1] if not any(node is o for o in gone)]
        self.nodes = head + new + tail

    def write_back(self) -> None:
        used = Counter(name for node in self.nodes for name in node.input)
        del self.proto.node[:]
        self.proto.node.extend(self.nodes)
        del self.proto.initializer[:]
        self.proto.initializer.extend(
            numpy_helper.from_array(values, name)
            for name, values in self.constants.items()
            if used[name]
        )
        del self.proto.value_info[:]


def attributes(node: onnx.NodeProto) -> dict[str, object]:
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def conv_parts(graph: Graph, node: onnx.NodeProto) -> tuple[Array, Array]:
    """Weight and bias (zeros where there is none)."""
    weight = graph.constants[node.input[1]]
    if len(node.input) > 2:
        return weight, graph.constants[node.input[2]]
    return weight, np.zeros(len(weight), np.float32)


def is_conv(node: onnx.NodeProto | None) -> bool:
    return node is not None and node.op_type == "Conv"


def double_hidden_prelu(graph: Graph, prelu: onnx.NodeProto) -> bool:
    """Conv, PRelu, depthwise Conv, Conv: no PRelu needed on twice the hidden channels."""
    first = graph.producer(prelu.input[0])
    depthwise = graph.only_consumer(prelu.output[0])
    if not (is_conv(first) and is_conv(depthwise)) or first is None or depthwise is None:
        return False
    last = graph.only_consumer(depthwise.output[0])
    slope = graph.constants[prelu.input[1]].reshape(-1)
    if not is_conv(last) or last is None or graph.only_consumer(first.output[0]) is not prelu:
        return False
    if attributes(depthwise).get("group") != len(slope) or attributes(last).get("group", 1) != 1:
        return False
    w1, b1 = conv_parts(graph, first)
    w2, b2 = conv_parts(graph, depthwise)
    w3, b3 = conv_parts(graph, last)
    split, positive = f"{first.output[0]}_split", f"{prelu.output[0]}_split"
    new = [
        graph.conv(
            first.input[0],
            np.concatenate([w1, -w1]),
            np.concatenate([b1, -b1]),
            split,
            **attributes(first),
        ),
        helper.make_node("Relu", [split], [positive]),
        graph.conv(
            positive,
            np.concatenate([w2, w2]),
            np.concatenate([b2, np.zeros_like(b2)]),
            f"{depthwise.output[0]}_split",
            **{**attributes(depthwise), "group": 2 * len(slope)},
        ),
        graph.conv(
            f"{depthwise.output[0]}_split",
            np.concatenate([w3, -w3 * slope[:, None, None]], axis=1),
            b3,
            last.output[0],
            **attributes(last),
        ),
    ]
    graph.replace([first, prelu, depthwise, last], new)
    return True


def split_prelu(graph: Graph, prelu: onnx.NodeProto) -> None:
    """``a y + (1 - a) Relu(y)`` in place of one PRelu."""
    source, out = prelu.input[0], prelu.output[0]
    slope = graph.constants[prelu.input[1]].reshape(-1, 1, 1, 1)
    channels = len(slope)
    graph.replace(
        [prelu],
        [
            helper.make_node("Relu", [source], [f"{out}_positive"]),
            graph.conv(source, slope, None, f"{out}_linear", group=channels),
            graph.conv(f"{out}_positive", 1 - slope, None, f"{out}_bent", group=channels),
            helper.make_node("Add", [f"{out}_linear", f"{out}_bent"], [out]),
        ],
    )


def pad_channels_by_conv(graph: Graph, pad: onnx.NodeProto, channels: int) -> bool:
    """Zero padding at the end of the channel axis as a convolution."""
    amount = graph.constants[pad.input[1]]
    mode = attributes(pad).get("mode", b"constant")
    if mode != b"constant" or amount[5] <= 0 or np.count_nonzero(amount) != 1:
        return False
    weight = np.eye(channels + int(amount[5]), channels, dtype=np.float32)[:, :, None, None]
    graph.replace([pad], [graph.conv(pad.input[0], weight, None, pad.output[0])])
    return True


def channel_counts(model: onnx.ModelProto) -> dict[str, int]:
    """Size of axis 1 of every tensor whose shape can be inferred."""
    inferred = onnx.shape_inference.infer_shapes(model).graph
    tensors = [*inferred.value_info, *inferred.input, *inferred.output]
    dims = {t.name: t.type.tensor_type.shape.dim for t in tensors}
    return {name: dim[1].dim_value for name, dim in dims.items() if len(dim) > 1}


def take_planar_input(graph: Graph) -> None:
    """Drop the transpose behind the input: the picture arrives as (1, 3, H, W)."""
    (entry,) = graph.proto.input
    transpose = graph.only_consumer(entry.name)
    if transpose is None or transpose.op_type != "Transpose":
        return
    height, width = (entry.type.tensor_type.shape.dim[i].dim_value for i in (1, 2))
    for node in graph.nodes:
        for index, name in enumerate(node.input):
            if name == transpose.output[0]:
                node.input[index] = entry.name
    graph.nodes = [node for node in graph.nodes if node is not transpose]
    planar = helper.make_tensor_value_info(
        entry.name, onnx.TensorProto.FLOAT, [1, 3, height, width]
    )
    entry.CopyFrom(planar)


def rewrite(model: onnx.ModelProto) -> None:
    """Apply all of the above, in place."""
    counts = channel_counts(model)
    graph = Graph(model)
    take_planar_input(graph)
    for pad in [node for node in graph.nodes if node.op_type == "Pad"]:
        pad_channels_by_conv(graph, pad, counts[pad.input[0]])
    for prelu in [node for node in graph.nodes if node.op_type == "PRelu"]:
        if not double_hidden_prelu(graph, prelu):
            split_prelu(graph, prelu)
    graph.write_back()


def rename(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Give inputs and outputs readable names and drop the outputs that get none."""
    kept = [out for out in model.graph.output if out.name in names]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    for value in [*model.graph.input, *model.graph.output]:
        value.name = names[value.name]
    for node in model.graph.node:
        for ports in (node.input, node.output):
            for index, name in enumerate(ports):
                ports[index] = names.get(name, name)


def store_halves(model: onnx.ModelProto) -> None:
    """Store weights as float16 where that loses nothing, with a cast in front of their use.

    The source networks were published with float16 weights, so most fit exactly. ONNX Runtime
    folds the casts when it loads the model.
    """
    casts = []
    for constant in model.graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype != np.float32 or values.size < 64:
            continue
        half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            continue
        name = constant.name
        constant.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def shorten_names(model: onnx.ModelProto) -> None:
    """Number inner tensors and nodes: the originals carry paths of hundreds of letters."""
    keep = {value.name for value in [*model.graph.input, *model.graph.output]}
    short: dict[str, str] = {"": ""}

    def of(name: str) -> str:
        if name in keep:
            return name
        return short.setdefault(name, f"t{len(short)}")

    for constant in model.graph.initializer:
        constant.name = of(constant.name)
    for number, node in enumerate(model.graph.node):
        node.name = f"{node.op_type.lower()}_{number}"
        for ports in (node.input, node.output):
            for index, name in enumerate(ports):
                ports[index] = of(name)


def expose(model: onnx.ModelProto, shape: tuple[int, ...], name: str) -> None:
    """Give the last convolution of this output shape a name and make it an output as well."""
    inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in inferred}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    found = [node.output[0] for node in convolutions if shapes.get(node.output[0]) == shape][-1]
    for node in model.graph.node:
        for ports in (node.input, node.output):
            for index, port in enumerate(ports):
                if port == found:
                    ports[index] = name
    output = helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    model.graph.output.append(output)
