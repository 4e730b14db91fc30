"""What ExprNet reads. Training and inference both prepare it here, so that they cannot differ.

The encoder sees one photo at a time and nothing of the edit, so its features can be kept; the
decoder sees both photos' features and the edit. Tensors are planes first, ``(c, h, w)`` float32.
Positions are in *grid units*: -1 at the outer edge of the first pixel, 1 at that of the last
(``align_corners=False`` of torch and ONNX), the same at every resolution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import vertex_normals
from exshot.align.pair import AlignedPair, CroppedFace
from exshot.align.registration import register, shift_flow
from exshot.align.surface import surface, with_rings
from exshot.draw.light import apply_gain
from exshot.draw.maps import DrawingMaps
from exshot.draw.shading import measure_shading
from exshot.draw.warp import warped
from exshot.face.face import MESH_VERTICES
from exshot.face.topology import CANONICAL_VERTICES
from exshot.image.rasterise import rasterise
from exshot.image.sampling import Map, channel_mean, odd, ramp_of, sample_at, shrink, spread
from exshot.options import EditOptions

Role = Literal["pose", "whole_pose", "expression"]
"""What a photo is in an edit; a ``whole_pose`` is a pose photo whose expression is not hidden."""

PHOTO_PLANES: Final = ("red", "green", "blue", "normal_x", "normal_y", "normal_z", "face", "role")
"""Planes of `photo_planes`. Colours are 2 v - 1; ``role`` is 0 for the expression photo, else 1."""

EDIT_PLANES: Final = (
    *("expression_x", "expression_y", "pose_x", "pose_y"),
    *("normal_x", "normal_y", "normal_z", "visibility", "face", "features"),
    *("gain_red", "gain_green", "gain_blue", "blend"),
    *("shading_red", "shading_green", "shading_blue"),
)
"""Planes of `edit_planes`: flows in grid units, geometry, the warp method's own answer, and
what its gain leaves between the two photos' skin (`exshot.draw.shading.measure_shading`)."""

NETWORK_SIZE: Final = 256
"""Side of the crops that the shipped network was trained on, and that edits are planned on."""

FLOW_PLANES: Final = 4
FLOW: Final = slice(0, 2)
POSE_FLOW: Final = slice(2, 4)
GAIN: Final = slice(EDIT_PLANES.index("gain_red"), EDIT_PLANES.index("gain_blue") + 1)
BLEND: Final = EDIT_PLANES.index("blend")
SHADING: Final = slice(EDIT_PLANES.index("shading_red"), EDIT_PLANES.index("shading_blue") + 1)
"""Where the warp method's answer and the shading lie in `EDIT_PLANES`."""

_OTHER_LIGHT: Final = (0.05, 0.10)  # log gain over the skin, from one light to two
_FACE_BLUR: Final = 0.07  # of the crop's side
_SEAM: Final = 0.012  # of the crop's side, softness between the blurred face and the sharp rest
_BLUR_SIZE: Final = 64


@dataclass(frozen=True)
class EditInput:
    """The decoder's input, and the answer of the warp method that it improves on.

    Attributes:
        planes: ``(17, size, size)`` float32, see `EDIT_PLANES`.
        prior: of `exshot.draw.warp.drawn_by_warp`, its flow registered
            (`exshot.align.registration`).
        shading: ``(h, h, 3)`` float32, of `exshot.draw.shading.measure_shading`.
        unexplained: root mean square of its brightness over the skin, a log ratio.
    """

    planes: NDArray[np.float32]
    prior: DrawingMaps
    shading: NDArray[np.float32]
    unexplained: float


def photo_planes(face: CroppedFace, role: Role) -> NDArray[np.float32]:
    """The encoder's input for one photo, ``(8, h, h)``; see `PHOTO_PLANES`.

    Inside its face the pose photo keeps its very low frequencies only: its light and colour, but
    not its expression. A network that saw its mouth would draw that mouth again.
    """
    size = face.size
    normals, inside = own_geometry(face.mesh_in_crop, size)
    pixels = without_expression(face.pixels, inside) if role == "pose" else face.pixels
    constant = np.full((size, size), float(role != "expression"), np.float32)
    return _planes_of([2 * pixels - 1, normals, inside, constant])


