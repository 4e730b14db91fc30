"""Convert the networks of a MediaPipe FaceLandmarker bundle to ONNX.

    python -m venv venv && venv/bin/pip install -r tools/convert_face_models/requirements.txt
    venv/bin/python tools/convert_face_models/convert.py face_landmarker.task core/exshot/models

Writes face_detector.onnx, face_mesh.onnx and face_blendshapes.onnx, compares each with the
original in LiteRT on random input and prints size, sha256 and the largest difference.
"""

# pyright: reportMissingImports=false
# (the converters live in an environment of their own)
from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import graph
import numpy as np
import onnx
import onnxruntime
import onnxsim
from ai_edge_litert.interpreter import Interpreter

OPSET = 17
TOLERANCE = 2e-3  # of the largest output value: float32 sums in another order


@dataclass(frozen=True)
class Network:
    member: str
    file: str
    names: dict[str, str]  # original input or output -> ours; other outputs are dropped
    features: tuple[int, ...] | None = None  # shape of an inner tensor that is put out as well


NETWORKS = (
    Network(
        "face_detector.tflite",
        "face_detector.onnx",
        {"input": "image", "regressors": "boxes", "classificators": "scores"},
    ),
    Network(
        "face_landmarks_detector.tflite",
        "face_mesh.onnx",
        {"input_12": "image", "Identity": "landmarks", "Identity_1": "presence"},
        features=(1, 128, 8, 8),
    ),
    Network(
        "face_blendshapes.tflite",
        "face_blendshapes.onnx",
        {"serving_default_input_points:0": "points", "StatefulPartitionedCall:0": "scores"},
    ),
)


def convert(tflite: Path, network: Network, raw: Path) -> onnx.ModelProto:
    command = [sys.executable, "-m", "tf2onnx.convert", "--opset", str(OPSET)]
    subprocess.run(
        [*command, "--tflite", str(tflite), "--output", str(raw)], check=True, capture_output=True
    )
    model = onnx.load(raw)
    for value in [*model.graph.input, *model.graph.output]:
        batch = value.type.tensor_type.shape.dim[0]
        if batch.WhichOneof("value") != "dim_value" or batch.dim_value <= 0:
            batch.dim_value = 1
    graph.rename(model, network.names)
    model, same = onnxsim.simplify(model)
    assert same, f"simplifying changed {network.file}"
    graph.rewrite(model)
    graph.store_halves(model)
    graph.shorten_names(model)
    if network.features is not None:
        graph.expose(model, network.features, "features")
    del model.metadata_props[:]
    model.producer_name, model.producer_version = "tf2onnx", ""
    model.doc_string = "Google MediaPipe FaceLandmarker, Apache-2.0, converted for ExShot"
    model.graph.name, model.graph.doc_string = network.file.removesuffix(".onnx"), ""
    onnx.checker.check_model(model, full_check=True)
    return model


def largest_difference(tflite: Path, converted: Path, network: Network) -> float:
    """Over all kept outputs and five inputs, as a share of the output's largest value."""
    interpreter = Interpreter(str(tflite))
    interpreter.allocate_tensors()
    (entry,) = interpreter.get_input_details()
    session = onnxruntime.InferenceSession(converted, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    worst = 0.0
    for _ in range(5):
        values = random.random(entry["shape"], np.float32)
        interpreter.set_tensor(entry["index"], values)
        interpreter.invoke()
        planar = values.transpose(0, 3, 1, 2) if values.ndim == 4 else values
        ours = dict(
            zip(
                [o.name for o in session.get_outputs()],
                session.run(None, {session.get_inputs()[0].name: planar}),
            )
        )
        for detail in interpreter.get_output_details():
            name = network.names.get(detail["name"])
            if name is None:
                continue
            theirs = interpreter.get_tensor(detail["index"])
            error = np.abs(np.asarray(ours[name]).reshape(theirs.shape) - theirs).max()
            worst = max(worst, float(error / np.abs(theirs).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(args.bundle) as bundle:
        for network in NETWORKS:
            tflite = Path(bundle.extract(network.member, folder))
            target = args.out / network.file
            onnx.save(convert(tflite, network, Path(folder) / "raw.onnx"), target)
            difference = largest_difference(tflite, target, network)
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            print(f"{network.file} {target.stat().st_size} bytes sha256 {digest}")
            print(f"  largest difference from LiteRT {difference:.1e} of the largest value")
            assert difference < TOLERANCE


if __name__ == "__main__":
    main()
