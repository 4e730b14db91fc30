"""Time the face networks and the whole fit.

    PYTHONPATH=core python tools/time_face_models.py PHOTO [--bundle face_landmarker.task]

PHOTO shows one face; it is fitted at 512 x 512 and at 12 megapixels. With --bundle the original
networks run in LiteRT beside ours (needs ai-edge-litert, see convert_face_models). The best wall
time of many runs says what a free machine would take, the processor time what it costs.
"""

# pyright: reportMissingImports=false
# (LiteRT is only needed for the comparison)
from __future__ import annotations

import argparse
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from exshot.face.fitter import FaceFitter
from exshot.identity.likeness import LikenessMeter
from exshot.model_store import ModelStore

ORIGINALS = {
    "face_detector": "face_detector.tflite",
    "face_mesh": "face_landmarks_detector.tflite",
    "face_blendshapes": "face_blendshapes.tflite",
}


def measure(label: str, run: Callable[[], object], repeats: int) -> None:
    for _ in range(3):
        run()
    wall, cpu = [], []
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - busy)
    print(
        f"{label:34} wall best {min(wall) * 1e3:7.2f} median {np.median(wall) * 1e3:7.2f} ms"
        f"   processor median {np.median(cpu) * 1e3:7.2f} ms"
    )


def time_networks(store: ModelStore, repeats: int) -> None:
    for name in ORIGINALS:
        session = store.session(name)
        entry = session.get_inputs()[0]
        values = {entry.name: np.random.default_rng(0).random(entry.shape, np.float32)}
        measure(f"{name}, ONNX Runtime", lambda s=session, v=values: s.run(None, v), repeats)


def time_originals(bundle: Path, repeats: int) -> None:
    from ai_edge_litert.interpreter import Interpreter

    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(bundle) as members:
        for name, member in ORIGINALS.items():
            interpreter = Interpreter(members.extract(member, folder), num_threads=1)
            interpreter.allocate_tensors()
            entry = interpreter.get_input_details()[0]
            values = np.random.default_rng(0).random(entry["shape"], np.float32)
            interpreter.set_tensor(entry["index"], values)
            measure(f"{name}, LiteRT", interpreter.invoke, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--repeats", type=int, default=60)
    args = parser.parse_args()
    bgr = cv2.imread(str(args.photo))
    if bgr is None:
        parser.error(f"cannot read {args.photo}")
    store = ModelStore()
    fitter = FaceFitter(store, LikenessMeter(store))
    time_networks(store, args.repeats)
    if args.bundle:
        time_originals(args.bundle, args.repeats)
    for label, size in (("512", (512, 512)), ("12 MP", (3000, 4000))):
        rgb = np.ascontiguousarray(
            cv2.resize(bgr, size, interpolation=cv2.INTER_AREA).astype(np.uint8)[..., ::-1]
        )
        for refine in (False, True):
            passes = "refined" if refine else "one pass"
            run = lambda picture=rgb, twice=refine: fitter.fit(picture, refine=twice)  # noqa: E731
            measure(f"fit at {label}, {passes}, {len(run())} face", run, args.repeats // 2)


if __name__ == "__main__":
    main()
