"""The aligned pair: two photos of one face on one mesh, made once and handed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.fields import VertexFields, vertex_fields
from exshot.align.flow import SeenSurface, WarpMaps, compute_maps, seen_surface
from exshot.align.retarget import retarget, rigid_fit
from exshot.cache import kept_property
from exshot.cover.cover import Cover
from exshot.image.geometry import Crop
from exshot.image.sampling import Map, blur, odd, sample_at
from exshot.options import EditOptions

_SPECKLE: Final = 0.008  # of the crop's side
_LARGEST_MEDIAN: Final = 5  # pixels a side, of float32 in OpenCV
_SOFT: Final = 0.004  # of the crop's side


@dataclass(frozen=True, eq=False)
class CroppedFace:
    """A face and the square of its photo that it is edited in.

    Attributes:
        pixels: ``(h, h, 3)`` float32 in [0, 1], the crop.
        mesh: ``(478, 3)`` pixels of the photo.
        crop: where the crop lies in the photo.
        cover: what is in front of the face; None where nobody looked.
    """

    pixels: Map
    mesh: NDArray[np.floating]
    crop: Crop
    cover: Cover | None = None

    @classmethod
    def whole(cls, pixels: Map, mesh: NDArray[np.floating]) -> CroppedFace:
        """Of a photo that is cropped already: ``mesh`` is in pixels of the crop."""
        size = len(pixels)
        return cls(pixels, mesh, Crop(0, 0, size, size))

    @property
    def size(self) -> int:
        """Side of the crop, pixels."""
        return len(self.pixels)

    @kept_property
    def mesh_in_crop(self) -> NDArray[np.float32]:
        """``(478, 3)``, pixels of the crop."""
        return self.crop.to_crop(self.mesh)

    @kept_property
    def seen(self) -> SeenSurface:
        """What the photo shows of the face, in pixels of the crop."""
        return seen_surface(self.mesh_in_crop, self.size)


@dataclass(frozen=True, eq=False)
class AlignedPair:
    """The expression photo's face laid onto the pose photo's; make one with `align`.

    What is said *on the target* lies over the pose photo's crop, where the result will be: a
    pixel of every such map shows the same spot of the skin.

    Attributes:
        pose, expression: the two faces in their crops, of one size.
        target: ``(478, 3)`` mesh of the result, pixels of the pose photo's crop.
        turn: ``(3, 3)`` rotation from the expression photo's head pose to the pose photo's.
        maps: how to get from the target to either photo, and what is seen on the way.
        fields: what belongs where on the target: features, skin, regions.
    """

    pose: CroppedFace
    expression: CroppedFace
    target: NDArray[np.float32]
    turn: NDArray[np.float64]
    maps: WarpMaps
    fields: VertexFields

    @property
    def size(self) -> int:
        """Side of the crops and of the maps, pixels."""
        return self.pose.size

    @kept_property
    def face_width(self) -> float:
        """Of the target mesh, pixels of the crop."""
        return float(np.ptp(self.target[:, 0]))

    @kept_property
    def pose_on_target(self) -> Map:
        """``(h, h, 3)``, the pose photo's crop moved to the target by ``maps.flow_pose``."""
        return sample_at(self.pose.pixels, self.maps.flow_pose)

    @kept_property
    def expression_on_target(self) -> Map:
        """``(h, h, 3)``, the expression photo's crop as ``maps.flow_expression`` reads it."""
        return sample_at(self.expression.pixels, self.maps.flow_expression)

    @kept_property
    def visible(self) -> Map:
        """``(h, h)`` in [0, 1], what of the target the expression photo shows, without speckles.

        Eyes and mouth are whole, for an iris lies behind the lids' mesh.
        """
        whole = (self.fields.features > 0.5) & self.maps.face
        kept = np.maximum(self.maps.visibility, whole).astype(np.float32)
        side = min(odd(_SPECKLE * self.size), _LARGEST_MEDIAN)
        speckles = cv2.medianBlur(kept, side).astype(np.float32)
        return blur(speckles, _SOFT * self.size)

    @kept_property
    def uncovered(self) -> Map:
        """``(h, h)`` in [0, 1], where nothing is before either face, not even glass."""
        shown = np.ones((self.size, self.size), np.float32)
        for face, flow in (
            (self.pose, self.maps.flow_pose),
            (self.expression, self.maps.flow_expression),
        ):
            if face.cover and face.cover.any:
                shown *= 1 - sample_at(face.cover.incomparable, flow)
        return shown

    @kept_property
    def comparable(self) -> Map:
        """``(h, h)`` in [0, 1], where both photos show the face itself."""
        return self.maps.visibility * self.uncovered

    @kept_property
    def bare_skin(self) -> Map:
        """``(h, h)`` in [0, 1], where both photos show skin that may be compared."""
        return bare_skin(self.fields.skin, self.visible * self.uncovered)

    @kept_property
    def surely_bare_skin(self) -> Map:
        """As `bare_skin`, without what only the smoothing of ``visible`` lets in."""
        return bare_skin(self.fields.skin, self.comparable)


def align(pose: CroppedFace, expression: CroppedFace, options: EditOptions) -> AlignedPair:
    """Lay the expression photo's face onto the pose photo's (paper section 3.2).

    The one way to do it: editing, training and benchmarks share it, so that they cannot differ.

    Args:
        pose, expression: in crops of one size.
        options: strength, regions and gaze say how far the target follows the expression.

    Raises:
        ValueError: the crops differ in size.
    """
    if pose.size != expression.size:
        raise ValueError(f"crops of {pose.size} and of {expression.size} pixels")
    onto_pose = rigid_fit(expression.mesh, pose.mesh)
    target = retarget(pose.mesh, expression.mesh, options, onto_pose)
    return align_to(pose.crop.to_crop(target), pose, expression, options, onto_pose.rotation)


def align_to(
    target: NDArray[np.float32],
    pose: CroppedFace,
    expression: CroppedFace,
    options: EditOptions,
    turn: NDArray[np.float64] | None = None,
) -> AlignedPair:
    """As `align`, onto a target mesh that is known, ``(478, 3)`` pixels of the pose's crop.

    ``turn`` is `AlignedPair.turn` where that is known already.
    """
    if turn is None:
        turn = rigid_fit(expression.mesh, pose.mesh).rotation
    maps, fields = compute_maps(
        target, pose.mesh_in_crop, expression.seen, vertex_fields(options), pose.size
    )
    return AlignedPair(pose, expression, target, turn, maps, VertexFields.named(fields))


def bare_skin(skin: Map, visible: Map) -> Map:
    """``(h, w)`` in [0, 1], where the skin of two photos may be compared."""
    # Interpolated over a sliver of the mesh, the field may fall a little below 0.
    side = odd(_SPECKLE * len(skin))
    return np.maximum(cv2.erode(skin * visible, np.ones((side, side))), 0).astype(np.float32)
