"""Triplets of the virtual studio: exact truth, full-range expressions, real differences of view."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exshot.face.fitter import FaceFitter
from exshot_train.data_root import studio_cache
from exshot_train.studio.assets import Assets
from exshot_train.studio.lights import lights_of
from exshot_train.studio.people import Split
from exshot_train.studio.store import Store
from exshot_train.studio.triplets import Light, Triplets
from exshot_train.triplets.camera import faint_noise, random_camera
from exshot_train.triplets.sample import Picture, Sample, Uncropped, crop_sample


@dataclass
class Renders:
    """Makes triplets from the studio's renders on disk; see `TripletMaker`.

    Lights are drawn anew for every triplet: one for pose photo and truth, another for the
    expression photo, the same with probability ``same_light``.
    """

    fitter: FaceFitter
    size: int
    split: Split = "train"
    same_light: float = 0.25
    camera: float = 0.6
    assets: Assets = field(default_factory=Assets.find)

    def __post_init__(self) -> None:
        self._data = Triplets(Store(studio_cache(), self.split), self.assets, self.split)
        self._lights = lights_of(self.split, self.assets.light_names())
        if len(self._data) == 0:
            raise ValueError("no renders yet: python -m exshot_train.studio render")

    def __call__(self, rng: np.random.Generator) -> Sample | None:
        """One triplet, or None where no face was found in a render."""
        triplet = self._data.triplets[int(rng.integers(len(self._data)))]
        light = self._light(rng)
        made = self._data.sample(triplet, light, light)
        plain, expression = _as_uint8(made.expression), made.expression
        if rng.random() >= self.same_light:
            expression = self._data.sample(triplet, light, self._light(rng)).expression
        expression = _as_uint8(expression)
        if rng.random() < self.camera:
            expression = random_camera(expression, rng)
        pose = faint_noise(_as_uint8(made.pose), rng)
        faces = self.fitter.fit(pose), self.fitter.fit(expression)
        if not faces[0] or not faces[1]:
            return None
        whole = Uncropped(
            pose,
            _as_uint8(made.truth),
            np.full(pose.shape[:2], 255, np.uint8),
            expression,
            plain,
            faces[0][0].mesh,
            faces[1][0].mesh,
            f"studio {triplet.truth}",
            independent=True,
        )
        return crop_sample(whole, self.size)

    def _light(self, rng: np.random.Generator) -> Light:
        name = self._lights[int(rng.integers(len(self._lights)))]
        return Light(name, float(rng.integers(0, 360)), float(rng.uniform(0.85, 1.25)))


def _as_uint8(picture: NDArray[np.float32]) -> Picture:
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
