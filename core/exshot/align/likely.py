"""What an expression is likely to move, of what the fits of two photos say apart.

Two meshes of one face differ by its expression, and by what their fits err: little where both
photos show the head from one side, but across a turn of 30 degrees more than most expressions move.
Both are known from people whose every expression was seen by several cameras at once; the best
linear estimate of the one from their sum follows (Wiener). ``python -m exshot_train.likely``
measures them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exshot.face.face import HeadPose
from exshot.face.topology import CANONICAL_VERTICES
from exshot.model_store import ModelStore

MODEL: Final = "expression_moves"
_WIDEST: Final = 100.0  # times the usual variance: faces that people pull
_ROUNDS: Final = 2


@dataclass(frozen=True, eq=False)
class Likely:
    """Statistics of moves, in the head's own frame and canonical centimetres.

    Attributes:
        basis: ``(1404, k)`` orthonormal, what moves together; x, y, z of 468 vertices.
        expression: ``(k, k)`` covariance of what expressions move.
        noise: ``(k, k)`` covariance of what two fits of one view differ by.
        turned: ``(k, k)``, what is added to it by a turn, times its squared sine.
    """

    basis: NDArray[np.float32]
    expression: NDArray[np.float64]
    noise: NDArray[np.float64]
    turned: NDArray[np.float64]

    def __call__(self, move: NDArray[np.floating], turn: float) -> NDArray[np.float64]:
        """The likely part of a move.

        Args:
            move: ``(468, 3)``, from the one mesh to the other.
            turn: squared sine of the turn between the two heads, out of the picture plane.
        """
        given = move.reshape(-1) @ self.basis
        noise = self.noise + turn * self.turned
        scale = 1.0
        for _ in range(_ROUNDS):  # a move that is wilder than the usual ones, and by how much
            found = np.linalg.solve(scale * self.expression + noise, given)
            scale = float(np.clip(scale * (given @ found) / len(given), 1.0, _WIDEST))
        found = np.linalg.solve(scale * self.expression + noise, given)
        likely = scale * self.expression @ found
        beyond = move.reshape(-1) - self.basis @ given  # small, and too fine for the basis
        return (self.basis @ likely + beyond).reshape(CANONICAL_VERTICES, 3)


def on_head(move: NDArray[np.floating], head: HeadPose) -> NDArray[np.floating]:
    """Moves ``(n, 3)`` of vertices, pixels, in the head's own frame and canonical centimetres."""
    return move @ head.rotation / head.scale


def out_of_plane(rotation: NDArray[np.floating]) -> float:
    """Squared sine of the turn out of the picture plane that is in a rotation, ``(3, 3)``."""
    return float((rotation[:2, 2] ** 2).sum())


@lru_cache(maxsize=1)
def load_likely() -> Likely:
    """The shipped statistics, read once.

    Raises:
        ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
    """
    arrays = ModelStore().arrays(MODEL)
    covariances = (arrays[name].astype(np.float64) for name in ("expression", "noise", "turned"))
    return Likely(arrays["basis"].astype(np.float32), *covariances)
