"""What each map of a trained network is worth: ``python -m benchmarks.parts CHECKPOINT``.

Decibels over the registered warp on the face hull's pixels that training measures, at 256², with
one of the network's maps at a time in the place of the warp's own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.faces import read_pixels
from benchmarks.sets import TRUTH_SETS, Case, SetError, load_set
from exshot.exprnet.inputs import NETWORK_SIZE
from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore
from exshot.options import EditOptions

if TYPE_CHECKING:
    from exshot_train.model import ExprNet
    from exshot_train.triplets.sample import Sample

PARTS: Final = ("flow", "log_gain", "residual", "shading")
_SETS: Final = (*TRUTH_SETS, "london_triplets_lamp", "video_triplets_lamp")


def gains(network: ExprNet, sample: Sample) -> list[float]:
    """Decibels over the registered warp: of each of `PARTS` alone, and of all together."""
    import torch

    from exshot_train.data import collate, prepare
    from exshot_train.measure import face_psnr
    from exshot_train.model import prior_maps

    batch = collate([prepare(sample, EditOptions())])
    with torch.no_grad():
        maps = network(batch["pose_input"], batch["expression_input"], batch["edit"])
    warp = prior_maps(batch["edit"])
    alone = [warp._replace(**{part: getattr(maps, part)}) for part in PARTS]
    return [face_psnr(each, batch) - face_psnr(warp, batch) for each in (*alone, maps)]


def sample_of(case: Case, fitter: FaceFitter) -> Sample | None:
    """A case as training measures it; None where a face or a truth of its size is missing."""
    from exshot_train.triplets.sample import Uncropped, crop_sample

    if case.truth is None:
        return None
    pose, expression, truth = (
        read_pixels(path) for path in (case.pose, case.expression, case.truth)
    )
    here, there = fitter.fit(pose), fitter.fit(expression)
    if not here or not there or truth.shape != pose.shape:
        return None
    trusted = np.full(truth.shape[:2], 255, np.uint8)
    meshes = here[0].mesh, there[0].mesh
    whole = Uncropped(pose, truth, trusted, expression, expression, *meshes, case.id, True)
    return crop_sample(whole, NETWORK_SIZE)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    from exshot_train.checkpoint import read_network

    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a .safetensors file of a training run")
    parser.add_argument("--sets", default=",".join(_SETS), help="comma-separated")
    parser.add_argument("--limit", type=int, default=24, help="at most this many cases of each set")
    chosen = parser.parse_args(arguments)
    network = read_network(chosen.checkpoint).eval()
    fitter = FaceFitter(ModelStore())
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("set", "cases", *PARTS, "all"):
        table.add_column(heading, no_wrap=True)
    try:
        for name in chosen.sets.split(","):
            found = [sample_of(case, fitter) for case in load_set(name, limit=chosen.limit)]
            rows = [gains(network, sample) for sample in found if sample is not None]
            means = np.mean(rows, axis=0)
            table.add_row(name, str(len(rows)), *(f"{value:+.2f}" for value in means))
    except SetError as error:
        print(error, file=sys.stderr)
        return 2
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
