"""Things in front of a face, drawn onto a picture together with their labels.

All of them take a `Sheet` and return a new one. They only have to look enough like what they stand
for that a network learns their place in a picture: in front of the face, with an edge, a texture
and a shadow of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.kinds import BROW, HAIR, OTHER
from exshot.face.topology import CANONICAL_VERTICES
from exshot_train.cover.sheet import IGNORED, UNCOVERED, Sheet

Points = NDArray[np.float64]
Rng = np.random.Generator
Share = NDArray[np.float32]  # (h, w) in [0, 1]
Paint = NDArray[np.float32]  # (h, w, 3) in [0, 255]

_HAIR_COLORS: Final = (
    (20, 16, 14), (48, 34, 25), (78, 54, 38), (112, 80, 52), (168, 130, 86), (206, 176, 128),
    (122, 62, 36), (150, 148, 146), (212, 210, 206),
)  # fmt: skip
_HAIRLINE: Final = (127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356)
_BEARD: Final = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
_MASK_TOP: Final = (227, 117, 119, 47, 126, 197, 355, 277, 348, 346, 447)
_FINE: Final = 4  # bits after the binary point in OpenCV's coordinates


def face_width(mesh: NDArray[np.floating]) -> float:
    return float(np.ptp(mesh[:CANONICAL_VERTICES, 0]))


def laid_over(
    sheet: Sheet, paint: Paint, cover: Share, label: int, rng: Rng, shadow: float = 0.0
) -> Sheet:
    """The sheet under paint; half-covered pixels at its edge are of unknown kind.

    Args:
        shadow: how dark the thing's shadow on what lies behind is, 0 to 1.
    """
    picture = sheet.picture.astype(np.float32)
    if shadow > 0:
        width = face_width(sheet.mesh)
        dx, dy = rng.normal(0, 0.03, 2) * width
        move = np.array([[1, 0, dx], [0, 1, dy + 0.02 * width]])
        cast = cv2.warpAffine(cover, move, cover.shape[::-1])
        cast = cv2.GaussianBlur(cast, (0, 0), rng.uniform(0.008, 0.05) * width)
        picture *= 1 - shadow * cast[..., None]
    soft = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.4, 0.9))[..., None]
    mixed = picture + soft * (paint - picture)
    labels = sheet.labels.copy()
    known = (labels < UNCOVERED) | (cover > 0.9)
    labels[cover > 0.5] = label
    labels[(cover > 0.15) & (cover <= 0.5) & ~known] = IGNORED
    return replace(sheet, picture=np.clip(np.round(mixed), 0, 255).astype(np.uint8), labels=labels)


def random_thing(sheet: Sheet, rng: Rng) -> Sheet:
    """One thing in front of the face."""
    makers: dict[Callable[[Sheet, Rng], Sheet], float] = {
        fringe: 0.25, hand: 0.26, microphone: 0.12, hat: 0.13, mask: 0.11, thing: 0.11, scarf: 0.05,
    }  # fmt: skip
    chances = np.array(list(makers.values()))
    return list(makers)[int(rng.choice(len(makers), p=chances / chances.sum()))](sheet, rng)


def fringe(sheet: Sheet, rng: Rng) -> Sheet:
    """Strands that fall from the hairline over forehead, temples or an eye."""
    points = sheet.mesh[:, :2].astype(np.float64)
    width = face_width(sheet.mesh)
    color = np.array(_HAIR_COLORS[int(rng.integers(len(_HAIR_COLORS)))], np.float64)
    line = points[list(_HAIRLINE)]
    line = line + (line - points[:CANONICAL_VERTICES].mean(0)) * rng.uniform(0.05, 0.25)
    first = int(rng.integers(0, len(line) - 3))
    last = int(rng.integers(first + 2, len(line)))
    sway, fall = rng.normal(0, 0.22), rng.uniform(0.1, 0.5) * (1 if rng.random() < 0.75 else 2.0)
    locks = int(rng.integers(2, 12))
    strands = int(rng.choice([40, 150, 420], p=[0.3, 0.4, 0.3]))
    light = rng.uniform(0.25, 0.6)
    paint = sheet.picture.copy()
    cover = np.zeros(paint.shape[:2], np.uint8)
    t = np.linspace(0, 1, 14)
    starts = rng.uniform(first, last, locks)
    drift, length = rng.normal(0, 0.1, locks), rng.uniform(0.75, 1.1, locks)
    for _ in range(strands):
        lock = int(rng.integers(locks))
        where = np.clip(starts[lock] + rng.normal(0, 0.7), 0, len(line) - 1.001)
        low = int(where)
        root = line[low] + (where - low) * (line[low + 1] - line[low]) + rng.normal(0, 2, 2)
        lean = sway + drift[lock] + rng.normal(0, 0.03)
        x = root[0] + width * (lean * t**1.4 + rng.normal(0, 0.02) * np.sin(np.pi * t))
        y = root[1] + width * fall * length[lock] * (1 + rng.normal(0, 0.06)) * t
        at = [np.round(np.stack([x, y], 1) * 2**_FINE).astype(np.int32)]
        thick = int(rng.choice([1, 1, 2]))
        shine = 1 + light * np.sin(6 * t.mean() + lock) + rng.normal(0, 0.2)
        shade = tuple(np.clip(color * np.clip(shine, 0.3, 1.9), 0, 255).tolist())
        cv2.polylines(paint, at, False, shade, thick, cv2.LINE_AA, _FINE)
        cv2.polylines(cover, at, False, (255,), thick, cv2.LINE_AA, _FINE)
    share = np.divide(cover, 255, dtype=np.float32)
    dense = cv2.GaussianBlur(share, (0, 0), 1.6)
    drawn = laid_over(sheet, paint.astype(np.float32), share, HAIR, rng, rng.uniform(0, 0.35))
    labels = sheet.labels.copy()
    labels[dense > 0.25] = IGNORED
    labels[dense > 0.5] = HAIR
    return replace(drawn, labels=labels)


def beard(sheet: Sheet, rng: Rng) -> Sheet:
    """Short hairs on jaw, chin and lip, from stubble to a full beard."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:, :2].astype(np.float64)
    color = np.array(_HAIR_COLORS[int(rng.integers(len(_HAIR_COLORS)))], np.float64)
    region = np.zeros(sheet.labels.shape, np.uint8)
    upper = points[[361, 323, 425, 327, 2, 98, 205, 93, 132]] + rng.normal(0, 0.01 * width, (9, 2))
    outline = np.concatenate([points[list(_BEARD)] + (0, 0.02 * width), upper])
    cv2.fillPoly(region, [np.round(outline).astype(np.int32)], (255,))
    lips = points[[61, 39, 0, 269, 291, 405, 17, 181]]
    hull = (lips - lips.mean(0)) * 1.12 + lips.mean(0)
    cv2.fillPoly(region, [np.round(hull).astype(np.int32)], (0,))
    density = cv2.GaussianBlur(region.astype(np.float32) / 255, (0, 0), 0.025 * width)
    density = np.clip((density - 0.35) * 2.2, 0, 1) * (region > 0)
    rows, columns = np.nonzero(density > 0)
    if len(rows) < 50:
        return sheet
    paint, cover = sheet.picture.copy(), np.zeros(region.shape, np.uint8)
    amount = int(rng.uniform(0.08, 0.5) * len(rows))
    length = rng.uniform(0.01, 0.06) * width
    spread = rng.uniform(0.1, 0.5)
    for k in rng.integers(0, len(rows), amount):
        if rng.random() > density[rows[k], columns[k]]:
            continue
        start = np.array([columns[k], rows[k]], np.float64)
        end = start + length * rng.uniform(0.4, 1) * np.array([rng.normal(0, 0.35), 1.0])
        at = [np.round(np.stack([start, end]) * 2**_FINE).astype(np.int32)]
        shade = tuple(np.clip(color * rng.uniform(1 - spread, 1 + spread), 0, 255).tolist())
        cv2.polylines(paint, at, False, shade, 1, cv2.LINE_AA, _FINE)
        cv2.polylines(cover, at, False, (255,), 1, cv2.LINE_AA, _FINE)
    share = np.divide(cover, 255, dtype=np.float32)
    dense = cv2.GaussianBlur(share, (0, 0), 1.8)
    drawn = laid_over(sheet, paint.astype(np.float32), share, BROW, rng)
    labels = sheet.labels.copy()
    labels[dense > 0.25] = IGNORED
    labels[dense > 0.5] = BROW
    return replace(drawn, labels=labels)


