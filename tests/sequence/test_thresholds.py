"""Where a face begins to be judged differently: each limit between two faces that differ little."""

from __future__ import annotations

from typing import Any

import pytest
from sequence.made_up import sighting

from exshot.sequence import FaceScore, Person, judge
from exshot.sequence.sighting import Sighting

OPEN = (0.3, 0.3)


def judged(one: Sighting) -> FaceScore:
    """Beside two ordinary photos of the same person."""
    return judge(Person((one, sighting(1), sighting(2))))[0]


@pytest.mark.parametrize(
    ("share", "reason"),
    [(0.9, "eyes_open"), (0.72, "eyes_half"), (0.55, "eyes_closed")],
)
def test_eyes_are_measured_against_the_persons_own(share: float, reason: str) -> None:
    lids = OPEN[0] * share
    assert judged(sighting(0, eyes=(lids, lids))).reasons[0] == reason


def test_a_full_smile_may_narrow_the_eyes_by_a_sixth_and_no_more() -> None:
    smile: Any = {"mouthSmileLeft": 0.75, "mouthSmileRight": 0.75}
    assert judged(sighting(0, eyes=(0.225, 0.225), **smile)).eyes == pytest.approx(0.99, abs=0.05)
    assert judged(sighting(0, eyes=(0.165, 0.165), **smile)).reasons[0] == "eyes_half"


@pytest.mark.parametrize(("degrees", "away"), [(6.0, 0.0), (17.5, 0.5), (29.0, 1.0)])
def test_a_look_is_away_from_half_to_twice_a_dozen_degrees(degrees: float, away: float) -> None:
    assert 1 - judged(sighting(0, yaw=degrees)).gaze == pytest.approx(away, abs=0.03)


@pytest.mark.parametrize(("yaw", "turn"), [(9.0, 1.0), (22.5, 0.5), (36.0, 0.0)])
def test_a_head_is_turned_from_ten_to_thirty_five_degrees(yaw: float, turn: float) -> None:
    assert judged(sighting(0, yaw=yaw)).turn == pytest.approx(turn, abs=0.03)


@pytest.mark.parametrize(("gap", "mouth"), [(0.03, 1.0), (0.13, 0.5), (0.23, 0.0)])
def test_a_gap_of_an_eighth_of_its_width_is_a_mouth_in_the_middle_of_a_word(
    gap: float, mouth: float
) -> None:
    assert judged(sighting(0, gap=gap)).mouth == pytest.approx(mouth, abs=0.03)
