"""Glasses drawn onto a sheet from a few numbers: every form that the studio has no mesh for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.cover.kinds import CLEAR_LENS, DARK_LENS, GLARE, RIM
from exshot.face.topology import LEFT_EYE, RIGHT_EYE
from exshot_train.cover.sheet import IGNORED, Sheet
from exshot_train.studio.lenses import random_glass, through
from exshot_train.studio.lights import to_linear, to_srgb
from exshot_train.studio.wear import Glass

Rng = np.random.Generator
Share = NDArray[np.float32]

_FINE: Final = 4
_BLINDING: Final = 0.2  # sRGB by which a reflection brightens what it hides
_RIM_FROM: Final = 0.4  # coverage


@dataclass(frozen=True)
class Frame:
    """Outlines of a pair of glasses in a picture, ``(n, 2)`` pixels each."""

    rims: tuple[NDArray[np.float64], NDArray[np.float64]]
    lines: tuple[NDArray[np.float64], ...]


def random_spectacles(sheet: Sheet, rng: Rng) -> Sheet:
    """Glasses of a random form, colour and glass on the sheet's face."""
    frame = _frame(sheet.mesh.astype(np.float64), rng)
    shape = sheet.labels.shape
    span = float(np.linalg.norm(frame.rims[0].mean(0) - frame.rims[1].mean(0)))
    thick = span * float(rng.choice([0.018, 0.03, 0.06, 0.1])) * rng.uniform(0.8, 1.3)
    rims = [_stroke([rim], shape, thick, True) for rim in frame.rims]
    kind = rng.random()
    lenses = [_fill(rim, shape) for rim in frame.rims]
    if kind < 0.18:  # half rims
        rows = np.indices(shape)[0]
        for k, rim in enumerate(frame.rims):
            rims[k] = rims[k] * (rows < np.quantile(rim[:, 1], 0.45))
    elif kind < 0.28:  # none
        edge = max(1.0, 0.012 * span)
        rims = [0.6 * _stroke([rim], shape, edge, True) for rim in frame.rims]
    lines = _stroke(list(frame.lines), shape, max(1.0, thick * rng.uniform(0.6, 1.1)), False)
    metal = np.maximum(np.maximum(rims[0], rims[1]), lines)
    glass, dark = random_glass(rng)
    paint = _frame_paint(shape, rng, span)
    return put_glasses(sheet, metal, paint, np.maximum(*lenses), glass, dark, rng)


def put_glasses(
    sheet: Sheet,
    rim: Share,
    paint: NDArray[np.float32],
    lenses: Share,
    glass: Glass,
    dark: bool,
    rng: Rng,
    mirrored: NDArray[np.float32] | None = None,
) -> Sheet:
    """The sheet with glasses, and their labels.

    Args:
        rim, lenses: coverage, ``(h, w)``.
        dark: whether the glass hides the eyes.
        paint: of the rim, ``(h, w, 3)`` sRGB in [0, 1].
        mirrored: linear light that the lenses reflect, ``(h, w, 3)``; random patches where None.
    """
    picture = to_linear(sheet.picture / np.float32(255))
    span = np.sqrt(max(float(lenses.sum()), 1.0))
    picture *= 1 - _cast(np.maximum(rim, 0.15 * lenses), span, rng)[..., None]
    field = np.dstack([np.zeros((*lenses.shape, 3), np.float32), lenses])
    behind = through(picture, field, glass)
    light = _patches(lenses, span, rng) if mirrored is None else mirrored
    if rng.random() < 0.3 and mirrored is not None:
        light = light + _patches(lenses, span, rng)
    seen = to_srgb(behind + lenses[..., None] * light)
    glaring = (seen - to_srgb(behind)).mean(axis=2) > _BLINDING
    mixed = seen + rim[..., None] * (paint - seen)
    labels = sheet.labels.copy()
    inside = lenses > 0.5
    labels[inside] = DARK_LENS if dark else CLEAR_LENS
    labels[inside & glaring] = GLARE
    labels[(rim > 0.2) & (rim <= _RIM_FROM)] = IGNORED
    labels[rim > _RIM_FROM] = RIM
    return replace(
        sheet, picture=np.round(np.clip(mixed, 0, 1) * 255).astype(np.uint8), labels=labels
    )


