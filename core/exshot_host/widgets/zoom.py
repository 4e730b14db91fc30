"""Which part of a preview to show: the whole face, or the eyes or the mouth enlarged."""

from __future__ import annotations

import math

from exshot_contract.messages import FaceInfo, PreviewResult

FACE, EYES, MOUTH = "face", "eyes", "mouth"
FACTOR = {FACE: 1.0, EYES: 2.0, MOUTH: 2.4}
"""How many times larger than what is shown the preview should be."""

# Along the axis of an upright face and as shares of its height: the part's middle, its width.
_PLACES = {EYES: (-0.16, 0.66), MOUTH: (0.24, 0.56)}


def shown_part(preview: PreviewResult, face: FaceInfo | None, part: str) -> tuple[int, int, int]:
    """Left, top and side of the square of the preview, in its pixels, that shows a part.

    Args:
        face: the pose photo's, in pixels of that photo; None has all shown.
        part: `FACE`, `EYES` or `MOUTH`.
    """
    whole = (0, 0, preview.size)
    if face is None or part not in _PLACES or preview.x1 <= preview.x0:
        return whole
    along, width = _PLACES[part]
    scale = preview.size / (preview.x1 - preview.x0)
    height = face.y1 - face.y0
    roll = math.radians(face.roll)
    x = (face.x0 + face.x1) / 2 - math.sin(roll) * along * height
    y = (face.y0 + face.y1) / 2 + math.cos(roll) * along * height
    side = min(max(16, round(width * height * scale)), preview.size)
    left, top = (
        min(max(0, round((place - start) * scale - side / 2)), preview.size - side)
        for place, start in ((x, preview.x0), (y, preview.y0))
    )
    return left, top, side