def hand(sheet: Sheet, rng: Rng) -> Sheet:
    """Fingers, with or without the back of the hand, in a skin colour near the face's."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:CANONICAL_VERTICES, :2].astype(np.float64)
    tip = points[int(rng.integers(CANONICAL_VERTICES))]
    away = tip - points.mean(0) + rng.normal(0, 0.2 * width, 2) + (0, 0.15 * width)
    away /= np.linalg.norm(away) + 1e-6
    side = np.array([-away[1], away[0]])
    skin = _skin_color(sheet) * np.exp(rng.normal(0, 0.07, 3) + rng.normal(0, 0.22))
    radius = width * rng.uniform(0.045, 0.085)
    rows, columns = np.indices(sheet.labels.shape).astype(np.float32)
    paint = sheet.picture.astype(np.float32)
    cover = np.zeros(sheet.labels.shape, np.float32)
    count = int(rng.integers(1, 6))
    light = rng.normal(0, 1, 2)
    light /= np.linalg.norm(light) + 1e-6
    palm = rng.random() < 0.75
    depth = rng.uniform(0, 1)  # of the shading; flash light leaves none
    for finger in range(count + palm):
        is_palm = finger == count
        middle = (count - 1) / 2
        reach = 0.0 if is_palm else rng.uniform(-0.12, 0.12) * width
        across = 0.0 if is_palm else side * radius * rng.uniform(1.8, 2.1) * (finger - middle)
        start = tip + across + away * (reach + (0.75 * width if is_palm else 0))
        ahead = away + side * rng.normal(0, 0.08)
        ahead /= np.linalg.norm(ahead)
        thick = radius * (count + 0.6) if is_palm else radius * rng.uniform(0.85, 1.1)
        x, y = columns - start[0], rows - start[1]
        along = np.clip(x * ahead[0] + y * ahead[1], 0, 2 * width)
        dx, dy = x - along * ahead[0], y - along * ahead[1]
        distance = np.hypot(dx, dy) / thick
        inside = np.clip((1 - distance) * thick, 0, 1).astype(np.float32)
        round_ = np.sqrt(np.clip(1 - distance**2, 0, 1))
        lit = 0.5 + 0.45 * round_ + 0.22 * (dx * light[0] + dy * light[1]) / thick
        crease = 1 - 0.08 * np.exp(-(((along / (1.9 * thick)) % 1 - 0.5) ** 2) * 60)
        shaded = 0.95 + depth * (lit * crease - 0.95)
        color = np.clip(skin * shaded[..., None], 0, 255)
        paint += inside[..., None] * (color - paint)
        if not is_palm and rng.random() < 0.5:  # a nail
            nail = np.hypot((along - 0.1 * thick) / 0.75, np.hypot(dx, dy) / 0.55) / thick
            nail = np.clip((1 - nail) * thick, 0, 1).astype(np.float32) * 0.5
            paint += nail[..., None] * (np.clip(color * 1.2 + 18, 0, 255) - paint)
        cover = np.maximum(cover, inside)
    return laid_over(sheet, _with_grain(paint, rng, 3.0), cover, OTHER, rng, rng.uniform(0, 0.5))


def microphone(sheet: Sheet, rng: Rng) -> Sheet:
    """A ball of wire or foam on a handle, from below or from the side."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:, :2].astype(np.float64)
    head = points[int(rng.choice([13, 17, 152, 0, 200, 61, 291]))]
    head = head + rng.normal(0, 0.12, 2) * width
    angle = np.radians(rng.uniform(30, 150))
    away = np.array([np.cos(angle), np.sin(angle)])
    radius = rng.uniform(0.07, 0.2) * width
    rows, columns = np.indices(sheet.labels.shape).astype(np.float32)
    x, y = columns - head[0], rows - head[1]
    along, across = x * away[0] + y * away[1], x * -away[1] + y * away[0]
    ball = np.hypot(x, y) / radius
    inside = np.clip((1 - ball) * radius, 0, 1)
    handle_radius = radius * rng.uniform(0.35, 0.7)
    handle = np.clip(handle_radius - np.abs(across), 0, 1) * (along > 0.6 * radius)
    base = rng.uniform(8, 110) * np.exp(rng.normal(0, 0.06, 3))
    mesh = 1 + 0.25 * np.sin(columns * rng.uniform(1, 2.6)) * np.sin(rows * rng.uniform(1, 2.6))
    depth = rng.uniform(0, 1)
    lit = (0.45 + 0.8 * np.sqrt(np.clip(1 - ball**2, 0, 1)) - 0.25 * x / radius)[..., None]
    lit, mesh = 1 + depth * (lit - 1), 1 + depth * (mesh - 1)
    paint = sheet.picture.astype(np.float32)
    metal = base * (0.5 + 0.9 * (1 - (across / handle_radius) ** 2).clip(0, 1))[..., None]
    paint += handle[..., None] * (np.clip(metal, 0, 255) - paint)
    body = base * (lit.clip(0.15, 1.6) * mesh[..., None])
    paint += inside[..., None] * (np.clip(body, 0, 255) - paint)
    cover = np.maximum(inside, handle).astype(np.float32)
    return laid_over(sheet, paint.astype(np.float32), cover, OTHER, rng, rng.uniform(0, 0.4))


