"""Regions of interest: the rotated squares that the mesh network looks at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.image.pyramid import Pyramid

# More than this many photo pixels per crop pixel alias when they are sampled at single points.
MAX_STEP = 2.5


@dataclass(frozen=True)
class Region:
    """A square in a photo.

    Attributes:
        x, y: centre, pixels.
        size: side, pixels.
        angle: clockwise turn as seen in the picture, radians; 0 is upright.
    """

    x: float
    y: float
    size: float
    angle: float

    def to_photo(self, points: NDArray[np.float32], side: int) -> NDArray[np.float32]:
        """Carry ``(n, 3)`` points from a ``side`` x ``side`` crop of this region into the photo.

        z is scaled like x and y.
        """
        step = self.size / side
        cos, sin = math.cos(self.angle) * step, math.sin(self.angle) * step
        x, y = points[:, 0] - side / 2, points[:, 1] - side / 2
        columns = (self.x + cos * x - sin * y, self.y + sin * x + cos * y, points[:, 2] * step)
        return np.stack(columns, axis=1).astype(np.float32)

    def crop(
        self, rgb: NDArray[np.uint8] | Pyramid, side: int, max_step: float = MAX_STEP
    ) -> NDArray[np.uint8]:
        """The region as a ``side`` x ``side`` picture, bilinear, black outside the photo.

        Crop pixel ``i`` shows the photo at ``i / side`` of the region, as in MediaPipe's
        ``ImageToTensorCalculator`` on the CPU. Where a crop pixel spans more than ``max_step``
        photo pixels, the photo is averaged down first, so that skin and hair do not alias.
        """
        step = self.size / side
        # A power of two, because averaging 2 x 2 pixels is by far the fastest.
        factor = 2 ** max(0, math.ceil(math.log2(max(step / max_step, 1))))
        picture, offset, factor = self._prepare(rgb, factor)
        step = self.size / side / factor
        cos, sin = math.cos(self.angle) * step, math.sin(self.angle) * step
        # Averaging factor x factor pixels puts the new pixel's centre between the old ones.
        x = (self.x - offset[0] - (factor - 1) / 2) / factor
        y = (self.y - offset[1] - (factor - 1) / 2) / factor
        half = side / 2
        to_picture = np.array(
            [
                [cos, -sin, x - half * cos + half * sin],
                [sin, cos, y - half * sin - half * cos],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(
            picture, to_picture, (side, side), flags=flags, borderMode=cv2.BORDER_CONSTANT
        )
        return crop.astype(np.uint8, copy=False)

    def _prepare(
        self, rgb: NDArray[np.uint8] | Pyramid, factor: int
    ) -> tuple[NDArray[np.uint8], tuple[int, int], int]:
        """The part of the photo to sample, its offset and the factor it was averaged down by."""
        if isinstance(rgb, Pyramid):
            return rgb.level(factor.bit_length() - 1), (0, 0), factor
        if factor == 1:
            return rgb, (0, 0), 1
        height, width = rgb.shape[:2]
        reach = self.size * (abs(math.cos(self.angle)) + abs(math.sin(self.angle))) / 2 + factor
        x0, y0 = max(int(self.x - reach), 0), max(int(self.y - reach), 0)
        x1, y1 = min(int(self.x + reach) + 1, width), min(int(self.y + reach) + 1, height)
        columns, rows = (x1 - x0) // factor, (y1 - y0) // factor
        if columns <= 0 or rows <= 0:
            return rgb, (0, 0), 1
        part = rgb[y0 : y0 + rows * factor, x0 : x0 + columns * factor]
        smaller = part
        while smaller.shape[1] > columns:
            half = smaller.shape[1] // 2, smaller.shape[0] // 2
            smaller = cv2.resize(smaller, half, interpolation=cv2.INTER_AREA)
        return smaller.astype(np.uint8, copy=False), (x0, y0), factor
