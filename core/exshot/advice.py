"""What the user should know about a result that was made all the same."""

from __future__ import annotations

from typing import Final

from exshot.compose.layer import LayerMaps
from exshot.mesh.face import Face
from exshot.mesh.likeness import strangers
from exshot.result import EditWarning, HeadTurn

_LARGE_TURN: Final = 25.0  # degrees
_DIFFERENT_LIGHT: Final = 0.3  # log gain over the skin
_HIDDEN_SHARE: Final = 0.15
_SOFT_SCALE: Final = 0.5  # expression face width over pose face width


def find_warnings(
    pose: Face, expression: Face, turn: HeadTurn, layer: LayerMaps
) -> tuple[EditWarning, ...]:
    """Warnings in the order of their weight."""
    found = []
    if strangers(pose, expression):
        found.append(
            EditWarning(
                "different_person",
                "The two faces are probably not the same person's.",
                "Check that the right faces are chosen; ExShot is made for one person's photos.",
            )
        )
    largest = max(abs(turn.yaw), abs(turn.pitch))
    if largest > _LARGE_TURN:
        found.append(
            EditWarning(
                "large_turn",
                f"The heads are turned {largest:.0f} degrees apart.",
                "Expect a less exact face; a photo with a closer head pose works better.",
            )
        )
    if layer.hidden_share > _HIDDEN_SHARE:
        found.append(
            EditWarning(
                "hidden_parts",
                f"{layer.hidden_share:.0%} of the face cannot be seen in the expression photo.",
                "Those parts keep the pose photo's pixels.",
            )
        )
    if layer.light_difference > _DIFFERENT_LIGHT:
        found.append(
            EditWarning(
                "different_light",
                "The two photos were taken under very different light.",
                "Colours are matched; look at the shadows before you keep the result.",
            )
        )
    scale = expression.width / max(pose.width, 1e-6)
    if scale < _SOFT_SCALE:
        found.append(
            EditWarning(
                "soft_expression",
                f"The expression photo shows the face at {scale:.0%} of the size needed.",
                "The new face will look softer; use a larger photo if you have one.",
            )
        )
    return tuple(found)
