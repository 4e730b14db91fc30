"""From a sheet to one training crop: as other cameras, users and programs would deliver it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.crop import COVER_SIZE
from exshot_train.cover.sheet import IGNORED, OUTSIDE, ROOM, SIDE, Labels, Picture
from exshot_train.triplets.camera import recompress

Rng = np.random.Generator

_STEP: Final = SIDE / ROOM / COVER_SIZE  # sheet pixels per pixel of the crop
_CLEAN: Final = 0.35  # share of crops without blur, noise and compression, as a good photo has them
_BACK: Final = cv2.WARP_INVERSE_MAP


def plain_crop(picture: Picture, labels: Labels) -> tuple[Picture, Labels]:
    """The crop that the editor would cut, ``(256, 256, …)``."""
    return _placed(picture, labels, np.eye(2) * _STEP, np.zeros(2))


def random_crop(picture: Picture, labels: Labels, rng: Rng) -> tuple[Picture, Labels]:
    """A crop that is shifted, turned, resized, mirrored, and taken with some camera."""
    angle, scale = rng.normal(0, 0.13), np.exp(rng.uniform(-0.16, 0.16))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    stretch = np.diag([np.exp(rng.normal(0, 0.05)), 1.0])
    if rng.random() < 0.5:
        stretch[0, 0] *= -1
    shift = rng.normal(0, 0.035, 2) * SIDE
    shown, said = _placed(picture, labels, turn @ stretch * (_STEP * scale), shift)
    if rng.random() < 0.12:
        shown, said = _cut_off(shown, said, rng)
    return camera(shown, rng), said


def camera(picture: Picture, rng: Rng) -> Picture:
    """Exposure, colour, blur, noise, compression; same geometry."""
    outside = (picture == OUTSIDE).all(axis=2)
    values = picture.astype(np.float32) / 255
    if rng.random() < 0.85:
        values = values ** np.float32(np.exp(rng.normal(0, 0.28)))
        values = (values - 0.5) * np.float32(rng.uniform(0.75, 1.2)) + np.float32(0.5)
        values *= np.exp(rng.normal(0, 0.09, 3) + rng.normal(0, 0.15)).astype(np.float32)
    if rng.random() < 0.3:
        values *= _shade(values.shape[0], rng)[..., None]
    color = rng.random()
    if color < 0.5:
        grey = values.mean(axis=2, keepdims=True)
        # One in ten without any colour, some with much.
        amount = 0.0 if color < 0.1 else rng.uniform(0.4, 1.5)
        values = grey + np.float32(amount) * (values - grey)
        if color < 0.03:
            values *= np.array([1.08, 1.0, 0.86], np.float32)
    if rng.random() < _CLEAN:
        return _eight_bits(values, outside)
    values = _blurred(values.astype(np.float32, copy=False), rng)
    if rng.random() < 0.45:
        grain = rng.standard_normal(values.shape).astype(np.float32)
        if rng.random() < 0.4:
            grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.2)) * 1.8
        if rng.random() < 0.4:
            grain = grain[..., :1]
        values = values + np.float32(rng.exponential(0.025)) * grain
    out = _eight_bits(values, outside)
    if rng.random() < 0.5:
        out = recompress(out, int(rng.integers(15, 92)))
        out[outside] = OUTSIDE
    return out


def _eight_bits(values: NDArray[np.floating], outside: NDArray[np.bool_]) -> Picture:
    out = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
    out[outside] = OUTSIDE
    return out


def _placed(
    picture: Picture, labels: Labels, matrix: NDArray[np.float64], shift: NDArray[np.float64]
) -> tuple[Picture, Labels]:
    """Read at ``matrix @ (p - middle of crop) + middle of sheet + shift``."""
    middle = np.full(2, (COVER_SIZE - 1) / 2)
    offset = np.full(2, (SIDE - 1) / 2) + shift - matrix @ middle
    whole = np.column_stack([matrix, offset])
    size = (COVER_SIZE, COVER_SIZE)
    grey = (OUTSIDE, OUTSIDE, OUTSIDE)
    shown = cv2.warpAffine(picture, whole, size, flags=cv2.INTER_LINEAR | _BACK, borderValue=grey)
    said = cv2.warpAffine(
        labels, whole, size, flags=cv2.INTER_NEAREST | _BACK, borderValue=(IGNORED,)
    )
    return shown.astype(np.uint8), said.astype(np.uint8)


def _cut_off(picture: Picture, labels: Labels, rng: Rng) -> tuple[Picture, Labels]:
    """The border of the photo goes through the crop."""
    edge = int(rng.uniform(0.05, 0.5) * COVER_SIZE)
    side = int(rng.integers(4))
    lost = [np.s_[:edge], np.s_[-edge:], np.s_[:, :edge], np.s_[:, -edge:]][side]
    picture, labels = picture.copy(), labels.copy()
    picture[lost], labels[lost] = OUTSIDE, IGNORED
    return picture, labels


def _shade(size: int, rng: Rng) -> NDArray[np.float32]:
    """Light that falls off across the crop, or a soft shadow with an edge."""
    rows, columns = np.indices((size, size)).astype(np.float32) / size - 0.5
    a = rng.uniform(0, 2 * np.pi)
    slope = columns * np.cos(a) + rows * np.sin(a) + rng.uniform(-0.3, 0.3)
    hard = float(rng.choice([1.0, 4.0, 20.0]))
    return (1 - rng.uniform(0.1, 0.6) / (1 + np.exp(-hard * 2 * slope))).astype(np.float32)


def _blurred(values: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    kind = rng.random()
    size = values.shape[0]
    if kind < 0.18:
        return cv2.GaussianBlur(values, (0, 0), float(rng.uniform(0.4, 2.2))).astype(np.float32)
    if kind < 0.38:  # a small picture enlarged
        small = int(size / rng.uniform(1.2, 4))
        shrunk = cv2.resize(values, (small, small), interpolation=cv2.INTER_AREA)
        if rng.random() < 0.4:
            eight = np.round(np.clip(shrunk, 0, 1) * 255).astype(np.uint8)
            shrunk = recompress(eight, int(rng.integers(25, 90))).astype(np.float32) / 255
        way = cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_LINEAR
        return cv2.resize(shrunk, (size, size), interpolation=way).astype(np.float32)
    if kind < 0.46:
        length = 2 * int(rng.integers(1, 5)) + 1
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1
        turn = cv2.getRotationMatrix2D((length // 2, length // 2), float(rng.uniform(0, 180)), 1)
        kernel = cv2.warpAffine(kernel, turn, (length, length))
        return cv2.filter2D(values, -1, kernel / kernel.sum()).astype(np.float32)
    if kind < 0.58:  # sharpened
        soft = cv2.GaussianBlur(values, (0, 0), 1.2)
        return (values + np.float32(rng.uniform(0.3, 1.2)) * (values - soft)).astype(np.float32)
    return values
