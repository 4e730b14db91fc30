"""The network that says what covers a face: make its data, train, export and check it.

    python -m exshot_train.cover make --maker photographs --count 6000 --workers 4
    python -m exshot_train.cover make --maker renders --count 3000 --workers 4
    python -m exshot_train.cover make --maker renders --split test --count 240
    python -m exshot_train.cover train --minutes 60
    python -m exshot_train.cover check
    python -m exshot_train.cover export core/exshot/models

Each command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from exshot.cover.network import MODEL
from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore
from exshot_train.cover.check import (
    Sees,
    confusion,
    moved_confusion,
    picture_sheet,
    score_table,
)
from exshot_train.cover.export import export, index_entry
from exshot_train.cover.making import MAKERS, PER_JOB, Job, make, sheet_folder
from exshot_train.cover.train import Settings, checkpoint_path, read_cover_network, train


def main() -> None:
    """Read the command line and run one step."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    steps = parser.add_subparsers(dest="step", required=True)
    making = steps.add_parser("make", help="pictures with labels")
    making.add_argument("--maker", choices=MAKERS, required=True)
    making.add_argument("--split", choices=("train", "test"), default="train")
    making.add_argument("--count", type=int, default=4000, help="pictures in all")
    making.add_argument("--seed", type=int, default=0)
    making.add_argument("--workers", type=int, default=1)
    training = steps.add_parser("train", help="go on from the run's last checkpoint")
    training.add_argument("--name", default="cover", help="of the run")
    training.add_argument("--steps", type=int, default=Settings.steps)
    training.add_argument("--batch", type=int, default=Settings.batch)
    training.add_argument("--rate", type=float, default=Settings.rate)
    training.add_argument(
        "--photographs", type=float, default=Settings.photographs, help="share of crops"
    )
    training.add_argument("--minutes", type=float, default=math.inf, help="save and stop then")
    training.add_argument(
        "--start", type=Path, help="checkpoint, or face_cover.onnx, that a new run begins with"
    )
    training.add_argument("--threads", type=int, default=Settings.threads)
    training.add_argument("--float32", action="store_true", help="where bfloat16 is no faster")
    checking = steps.add_parser("check", help="scores on test people, pictures of photos")
    checking.add_argument("--photos", type=Path, nargs="*", help="draw a sheet of these instead")
    checking.add_argument("--out", type=Path, default=Path("cover.jpg"), help="of the sheet")
    checking.add_argument("--shipped", action="store_true", help="the network of the installation")
    checking.add_argument("--moved", type=int, help="score the truth, so many pixels displaced")
    exporting = steps.add_parser("export", help="write face_cover.onnx")
    exporting.add_argument("folder", type=Path)
    for step in (checking, exporting):
        step.add_argument("--name", default="cover", help="of the run")
    chosen = parser.parse_args()
    if chosen.step == "make":
        _make(chosen)
    elif chosen.step == "train":
        settings = Settings(
            name=chosen.name, steps=chosen.steps, batch=chosen.batch, rate=chosen.rate,
            photographs=chosen.photographs, bfloat16=not chosen.float32, threads=chosen.threads,
        )  # fmt: skip
        train(settings, chosen.minutes, chosen.start)
    elif chosen.step == "check":
        _check(chosen)
    else:
        path = export(read_cover_network(checkpoint_path(chosen.name)), chosen.folder)
        print(index_entry(path, f"exshot_train, {chosen.name}/last.safetensors"))


def _make(chosen: argparse.Namespace) -> None:
    if chosen.maker == "photographs" and chosen.split != "train":
        raise SystemExit("Photographs are for training only; there is no truth to check against.")
    folder = sheet_folder(chosen.maker, chosen.split)
    jobs = [
        Job(chosen.maker, chosen.split, chosen.seed, k) for k in range(-(-chosen.count // PER_JOB))
    ]
    missing = [job for job in jobs if not job.done(folder)]
    print(f"{len(jobs) - len(missing)} of {len(jobs)} jobs are in {folder}", flush=True)
    start = time.perf_counter()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.workers, spawn) as pool:
        for done, job in enumerate(pool.map(make, missing), 1):
            seconds = (time.perf_counter() - start) / (done * PER_JOB)
            print(f"{job.number}  {done}/{len(missing)}  {seconds:.2f} s a picture", flush=True)


def _check(chosen: argparse.Namespace) -> None:
    if chosen.photos:
        sheet = picture_sheet(_network(chosen), chosen.photos, FaceFitter(ModelStore()))
        cv2.imwrite(str(chosen.out), sheet[..., ::-1])
        return
    paths = sorted(sheet_folder("renders", "test").glob("s*_?.jpg"))
    if not paths:
        raise SystemExit("Make the test people first: make --maker renders --split test.")
    print(f"{len(paths)} pictures of test people")
    if chosen.moved is not None:
        print(score_table(moved_confusion(paths, chosen.moved)))
    else:
        print(score_table(confusion(_network(chosen), paths)))


def _network(chosen: argparse.Namespace) -> Sees:
    return _shipped() if chosen.shipped else _trained(chosen.name)


def _trained(name: str) -> Sees:
    network = read_cover_network(checkpoint_path(name))

    def sees(crop: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            return network(torch.from_numpy(crop))[0].numpy()

    return sees


def _shipped() -> Sees:
    session: Any = ModelStore().session(MODEL)
    return lambda crop: session.run(None, {"crop": crop})[0][0]


if __name__ == "__main__":
    main()
