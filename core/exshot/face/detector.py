"""Face detection on one small picture: MediaPipe's short-range BlazeFace.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019): an
SSD head on two feature maps, decoded against unit anchors and merged by weighted suppression.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exshot.face.region import Region
from exshot.model_store import ModelStore

MODEL = "face_detector"
SIDE = 128
MIN_SCORE = 0.5
MAX_STEP = 4.0  # a 512 picture is still sampled at single points, as MediaPipe does
MIN_OVERLAP = 0.3  # boxes that share more than this are one face
LAYERS = ((8, 2), (16, 6))  # stride of a feature map, anchors in each of its cells
REGION_SCALE = 1.5  # side of the mesh network's region, of the box's longer side
LOGIT_LIMIT = 80.0  # keeps the exponential finite in float32


@dataclass(frozen=True)
class Detection:
    """A face box with its six keypoints, in pixels of the searched picture.

    ``box`` is ``(4,)`` float32 x0, y0, x1, y1; ``keypoints`` ``(6, 2)``: right eye, left eye, nose
    tip, mouth, right ear, left ear (the person's own right and left). ``score`` is in [0, 1].
    """

    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float

    @property
    def size(self) -> float:
        """Longer side of the box."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    def region(self) -> Region:
        """Square for the mesh network, turned so that the eyes lie level."""
        (rx, ry), (lx, ly) = self.keypoints[0], self.keypoints[1]
        centre = (self.box[:2] + self.box[2:]) / 2
        angle = math.atan2(ly - ry, lx - rx)
        return Region(float(centre[0]), float(centre[1]), self.size * REGION_SCALE, angle)


class FaceDetector:
    """Finds faces of about 10 to 90 % of a picture's longer side."""

    def __init__(self, store: ModelStore) -> None:
        self._session = store.session(MODEL)

    def detect(self, rgb: NDArray[np.uint8], min_score: float = MIN_SCORE) -> list[Detection]:
        """Faces of an ``(h, w, 3)`` RGB picture, the most certain first.

        Coordinates are pixels of that picture.
        """
        height, width = rgb.shape[:2]
        side = float(max(height, width))
        start = np.array([(width - side) / 2, (height - side) / 2], np.float32)
        square = Region(width / 2, height / 2, side, 0.0).crop(rgb, SIDE, MAX_STEP)
        planes = square.transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        boxes, scores = self._session.run(["boxes", "scores"], {"image": planes})
        found = decode(np.asarray(boxes)[0], np.asarray(scores)[0, :, 0], min_score)
        return [_to_picture(one, side, start) for one in merge(found)]


@lru_cache(maxsize=1)
def anchor_centres() -> NDArray[np.float32]:
    """Centres of the 896 anchors, ``(896, 2)``, as shares of the input's side."""
    centres = []
    for stride, repeats in LAYERS:
        cells = SIDE // stride
        ticks = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(ticks, ticks, indexing="ij")
        centres.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), repeats, axis=0))
    anchors = np.concatenate(centres).astype(np.float32)
    anchors.flags.writeable = False
    return anchors


def decode(
    raw: NDArray[np.float32], logits: NDArray[np.float32], min_score: float
) -> list[Detection]:
    """Detections above ``min_score`` from the network's output, as shares of its input's side.

    ``raw`` is ``(896, 16)``: centre, size and six keypoints, in input pixels from the anchor.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits, -LOGIT_LIMIT, LOGIT_LIMIT)))
    kept = np.flatnonzero(scores >= min_score)
    values = raw[kept].reshape(-1, 8, 2) / SIDE
    anchors = anchor_centres()[kept]
    centres, halves = values[:, 0] + anchors, values[:, 1] / 2
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    keypoints = values[:, 2:] + anchors[:, None]
    return [Detection(b, k, float(scores[i])) for b, k, i in zip(boxes, keypoints, kept)]


def overlap(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box with ``(n, 4)`` others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    area = np.prod(np.clip(box[2:] - box[:2], 0, None))
    areas = np.prod(np.clip(others[:, 2:] - others[:, :2], 0, None), axis=1)
    return shared / np.maximum(area + areas - shared, np.finfo(np.float32).tiny)


def merge(found: list[Detection]) -> list[Detection]:
    """Weighted suppression: each group of overlapping detections becomes its weighted mean.

    The result keeps the best score of its group; the most certain comes first.
    """
    rest = sorted(found, key=lambda one: -one.score)
    merged = []
    while rest:
        best = rest[0]
        shared = overlap(best.box, np.stack([one.box for one in rest])) > MIN_OVERLAP
        shared[0] = True  # a box without area does not even overlap itself
        group = [one for one, same in zip(rest, shared) if same]
        rest = [one for one, same in zip(rest, shared) if not same]
        weights = np.array([one.score for one in group])
        weights /= weights.sum()
        box = np.tensordot(weights, np.stack([one.box for one in group]), 1)
        keypoints = np.tensordot(weights, np.stack([one.keypoints for one in group]), 1)
        merged.append(Detection(box.astype(np.float32), keypoints.astype(np.float32), best.score))
    return merged


def _to_picture(one: Detection, side: float, start: NDArray[np.float32]) -> Detection:
    box = one.box * np.float32(side) + np.tile(start, 2)
    return Detection(box, one.keypoints * np.float32(side) + start, one.score)
