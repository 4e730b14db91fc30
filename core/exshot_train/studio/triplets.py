"""Triplets for training and testing: pose view, expression view, truth, with exact geometry.

    store = Store(studio_cache(), "train")
    data = Triplets(store, Assets.find())
    len(data)                     # distinct triplets that the renders on disk give
    sample = data[i]              # random lights, seeded by (seed, i)

`TripletSample` holds float32 arrays at the renders' size (512 by default): the three pictures,
exact flows with visibility, masks and normals. No torch, bpy or OpenGL is needed to read it; it
is safe in worker processes. See `Triplets` for what makes a triplet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.assets import Assets
from exshot_train.studio.flow import ViewGeometry, exact_flow
from exshot_train.studio.head import KINDS
from exshot_train.studio.lights import Pixels, blurred, lights_of, look_up, tone_map
from exshot_train.studio.passes import Passes
from exshot_train.studio.people import Split
from exshot_train.studio.relight import relight
from exshot_train.studio.rig import Camera
from exshot_train.studio.soft_light import read_room
from exshot_train.studio.store import Store, StoredTake
from exshot_train.studio.takes import CAMERAS

_FACE_KINDS = ("skin", "eye", "teeth", "tongue", "brow", "lash")


@dataclass(frozen=True)
class Triplet:
    """Names of three views. The truth is the expression's take where the pose's turn allows it.

    Attributes:
        pose, truth: takes with the same person and turn, seen by ``camera``.
        expression: a take with the truth's person and expression, seen by ``expression_camera``.
    """

    pose: str
    truth: str
    camera: int
    expression: str
    expression_camera: int


@dataclass(frozen=True)
class Light:
    """A light map by name, how far the room is turned (degrees) and the exposure."""

    name: str
    turn: float
    exposure: float = 1.0


@dataclass(frozen=True)
class TripletSample:
    """One triplet; all arrays ``(h, w, …)``. Pictures are float32 RGB in [0, 1], sRGB-encoded.

    Attributes:
        pose, expression, truth: the three pictures, ``(h, w, 3)``.
        flow_expression: ``(h, w, 2)``, where to read the expression picture for each pixel of the
            truth (flow e→t); far outside where the truth shows background.
        visible_expression: ``(h, w)`` bool, the expression picture shows that surface point too.
        flow_pose, visible_pose: the same into the pose picture (flow p→t).
        head: ``(h, w)`` float32, share of the truth's pixel that the head and shirt cover.
        skin, hair: ``(h, w)`` float32 shares in the truth.
        face: ``(h, w)`` bool, skin, eyes and mouth of the truth (neck included).
        normals_expression: ``(h, w, 3)`` unit normals of the expression picture's surface: x right,
            y down, z away from the camera (facing it is -1); 0 where nothing is.
        normals_truth: the same for the truth.
        lights: light of pose and truth, light of the expression.
    """

    triplet: Triplet
    pose: Pixels
    expression: Pixels
    truth: Pixels
    flow_expression: Pixels
    visible_expression: NDArray[np.bool_]
    flow_pose: Pixels
    visible_pose: NDArray[np.bool_]
    head: Pixels
    skin: Pixels
    hair: Pixels
    face: NDArray[np.bool_]
    normals_expression: Pixels
    normals_truth: Pixels
    lights: tuple[Light, Light]


def enumerate_triplets(keys: list[str]) -> list[Triplet]:
    """All distinct triplets that a set of takes gives, in a fixed order.

    Two takes of one person and turn with different expressions give pose and truth in each of
    the five cameras; the expression view is the truth's face from any other camera, or from any
    camera under the person's other turn where that take has been rendered.
    """
    present = set(keys)
    by_moment: dict[tuple[str, str], list[str]] = {}
    for key in sorted(keys):
        person, turn, name = key.split("_", 2)
        by_moment.setdefault((person, turn), []).append(name)
    result = []
    for (person, turn), names in sorted(by_moment.items()):
        for before, after in permutations(names, 2):
            sources = sorted(t for p, t in by_moment if p == person)
            for camera in range(CAMERAS):
                for other in sources:
                    key = f"{person}_{other}_{after}"
                    if key not in present:
                        continue
                    result += [
                        Triplet(f"{person}_{turn}_{before}", f"{person}_{turn}_{after}", camera,
                                key, k)
                        for k in range(CAMERAS)
                        if (other, k) != (turn, camera)
                    ]  # fmt: skip
    return result


@dataclass
class Triplets:
    """The triplets of a store as a sequence.

    Items differ from epoch to epoch in their lights only: set ``seed`` anew. Lights come from the
    store's own split; the expression's light is drawn apart from that of pose and truth, and is
    the same with probability ``same_light``.
    """

    store: Store
    assets: Assets
    split: Split = "train"
    seed: int = 0
    same_light: float = 0.25
    triplets: list[Triplet] = field(init=False)

    def __post_init__(self) -> None:
        self.triplets = enumerate_triplets(self.store.keys())
        self._lights = lights_of(self.split, self.assets.light_names())
        self._take = lru_cache(16)(self.store.read)

    def __len__(self) -> int:
        return len(self.triplets)

    def __getitem__(self, index: int) -> TripletSample:
        rng = np.random.default_rng([self.seed, index])
        light = self._random_light(rng)
        other = light if rng.random() < self.same_light else self._random_light(rng)
        return self.sample(self.triplets[index], light, other)

    def sample(self, triplet: Triplet, light: Light, expression_light: Light) -> TripletSample:
        """A triplet under chosen lights."""
        pose, truth = self._take(triplet.pose), self._take(triplet.truth)
        expression = self._take(triplet.expression)
        k, j = triplet.camera, triplet.expression_camera
        pose_passes, truth_passes = pose.passes(k), truth.passes(k)
        expression_passes = expression.passes(j)
        room = read_room(self.assets, light.name, light.turn)
        other_room = read_room(self.assets, expression_light.name, expression_light.turn)
        triangles, kinds = self.store.topology(triplet.truth.split("_")[0])
        target = _geometry(truth, k, truth_passes)
        flow_e, seen_e = exact_flow(target, _geometry(expression, j, expression_passes), triangles)
        flow_p, seen_p = exact_flow(target, _geometry(pose, k, pose_passes), triangles)
        camera = truth.cameras[k]
        return TripletSample(
            triplet,
            develop(pose_passes, camera, room, light.exposure),
            develop(
                expression_passes, expression.cameras[j], other_room, expression_light.exposure
            ),
            develop(truth_passes, camera, room, light.exposure),
            flow_e,
            seen_e,
            flow_p,
            seen_p,
            truth_passes.coverage,
            truth_passes.skin,
            truth_passes.hair,
            face_mask(truth_passes, kinds),
            view_normals(expression_passes, expression.cameras[j].rotation),
            view_normals(truth_passes, camera.rotation),
            (light, expression_light),
        )

    def _random_light(self, rng: np.random.Generator) -> Light:
        name = str(rng.choice(self._lights))
        return Light(name, float(rng.integers(0, 360)), float(rng.uniform(0.85, 1.25)))


def develop(passes: Passes, camera: Camera, room: Pixels, exposure: float = 1.0) -> Pixels:
    """The picture of stored passes in a room: ``(h, w, 3)`` float32, sRGB-encoded [0, 1]."""
    color = relight(passes, camera, room)
    behind = look_up(blurred(room, 4.0), camera.rays())
    return tone_map(color + behind * (1 - passes.coverage[..., None]), exposure)


def face_mask(passes: Passes, kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Skin, eyes and mouth, ``(h, w)``."""
    codes = [KINDS.index(kind) for kind in _FACE_KINDS]
    shown = passes.numbers >= 0
    return shown & np.isin(kinds[np.maximum(passes.numbers, 0)], codes)


def view_normals(passes: Passes, rotation: NDArray[np.float64]) -> Pixels:
    """Unit normals in the camera's frame (right, down, forward), 0 where nothing is."""
    normal = passes.normal @ rotation.T.astype(np.float32)
    length = np.linalg.norm(normal, axis=2, keepdims=True)
    return np.where(length > 0.05, normal / np.maximum(length, 0.05), 0).astype(np.float32)


def _geometry(take: StoredTake, camera: int, passes: Passes) -> ViewGeometry:
    return ViewGeometry(take.vertices, passes.numbers, take.cameras[camera])
