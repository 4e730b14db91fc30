"""Face search over a whole photo: scales, tiles and turns around the small detector."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.detector import MIN_OVERLAP, SIDE, Detection, FaceDetector, overlap
from exshot.image.pyramid import Pyramid

# The detector sees faces of about this share of its picture's longer side and larger.
SMALLEST_SHARE = 0.12
# A photo is searched for faces down to this share of the largest one found: a group stands about
# equally far away, and people further back are not whom an edit is for.
SMALLEST_OF_LARGEST = 0.4
LEVELS = 4  # the whole, then tiles of 1/2, 1/4 and 1/8 of the longer side
# Tiles of the last level are no finer than the detector's own input.
OVERVIEW_SIDE = SIDE * 2 ** (LEVELS - 1)
MIN_TILE = 48  # photo pixels; faces below a fifth of that carry no expression
TILE_OVERLAP = 0.5
TILE_MIN_SCORE = 0.6  # tiles look at a lot of background
SAME_FACE_COVER = 0.6  # share of the smaller box inside the larger one
SURELY_UPRIGHT = 0.8
ZOOM_OUT = 0.55  # a face that overflows the photo is seen from further away


@dataclass(frozen=True)
class Tile:
    """A square or the rest of one, in pixels of the picture it is cut from."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Searched:
    """How far a search went.

    Attributes:
        seen: longer side of the smallest face boxes it could see, photo pixels.
        main: how many faces were accepted before it went below `SMALLEST_OF_LARGEST`.
        whole: whether it went as far as it can.
    """

    seen: float
    main: int
    whole: bool


def find_faces(
    detector: FaceDetector,
    rgb: NDArray[np.uint8] | Pyramid,
    accept: Callable[[Detection], bool],
    smallest: float | None = None,
) -> Searched:
    """Offer the faces of an ``(H, W, 3)`` RGB photo to ``accept``, in its pixels.

    ``accept`` says whether a face really is there; only faces it took steer the search, and what
    overlaps one of them is not offered. The whole photo comes first, turned if need be and from
    further away. Overlapping tiles down to 1/8 of the photo follow, as long as there is room for
    faces about half as large as the largest accepted, or for such as ``smallest`` says (longer side
    of the box, photo pixels; 0 for as small as can be found).
    """
    small, ratio = overview(rgb)
    longest = max(small.shape[:2])

    accepted: list[Detection] = []

    def offer(found: list[Detection]) -> bool:
        for one in found:
            if not _doubles_any(one, accepted) and accept(_scaled(one, ratio)):
                accepted.append(one)
        return bool(accepted)

    if not offer(_any_way_up(detector, small)):
        offer(_zoomed_out(detector, small))
    scale = float(max(ratio))
    main: int | None = None
    seen = SMALLEST_SHARE * longest
    for level in range(1, LEVELS):
        tile = math.ceil(longest / 2**level)
        largest = max((one.size for one in accepted), default=0.0)
        if tile * scale < MIN_TILE:
            break
        if main is None and seen <= SMALLEST_OF_LARGEST * largest:
            main = len(accepted)
        if main is not None and (smallest is None or seen * scale <= smallest):
            return Searched(seen * scale, main, whole=False)
        offer(_in_tiles(detector, small, tile))
        seen = SMALLEST_SHARE * tile
    return Searched(seen * scale, len(accepted) if main is None else main, whole=True)