def hat(sheet: Sheet, rng: Rng) -> Sheet:
    """A cap, a woollen hat or a broad brim, from the forehead upward."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:, :2].astype(np.float64)
    left, right, top = points[54], points[284], points[10]
    up = top - points[152]
    up /= np.linalg.norm(up)
    low = rng.uniform(-0.02, 0.2) * width
    bow = rng.uniform(-0.1, 0.14) * width
    broad = rng.uniform(0.08, 0.6)
    t = np.linspace(-broad, 1 + broad, 24)[:, None]
    brim = left + t * (right - left) - up * low
    brim -= up * (bow * (1 - (2 * t - 1) ** 2))
    height, narrow = width * rng.uniform(0.25, 0.9), rng.uniform(0.35, 0.8)
    bulge = (1 - np.abs(2 * np.linspace(0, 1, 24) - 1) ** 3)[:, None]
    middle = brim.mean(0)
    crown = middle + narrow * (brim[::-1] - middle) * min(1.0, 1 / (1 + 2 * broad) * 1.6)
    crown = crown + up * height * (0.35 + 0.65 * bulge)
    cover = _filled(np.concatenate([brim, crown]), sheet.labels.shape)
    paint = _cloth(cover.shape, width, rng)
    band = cv2.GaussianBlur(cover, (0, 0), 0.05 * width)
    paint = (paint * (0.45 + 0.6 * band)[..., None]).astype(np.float32)
    return laid_over(sheet, paint, cover, OTHER, rng, rng.uniform(0.1, 0.6))


def mask(sheet: Sheet, rng: Rng) -> Sheet:
    """A medical or cloth mask over mouth and chin, over the nose or below it, with its bands."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:, :2].astype(np.float64)
    top = points[list(_MASK_TOP)]
    if rng.random() < 0.25:
        top = points[[227, 50, 205, 98, 2, 327, 425, 280, 447]]
    below = points[[397, 379, 400, 152, 176, 150, 172]] + (0, rng.uniform(0, 0.06) * width)
    narrow = rng.uniform(0, 0.5)
    sides = points[[447, 227]]
    middle = points[1]
    top = top + narrow * (middle - top) * [0.35, 0]
    outline = np.concatenate([top, below])
    cover = _filled(outline, sheet.labels.shape)
    lines = np.zeros(cover.shape, np.uint8)
    thick = max(1, round(rng.uniform(0.008, 0.02) * width))
    for end, sign in ((sides[0], 1), (sides[1], -1)):
        ear = points[356 if sign > 0 else 127] + (sign * 0.03 * width, 0)
        start = end + narrow * (middle - end) * [0.35, 0]
        cv2.line(lines, _whole(start), _whole(ear), (255,), thick, cv2.LINE_AA)
    bands = lines.astype(np.float32) / 255
    cover = np.maximum(cover, bands)
    usual = rng.random() < 0.6
    choices = ((205, 220, 232), (236, 238, 240), (160, 190, 215), (28, 28, 30), (190, 220, 214))
    base = np.array(choices[int(rng.integers(len(choices)))]) if usual else rng.uniform(10, 240, 3)
    rows = np.indices(cover.shape)[0].astype(np.float32)
    period = rng.uniform(0.08, 0.16) * width
    folds = 1 + rng.uniform(0, 0.1) * np.sin(2 * np.pi * rows / period)
    nose = points[4]
    columns = np.indices(cover.shape)[1]
    sphere = 1 - 0.35 * ((columns - nose[0]) / (0.55 * width)) ** 2
    exposure = np.clip(_skin_color(sheet).mean() / 170, 0.35, 1.1)
    shaded = (folds * np.clip(sphere, 0.4, 1) * exposure)[..., None]
    paint = _with_grain(np.clip(base * shaded, 0, 255).astype(np.float32), rng, 4.0)
    return laid_over(sheet, paint, cover, OTHER, rng, rng.uniform(0, 0.4))


