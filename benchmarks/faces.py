"""Where the benchmarks take face meshes from, with a cache on disk for the sets' photos."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

import exshot.face
from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore


@dataclass(frozen=True)
class FaceFit:
    """What scoring needs of a fitted face.

    Attributes:
        mesh: ``(478, 3)`` float32, pixels of the photo, centres at integers.
        blendshapes: ``(52,)`` scores in [0, 1]; None where the source has none.
        rotation: ``(3, 3)`` head pose; None where the source has none.
    """

    mesh: NDArray[np.float32]
    blendshapes: NDArray[np.float32] | None
    rotation: NDArray[np.float32] | None


class FaceSource(Protocol):
    """Finds the largest face of a picture, or None where there is none."""

    def of_file(self, path: Path) -> FaceFit | None: ...

    def of_pixels(self, pixels: NDArray[np.uint8]) -> FaceFit | None:
        """Of an ``(H, W, 3)`` RGB picture."""
        ...


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """A photo of a set as ``(H, W, 3)`` RGB."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"), np.uint8)


class StoredFaces:
    """Meshes from an npz file keyed by path below the data folder, in mediapipe's own pixels.

    Those have their origin at the corner of the first pixel, half a pixel from the project's.
    Results have no fit, so expression and head-pose errors cannot be measured with this source.
    """

    def __init__(self, file: Path, data: Path) -> None:
        self._data = data
        with np.load(file) as stored:
            self._meshes = {name: stored[name] for name in stored}

    def of_file(self, path: Path) -> FaceFit | None:
        mesh = self._meshes.get(path.relative_to(self._data).as_posix())
        if mesh is None:
            return None
        centred = np.asarray(mesh, np.float32) - np.array([0.5, 0.5, 0.0], np.float32)
        return FaceFit(centred, None, None)

    def of_pixels(self, pixels: NDArray[np.uint8]) -> FaceFit | None:
        return None


class FittedFaces:
    """Fits by the project's own face fitter; those of files are kept in a folder."""

    def __init__(self, cache: Path) -> None:
        self._fitter = FaceFitter(ModelStore())
        self._cache = cache / _models_digest()
        self._cache.mkdir(parents=True, exist_ok=True)

    def of_file(self, path: Path) -> FaceFit | None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
        kept = self._cache / f"{digest}.npz"
        if kept.is_file():
            with np.load(kept) as stored:
                return FaceFit(stored["mesh"], stored["blendshapes"], stored["rotation"])
        fit = self.of_pixels(read_pixels(path))
        if fit is not None:
            # Two workers may fit the same photo: a rename never leaves a half-written file.
            part = kept.with_name(f"{digest}.{os.getpid()}.part.npz")
            np.savez(
                part,
                mesh=fit.mesh,
                blendshapes=np.asarray(fit.blendshapes),
                rotation=np.asarray(fit.rotation),
            )
            part.replace(kept)
        return fit

    def of_pixels(self, pixels: NDArray[np.uint8]) -> FaceFit | None:
        faces = self._fitter.fit(pixels)
        if not faces:
            return None
        face = max(faces, key=lambda found: found.width)
        return FaceFit(face.mesh, face.blendshapes, face.head_pose.rotation)


def _models_digest() -> str:
    """Short digest of the mesh code and models, so that a change of either refits."""
    package = Path(exshot.face.__file__).parent
    files = sorted(package.glob("*.py")) + sorted((package.parent / "models").glob("*"))
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
