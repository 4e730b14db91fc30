"""Checks rendered takes against what they should show; prints figures, raises nothing."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from exshot.face.fitter import FaceFitter
from exshot.face.topology import BLENDSHAPE_NAMES
from exshot.model_store import ModelStore
from exshot_train.studio.assets import Assets
from exshot_train.studio.flow import ViewGeometry, exact_flow
from exshot_train.studio.lights import Pixels, lights_of, read_light, tone_map
from exshot_train.studio.relight import reflected, relight
from exshot_train.studio.store import Store, StoredTake
from exshot_train.studio.takes import CAMERAS
from exshot_train.studio.triplets import develop

_COMPARED = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight")


def check_store(store: Store, assets: Assets, count: int, say: Callable[[str], None]) -> None:
    """Look at ``count`` takes (0: all), spread over the store, and say what was found."""
    keys = store.keys()
    if count and len(keys) > count:
        keys = [keys[k] for k in np.linspace(0, len(keys) - 1, count).astype(int)]
    takes = [store.read(key) for key in keys]
    _check_meshes(takes, assets, say)
    _check_flow(store, takes, assets, say)


def _check_meshes(takes: list[StoredTake], assets: Assets, say: Callable[[str], None]) -> None:
    """Share of views with a face, and correlation of scores with the posed units."""
    fitter = FaceFitter(ModelStore())
    lights = lights_of(takes[0].record["split"], assets.light_names())
    rng = np.random.default_rng(1)
    found, frontal_found, frontal = [], [], 0
    posed: list[list[float]] = []
    scored: list[list[float]] = []
    for take in takes:
        for k in range(CAMERAS):
            room = read_light(assets.light(str(rng.choice(lights))), float(rng.integers(0, 360)))
            picture = develop(take.passes(k), take.cameras[k], room)
            faces = fitter.fit(np.round(picture * 255).astype(np.uint8))
            found.append(bool(faces))
            if abs(view_yaw(take, k)) <= 30:
                frontal += 1
                frontal_found.append(bool(faces))
            if faces:
                units = take.record["expression"]["units"]
                posed.append([units.get(name, 0.0) for name in _COMPARED])
                scores = faces[0].blendshapes
                scored.append([float(scores[BLENDSHAPE_NAMES.index(n)]) for n in _COMPARED])
    say(f"views {len(found)}, mesh found on {np.mean(found):.1%}")
    say(f"within 30 degrees of yaw {frontal}, mesh found on {np.mean(frontal_found):.1%}")
    for name, one, other in zip(_COMPARED, np.array(posed).T, np.array(scored).T, strict=True):
        spread = one.std() > 0 and other.std() > 0
        agreement = float(np.corrcoef(one, other)[0, 1]) if spread else float("nan")
        say(f"{name}: correlation of posed weight and score {agreement:.2f}")


def _check_flow(
    store: Store, takes: list[StoredTake], assets: Assets, say: Callable[[str], None]
) -> None:
    """PSNR of the expression view warped by the exact flow against the truth, on skin."""
    room = read_light(assets.light("brown_photostudio_02"))
    diffuse, full = [], []
    for take in takes[:20]:
        triangles, _ = store.topology(take.path.stem.split("_")[0])
        for k, j in ((2, 1), (2, 3), (1, 2)):
            here, there = take.passes(k), take.passes(j)
            flow, seen = exact_flow(
                ViewGeometry(take.vertices, here.numbers, take.cameras[k]),
                ViewGeometry(take.vertices, there.numbers, take.cameras[j]),
                triangles,
            )
            both = seen & (here.skin > 0.99)
            both &= cv2.remap(there.skin, flow[..., 0], flow[..., 1], cv2.INTER_LINEAR) > 0.99
            both = cv2.erode(both.astype(np.uint8), np.ones((5, 5))) > 0
            diffuse.append(
                _psnr(tone_map(reflected(here, room)), tone_map(reflected(there, room)), flow, both)
            )
            one = tone_map(relight(here, take.cameras[k], room))
            other = tone_map(relight(there, take.cameras[j], room))
            full.append(_psnr(one, other, flow, both))
    say(
        f"exact flow, PSNR on mutually visible skin, {len(full)} pairs: "
        f"matte mean {np.mean(diffuse):.1f} dB, least {np.min(diffuse):.1f}; "
        f"with gloss, which moves with the eye, mean {np.mean(full):.1f} dB"
    )


def view_yaw(take: StoredTake, camera: int) -> float:
    """Degrees between the face's direction and the camera, about the vertical."""
    position = take.cameras[camera].position
    eyes = take.vertices.mean(0)
    around = np.degrees(np.arctan2(position[0] - eyes[0], position[2] - eyes[2]))
    return float(around - take.record["head_turn"]["yaw"])


def _psnr(target: Pixels, source: Pixels, flow: Pixels, where: np.ndarray) -> float:
    warped = cv2.remap(source, flow[..., 0], flow[..., 1], cv2.INTER_CUBIC)
    error = np.clip(warped, 0, 1)[where] - target[where]
    return float(-10 * np.log10(max(float((error**2).mean()), 1e-10)))
