"""What is said of covers that cannot be dealt with well."""

from __future__ import annotations

import pytest

from exshot.advice import cover_warnings
from exshot.cover.cover import Wear
from exshot_contract.codes import WarningCode
from exshot_host.texts.texts import NOTICES

BARE = Wear()


def said(pose: Wear, expression: Wear) -> dict[str, str]:
    return {warning.code: warning.sentence for warning in cover_warnings(pose, expression)}


def test_bare_faces_and_the_same_glasses_are_nothing_to_speak_of() -> None:
    assert said(BARE, BARE) == {}
    assert said(Wear(glasses=True), Wear(glasses=True)) == {}


def test_glasses_in_one_photo_are_said_with_the_photo() -> None:
    assert "Only the pose photo" in said(Wear(glasses=True), BARE)["glasses"]
    assert "Only the expression photo" in said(BARE, Wear(glasses=True))["glasses"]


def test_sunglasses_are_said_instead_of_glasses() -> None:
    found = said(BARE, Wear(glasses=True, sunglasses=True))
    assert set(found) == {"sunglasses"}
    assert "the expression photo" in found["sunglasses"]


def test_a_hand_or_mask_is_said_with_its_photos() -> None:
    thing = Wear(thing=True)
    assert "the pose photo" in said(thing, BARE)["covered"]
    assert "both photos" in said(thing, thing)["covered"]


def test_only_the_expression_photos_border_is_a_fault() -> None:
    assert "cut_off" in said(BARE, Wear(cut_off=True))
    assert said(Wear(cut_off=True), BARE) == {}


@pytest.mark.parametrize("code", ["glasses", "sunglasses", "covered", "cut_off"])
def test_editors_have_a_line_for_it(code: str) -> None:
    assert NOTICES[WarningCode(code)].endswith(".")
