"""Expression photos under a hard lamp: shadows and highlights that no irradiance explains.

The lamps are those of the training (`exshot_train.triplets.lamp`), on photos that are not trained
on; each photo has its own, always the same. Pictures are made on first use and kept below
``~/.cache/exshot/lamp``; they show people and stay there.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.faces import read_pixels
from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore
from exshot_train.triplets.lamp import random_lamp, strike

_LEAST_SHARE: Final = 0.4  # of the light, so that every lamp is seen


def under_lamp(photo: Path, name: str) -> Path:
    """The photo under the lamp that belongs to ``name``, as PNG.

    Raises:
        ValueError: no face was found in it.
    """
    made = Path.home() / ".cache" / "exshot" / "lamp" / f"{name.replace('/', '_')}.png"
    if made.is_file():
        return made
    pixels = read_pixels(photo)
    faces = _fitter().fit(pixels)
    if not faces:
        raise ValueError(f"no face was found in {photo.name}")
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    lamp = random_lamp(rng)
    lamp = replace(lamp, share=max(_LEAST_SHARE, lamp.share))
    lit = strike(pixels, faces[0].mesh, lamp, rng)
    made.parent.mkdir(parents=True, exist_ok=True)
    unfinished = made.with_name(f"{made.stem}.{os.getpid()}.part.png")
    if not cv2.imwrite(str(unfinished), cv2.cvtColor(lit, cv2.COLOR_RGB2BGR)):
        raise OSError(f"{unfinished} could not be written.")
    unfinished.replace(made)
    return made


@lru_cache(maxsize=1)
def _fitter() -> FaceFitter:
    return FaceFitter(ModelStore())
