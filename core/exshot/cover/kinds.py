"""What a pixel of a face crop can show, in the order of the network's outputs."""

from __future__ import annotations

from typing import Final

KINDS: Final = (
    "background",
    "skin",
    "brow",
    "hair",
    "rim",
    "clear_lens",
    "glare",
    "dark_lens",
    "other",
)
"""Names, in order.

``background`` is all that is no head, clothes included; ``skin`` is the bare head with eyes, lips
and teeth; ``brow`` is hair of the face: brows, beard; ``rim`` is what holds lenses; ``clear_lens``
lets the eye be seen, ``glare`` is a reflection on it that does not, ``dark_lens`` a sunglass;
``other`` is a hand, mask, microphone, hat or anything else in front of the head.
"""

BACKGROUND, SKIN, BROW, HAIR, RIM, CLEAR_LENS, GLARE, DARK_LENS, OTHER = range(len(KINDS))
