"""The two graphs of ExprNet in ONNX Runtime, and the features of photos that were seen before."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from exshot.align.pair import CroppedFace
from exshot.cache import LruCache
from exshot.exprnet.inputs import EDIT_PLANES, Role, photo_planes
from exshot.image.geometry import rescaled
from exshot.image.sampling import interleaved, shrink
from exshot.model_store import ModelStore, damaged

ENCODER: Final = "exprnet_encoder"
DECODER: Final = "exprnet_decoder"
WHOLE_POSE: Final = "whole_photo"
"""What the encoder's input is called where the pose photo goes in as it is; else ``photo``."""

LEAST_KNOWN: Final = 0.01
"""Blend from which on its logit can be moved; towards 0 less and less comes of it."""

_FEATURES_KEPT: Final = 8  # about 10 MB each


@dataclass(frozen=True)
class Features:
    """What the encoder found in one photo.

    Attributes:
        levels: one ``(1, c, h, w)`` float32 array per level, the finest first.
    """

    levels: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class Answer:
    """What the decoder says, ``(h, w, …)`` float32: what to correct, each map at its own size.

    They are smooth, and mean the same enlarged.

    Attributes:
        flow: ``(h, w, 2)`` to add to the flow into the expression crop, grid units.
        log_gain: ``(h, w, 3)`` to add.
        residual: ``(h, w, 3)``.
        shading: ``(h, w)`` in [0, 1], share of the measured shading that joins the log gain.
        blend: ``(h, w)`` to add to the blend's logit, or None.
        still: ``(h, w)`` in [0, 1], how far the pose photo stays where it is, or None.
        picture: ``(h, w, 3)``, the network's own picture of the result, or None.
        share: ``(h, w)`` in [0, 1], share of that picture on the face, or None.
    """

    flow: NDArray[np.float32]
    log_gain: NDArray[np.float32]
    residual: NDArray[np.float32]
    shading: NDArray[np.float32]
    blend: NDArray[np.float32] | None = None
    still: NDArray[np.float32] | None = None
    picture: NDArray[np.float32] | None = None
    share: NDArray[np.float32] | None = None


class Network(Protocol):
    """Whatever runs ExprNet: `ExprNet` here, a checkpoint under torch in the benchmarks."""

    @property
    def size(self) -> int:
        """Side of the crops that it reads, pixels."""
        ...

    @property
    def edit_size(self) -> int:
        """Side of the planes of an edit that it reads; less than ``size`` where they are shrunk."""
        ...

    def features(self, key: Hashable, face: CroppedFace, role: Role) -> Features:
        """See `ExprNet.features`."""
        ...

    def decode(self, pose: Features, expression: Features, edit: NDArray[np.float32]) -> Answer:
        """See `ExprNet.decode`."""
        ...


def has_exprnet(store: ModelStore) -> bool:
    """Whether both graphs are installed."""
    return store.has(ENCODER) and store.has(DECODER)


def photo_input(face: CroppedFace, role: Role, size: int) -> NDArray[np.float32]:
    """`exshot.exprnet.inputs.photo_planes` of a face at the network's ``size``."""
    if face.size == size:
        return photo_planes(face, role)
    mesh = rescaled(face.mesh_in_crop, size / face.size)
    return photo_planes(CroppedFace.whole(shrink(face.pixels, size), mesh), role)


class ExprNet:
    """Runs the network. Safe to share between threads."""

    def __init__(self, store: ModelStore) -> None:
        """Open both graphs.

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        self._encoder: Any = store.session(ENCODER)
        self._decoder: Any = store.session(DECODER)
        self._feeds = [value.name for value in self._decoder.get_inputs()]
        self._answers = [value.name for value in self._decoder.get_outputs()]
        self._photo = self._encoder.get_inputs()[0].name
        planes, self._edit_size = self._decoder.get_inputs()[-1].shape[1:3]
        levels = len(self._encoder.get_outputs())
        if planes != len(EDIT_PLANES) or len(self._feeds) != 2 * levels + 1 - self._unread():
            raise damaged(store.path(DECODER).name)
        self._size = int(self._encoder.get_inputs()[0].shape[2])
        self._features: LruCache[Features] = LruCache(_FEATURES_KEPT)

    @property
    def size(self) -> int:
        """Side of the crops that it reads, pixels."""
        return self._size

    @property
    def edit_size(self) -> int:
        """Side of the planes of an edit that it reads: as large as its finest features."""
        return self._edit_size

    def features(self, key: Hashable, face: CroppedFace, role: Role) -> Features:
        """Features of a face, kept under ``key`` and ``role``.

        Args:
            key: names photo and face, such as the photo's content hash and the face's index.
            face: read at the network's size.
            role: of its photo in the edit.
        """

        def encode() -> Features:
            whole = role == "pose" and self._photo == WHOLE_POSE
            planes = photo_input(face, "whole_pose" if whole else role, self._size)[None]
            return Features(tuple(self._encoder.run(None, {self._photo: planes})))

        return self._features.get((key, role), encode)

    def decode(self, pose: Features, expression: Features, edit: NDArray[np.float32]) -> Answer:
        """Run the decoder on features and the planes of an edit, ``(17, edit_size, edit_size)``."""
        values = {"edit": edit[None]}
        for level, (own, other) in enumerate(zip(pose.levels, expression.levels, strict=True)):
            values[f"pose_{level}"], values[f"expression_{level}"] = own, other
        fed = {name: values[name] for name in self._feeds}
        answers = dict(zip(self._answers, self._decoder.run(None, fed), strict=True))
        return Answer(**{name: interleaved(value[0]) for name, value in answers.items()})

    def _unread(self) -> int:
        """Levels of the pose photo that the decoder has no input for (the finest)."""
        return sum(f"pose_{k}" not in self._feeds for k in range(len(self._encoder.get_outputs())))
