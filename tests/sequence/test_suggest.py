"""Judging and suggesting, on made-up measurements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sequence.made_up import face, sighting

from exshot.sequence import Person, judge, match_persons, suggest
from exshot.sequence.judge import PHRASES, eyes_closed_in_all
from exshot_host.texts.texts import REASONS

SMILE: Any = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}


def test_a_blink_loses_whatever_else_speaks_for_it() -> None:
    blink = sighting(0, eyes=(0.05, 0.05), **SMILE)
    plain = sighting(1, sharpness=4.0)
    first, second = judge(Person((blink, plain)))
    assert first.reasons[0] == "eyes_closed"
    assert second.reasons[0] == "eyes_open"
    assert second.total > 2 * first.total


def test_narrow_eyes_are_open_eyes() -> None:
    scores = judge(Person(tuple(sighting(k, eyes=(0.15, 0.15)) for k in range(4))))
    assert all(score.eyes == 1.0 for score in scores)


def test_eyes_are_judged_one_by_one() -> None:
    wink, both = judge(Person((sighting(0, eyes=(0.05, 0.3)), sighting(1))))
    assert wink.reasons[0] == "left_eye_closed"
    assert both.reasons[0] == "eyes_open"


def test_a_startled_frame_does_not_make_the_others_half_closed() -> None:
    calm = [sighting(k, eyes=(0.25, 0.25)) for k in range(3)]
    startled = sighting(3, eyes=(0.45, 0.45), eyeWideLeft=0.7, eyeWideRight=0.7)
    scores = judge(Person((*calm, startled)))
    assert all(score.reasons[0] == "eyes_open" for score in scores)


def test_a_mouth_in_the_middle_of_a_word_is_told_from_a_smile_with_teeth() -> None:
    talking, smiling = judge(Person((sighting(0, gap=0.22), sighting(1, gap=0.22, **SMILE))))
    assert "mid_word" in talking.reasons
    assert "smiling" in smiling.reasons
    assert smiling.total > talking.total


def test_a_look_aside_a_turned_head_and_a_blurred_face_are_named() -> None:
    aside = sighting(0, eyeLookOutLeft=0.9, eyeLookInRight=0.9)
    turned, blurred = sighting(1, yaw=40), sighting(2, sharpness=2.0)
    reasons = [score.reasons for score in judge(Person((aside, turned, blurred, sighting(3))))]
    assert "looks_away" in reasons[0]
    assert "turned" in reasons[1]
    assert "blurred" in reasons[2]
    assert {code for each in reasons for code in each} <= set(PHRASES)


def test_sharp_is_said_only_beside_a_photo_that_is_less_so() -> None:
    assert "sharp" not in judge(Person((sighting(0, sharpness=0.1),)))[0].reasons
    alike = judge(Person((sighting(0), sighting(1))))
    assert all("sharp" not in score.reasons for score in alike)
    assert "sharp" in judge(Person((sighting(0), sighting(1, sharpness=4.0))))[0].reasons


def test_scores_and_parts_lie_in_their_range() -> None:
    person = Person((sighting(0, eyes=(0, 0), gap=2.0, yaw=90), sighting(1, sharpness=-50)))
    for score in judge(person):
        parts = (score.eyes, score.mouth, score.smile, score.gaze, score.sharpness, score.turn)
        assert all(0 <= value <= 1 for value in (score.total, *parts))


def test_the_better_moment_is_suggested_and_the_best_face_left_alone() -> None:
    one = Person((sighting(0, who=0, eyes=(0.05, 0.05)), sighting(1, who=0)))
    other = Person((sighting(0, index=1, who=1, **SMILE), sighting(1, index=1, who=1, gap=0.4)))
    found = suggest([one, other], base=0)
    assert found is not None
    first, second = found.faces
    assert [choice.sighting.photo for choice in first.choices] == [1]
    assert second.choices == ()


def test_choices_come_in_order_and_a_turned_or_tiny_face_is_no_easy_source() -> None:
    base = sighting(0, eyes=(0.05, 0.05))
    near, turned, tiny = sighting(1, **SMILE), sighting(2, yaw=30, **SMILE), sighting(3, width=40)
    found = suggest([Person((base, near, turned, tiny))], base=0)
    assert found is not None
    values = [choice.value for choice in found.faces[0].choices]
    assert values == sorted(values, reverse=True)
    assert found.faces[0].choices[0].sighting is near
    assert all(choice.sighting is not tiny for choice in found.faces[0].choices)


def test_the_base_is_the_photo_in_which_everyone_is_there() -> None:
    both = [sighting(0, who=0, **SMILE), sighting(1, who=0), sighting(1, index=1, who=1, x=0.8)]
    found = suggest(match_persons(both))
    assert found is not None
    assert found.base == 1
    assert suggest([]) is None


def test_people_keep_their_names_when_they_change_places() -> None:
    seen = [
        sighting(0, index=0, who=0, x=0.2), sighting(0, index=1, who=1, x=0.8),
        sighting(1, index=0, who=1, x=0.2), sighting(1, index=1, who=0, x=0.8),
    ]  # fmt: skip
    persons = match_persons(seen)
    assert sorted([one.index for one in person.sightings] for person in persons) == [[0, 1], [1, 0]]


def test_nobody_is_in_a_photo_twice_and_corrections_win() -> None:
    twins = [sighting(photo, index=k, who=0, x=0.2 + 0.6 * k) for photo in (0, 1) for k in (0, 1)]
    for person in match_persons(twins):
        assert [one.photo for one in person.sightings] == [0, 1]
        assert len({one.index for one in person.sightings}) == 1
    crossed = match_persons(twins, corrections=[(twins[0], twins[3])])
    assert (twins[0], twins[3]) in [person.sightings for person in crossed]


def test_strangers_are_not_joined() -> None:
    assert len(match_persons([sighting(0, who=0), sighting(1, who=1)])) == 2


@pytest.mark.parametrize("photo", [0, 1])
def test_a_person_is_found_in_its_photos_only(photo: int) -> None:
    person = Person((sighting(photo),))
    assert person.in_photo(photo) is person.sightings[0]
    assert person.in_photo(2) is None


def test_editors_have_the_same_words_for_reasons() -> None:
    assert REASONS == PHRASES


def test_of_two_equal_moments_the_one_in_the_bases_light_is_taken_and_the_other_says_so() -> None:
    base = sighting(0, eyes=(0.05, 0.05), skin=face())
    lit = sighting(1, skin=face(side_light=25.0), **SMILE)
    alike = sighting(2, skin=face(brighter=8.0), **SMILE)
    found = suggest([Person((base, lit, alike))], base=0)
    assert found is not None
    first, second = found.faces[0].choices
    assert first.sighting is alike
    assert "other_light" not in first.reasons
    assert second.sighting is lit
    assert "other_light" in second.reasons
    assert second.ease.light < first.ease.light == 1.0


@pytest.mark.parametrize("others", [1, 4])
def test_something_over_the_face_counts_against_it(others: int) -> None:
    hidden = sighting(0, skin=face(hand=True), **SMILE)
    plain = [sighting(k + 1, skin=face(side_light=5.0 * k), **SMILE) for k in range(others)]
    covered, *clear = judge(Person((hidden, *plain)))
    assert "covered" in covered.reasons
    assert all("covered" not in score.reasons for score in clear)
    assert all(score.clear == 1.0 and score.total > covered.total for score in clear)


def test_what_every_photo_shows_covers_nothing() -> None:
    person = Person(tuple(sighting(k, skin=face(hand=True)) for k in range(4)))
    assert all(score.clear == 1.0 for score in judge(person))


def test_people_who_look_alike_from_afar_are_told_apart_by_their_faces() -> None:
    one, other = np.eye(2, dtype=np.float32)
    seen = [
        sighting(0, index=0, likeness=one, x=0.2), sighting(0, index=1, likeness=other, x=0.8),
        sighting(1, index=0, likeness=other, x=0.2), sighting(1, index=1, likeness=one, x=0.8),
    ]  # fmt: skip
    persons = match_persons(seen)
    assert sorted([one.index for one in person.sightings] for person in persons) == [[0, 1], [1, 0]]


def test_a_blink_in_every_photo_is_not_taken_for_open_eyes() -> None:
    blinks = [
        sighting(n, eyes=(0.07, 0.08), eyeBlinkLeft=0.65, eyeBlinkRight=0.6) for n in range(4)
    ]
    person = Person(tuple(blinks))
    assert eyes_closed_in_all(person)
    assert {score.reasons[0] for score in judge(person)} == {"eyes_closed"}


def test_narrow_eyes_in_every_photo_are_not_called_closed() -> None:
    narrow = [
        sighting(n, eyes=(0.17, 0.18), eyeBlinkLeft=0.35, eyeBlinkRight=0.35) for n in range(4)
    ]
    person = Person(tuple(narrow))
    assert not eyes_closed_in_all(person)
    assert {score.reasons[0] for score in judge(person)} == {"eyes_open"}


@pytest.mark.parametrize(("base", "other"), [(20.0, 200.0), (200.0, 20.0)])
def test_a_face_too_small_to_edit_is_left_alone(base: float, other: float) -> None:
    blink = sighting(0, eyes=(0.05, 0.05), width=base)
    smile = sighting(1, width=other, **SMILE)
    found = suggest((Person((blink, smile)),), 0)
    assert found is not None
    assert not found.faces[0].choices
