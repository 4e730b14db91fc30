"""When a preview is asked for while sliders move; the clock and the engine are made up."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from exshot_contract.messages import Edit, PreviewResult, Report
from exshot_contract.options import Options, with_faces, with_value
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.errors import HostError
from exshot_host.session.preview import PreviewLoop

WANTED = Edit("a", "b", preview=64)


class Engine:
    """Keeps what was asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[PendingRequest] = []
        self.cancelled: list[PendingRequest] = []

    def submit(self, request: Edit) -> PendingRequest:
        self.asked.append(PendingRequest(request, self.cancelled.append))
        return self.asked[-1]

    def answer(self) -> PreviewResult:
        pixels = bytes([len(self.asked)]) * 3
        result = PreviewResult(1, 0, 0, 1, 1, Report("warp", 0, 0, 0, 0, 0, 0), pixels, pixels)
        self.asked[-1].finish(result)
        return result


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loop(engine: Engine, clock: Clock) -> PreviewLoop:
    """A loop that shows `WANTED`."""
    made = PreviewLoop(cast(EngineClient, engine), clock)
    assert not made.advance(WANTED)
    engine.answer()
    assert made.advance(WANTED)
    assert not made.stale
    return made


def slid(strength: float) -> Edit:
    return replace(WANTED, options=with_value(Options(), "strength", strength))


def test_the_first_change_after_a_rest_is_asked_for_at_once(
    loop: PreviewLoop, engine: Engine
) -> None:
    loop.changed()
    loop.advance(slid(0.5))
    assert engine.asked[-1].request == slid(0.5)
    expected = engine.answer()
    assert loop.advance(slid(0.5))
    assert loop.preview == expected


def test_what_changes_meanwhile_is_shown_when_the_slider_rests(
    loop: PreviewLoop, engine: Engine, clock: Clock
) -> None:
    loop.changed()
    loop.advance(slid(0.5))
    loop.changed()
    engine.answer()
    loop.advance(slid(0.6))
    assert len(engine.asked) == 2
    clock.now += 0.031
    loop.advance(slid(0.6))
    assert engine.asked[-1].request == slid(0.6)


def test_a_slider_that_never_rests_is_followed_all_the_same(
    loop: PreviewLoop, engine: Engine, clock: Clock
) -> None:
    for number in range(5):
        loop.changed()
        loop.advance(slid(number / 10))
        if number == 0:
            engine.answer()
        clock.now += 0.021
    assert [pending.request for pending in engine.asked[1:]] == [slid(0.0), slid(0.4)]


def test_a_preview_under_way_is_finished_before_the_next_is_asked_for(
    loop: PreviewLoop, engine: Engine, clock: Clock
) -> None:
    loop.changed()
    clock.now += 0.1
    loop.advance(slid(0.5))
    loop.changed()
    clock.now += 0.5
    loop.advance(slid(0.6))
    assert len(engine.asked) == 2
    engine.answer()
    assert loop.advance(slid(0.6))
    assert loop.stale
    assert engine.asked[-1].request == slid(0.6)


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [
        (1.1, slid(0.6)),
        (0.0, replace(WANTED, options=with_faces(Options(), 1, 0))),
        (0.0, replace(WANTED, expression="c")),
    ],
)
def test_one_that_takes_too_long_or_shows_something_else_gives_way_at_once(
    loop: PreviewLoop, engine: Engine, clock: Clock, seconds: float, wanted: Edit
) -> None:
    loop.changed()
    clock.now += 0.1
    loop.advance(slid(0.5))
    old = engine.asked[-1]
    loop.changed()
    clock.now += seconds
    loop.advance(wanted)
    assert old in engine.cancelled
    assert engine.asked[-1].request == wanted


def test_one_that_takes_long_but_is_still_wanted_is_waited_for(
    loop: PreviewLoop, engine: Engine, clock: Clock
) -> None:
    loop.changed()
    clock.now += 0.1
    loop.advance(slid(0.5))
    clock.now += 30
    loop.advance(slid(0.5))
    assert len(engine.asked) == 2


def test_after_a_stop_only_what_was_under_way_is_asked_for_again(
    loop: PreviewLoop, engine: Engine, clock: Clock
) -> None:
    loop.stop()
    assert not loop.stale
    clock.now += 1
    loop.advance(WANTED)
    assert len(engine.asked) == 1
    loop.changed()
    clock.now += 1
    loop.advance(slid(0.5))
    loop.stop()
    assert engine.asked[-1] in engine.cancelled
    assert loop.stale
    loop.advance(slid(0.5))
    assert len(engine.asked) == 3


def test_after_a_failure_the_next_turn_asks_again(
    loop: PreviewLoop, engine: Engine, clock: Clock
) -> None:
    loop.changed()
    clock.now += 0.1
    loop.advance(slid(0.5))
    engine.asked[-1].finish(None, HostError("internal", "It broke."))
    with pytest.raises(HostError, match="broke"):
        loop.advance(slid(0.5))
    assert loop.stale
    loop.advance(slid(0.5))
    assert len(engine.asked) == 3


def test_photos_that_are_not_chosen_any_more_are_not_shown(
    loop: PreviewLoop, engine: Engine
) -> None:
    loop.forget()
    assert loop.preview is None
    assert loop.stale