def edit_planes(pair: AlignedPair, options: EditOptions, size: int | None = None) -> EditInput:
    """The decoder's input.

    Args:
        pair: of `exshot.align.pair.align` with the same options.
        options: of the edit.
        size: side of the planes, when it is not the pair's.
    """
    prior = _registered(*warped(pair, options), pair)
    shading = _shading(prior, pair, options)
    skin = pair.surely_bare_skin
    unexplained = (skin * channel_mean(shading) ** 2).sum() / max(float(skin.sum()), 1.0)
    full = pair.size
    parts = [
        to_grid(prior.flow_expression, full),
        to_grid(pair.maps.flow_pose, full),
        pair.maps.normals,
        pair.maps.visibility,
        pair.maps.face.astype(np.float32),
        pair.fields.features,
        np.log(prior.gain),
        prior.blend,
        shading,
    ]
    if size is not None and size != full:
        parts = [shrink(part, size) for part in parts]
    return EditInput(_planes_of(parts), prior, shading, float(np.sqrt(unexplained)))


def _registered(drawing: DrawingMaps, drawn: Map, pair: AlignedPair) -> DrawingMaps:
    """The drawing maps with what they draw of the expression photo registered to the pose photo."""
    offset = register(
        pair.pose_on_target, drawn, pair.fields.features, pair.comparable, pair.face_width
    )
    return replace(drawing, flow_expression=shift_flow(drawing.flow_expression, offset))


def _shading(drawing: DrawingMaps, pair: AlignedPair, options: EditOptions) -> NDArray[np.float32]:
    """What the drawing's gain leaves on the skin; nothing under one light: there it is creases."""
    share = ramp_of(drawing.light_difference, *_OTHER_LIGHT) if options.color_match else 0.0
    if share == 0:
        return np.zeros_like(pair.pose_on_target)
    drawn = apply_gain(sample_at(pair.expression.pixels, drawing.flow_expression), drawing.gain)
    return share * measure_shading(
        pair.pose_on_target, drawn, pair.surely_bare_skin, pair.face_width
    )


def own_geometry(
    mesh: NDArray[np.floating], size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Normals ``(size, size, 3)`` and face mask ``(size, size)`` of a mesh in its own crop."""
    shape = surface()
    vertices = with_rings(mesh)
    raster = rasterise(vertices, shape.triangles[: shape.face_triangles], (size, size))
    values = np.zeros((len(vertices), 3))
    values[:CANONICAL_VERTICES] = vertex_normals(mesh)
    # An iris looks where the middle of its eye looks.
    values[CANONICAL_VERTICES:MESH_VERTICES] = (0, 0, -1)
    return raster.interpolate(values), raster.covered.astype(np.float32)


def without_expression(crop: NDArray[np.float32], face: NDArray[np.float32]) -> NDArray[np.float32]:
    """The crop with its face blurred beyond recognition of any feature; the rest stays sharp.

    The blur averages the face only: hair and background do not bleed into it.
    """
    size = len(crop)
    small = (_BLUR_SIZE, _BLUR_SIZE)
    sigma = _FACE_BLUR * _BLUR_SIZE
    kernel = np.ones((odd(0.03 * size),) * 2, np.uint8)
    inner = cv2.erode(face, kernel).astype(np.float32)
    total = cv2.resize(crop * spread(inner, 3), small, interpolation=cv2.INTER_AREA)
    share = cv2.resize(inner, small, interpolation=cv2.INTER_AREA)
    mean = cv2.GaussianBlur(total, (0, 0), sigma)
    mean /= spread(np.maximum(cv2.GaussianBlur(share, (0, 0), sigma), 1e-3), 3)
    low = cv2.resize(mean, (size, size), interpolation=cv2.INTER_LINEAR)
    seam = cv2.GaussianBlur(face, (0, 0), _SEAM * size)
    # Every pixel of the face itself is blurred; the seam lies outside of it.
    seam = np.maximum(np.clip(2 * seam, 0, 1), face)
    return (crop + spread(seam, 3) * (low - crop)).astype(np.float32)


def to_grid(flow: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Pixel positions as grid units."""
    return (flow + np.float32(0.5)) * np.float32(2 / size) - np.float32(1)


def from_grid(flow: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Grid units as pixel positions."""
    return (flow + np.float32(1)) * np.float32(size / 2) - np.float32(0.5)


def _planes_of(maps: list[Map]) -> NDArray[np.float32]:
    """All planes of some maps ``(h, w)`` and ``(h, w, k)``, ``(planes, h, w)``."""
    counts = [1 if values.ndim == 2 else values.shape[2] for values in maps]
    planes = np.empty((sum(counts), *maps[0].shape[:2]), np.float32)
    for values, count, end in zip(maps, counts, np.cumsum(counts).tolist(), strict=True):
        planes[end - count : end] = values if values.ndim == 2 else np.moveaxis(values, 2, 0)
    return planes
