"""Whether the user sees the new layer: where it goes, and what is said where something hides it."""

from __future__ import annotations

import pytest
from host.fake_host import FakeHost
from host.sessions import apply, settle

from exshot_host.session.edit_session import EditSession


def test_a_second_layer_goes_above_the_first_one(session: EditSession, host: FakeHost) -> None:
    session.open()
    apply(session)
    session.set_option("strength", 0.5)
    apply(session)
    assert [item.id for item in host.image] == ["smile", "made2", "made1", "pose", "below"]


def test_what_was_made_of_another_photo_stays_above(session: EditSession, host: FakeHost) -> None:
    session.open()
    apply(session)
    earlier = host.find("made1")
    earlier.note = (earlier.note or "").replace(
        '"id":"pose","name":"pose"', '"id":"","name":"below"'
    )
    apply(session)
    assert [item.id for item in host.image] == ["smile", "made1", "made2", "pose", "below"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"visible": False}, ""),
        ({"x": 0, "y": 0}, "“smile” lies above it: hide that where it covers the new face."),
        ({"x": 40}, ""),
        ({"x": 0, "y": 0, "mixed": True}, ""),
    ],
    ids=["hidden", "covers", "beside", "adjusts"],
)
def test_a_layer_that_hides_the_new_one_is_named(
    session: EditSession, host: FakeHost, change: dict[str, int], told: str
) -> None:
    for key, value in change.items():
        setattr(host.find("smile"), key, value)
    session.open()
    apply(session)
    settle(session)
    assert session.unseen == told
    assert session.view().sentence == f"The layer “Expression of smile” was added. {told}".strip()


def test_a_hidden_pose_layer_is_told(session: EditSession, host: FakeHost) -> None:
    host.find("pose").visible = False
    session.open()
    apply(session)
    assert session.unseen == "Its pose layer “pose” is hidden: show that, too."
