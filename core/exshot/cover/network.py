"""The cover network in ONNX Runtime."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.crop import COVER_SIZE, cover_crop
from exshot.cover.kinds import KINDS
from exshot.image.pyramid import Pyramid
from exshot.model_store import ModelStore, damaged

MODEL: Final = "face_cover"
OUTSIDE: Final = 118
"""Grey that stands for what lies outside a photo, in training as well."""


def has_cover_network(store: ModelStore) -> bool:
    """Whether the network is installed."""
    return store.has(MODEL)


class CoverNetwork:
    """Says what each pixel of a face crop shows. Safe to share between threads."""

    def __init__(self, store: ModelStore) -> None:
        """Open the network.

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        self._session: Any = store.session(MODEL)
        if self._session.get_outputs()[0].shape[1] != len(KINDS):
            raise damaged(store.path(MODEL).name)

    def shares(
        self, photo: NDArray[np.uint8] | Pyramid, mesh: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Probabilities of `KINDS` over `cover_crop`, ``(9, 256, 256)``.

        Args:
            photo: ``(H, W, 3)`` uint8 sRGB.
            mesh: ``(478, 3)``, pixels of the photo.
        """
        logits = self._session.run(None, {"crop": network_input(photo, mesh)})[0][0]
        logits -= logits.max(axis=0)
        np.exp(logits, out=logits)
        return (logits / logits.sum(axis=0)).astype(np.float32)


def network_input(
    photo: NDArray[np.uint8] | Pyramid, mesh: NDArray[np.floating]
) -> NDArray[np.float32]:
    """The crop that the network reads, ``(1, 3, 256, 256)`` in [0, 1]."""
    crop = cover_crop(mesh)
    shown = crop.sample(photo)
    height, width = Pyramid.of(photo).pixels.shape[:2]
    edges = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]], np.float32)
    (left, top), (right, bottom) = np.ceil(crop.to_crop(edges)).astype(int).clip(0, COVER_SIZE)
    framed = cv2.copyMakeBorder(
        shown[top:bottom, left:right],
        top,
        COVER_SIZE - max(bottom, top),
        left,
        COVER_SIZE - max(right, left),
        cv2.BORDER_CONSTANT,
        value=(OUTSIDE, OUTSIDE, OUTSIDE),
    )
    planes = np.moveaxis(np.asarray(framed, np.float32), 2, 0)
    return np.divide(planes, 255, dtype=np.float32)[None]