def scarf(sheet: Sheet, rng: Rng) -> Sheet:
    """Cloth up to the mouth or chin."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:, :2].astype(np.float64)
    level = points[int(rng.choice([152, 17, 0, 200]))][1]
    x = np.linspace(points[234][0] - 0.35 * width, points[454][0] + 0.35 * width, 20)
    y = level + 0.08 * width * np.sin(np.linspace(0, rng.uniform(3, 9), 20) + rng.uniform(0, 6))
    edge = np.stack([x, y - rng.uniform(0, 0.3) * width * (np.linspace(-1, 1, 20) ** 2)], 1)
    floor = edge[::-1] + np.array([0.0, 3.0 * width])
    outline = np.concatenate([edge, floor]).astype(np.float64)
    cover = _filled(outline, sheet.labels.shape)
    paint = _cloth(cover.shape, width, rng)
    return laid_over(sheet, paint, cover, OTHER, rng, rng.uniform(0, 0.5))


def thing(sheet: Sheet, rng: Rng) -> Sheet:
    """A telephone, cup, card, flower, leaf: a shape of some colour or pattern."""
    width = face_width(sheet.mesh)
    points = sheet.mesh[:CANONICAL_VERTICES, :2].astype(np.float64)
    middle = points[int(rng.integers(CANONICAL_VERTICES))] + rng.normal(0, 0.25, 2) * width
    corners = int(rng.integers(4, 9))
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners)) if rng.random() < 0.5 else None
    if angle is None:
        a, size = rng.uniform(0, np.pi), rng.uniform(0.12, 0.45, 2) * width
        box = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        outline = box @ turn.T + middle
    else:
        radius = rng.uniform(0.12, 0.4, corners) * width
        outline = middle + np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None]
    cover = _filled(outline, sheet.labels.shape)
    if rng.random() < 0.5:
        cover = (cv2.GaussianBlur(cover, (0, 0), 0.03 * width) > 0.5).astype(np.float32)
    paint = _cloth(cover.shape, width * rng.uniform(0.2, 1), rng)
    return laid_over(sheet, paint, cover, OTHER, rng, rng.uniform(0, 0.5))


def _filled(outline: Points, shape: tuple[int, ...]) -> Share:
    cover = np.zeros(shape[:2], np.uint8)
    at = np.round(outline * 2**_FINE).astype(np.int32)
    cv2.fillPoly(cover, [at], (255,), cv2.LINE_AA, _FINE)
    return np.divide(cover, 255, dtype=np.float32)


def _cloth(shape: tuple[int, ...], width: float, rng: Rng) -> Paint:
    """Some colour with folds, weave, and at times stripes, checks or blotches."""
    base = rng.uniform(8, 235) + rng.normal(0, 28, 3)
    folds = cv2.GaussianBlur(rng.standard_normal(shape[:2]), (0, 0), 0.08 * width)
    folds /= np.abs(folds).max() + 1e-6
    shade = 1 + 0.05 * rng.standard_normal(shape[:2]) + rng.uniform(0.05, 0.4) * folds
    paint = np.clip(base, 4, 240) * shade[..., None]
    pattern = rng.random()
    rows, columns = np.indices(shape[:2]).astype(np.float32)
    if pattern < 0.25:
        a, period = rng.uniform(0, np.pi), rng.uniform(0.03, 0.2) * width
        wave = np.sin(2 * np.pi * (columns * np.cos(a) + rows * np.sin(a)) / period) > 0
        if rng.random() < 0.4:
            wave ^= np.sin(2 * np.pi * (rows * np.cos(a) - columns * np.sin(a)) / period) > 0
        paint = np.where(wave[..., None], rng.uniform(0, 255, 3) * shade[..., None], paint)
    elif pattern < 0.45:
        blots = cv2.GaussianBlur(rng.standard_normal(shape[:2]), (0, 0), 0.04 * width) > 0
        paint = np.where(blots[..., None], rng.uniform(0, 255, 3) * shade[..., None], paint)
    return np.clip(paint, 0, 255).astype(np.float32)


def _with_grain(paint: Paint, rng: Rng, amount: float) -> Paint:
    grain = rng.normal(0, amount, (*paint.shape[:2], 1))
    return np.clip(paint + grain, 0, 255).astype(np.float32)


def _skin_color(sheet: Sheet) -> NDArray[np.float64]:
    """Of cheeks and nose, RGB in [0, 255]."""
    size = len(sheet.labels) - 1
    at = np.clip(sheet.mesh[[50, 280, 4, 151, 205, 425], :2].round().astype(int), 0, size)
    return np.median(sheet.picture[at[:, 1], at[:, 0]].astype(np.float64), axis=0)


def _whole(point: Points) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
