"""Faces outlined on a thumbnail, for editors whose toolkit may lack a way to draw."""

from __future__ import annotations

from collections.abc import Sequence

from exshot_contract.messages import FaceInfo

CHOSEN = (255, 200, 0)
OTHER = (255, 255, 255)
_EDGE = (0, 0, 0)


def face_at(faces: Sequence[FaceInfo], x: float, y: float) -> int | None:
    """Index of the smallest face whose box contains a point of the photo; None where none does."""
    hit = [i for i, f in enumerate(faces) if f.x0 <= x <= f.x1 and f.y0 <= y <= f.y1]
    return min(hit, key=lambda i: faces[i].x1 - faces[i].x0, default=None)


def in_places(faces: Sequence[FaceInfo]) -> list[int]:
    """Indexes of the faces as they stand in the photo, from left to right."""
    return sorted(range(len(faces)), key=lambda i: (faces[i].x0 + faces[i].x1, faces[i].y0))


def face_beside(faces: Sequence[FaceInfo], face: int | None) -> int:
    """Index of the next face to the right; from the last one the leftmost."""
    order = in_places(faces)
    return order[(order.index(face) + 1) % len(order)] if face in order else order[0]


def outline_faces(
    pixels: bytes,
    size: tuple[int, int],
    stride: int,
    channels: int,
    faces: Sequence[FaceInfo],
    chosen: int | None,
    scale: float,
    pen: int = 1,
) -> bytes:
    """A thumbnail with the oval of each face on it.

    Args:
        pixels: 8-bit rows of ``stride`` bytes, ``channels`` (3 or 4) samples a pixel, RGB first.
        size: width and height of the thumbnail.
        faces: in pixels of the photo, which are ``scale`` times as large on the thumbnail.
        chosen: index of the face to mark; None for none.
        pen: width of the lines in pixels of the thumbnail.
    """
    canvas = bytearray(pixels)

    def dot(left: int, top: int, color: tuple[int, int, int]) -> None:
        for x in range(max(0, left), min(left + pen, size[0])):
            for y in range(max(0, top), min(top + pen, size[1])):
                at = y * stride + x * channels
                canvas[at : at + 3] = bytes(color)

    for index, face in enumerate(faces):
        points = [value * scale for value in face.outline or _box(face)]
        ring = [(round(x), round(y)) for x, y in _lines(points)]
        for x, y in ring:  # a dark edge, so that the line shows on light skin
            dot(x + pen, y + pen, _EDGE)
        for x, y in ring:
            dot(x, y, CHOSEN if index == chosen else OTHER)
            if index == chosen:
                dot(x + pen, y, CHOSEN)
    return bytes(canvas)


def _box(face: FaceInfo) -> tuple[float, ...]:
    return (face.x0, face.y0, face.x1, face.y0, face.x1, face.y1, face.x0, face.y1)


def _lines(points: Sequence[float]) -> list[tuple[float, float]]:
    """Points along the closed polygon, at most a pixel apart."""
    corners = list(zip(points[::2], points[1::2]))
    found = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps):
            share = step / steps
            found.append((x0 + (x1 - x0) * share, y0 + (y1 - y0) * share))
    return found