def _frame(mesh: NDArray[np.float64], rng: Rng) -> Frame:
    """In the plane of the eyes, before the face, in the mesh's perspective."""
    eyes = [mesh[list(ring)].mean(0) for ring in (RIGHT_EYE, LEFT_EYE)]
    right = eyes[1] - eyes[0]
    span = float(np.linalg.norm(right))
    right /= span
    down = mesh[2] - mesh[168]
    down -= (down @ right) * right
    down /= np.linalg.norm(down)
    near = np.cross(right, down)  # away from the camera
    size = np.array([rng.uniform(0.34, 0.47), rng.uniform(0.2, 0.4)]) * span
    size[1] = min(size[1], 0.95 * size[0])
    power = rng.uniform(1.8, 5)
    droop = rng.uniform(-0.25, 0.25)
    low = rng.uniform(-0.02, 0.16) * span
    theta = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    local = np.stack([np.cos(theta), np.sin(theta)], 1)
    local = np.sign(local) * np.abs(local) ** (2 / power)
    wide = 1 - rng.uniform(-0.1, 0.3) * (local[:, 1] > 0) * local[:, 1]
    rims = []
    for k, eye in enumerate(eyes):
        sign = (-1, 1)[k]
        x = local[:, 0] * size[0] * wide + sign * droop * size[1] * -local[:, 1] * 0.4
        y = local[:, 1] * size[1] + low
        bent = sign * x * rng.uniform(0, 0.25) * (sign * x > 0)
        rim = eye + x[:, None] * right + y[:, None] * down
        rims.append(rim + (bent - 0.16 * span)[:, None] * near)
    inner = [rims[0][np.argmax(rims[0] @ right)], rims[1][np.argmin(rims[1] @ right)]]
    height = -rng.uniform(0.0, 0.5) * size[1]
    t = np.linspace(0, 1, 9)[:, None]
    bow = (1 - (2 * t - 1) ** 2) * rng.uniform(0, 0.35) * size[1]
    bridge = inner[0] + t * (inner[1] - inner[0]) + (height - bow) * down
    lines = [bridge]
    if rng.random() < 0.15:
        lines.append(bridge - 0.35 * size[1] * down)
    facing = float(near[2])
    for k, temple in enumerate((127, 356)):
        sign = (-1, 1)[k]
        outer = rims[k][np.argmax(sign * (rims[k] @ right))] - 0.5 * rng.random() * size[1] * down
        end = mesh[temple] + 0.15 * span * near * facing
        if sign * (end[0] - outer[0]) > 0.02 * span:  # else the head hides it
            lines.append(np.stack([outer, end]))
        lines.append(np.stack([outer, outer - sign * 0.02 * span * right]))
    return Frame((rims[0][:, :2], rims[1][:, :2]), tuple(line[:, :2] for line in lines))


def _stroke(
    lines: list[NDArray[np.float64]], shape: tuple[int, ...], thick: float, closed: bool
) -> Share:
    """Coverage of lines; thinner than a pixel they cover it in part."""
    fine = 3
    canvas = np.zeros((shape[0] * fine, shape[1] * fine), np.uint8)
    for line in lines:
        at = [np.round((line + 0.5) * fine * 2**_FINE - 2 ** (_FINE - 1)).astype(np.int32)]
        cv2.polylines(canvas, at, closed, (255,), max(1, round(thick * fine)), cv2.LINE_AA, _FINE)
    small = cv2.resize(canvas, shape[1::-1], interpolation=cv2.INTER_AREA)
    return (small / np.float32(255)).astype(np.float32)


def _fill(outline: NDArray[np.float64], shape: tuple[int, ...]) -> Share:
    canvas = np.zeros(shape[:2], np.uint8)
    at = np.round(outline * 2**_FINE).astype(np.int32)
    cv2.fillPoly(canvas, [at], (255,), cv2.LINE_AA, _FINE)
    return (canvas / np.float32(255)).astype(np.float32)


