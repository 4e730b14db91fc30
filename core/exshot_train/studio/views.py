"""Views: what the cameras saw, developed once under the studio's own light and under a few others.

Passes are for any light and dear to read; training on the paper's terms needs one light, and others
as augmentation. Any two takes and any two views make a triplet (`exshot_train.triplets.views`), so
all of them are there without being stored. `exshot_train.studio.view_file` says how they are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from exshot.face.face import MESH_VERTICES
from exshot.face.fitter import FaceFitter
from exshot_train.studio.assets import Assets
from exshot_train.studio.lights import Pixels, lights_of
from exshot_train.studio.people import Split
from exshot_train.studio.soft_light import SOFT_STUDIO, read_room
from exshot_train.studio.store import Store
from exshot_train.studio.takes import CAMERAS
from exshot_train.studio.triplets import Light, develop
from exshot_train.studio.view_file import FORMAT

_SEED = 611
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 96, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]


def views_folder(store: Store) -> Path:
    """Where the views of a store's takes lie."""
    return store.folder / "views"


def develop_take(
    store: Store, assets: Assets, fitter: FaceFitter, key: str, split: Split, relit: int
) -> Path:
    """Develop a take's views, and fit them; the file appears whole or not at all.

    Args:
        relit: how many further lights every view is developed under, of the split's own.
    """
    take = store.read(key)
    names = lights_of(split, assets.light_names())
    rng = np.random.default_rng([_SEED, *key.encode()])
    blobs: list[bytes] = []
    meshes = np.full((CAMERAS, 1 + relit, MESH_VERTICES, 3), np.nan, np.float32)
    for k, camera in enumerate(take.cameras):
        passes = take.passes(k)
        for number in range(1 + relit):
            light = _random_light(rng, names) if number else Light(SOFT_STUDIO, 0.0)
            room = read_room(assets, light.name, light.turn)
            picture = _eight_bit(develop(passes, camera, room, light.exposure))
            blobs.append(_jpeg(picture))
            faces = fitter.fit(picture)
            if faces:
                meshes[k, number] = faces[0].mesh
    ends = np.cumsum([0, *map(len, blobs)])
    path = views_folder(store) / f"{key}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    arrays = {
        "data": np.frombuffer(b"".join(blobs), np.uint8),
        "ends": ends.astype(np.int64),
        "meshes": meshes,
    }
    header = {"format": FORMAT, "key": key, "relit": str(relit), "cameras": str(CAMERAS)}
    save_file(arrays, part, header)
    part.replace(path)
    return path


def develop_takes(
    store: Store,
    assets: Assets,
    keys: list[str],
    split: Split,
    relit: int,
    report: Callable[[int, int], None],
) -> int:
    """Develop what is missing of a list of takes; says how many were developed now."""
    from exshot.model_store import ModelStore

    cv2.setNumThreads(1)
    fitter, made = FaceFitter(ModelStore()), 0
    for done, key in enumerate(keys, 1):
        if not (views_folder(store) / f"{key}.safetensors").is_file():
            develop_take(store, assets, fitter, key, split, relit)
            made += 1
        report(done, len(keys))
    return made


def _random_light(rng: np.random.Generator, names: list[str]) -> Light:
    name = names[int(rng.integers(len(names)))]
    return Light(name, float(rng.integers(0, 360)), float(rng.uniform(0.85, 1.25)))


def _eight_bit(picture: Pixels) -> NDArray[np.uint8]:
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), _JPEG)
    if not done:
        raise ValueError("OpenCV wrote no JPEG")
    return data.tobytes()
