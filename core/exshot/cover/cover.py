"""What covers one face, as maps over the crop that the face is edited in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.crop import COVER_SIZE, cover_crop
from exshot.cover.kinds import (
    BACKGROUND,
    BROW,
    CLEAR_LENS,
    DARK_LENS,
    GLARE,
    HAIR,
    KINDS,
    OTHER,
    RIM,
    SKIN,
)
from exshot.face.topology import FACE_OVAL, LEFT_BROW, LEFT_EYE, LIPS_OUTER, RIGHT_BROW, RIGHT_EYE
from exshot.image.geometry import Crop
from exshot.image.rasterise import fill_hull
from exshot.image.sampling import Map, distance_inside, enlarge, ramp, ramp_of, shrink

_SURE: Final = (0.35, 0.65)  # probability at which a pixel begins to count, and counts in full
_GROWN: Final = 0.006  # of the crop's side: a cover's edge is soft, and two maps never quite agree
_HAIR_WITHIN: Final = (0.01, 0.03)  # of the crop's side inside the face oval: hair at its rim is
# the head's own, and moves with it
_SPECK: Final = 3e-4  # of the crop's area, over the face: less is no thing that anybody wears

_LIDS: Final = (np.array([1.25, 1.8], np.float32), np.array([1.8, 3.2], np.float32))
_LIPS: Final = (np.array([1.1, 1.2], np.float32), np.array([1.4, 1.8], np.float32))
_BROW: Final = (np.array([1.35, 1.6], np.float32), np.array([1.5, 3.2], np.float32))
"""Size of an opening or a brow with its rim, and with its surroundings, over its own."""
_Features = tuple[tuple[tuple[int, ...], tuple[NDArray[np.float32], NDArray[np.float32]]], ...]
_OPENINGS: Final[_Features] = ((RIGHT_EYE, _LIDS), (LEFT_EYE, _LIDS), (LIPS_OUTER, _LIPS))
_BROWS: Final[_Features] = ((RIGHT_BROW, _BROW), (LEFT_BROW, _BROW))
_AROUND: Final = (0.10, 0.25)  # share of the surroundings that a cover of the opening covers

_GLASSES: Final = 0.30  # share of the eyes' surroundings behind glass
_SUNGLASSES: Final = 0.25  # the same, behind dark glass
_THING: Final = 0.05  # share of the face
_CUT_OFF: Final = 0.02  # share of the face


@dataclass(frozen=True)
class Wear:
    """What is in front of a face, in one word each.

    Attributes:
        glasses: clear spectacles or sunglasses.
        sunglasses: lenses that hide the eyes.
        thing: a hand, mask, microphone or the like hides a part of the face.
        cut_off: the photo's border cuts the face off.
        hidden: share of the face that anything at all hides, in [0, 1].
    """

    glasses: bool = False
    sunglasses: bool = False
    thing: bool = False
    cut_off: bool = False
    hidden: float = 0.0


@dataclass(frozen=True, eq=False)
class Cover:
    """What covers one face; maps ``(h, h)`` float32 in [0, 1] over the crop it is edited in.

    Attributes:
        front: things before the face through which nothing is seen: rims, reflections, dark
            lenses, hair that hangs into the face, hands, masks, whatever else.
        spectacles: what of ``front`` belongs to glasses: rims, reflections, dark lenses.
        rims: rims alone.
        lens: clear lenses; what lies behind them is seen.
        background: what a face comes to lie before: walls, furniture, clothes, hair beside it.
        outside: what lies beyond the photo's border, or is transparent.
        wear: what there is, in words.
    """

    front: Map
    spectacles: Map
    rims: Map
    lens: Map
    background: Map
    outside: Map
    wear: Wear

    @property
    def hidden(self) -> Map:
        """``(h, h)``, where the photo does not show the face."""
        return np.maximum(self.front, self.outside)

    @property
    def incomparable(self) -> Map:
        """``(h, h)``, where skin is no skin to measure light or place by: behind glass too."""
        return np.maximum(self.hidden, self.lens)

    def without_spectacles(self) -> Cover:
        """The same face's cover, had glasses belonged to the face."""
        nothing = np.zeros_like(self.front)
        front = self.front * (1 - self.spectacles)
        return replace(self, front=front, spectacles=nothing, rims=nothing, lens=nothing)

    @property
    def any(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.wear.hidden > 0 or self.lens.any())


