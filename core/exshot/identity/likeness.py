"""Likeness: what tells one person's face from another's, whatever expression, turn and light.

Nothing here recognises anybody: two faces of one edit or one sequence are compared with each other,
and no likeness is ever written to a file. No network was trained for it either. Three descriptions
of a face are laid side by side:

- *features* of the mesh network, half-way between the pixels and the vertices;
- *shape*: the vertices turned into the canonical head pose;
- *texture*: edge directions of the face unfolded by its mesh (HOG; Dalal and Triggs, 2005).

A linear discriminant keeps of them what differs between people and drops what differs between
photos of one person: ``python -m exshot_train.likeness``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.crop import face_crop
from exshot.face.face import Face
from exshot.face.head_pose import head_pose_of
from exshot.face.region import Region
from exshot.face.topology import CANONICAL_VERTICES, load_topology
from exshot.identity.oriented_gradients import oriented_gradients
from exshot.image.pyramid import Pyramid
from exshot.image.rasterise import Raster, rasterise
from exshot.model_store import ModelStore

MODEL: Final = "face_likeness"
STRANGERS_BELOW: Final = 0.27
"""Likenesses whose product is below this are probably two people's (docs/quality.md)."""

_CROP: Final = 256  # pixels, enough for the texture below
_MAX_STEP: Final = 1.5  # photo pixels for each of them, or they alias
_UNFOLDED: Final = 128
_ROWS: Final = slice(24, 120)  # of the unfolded face: from below a fringe to the chin


class LikenessMeter:
    """Measures likenesses. Safe to share between threads."""

    def __init__(self, store: ModelStore) -> None:
        """Load the discriminant.

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        arrays = store.arrays(MODEL)
        self._projection = arrays["rows"] * arrays["steps"] * arrays["columns"]
        self._offset = arrays["offset"]

    def __call__(
        self, rgb: Pyramid, mesh: NDArray[np.float32], features: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """``(n,)`` float32 unit vector; the product of two tells how alike the faces are.

        Args:
            rgb: ``(H, W, 3)`` the photo.
            mesh: ``(478, 3)`` the face's mesh, pixels of the photo.
            features: as in `exshot.face.landmarker.MeshFit`.
        """
        # Not by `@`: its library shares this little work with threads that the other photo keeps
        # busy, and waits for them.
        described = describe(rgb, mesh, features)
        flat = np.einsum("i,ij->j", described, self._projection) + self._offset
        return (flat / max(float(np.linalg.norm(flat)), 1e-6)).astype(np.float32)


def strangers(one: Face, other: Face) -> bool:
    """Whether two faces are probably not one person's; False where that was not measured."""
    alike = likeness_of(one, other)
    return alike is not None and alike < STRANGERS_BELOW


def likeness_of(one: Face, other: Face) -> float | None:
    """How alike two people's faces are, in [-1, 1]; None where that was not measured."""
    if one.likeness is None or other.likeness is None:
        return None
    return float(one.likeness @ other.likeness)


def describe(
    rgb: NDArray[np.uint8] | Pyramid, mesh: NDArray[np.float32], features: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What the discriminant looks at: features, shape and texture, ``(11194,)`` float32."""
    pose = head_pose_of(mesh)
    shape = (mesh - pose.translation) @ pose.rotation / pose.scale  # centimetres
    face = unfold(*_small(rgb, mesh))
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[_ROWS]
    texture = oriented_gradients(np.asarray(grey, np.uint8))
    return np.concatenate([features, shape.ravel(), texture.ravel()]).astype(np.float32)


def _small(
    rgb: NDArray[np.uint8] | Pyramid, mesh: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The part of a photo around a face as a small picture, and the mesh in it."""
    crop = face_crop(mesh)
    middle = (crop.left + crop.side / 2, crop.top + crop.side / 2)
    # Unlike `Crop.sample` this only halves before it interpolates: four times as fast.
    region = Region(*middle, crop.side, 0.0)
    corner = np.array([crop.left, crop.top, 0], np.float32)
    moved = (mesh - corner) * np.float32(_CROP / crop.side)
    return region.crop(rgb, _CROP, _MAX_STEP), moved.astype(np.float32)


def unfold(rgb: NDArray[np.uint8], mesh: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A face in the canonical model's texture coordinates, ``(128, 128, 3)``; black beside it."""
    raster = _unfolded()
    flow = raster.interpolate(mesh[:CANONICAL_VERTICES, :2])
    face = cv2.remap(
        rgb, flow[..., 0], flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    face[~raster.covered] = 0
    return face.astype(np.uint8, copy=False)


@lru_cache(maxsize=1)
def _unfolded() -> Raster:
    topology = load_topology()
    flat = np.zeros((CANONICAL_VERTICES, 3), np.float32)
    flat[:, :2] = topology.uv * _UNFOLDED - 0.5
    return rasterise(flat, topology.triangles, (_UNFOLDED, _UNFOLDED))
