"""Retargeting: the mesh that the result should have (paper section 3.2, landmark alignment)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.likely import load_likely, on_head, out_of_plane
from exshot.align.regions import RIGID, mobility, vertex_weights
from exshot.face.head_pose import head_pose_of
from exshot.face.similarity import Similarity, fit_similarity
from exshot.face.topology import CANONICAL_VERTICES, LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from exshot.image.sampling import ramp_of
from exshot.options import EditOptions, RegionWeights

EYES: Final = ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS))
_ROBUST_ROUNDS: Final = 4
_NARROW: Final = (0.14, 0.17)  # opening of the pose photo's eyes
_NARROWER: Final = (0.03, 0.05)  # by how much the openings of two fits differ
_SHUT: Final = (0.04, 0.06)
_ROBUST_SCALE: Final = 0.15  # of the face width; residuals beyond it count less and less


def rigid_fit(expression: NDArray[np.floating], pose: NDArray[np.floating]) -> Similarity:
    """Similarity that puts the expression mesh on the head pose of the pose mesh.

    Rigid vertices only, nearly plain least squares: re-weighted by their residual, so that a vertex
    that is far off counts less.
    """
    rigid = list(RIGID)
    source, target = expression[rigid].astype(np.float64), pose[rigid].astype(np.float64)
    scale = _ROBUST_SCALE * float(np.ptp(pose[:, 0]))
    weights = np.ones(len(rigid))
    similarity = fit_similarity(source, target, weights)
    for _ in range(_ROBUST_ROUNDS):
        residual = np.linalg.norm((similarity(source) - target)[:, :2], axis=1)
        weights = 1 / (1 + (residual / scale) ** 2)
        similarity = fit_similarity(source, target, weights)
    return similarity


def retarget(
    pose: NDArray[np.floating],
    expression: NDArray[np.floating],
    options: EditOptions,
    onto_pose: Similarity | None = None,
) -> NDArray[np.float32]:
    """Mesh of the result, ``(478, 3)`` pixels of the pose photo.

    ``V_t = V_p + strength * region_weight * mobility * likely(T(V_e) - V_p)`` with ``T`` of
    `rigid_fit`, and what `exshot.align.likely` makes of a difference of two fits; eyes that are
    narrow anyhow stay as open, see `_narrowing`. The irises keep the expression's place in the eye
    openings, or with gaze from the pose photo its own. ``onto_pose`` is ``T`` where that is known
    already.
    """
    move = _expression_move(pose, expression, onto_pose or rigid_fit(expression, pose))
    target = pose + _weights(options.strength, options.regions) * move
    meant = _narrowing(pose, target)
    if meant < 1:
        regions = replace(options.regions, eyes=meant * options.regions.eyes)
        target = pose + _weights(options.strength, regions) * move
    if options.gaze == "pose":
        for ring, iris in EYES:
            target[list(iris)] = _carry_in_eye(pose, target, ring, iris)
    return target.astype(np.float32)


def _expression_move(
    pose: NDArray[np.floating], expression: NDArray[np.floating], onto_pose: Similarity
) -> NDArray[np.floating]:
    """What the expression moves on the pose photo's head, ``(478, 3)`` pixels."""
    laid, head = onto_pose(expression), head_pose_of(pose.astype(np.float32))
    face = slice(0, CANONICAL_VERTICES)
    likely = load_likely()(on_head((laid - pose)[face], head), out_of_plane(onto_pose.rotation))
    whole = laid.copy()
    whole[face] = pose[face] + head.scale * likely @ head.rotation.T
    for ring, iris in EYES:
        whole[list(iris)] = _carry_in_eye(laid, whole, ring, iris)
    return whole - pose


def _weights(strength: float, regions: RegionWeights) -> NDArray[np.float32]:
    return strength * (vertex_weights(regions) * mobility())[:, None]


def eye_frame(
    mesh: NDArray[np.floating], ring: tuple[int, ...]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Middle of an eye's corners ``(2,)``, and its axes along and across as columns ``(2, 2)``.

    Args:
        mesh: ``(478, 3)``, pixels; so are the axes, as long as the eye is wide.
        ring: the eye's vertices, from one corner round to the other and back.
    """
    first, last = mesh[ring[0], :2], mesh[ring[len(ring) // 2], :2]
    along = last - first
    if not along.any():
        along = np.array([1e-3, 0.0])
    return (first + last) / 2, np.array([[along[0], -along[1]], [along[1], along[0]]])


def opening(mesh: NDArray[np.floating], ring: tuple[int, ...]) -> float:
    """Area of an eye's or mouth's opening over the square of its width: 0 is shut."""
    points = mesh[list(ring), :2].astype(np.float32)
    width = float(np.linalg.norm(points[0] - points[len(ring) // 2]))
    return abs(cv2.contourArea(points)) / max(width * width, 1e-6)


def _narrowing(pose: NDArray[np.floating], target: NDArray[np.floating]) -> float:
    """Share in [0, 1] of the eyes' move that is meant.

    Two fits of one squint differ by as much as a third of what is open, behind glasses above all,
    and a squint that closes by so much loses its iris. A narrow eye is made narrower only where it
    shuts, or by more than two fits differ.
    """
    before, after = (
        float(np.mean([opening(mesh, ring) for ring, _ in EYES])) for mesh in (pose, target)
    )
    if after >= before:
        return 1.0
    return max(
        ramp_of(before, *_NARROW), ramp_of(before - after, *_NARROWER), 1 - ramp_of(after, *_SHUT)
    )


def _carry_in_eye(
    source: NDArray[np.floating],
    target: NDArray[np.floating],
    ring: tuple[int, ...],
    iris: tuple[int, ...],
) -> NDArray[np.floating]:
    """Irises at the place in the target's eye that they have in the source's (by its corners)."""
    (middle_source, axes_source), (middle_target, axes_target) = (
        eye_frame(mesh, ring) for mesh in (source, target)
    )
    local = np.linalg.solve(axes_source, (source[list(iris), :2] - middle_source).T)
    out = target[list(iris)].copy()
    out[:, :2] = (axes_target @ local).T + middle_target
    return out