def overview(rgb: NDArray[np.uint8] | Pyramid) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The photo no larger than `OVERVIEW_SIDE`, and photo pixels per pixel of it, ``(2,)``."""
    pyramid = Pyramid.of(rgb)
    small, times = pyramid.pixels, 0
    # Averaging 2 x 2 pixels costs a tenth of reaching the size in one step.
    while max(small.shape[:2]) >= 2 * OVERVIEW_SIDE and min(small.shape[:2]) >= 2:
        times += 1
        small = pyramid.level(times)
    ratio = np.full(2, 2**times, np.float32)
    height, width = small.shape[:2]
    scale = min(1.0, OVERVIEW_SIDE / max(height, width))
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        # Less than halved, so that nothing aliases that a detector would mind.
        small = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
        ratio = ratio * np.array([width / size[0], height / size[1]], np.float32)
    return small.astype(np.uint8, copy=False), ratio.astype(np.float32)


def tiles(width: int, height: int, side: int) -> Iterator[Tile]:
    """Overlapping squares of ``side`` that cover the picture; smaller where it is."""

    def starts(length: int) -> list[int]:
        if length <= side:
            return [0]
        steps = math.ceil((length - side) / (side * (1 - TILE_OVERLAP)))
        return [round(i * (length - side) / steps) for i in range(steps + 1)]

    for y in starts(height):
        for x in starts(width):
            yield Tile(x, y, min(side, width), min(side, height))


def _doubles_any(one: Detection, others: list[Detection]) -> bool:
    """Whether a detection overlaps another, lies in it or holds it."""
    if not others:
        return False
    boxes = np.stack([other.box for other in others])
    low, high = np.maximum(one.box[:2], boxes[:, :2]), np.minimum(one.box[2:], boxes[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    smaller = np.minimum(areas, np.prod(one.box[2:] - one.box[:2]))
    inside = shared > SAME_FACE_COVER * smaller
    return bool(np.any(inside | (overlap(one.box, boxes) > MIN_OVERLAP)))


def _in_tiles(detector: FaceDetector, rgb: NDArray[np.uint8], side: int) -> list[Detection]:
    found: list[Detection] = []
    for tile in tiles(rgb.shape[1], rgb.shape[0], side):
        part = rgb[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
        offset = np.array([tile.x, tile.y], np.float32)
        found.extend(_moved(one, offset) for one in detector.detect(part, TILE_MIN_SCORE))
    return sorted(found, key=lambda one: -one.score)


def _zoomed_out(detector: FaceDetector, rgb: NDArray[np.uint8]) -> list[Detection]:
    height, width = rgb.shape[:2]
    side = math.ceil(max(height, width) / ZOOM_OUT)
    canvas = np.zeros((side, side, 3), np.uint8)
    x, y = (side - width) // 2, (side - height) // 2
    canvas[y : y + height, x : x + width] = rgb
    offset = np.array([-x, -y], np.float32)
    return [_moved(one, offset) for one in detector.detect(canvas)]


def _any_way_up(detector: FaceDetector, rgb: NDArray[np.uint8]) -> list[Detection]:
    """Faces of a photo that may lie on its side or stand on its head.

    The detector takes a face that stands on its head for an upright one, only less surely so.
    """
    best = detector.detect(rgb)
    if best and best[0].score >= SURELY_UPRIGHT:
        return best
    height, width = rgb.shape[:2]
    for quarters in (1, 3, 2):
        turned = np.ascontiguousarray(np.rot90(rgb, quarters))
        found = [_turned_back(one, quarters, width, height) for one in detector.detect(turned)]
        if found and (not best or found[0].score > best[0].score):
            best = found
    return best


def _turned_back(one: Detection, quarters: int, width: int, height: int) -> Detection:
    """From the picture turned counter-clockwise by ``quarters`` back to ``width`` x ``height``."""

    def back(points: NDArray[np.float32]) -> NDArray[np.float32]:
        x, y = points[:, 0], points[:, 1]
        if quarters == 1:
            x, y = width - y, x
        elif quarters == 2:
            x, y = width - x, height - y
        else:
            x, y = y, height - x
        return np.stack([x, y], axis=1).astype(np.float32)

    corners = back(one.box.reshape(2, 2))
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    return Detection(box, back(one.keypoints), one.score)


def _moved(one: Detection, offset: NDArray[np.float32]) -> Detection:
    return Detection(one.box + np.tile(offset, 2), one.keypoints + offset, one.score)


def _scaled(one: Detection, ratio: NDArray[np.float32]) -> Detection:
    return Detection(one.box * np.tile(ratio, 2), one.keypoints * ratio, one.score)
