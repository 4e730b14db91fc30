"""A tile of a patch: its part of the drawing maps is enlarged, both photos are read and mixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.align.flow import identity_flow
from exshot.cache import kept_property
from exshot.draw.folds import FOLD_COLOR
from exshot.draw.light import bend_highlights
from exshot.draw.maps import DrawingMaps
from exshot.draw.monochrome import toned
from exshot.draw.texture import grain
from exshot.image.enlarging import Window, framed, under
from exshot.image.geometry import Box, Crop, Placement, within
from exshot.image.pixels import Pixels
from exshot.image.sampling import Map, to_float

_STEEP: Final = ("mask", "blend", "shading")
_UNSEEN: Final = 1 / 512  # share of a photo that changes no 8-bit value


@dataclass(frozen=True)
class View:
    """Pixels together with the square of them that a face is edited in; its size means nothing."""

    pixels: Pixels
    crop: Crop


@dataclass(frozen=True, eq=False)
class TilePlan:
    """What all tiles of a patch are drawn from; make one with `of`.

    Attributes:
        pose: the photo that is edited; its crop is the one that ``maps.flow_pose`` reads.
        expression: the other photo; its crop is the one that ``maps.flow_expression`` reads.
        maps: what to draw.
        interpolation: OpenCV's name of the kernel that photos are read with.
        layers: what is enlarged of the maps, `framed`, by their names there; ``pose`` and
            ``expression`` are the flows' moves.
    """

    pose: View
    expression: View
    maps: DrawingMaps
    interpolation: int
    layers: dict[str, Map]

    @classmethod
    def of(cls, pose: View, expression: View, maps: DrawingMaps, interpolation: int) -> TilePlan:
        shares = {"mask": maps.mask, "blend": maps.blend, "shading": maps.shading}
        repeated = {
            "pose": _move(maps.flow_pose, pose),
            "expression": _move(maps.flow_expression, expression),
            "gain": maps.gain,
            "residual": maps.residual,
        }
        layers = {
            name: framed(values, repeated=name in repeated)
            for name, values in {**shares, **repeated}.items()
            if values is not None
        }
        return cls(pose, expression, maps, interpolation, layers)

    @property
    def size(self) -> int:
        """Side of the maps, pixels."""
        return len(self.maps.mask)


@dataclass(frozen=True, eq=False)
class Tile:
    """A part of the patch, small enough to be drawn in one go.

    Attributes:
        plan: of the whole patch.
        box: of the pose photo.
    """

    plan: TilePlan
    box: Box

    @kept_property
    def mask(self) -> NDArray[np.uint8]:
        """``(h, w)``."""
        return np.asarray(cv2.convertScaleAbs(self._enlarged("mask"), alpha=255), np.uint8)

    def pixels(self) -> Pixels:
        """``(h, w, 3)`` in the dtype of the pose photo; black in parts that the mask leaves out."""
        drawn = self._mixed()
        dtype = self.plan.pose.pixels.dtype
        white = float(np.iinfo(dtype).max)
        # Rounds and saturates at once.
        depth = cv2.CV_8U if dtype == np.uint8 else cv2.CV_16U
        return np.asarray(cv2.addWeighted(drawn, white, drawn, 0, 0, dtype=depth), dtype)

    def _mixed(self) -> Map:
        """Both photos by their shares, ``(h, w, 3)``, white is 1; each read where it is seen."""
        share = self._enlarged("blend")
        rest = 1 - share
        covered = self.mask > 0
        expression, pose = (within(covered & (part > _UNSEEN)) for part in (share, rest))
        drawn = np.zeros((*share.shape, 3), np.float32)
        if not pose.empty:
            drawn[pose.slices] = self._pose(pose)
        if not expression.empty:
            # Both shares are divided by their sum: where no pose photo was drawn, none is missed.
            rest[rest <= _UNSEEN] = 0
            part = expression.slices
            drawn[part] = cv2.blendLinear(
                self._expression(expression), drawn[part], share[part], rest[part]
            )
        return drawn

    def _pose(self, part: Box) -> Map:
        """The pose photo as a part of the tile shows it, ``(h, w, 3)``, white is 1."""
        out = self._read(self.plan.pose, "pose", part)
        if self.plan.maps.shading is not None:
            shading = self._enlarged("shading")[part.slices]
            if shading.any():
                factor = np.exp(shading)
                for channel, strength in enumerate(FOLD_COLOR):
                    # exp(strength * shading), for shadings that are small
                    out[..., channel] *= factor * (1 + np.float32(strength - 1) * shading)
        return out

    def _expression(self, part: Box) -> Map:
        """The expression photo as a part of the tile shows it, ``(h, w, 3)``, white is 1."""
        maps = self.plan.maps
        out = self._read(self.plan.expression, "expression", part)
        gain = self._enlarged("gain")[part.slices]
        out *= gain
        bend_highlights(out, gain)
        if maps.residual is not None:
            out += self._enlarged("residual")[part.slices]
        if maps.tone is not None:
            out = toned(out, maps.tone)
        if maps.texture.grain > 0:
            # Shrunk for a preview, grain fades as its pixels are averaged.
            fading = min(1.0, self.plan.pose.crop.side / maps.texture.pose_side)
            there = part.moved(self.box.x0, self.box.y0)
            out += grain(there, fading * maps.texture.grain)[..., None]
        return out

    @property
    def _place(self) -> Placement:
        """From pixels of the pose photo to pixels of the maps."""
        return self.plan.pose.crop.resized(self.plan.size).in_photo.inverse

    @kept_property
    def _window(self) -> Window:
        return Window.under(self._place, self.box)

    def _layer(self, name: str) -> Map:
        """One of the layers under the tile, at its own size."""
        return self._window.of(self.plan.layers[name])

    def _enlarged(self, name: str) -> Map:
        if name in _STEEP and self._window.soft:
            return under(self.box, self.plan.layers[name], self._place)
        return self._window.enlarged(self._layer(name))

    def _read(self, view: View, name: str, part: Box) -> Map:
        """What a part of the tile shows of a view, ``(h, w, 3)``, white is 1.

        Args:
            view: the photo.
            name: of the layer that says how its pixels move.
            part: a box of the tile.
        """
        move, window = self._layer(name), self._window
        if view is self.plan.pose and not move.any():
            return to_float(view.pixels[part.moved(self.box.x0, self.box.y0).slices])
        # Where the window's own pixels lie in the view, at any size; linear, as the resizing is.
        there = view.crop.resized(self.plan.size).in_photo
        x = (window.x + np.arange(window.width)) * there.scale + there.x
        y = (window.y + np.arange(window.height)) * there.scale + there.y
        x, y = move[..., 0] + x, move[..., 1] + y[:, None]
        box = _read_between(x, y, view.pixels)
        x, y = (
            window.enlarged(positions.astype(np.float32))[part.slices]
            for positions in (x - box.x0, y - box.y0)
        )
        # A third faster on floating-point numbers than on bytes, and nothing is rounded twice.
        seen = to_float(view.pixels[box.slices])
        kernel = self.plan.interpolation
        read = cv2.remap(seen, x, y, kernel, borderMode=cv2.BORDER_REPLICATE)
        return read.astype(np.float32, copy=False)


def _move(flow: Map, view: View) -> Map:
    """How far beside its own place each pixel is read by a flow, ``(h, h, 2)``, view pixels.

    Unlike positions, moves are smooth, and may be zero.
    """
    size = len(flow)
    return (flow - identity_flow(size)) * np.float32(view.crop.resized(size).in_photo.scale)


def _read_between(x: NDArray[np.floating], y: NDArray[np.floating], pixels: Pixels) -> Box:
    """What kernels read at positions between these: OpenCV addresses at most 32767 pixels a side.

    Where all of that lies outside the picture, the nearest pixel is all there is.
    """
    height, width = pixels.shape[:2]
    x0, y0 = int(np.floor(x.min())) - 4, int(np.floor(y.min())) - 4
    x1, y1 = int(np.ceil(x.max())) + 5, int(np.ceil(y.max())) + 5
    box = Box(x0, y0, x1, y1).clipped(width, height)
    if box.empty:
        column, row = min(max(x0, 0), width - 1), min(max(y0, 0), height - 1)
        return Box(column, row, column + 1, row + 1)
    return box
