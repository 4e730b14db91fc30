"""Things in front of a face: strands of hair, spectacles, fingers, hats."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import CANONICAL_VERTICES, LEFT_EYE, RIGHT_EYE

_TEMPLES: Final = (127, 356)
_FOREHEAD: Final = (10, 338, 297, 332, 284, 109, 67, 103, 54)
_CHEEKS: Final = (50, 280, 205, 425, 187, 411, 152, 199)
_HAIR: Final = ((20, 15, 12), (50, 35, 25), (95, 65, 40), (170, 130, 85), (150, 148, 145))


def random_occluder(
    picture: NDArray[np.uint8], mesh: NDArray[np.floating], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The picture with one thing in front of its face; ``mesh`` is ``(478, 3)`` in its pixels."""
    draw = (_hair, _spectacles, _fingers, _hat)[int(rng.choice(4, p=(0.35, 0.3, 0.2, 0.15)))]
    return draw(picture, mesh[:, :2].astype(np.float64), rng)


def _hair(
    picture: NDArray[np.uint8], points: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    width = float(np.ptp(points[:CANONICAL_VERTICES, 0]))
    color = np.array(_HAIR[int(rng.integers(len(_HAIR)))], np.float64)
    root = points[_FOREHEAD[int(rng.integers(len(_FOREHEAD)))]] - (0, 0.12 * width)
    sway, fall = rng.uniform(-0.45, 0.45), rng.uniform(0.25, 0.8)
    t = np.linspace(0, 1, 16)
    paint, cover = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    for _ in range(int(rng.integers(15, 90))):
        start = root + rng.normal(0, 0.05 * width, 2)
        bend = rng.normal(0, 0.02)
        spread = rng.normal(0, 0.04)
        x = start[0] + width * ((sway + spread) * t**1.5 + bend * np.sin(np.pi * t))
        y = start[1] + width * (fall + rng.normal(0, 0.05)) * t
        line = np.round(np.stack([x, y], axis=1) * 16).astype(np.int32)
        thick = max(1, round(width / 150))
        shade = tuple(np.clip(color * rng.uniform(0.6, 1.5), 0, 255).tolist())
        cv2.polylines(paint, [line], False, shade, thick, cv2.LINE_AA, 4)
        cv2.polylines(cover, [line], False, 255, thick, cv2.LINE_AA, 4)
    return _laid_over(picture, paint, cover, rng.uniform(0.7, 1.0), 0.4)


def _spectacles(
    picture: NDArray[np.uint8], points: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    paint, cover = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    shade = tuple(rng.uniform(5, 90, 3).tolist())
    eyes = [points[list(ring)] for ring in (RIGHT_EYE, LEFT_EYE)]
    span = float(np.linalg.norm(eyes[0].mean(0) - eyes[1].mean(0)))
    along = (eyes[1].mean(0) - eyes[0].mean(0)) / span
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    axes = np.array([rng.uniform(0.36, 0.44), rng.uniform(0.24, 0.36)]) * span
    power = rng.uniform(2, 4.5)  # of a superellipse: round to nearly square
    thick = max(1, round(span * rng.uniform(0.02, 0.09)))
    theta = np.linspace(0, 2 * np.pi, 64)
    local = np.stack([np.cos(theta), np.sin(theta)], axis=1)
    local = np.sign(local) * np.abs(local) ** (2 / power) * axes
    turn = np.array([[along[0], -along[1]], [along[1], along[0]]])
    lines = []
    for eye in eyes:
        rim = local @ turn.T + eye.mean(0) + turn @ (0, 0.08 * span)
        lines.append(rim)
    bridge = np.stack([lines[0][0], lines[1][32]])
    arms = [
        np.stack([lines[0][32], points[_TEMPLES[0]]]),
        np.stack([lines[1][0], points[_TEMPLES[1]]]),
    ]
    for line in (*lines, bridge, *arms):
        at = [np.round(line * 16).astype(np.int32)]
        cv2.polylines(paint, at, False, shade, thick, cv2.LINE_AA, 4)
        cv2.polylines(cover, at, False, 255, thick, cv2.LINE_AA, 4)
    if rng.random() < 0.4:  # a glint on one glass
        at = tuple((eyes[int(rng.integers(2))].mean(0) * 16).round().astype(int).tolist())
        size = tuple((axes * rng.uniform(0.2, 0.5, 2) * 16).astype(int).tolist())
        cv2.ellipse(paint, at, size, angle, 0, 360, (235, 240, 245), -1, cv2.LINE_AA, 4)
        cv2.ellipse(cover, at, size, angle, 0, 360, int(rng.integers(60, 160)), -1, cv2.LINE_AA, 4)
    return _laid_over(picture, paint, cover, 1.0, 0.5)


def _fingers(
    picture: NDArray[np.uint8], points: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Capsules in the colour of this face's skin, shaded across like something round."""
    width = float(np.ptp(points[:CANONICAL_VERTICES, 0]))
    tip = points[_CHEEKS[int(rng.integers(len(_CHEEKS)))]]
    away = tip - points[:CANONICAL_VERTICES].mean(0)
    away = away / (np.linalg.norm(away) + 1e-6)
    side = np.array([-away[1], away[0]])
    skin = _color_at(picture, points[[50, 280, 4]])
    rows, columns = np.indices(picture.shape[:2]).astype(np.float32)
    paint, cover = picture.astype(np.float32), np.zeros(picture.shape[:2], np.float32)
    radius = width * rng.uniform(0.05, 0.075)
    for finger in range(int(rng.integers(1, 5))):
        start = tip + side * radius * 1.85 * (finger - 1) + away * rng.uniform(-0.1, 0.2) * width
        ahead = away + side * rng.normal(0, 0.05)
        x, y = columns - start[0], rows - start[1]
        along = np.clip(x * ahead[0] + y * ahead[1], 0, 1.5 * width)
        distance = np.hypot(x - along * ahead[0], y - along * ahead[1]) / radius
        inside = np.clip((1 - distance) * radius, 0, 1)
        shading = (0.62 + 0.45 * np.sqrt(np.clip(1 - distance**2, 0, 1)))[..., None]
        color = np.clip(skin * shading * rng.uniform(0.9, 1.1), 0, 255)
        paint += inside[..., None] * (color - paint)
        cover = np.maximum(cover, inside)
    mask = np.round(cover * 255).astype(np.uint8)
    return _laid_over(picture, paint.astype(np.uint8), mask, 1.0, 0.6)


def _hat(
    picture: NDArray[np.uint8], points: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A brim across the forehead and everything above it."""
    width = float(np.ptp(points[:CANONICAL_VERTICES, 0]))
    left, right, top = points[54], points[284], points[10]
    low = rng.uniform(0.02, 0.16) * width
    bow = rng.uniform(-0.08, 0.12) * width
    t = np.linspace(-0.35, 1.35, 24)[:, None]
    brim = left + t * (right - left) + np.array([[0.0, low]])
    brim[:, 1] += bow * (1 - (2 * t[:, 0] - 1) ** 2)
    crown = brim[::-1] - np.array([[0.0, float(top[1]) + 3 * width]])
    cover = np.zeros(picture.shape[:2], np.uint8)
    outline = np.round(np.concatenate([brim, crown]) * 16).astype(np.int32)
    cv2.fillPoly(cover, [outline], 255, cv2.LINE_AA, 4)
    color = rng.uniform(15, 210) + rng.normal(0, 18, 3)
    weave = 1 + 0.06 * rng.standard_normal(picture.shape[:2])
    folds = cv2.GaussianBlur(rng.standard_normal(picture.shape[:2]), (0, 0), 0.06 * width)
    shade = weave + 0.15 * folds / (np.abs(folds).max() + 1e-6)
    paint = np.clip(np.clip(color, 5, 230) * shade[..., None], 0, 255).astype(np.uint8)
    return _laid_over(picture, paint, cover, 1.0, 0.8)


def _color_at(picture: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = picture.shape[:2]
    x = np.clip(points[:, 0].round().astype(int), 0, width - 1)
    y = np.clip(points[:, 1].round().astype(int), 0, height - 1)
    return np.median(picture[y, x].astype(np.float64), axis=0)


def _laid_over(
    picture: NDArray[np.uint8],
    paint: NDArray[np.uint8],
    cover: NDArray[np.uint8],
    opacity: float,
    softness: float,
) -> NDArray[np.uint8]:
    share = cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), softness)[..., None]
    mixed = picture + opacity * share * (paint.astype(np.float32) - picture)
    return np.round(mixed).astype(np.uint8)