def random_frame_color(rng: Rng) -> NDArray[np.float64]:
    """Linear RGB: mostly dark, else metal, horn, coloured or nearly clear plastic."""
    kind = rng.random()
    if kind < 0.5:
        return rng.uniform(0.004, 0.05) * np.exp(rng.normal(0, 0.15, 3))
    if kind < 0.68:
        grey = rng.uniform(0.15, 0.6)
        return grey * np.array([1.0, rng.uniform(0.8, 1), rng.uniform(0.5, 1.02)])
    if kind < 0.84:
        return np.array([0.14, 0.06, 0.025]) * np.exp(rng.normal(0, 0.5))
    if kind < 0.94:
        return rng.uniform(0.01, 0.5, 3)
    return rng.uniform(0.5, 0.8) * np.exp(rng.normal(0, 0.06, 3))


def _frame_paint(shape: tuple[int, ...], rng: Rng, span: float) -> NDArray[np.float32]:
    color = random_frame_color(rng)
    rough = cv2.GaussianBlur(rng.standard_normal(shape[:2]), (0, 0), 0.12 * span)
    rough /= np.abs(rough).max() + 1e-6
    shine = np.clip(rough - 0.35, 0, 1) * rng.uniform(0, 1.2)
    spots = 1.0
    if rng.random() < 0.2:  # tortoiseshell
        spots = 1 + 0.6 * np.sign(
            cv2.GaussianBlur(rng.standard_normal(shape[:2]), (0, 0), 0.03 * span)
        )
    linear = color * ((1 + 0.5 * rough) * spots)[..., None] + shine[..., None]
    return to_srgb(linear * rng.uniform(0.6, 1.3))


def _cast(rim: Share, span: float, rng: Rng) -> Share:
    """Shadow of the glasses on the face, share of light that is lost."""
    move = np.array([[1, 0, rng.normal(0, 0.04) * span], [0, 1, rng.uniform(0, 0.12) * span]])
    cast = cv2.warpAffine(rim, move, rim.shape[::-1])
    cast = cv2.GaussianBlur(cast, (0, 0), max(0.6, rng.uniform(0.01, 0.05) * span))
    return (rng.uniform(0, 0.55) * cast).astype(np.float32)


def _patches(lenses: Share, span: float, rng: Rng) -> NDArray[np.float32]:
    """Reflected windows, lamps and sky, linear, on both lenses in about the same place."""
    shape = lenses.shape
    light = np.zeros((*shape, 3), np.float32)
    if rng.random() < 0.35:
        return light
    a = rng.uniform(0, np.pi)
    rows, columns = np.indices(shape).astype(np.float32) / span
    slope = columns * np.cos(a) + rows * np.sin(a)
    veil = np.clip(rng.uniform(-1, 0.6) + 2 * (slope - slope.mean()), 0, 1) * rng.uniform(0, 0.12)
    light += veil[..., None] * rng.uniform(0.7, 1.1, 3)
    count, _, boxes, middles = cv2.connectedComponentsWithStats((lenses > 0.5).astype(np.uint8))
    for _ in range(int(rng.integers(0, 3))):
        place, size = rng.uniform(-0.4, 0.4, 2), rng.uniform(0.05, 0.6, 2)
        turn, bright = rng.uniform(-25, 25), rng.uniform(0.15, 1.6)
        hue = np.exp(rng.normal(0, 0.12, 3)) * (1, 1, 1) if rng.random() < 0.75 else (0.4, 1, 0.6)
        for k in range(1, count):
            if rng.random() < 0.2:
                continue
            w, h = boxes[k, cv2.CC_STAT_WIDTH], boxes[k, cv2.CC_STAT_HEIGHT]
            at = middles[k] + place * (w, h)
            canvas = np.zeros(shape, np.uint8)
            if rng.random() < 0.5:
                corners = cv2.boxPoints(
                    ((float(at[0]), float(at[1])), (float(size[0] * w), float(size[1] * h)), turn)
                )
                cv2.fillPoly(canvas, [corners.astype(np.int32)], (255,))
            else:
                axes = (max(1, int(size[0] * w / 2)), max(1, int(size[1] * h / 2)))
                cv2.ellipse(canvas, (int(at[0]), int(at[1])), axes, turn, 0, 360, (255,), -1)
            soft = cv2.GaussianBlur(canvas / np.float32(255), (0, 0), rng.uniform(0.3, 3))
            light += (bright * soft)[..., None] * np.asarray(hue, np.float32)
    return light