def find_cover(
    shares: NDArray[np.float32],
    mesh: NDArray[np.floating],
    crop: Crop,
    photo_size: tuple[int, int],
    transparent: Map | None = None,
) -> Cover:
    """What the network saw, over the crop of an edit.

    Args:
        shares: ``(9, 256, 256)`` probabilities of `exshot.cover.kinds.KINDS` over
            `exshot.cover.crop.cover_crop`.
        mesh: ``(478, 3)``, pixels of the photo.
        crop: that the face is edited in.
        photo_size: width and height of the photo, pixels.
        transparent: ``(h, h)`` in [0, 1] over the crop, where a photo with alpha shows nothing;
            that counts as beyond its border.
    """
    if shares.shape != (len(KINDS), COVER_SIZE, COVER_SIZE):
        raise ValueError(f"expected (9, 256, 256) probabilities, got {shares.shape}")
    work = crop.resized(min(crop.size, COVER_SIZE))  # nothing here is finer than the shares
    points = work.to_crop(mesh.astype(np.float32))[:, :2]
    oval = fill_hull(points[list(FACE_OVAL)], work.size)
    seen_from = cover_crop(mesh)

    def placed(share: NDArray[np.float32]) -> Map:
        return _carried(share, seen_from, work)

    within = distance_inside(oval > 0) / work.size
    hair = _sure(placed(shares[HAIR])) * ramp(within, *_HAIR_WITHIN)
    hair *= 1 - _ending_there(hair, points, _BROWS)  # a brow that ends at the hair
    rims = placed(shares[RIM])
    glass = rims + placed(shares[[GLARE, DARK_LENS]].sum(axis=0))
    other = placed(shares[OTHER])
    inner = within > _HAIR_WITHIN[0]
    opened = _ending_there(glass + other + placed(shares[CLEAR_LENS]), points, _OPENINGS)
    brow = _sure(placed(shares[BROW]))

    def before_the_face(things: Map, hair: Map) -> Map:
        found = _over_the_face(np.maximum(_sure(things) * (1 - opened), hair), inner)
        found = cv2.dilate(found, _disc(_GROWN * work.size)).astype(np.float32, copy=False)
        return found * (1 - brow)  # one that ends at the hair moves, and leaves no end

    front = before_the_face(glass + other, hair)
    spectacles = front * (1 - before_the_face(other, hair))
    lens = _sure(placed(shares[CLEAR_LENS])) * (1 - opened)
    lens = _over_the_face(lens, inner) * (1 - front)
    outside = _outside(crop, photo_size)
    if transparent is not None:
        outside = np.maximum(outside, transparent)
    hidden = np.maximum(front, shrink(outside, work.size))

    def cover_share(share: NDArray[np.float32]) -> Map:
        return placed(share) * (1 - opened)

    wear = _wear(cover_share, shares, oval, hidden, shrink(outside, work.size), points)
    if not wear.glasses:  # a sliver of glass without glasses is a mistake
        lens = np.zeros_like(lens)
    background = _sure(placed(shares[[BACKGROUND, HAIR, OTHER]].sum(axis=0)))
    parts = [front, spectacles, _sure(rims), lens, background]
    if work.size < crop.size:
        parts = [enlarge(part, crop.size, crop.size) for part in parts]
    return Cover(*parts, outside, wear)


def _ending_there(cover: Map, points: NDArray[np.float32], features: _Features) -> Map:
    """Eyes, mouth or brows, ``(h, h)`` in [0, 1], around which there is no cover: nothing covers an
    eye and ends at its lids. The white of an eye that is wide open looks like a reflection, and the
    end of a brow like the hair beside it."""
    size = len(cover)
    found = np.zeros_like(cover)
    for ring, around in features:
        outline = points[list(ring)]
        middle = outline.mean(axis=0)
        near = fill_hull((outline - middle) * around[0] + middle, size)
        beyond = fill_hull((outline - middle) * around[1] + middle, size) * (1 - near)
        share = float((cover * beyond).sum() / max(float(beyond.sum()), 1.0))
        found = np.maximum(found, near * (1 - ramp_of(share, *_AROUND)))
    return found


def bare_shares() -> NDArray[np.float32]:
    """What a network would say of a face with nothing in front of it."""
    shares = np.zeros((len(KINDS), COVER_SIZE, COVER_SIZE), np.float32)
    shares[SKIN] = 1
    return shares


def _wear(
    share_placed: Callable[[NDArray[np.float32]], Map],
    shares: NDArray[np.float32],
    oval: Map,
    hidden: Map,
    outside: Map,
    points: NDArray[np.float32],
) -> Wear:
    eyes = np.zeros_like(oval)
    for ring in (RIGHT_EYE, LEFT_EYE):
        eye = points[list(ring)]
        wide = (eye - eye.mean(0)) * (1.1, 1.6) + eye.mean(0)
        eyes = np.maximum(eyes, fill_hull(wide.astype(np.float32), len(oval)))

    def share_of(region: Map, part: NDArray[np.float32]) -> float:
        return float((region * part).sum() / max(float(region.sum()), 1.0))

    glass = share_placed(shares[[CLEAR_LENS, GLARE, DARK_LENS]].sum(axis=0))
    dark = share_placed(shares[DARK_LENS])
    return Wear(
        glasses=share_of(eyes, glass) > _GLASSES,
        sunglasses=share_of(eyes, dark) > _SUNGLASSES,
        thing=share_of(oval, _sure(share_placed(shares[OTHER]))) > _THING,
        cut_off=share_of(oval, outside) > _CUT_OFF,
        hidden=share_of(oval, hidden),
    )


def _sure(share: NDArray[np.float32]) -> Map:
    return ramp(share, *_SURE)


def _carried(share: NDArray[np.float32], of: Crop, to: Crop) -> Map:
    """A map over one crop as another one sees it; 0 beyond."""
    placed = cv2.warpAffine(
        np.ascontiguousarray(share),
        to.within(of).matrix,
        (to.size, to.size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    return placed.astype(np.float32, copy=False)


def _outside(crop: Crop, photo_size: tuple[int, int]) -> Map:
    """1 where a crop leaves its photo, ``(h, h)``."""
    edges = np.array([[-0.5, -0.5], [photo_size[0] - 0.5, photo_size[1] - 0.5]], np.float32)
    (left, top), (right, bottom) = np.ceil(crop.to_crop(edges)).astype(int).clip(0, crop.size)
    outside = np.ones((crop.size, crop.size), np.float32)
    outside[top:bottom, left:right] = 0
    return outside


def _over_the_face(values: Map, inner: NDArray[np.bool_]) -> Map:
    """Things of which more than a speck lies over the inner face: no collar, no earring."""
    found = (values > 0.5).astype(np.uint8)
    count, numbers = cv2.connectedComponents(found)
    labels: NDArray[np.int32] = np.asarray(numbers, np.int32)
    if count == 1:
        return np.zeros_like(values)
    over = np.bincount(labels[inner], minlength=count) >= _SPECK * values.size
    over[0] = False
    near = cv2.dilate(over[labels].astype(np.uint8), np.ones((5, 5), np.uint8))
    return values * near


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.uint8)
