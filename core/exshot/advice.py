"""What the user should know about a result that was made all the same."""

from __future__ import annotations

from typing import Final

from exshot.cover.cover import Wear
from exshot.draw.maps import DrawingMaps
from exshot.face.face import Face
from exshot.identity.likeness import strangers
from exshot.result import EditWarning, FaceQuality, HeadTurn

_TOO_LITTLE_SEEN: Final = 0.25  # share of a face that is hidden: no telling whose it is
_LARGE_TURN: Final = 25.0  # degrees
_DIFFERENT_LIGHT: Final = 0.3  # log gain over the skin
_HIDDEN_SHARE: Final = 0.15
_SOFT_SCALE: Final = 0.5  # expression face width over pose face width
_SOFT_BLUR: Final = 0.009  # of the face width
_SOFTER: Final = 2.0  # times the pose photo's own blur, which is at least a pixel
_NOISY: Final = 10 / 255  # brightness noise that is seen at once
_NOISIER: Final = 1.7  # times the other photo's
_BLOCKIER: Final = 1.5  # times the other photo's steps
_BLOCKS: Final = 3 / 255  # steps between blocks that are seen at once: JPEG quality 25 and below


def find_warnings(
    pose: Face,
    expression: Face,
    turn: HeadTurn,
    drawing: DrawingMaps,
    pose_quality: FaceQuality,
    expression_quality: FaceQuality,
    pose_wear: Wear = Wear(),  # noqa: B008 - frozen
    expression_wear: Wear = Wear(),  # noqa: B008
) -> tuple[EditWarning, ...]:
    """Warnings in the order of their weight."""
    found = []
    told = max(pose_wear.hidden, expression_wear.hidden) < _TOO_LITTLE_SEEN
    if told and strangers(pose, expression):
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
    if drawing.hidden_share > _HIDDEN_SHARE:
        found.append(
            EditWarning(
                "hidden_parts",
                f"{drawing.hidden_share:.0%} of the face cannot be seen in the expression photo.",
                "Those parts keep the pose photo's pixels.",
            )
        )
    if drawing.light_difference > _DIFFERENT_LIGHT:
        found.append(
            EditWarning(
                "different_light",
                "The two photos were taken under very different light.",
                "Look at the shadows before you keep the result.",
            )
        )
    found += cover_warnings(pose_wear, expression_wear)
    found += quality_warnings(pose_quality, expression_quality)
    return tuple(found)


def cover_warnings(pose: Wear, expression: Wear) -> tuple[EditWarning, ...]:
    """What in front of either face cannot be dealt with well."""
    found = []
    roles = (("pose", pose), ("expression", expression))
    if expression.cut_off:
        found.append(
            EditWarning(
                "cut_off",
                "The border of the expression photo cuts the face off.",
                "What lies beyond it stays as in the pose photo; use a photo with the whole face.",
            )
        )
    things = [role for role, wear in roles if wear.thing]
    if things:
        found.append(
            EditWarning(
                "covered",
                f"In {_photos(things)} something hides a part of the face: a hand, a mask or the"
                " like.",
                "That part stays as in the pose photo; use photos that show the whole face.",
            )
        )
    shades = [role for role, wear in roles if wear.sunglasses]
    if shades:
        found.append(
            EditWarning(
                "sunglasses",
                f"In {_photos(shades)} dark glasses hide the eyes.",
                "The eyes stay as in the pose photo; use photos that show them.",
            )
        )
    elif pose.glasses != expression.glasses:
        found.append(
            EditWarning(
                "glasses",
                f"Only the {'pose' if pose.glasses else 'expression'} photo shows glasses.",
                "Look at the eyes before you keep the result; a photo with the same glasses, or"
                " both without, works better.",
            )
        )
    return tuple(found)


def _photos(roles: list[str]) -> str:
    return f"the {roles[0]} photo" if len(roles) == 1 else "both photos"


def quality_warnings(pose: FaceQuality, expression: FaceQuality) -> tuple[EditWarning, ...]:
    """What sets the pixels of the two faces apart so much that the patch may show."""
    found = []
    scale = expression.width / max(pose.width, 1e-6)
    if scale < _SOFT_SCALE:
        found.append(
            EditWarning(
                "soft_expression",
                f"The expression photo shows the face at {scale:.0%} of the size needed.",
                "The new face will look softer; use a larger photo if you have one.",
            )
        )
    elif _is_softer(expression, pose, scale):
        found.append(
            EditWarning(
                "soft_expression",
                "The expression photo is blurred where the pose photo is sharp.",
                "The new face will look softer; use a sharper photo if you have one.",
            )
        )
    by_noise = sorted(
        (("pose", pose.noise), ("expression", expression.noise)), key=lambda one: one[1]
    )
    (calm, low), (noisy, high) = by_noise
    if high > max(_NOISY, _NOISIER * low):
        found.append(
            EditWarning(
                "noisy",
                f"The {noisy} photo is much noisier than the {calm} photo.",
                "The face may differ in grain from the rest; reduce the noise of that photo first,"
                " or use one taken at the same ISO.",
            )
        )
    blocky = [
        role
        for role, quality in (("pose", pose), ("expression", expression))
        if quality.blockiness > _BLOCKS
    ]
    if blocky:
        which = f"The {blocky[0]} photo shows" if len(blocky) == 1 else "Both photos show"
        found.append(
            EditWarning(
                "compressed",
                f"{which} the blocks of strong compression.",
                "Use the camera's own file instead of a copy that was sent or saved small.",
            )
        )
    return tuple(found)


def unlike_pixels(pose: FaceQuality, expression: FaceQuality) -> bool:
    """Whether skin of the expression photo would stand out by sharpness, grain or compression."""
    coarse, fine = (pick(pose.blockiness, expression.blockiness) for pick in (max, min))
    differs = coarse > max(_BLOCKS, _BLOCKIER * fine)
    codes = {warning.code for warning in quality_warnings(pose, expression)}
    return differs or not codes.isdisjoint({"soft_expression", "noisy"})


def _is_softer(expression: FaceQuality, pose: FaceQuality, scale: float) -> bool:
    if expression.blur is None:
        return False
    blur = expression.blur / scale  # in pixels of the pose photo, where the patch will be
    return blur > max(_SOFT_BLUR * pose.width, _SOFTER * max(pose.blur or 0.0, 1.0))
