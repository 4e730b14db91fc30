"""The pictures that contact sheets are put together from."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot.face.topology import LEFT_BROW, LEFT_EYE, LIPS_OUTER, RIGHT_BROW, RIGHT_EYE

LABEL_HEIGHT = 22
GAP = 4
_INK = (235, 235, 235)
_PAPER = 28
_DIFFERENCE_GAIN = 3

Tile = NDArray[np.uint8]


def labelled(picture: Tile, label: str) -> Tile:
    """The picture with a strip above it that says what it is; the label is cut to fit."""
    height, width = picture.shape[:2]
    tile = np.full((height + LABEL_HEIGHT, width, 3), _PAPER, np.uint8)
    tile[LABEL_HEIGHT:] = picture
    place, face = (4, LABEL_HEIGHT - 7), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(tile, label[: width // 8], place, face, 0.45, _INK, 1, cv2.LINE_AA)
    return tile


def message(text: str, size: int) -> Tile:
    """A square with a message in place of a picture that could not be made."""
    tile = np.full((size, size, 3), 70, np.uint8)
    per_line = size // 10
    for line, start in enumerate(range(0, len(text), per_line)):
        words, place = text[start : start + per_line], (8, 30 + 20 * line)
        cv2.putText(tile, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
    return tile


def mask_overlay(picture: Tile, mask: NDArray[np.uint8]) -> Tile:
    """The picture, red where the mask ``(h, w)`` covers it, with a line at half coverage."""
    share = (mask / 255.0)[..., None] * 0.45
    tinted = picture * (1 - share) + np.array([255, 40, 40]) * share
    out = np.ascontiguousarray(np.round(tinted), np.uint8)
    lines, _ = cv2.findContours(
        (mask >= 128).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
    )
    cv2.drawContours(out, lines, -1, (255, 255, 0), 1, cv2.LINE_AA)
    return out


def difference(a: Tile, b: Tile) -> Tile:
    """Absolute difference of two pictures, three times as bright."""
    return np.asarray(cv2.convertScaleAbs(cv2.absdiff(a, b), alpha=_DIFFERENCE_GAIN), np.uint8)


def zoom_windows(mesh: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Windows ``(x, y, width, height)`` twice as wide as high around eyes and mouth, photo pixels.

    The mouth's leaves room for an open one, so that one window serves the same head with another
    expression.
    """
    eyes = mesh[[*LEFT_EYE, *RIGHT_EYE, *LEFT_BROW, *RIGHT_BROW], :2]
    mouth = mesh[list(LIPS_OUTER), :2]
    return _window(eyes, 1.15, 0.0), _window(mouth, 1.75, 0.08)


def _window(points: NDArray[np.floating], margin: float, down: float) -> NDArray[np.float64]:
    low, high = points.min(0), points.max(0)
    width = float(max(high[0] - low[0], 1.0)) * margin
    centre = (low + high) / 2 + np.array([0.0, down * width])
    return np.array([centre[0] - width / 2, centre[1] - width / 4, width, width / 2])


def zoomed(photo: Tile, mesh: NDArray[np.floating], size: int) -> Tile:
    """Eyes above mouth, each ``size`` wide and half as high, drawn straight from the photo."""
    strips = []
    for x, y, width, _ in zoom_windows(mesh):
        scale = size / width
        matrix = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
        strip = cv2.warpAffine(
            photo,
            matrix,
            (size, size // 2),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        strips.append(np.asarray(strip, np.uint8))
    return np.concatenate(strips)


def arrange(tiles: Sequence[Tile], columns: int) -> Tile:
    """Tiles of one size in rows of ``columns``, the last row filled up with the background."""
    height, width = tiles[0].shape[:2]
    rows = -(-len(tiles) // columns)
    page = np.full(
        (rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), _PAPER, np.uint8
    )
    for index, tile in enumerate(tiles):
        y, x = (index // columns) * (height + GAP), (index % columns) * (width + GAP)
        page[y : y + height, x : x + width] = tile
    return page


def stack(blocks: Sequence[Tile]) -> Tile:
    """Blocks of one width below each other, with a gap."""
    width = max(block.shape[1] for block in blocks)
    parts: list[Tile] = []
    for block in blocks:
        filled = np.full((block.shape[0] + 3 * GAP, width, 3), _PAPER, np.uint8)
        filled[: block.shape[0], : block.shape[1]] = block
        parts.append(filled)
    return np.concatenate(parts)
