"""Networks as a training leaves them, in the place of the exported graphs."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from exshot.align.pair import CroppedFace
from exshot.exprnet.inputs import NETWORK_SIZE, Role
from exshot.exprnet.network import Answer, Features, photo_input

if TYPE_CHECKING:
    import torch

    from exshot_train.model import ExprNet

ABLATIONS: Final = {
    "ablation_full": "ExprNet, reduced budget",
    "ablation_rgb_warping": "RGB warping instead of feature warping",
    "ablation_no_flow_refinement": "without flow refinement",
    "ablation_no_perceptual": "without perceptual loss",
    "ablation_no_light": "without light augmentation",
}
"""Experiments of `exshot_train.experiments`, and what they are called in the paper."""

SHIPPED: Final = {
    "exprnet_256_photographs": "photographs only",
    "exprnet_256_renders": "then with renders",
    "exprnet_256_adversarial": "then with renders and discriminator",
}
"""The runs whose mean ships; the first one's best checkpoint, the last of the others."""


class TorchNetwork:
    """A training's network in the place of the exported graphs of `exshot.exprnet.network`.

    Its features are the photos' planes themselves: one of the ablations has no features of a
    single photo, for it warps the photo first.
    """

    def __init__(self, network: ExprNet) -> None:
        self._network = network.eval()

    @property
    def size(self) -> int:
        """Side of the crops, pixels."""
        return NETWORK_SIZE

    @property
    def edit_size(self) -> int:
        """One of the ablations warps pixels, by the flow as it is."""
        return NETWORK_SIZE

    def features(self, key: Hashable, face: CroppedFace, role: Role) -> Features:
        """The planes of a photo."""
        if role == "pose" and self._network.config.whole_pose:
            role = "whole_pose"
        return Features((photo_input(face, role, NETWORK_SIZE)[None],))

    def decode(self, pose: Features, expression: Features, edit: NDArray[np.float32]) -> Answer:
        """Run the whole network, with the planes of an edit at the crops' size."""
        import torch

        planes = (pose.levels[0], expression.levels[0], edit[None])
        with torch.no_grad():
            found = self._network.corrections(
                *(torch.from_numpy(np.ascontiguousarray(part)) for part in planes)
            )
        names = self._network.decoder.answers
        return Answer(**{name: _last_planes(getattr(found, name)) for name in names})


def _last_planes(value: torch.Tensor) -> NDArray[np.float32]:
    """``(1, c, h, w)`` as ``(h, w, c)``, or ``(h, w)`` of a single plane."""
    planes = value[0].permute(1, 2, 0).numpy()
    return planes[..., 0] if planes.shape[2] == 1 else planes


def checkpoint(name: str) -> Path:
    """Where the training of an experiment leaves what is measured; it need not exist."""
    from exshot_train.data_root import train_cache

    folder = train_cache() / "runs" / name
    best = folder / "best.safetensors"
    # The longer runs are stopped by validation; those of the reduced budget all at one step.
    judged = name == "exprnet_256_photographs" or name.startswith("paper_")
    return best if judged and best.is_file() else folder / "last.safetensors"


def load(name: str) -> TorchNetwork:
    """The averaged weights of an experiment's checkpoint."""
    from exshot_train.checkpoint import read_network

    return TorchNetwork(read_network(checkpoint(name)))
