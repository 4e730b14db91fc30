"""What a user is told when the editor or the engine fails, and how work goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine.engines import wait_until
from host.fake_host import FakeHost
from host.sessions import apply, brightness, layer, settle

from exshot_contract.messages import Request
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.errors import HostError
from exshot_host.session.edit_session import EditSession
from exshot_host.session.roles import EXPRESSION, POSE
from exshot_host.session.view import Event, State


def test_a_failing_editor_is_told_in_a_sentence(session: EditSession, host: FakeHost) -> None:
    host.fail_reading = RuntimeError("no such buffer")
    session.open()
    settle(session, State.FAILED)
    assert "FakeEdit could not do this: no such buffer" in session.view().sentence
    host.fail_reading = None
    session.set_option("strength", 0.9)
    settle(session)


def test_an_editors_own_refusal_is_shown(session: EditSession, host: FakeHost) -> None:
    host.fail_reading = HostError("unsupported_mode", "The image is indexed.", "Convert it.")
    session.open()
    settle(session, State.FAILED)
    assert (session.view().sentence, session.view().hint) == (
        "The image is indexed.",
        "Convert it.",
    )


def test_an_engine_killed_in_the_middle_is_replaced_and_told(
    session: EditSession, client: EngineClient, kill_engine: Callable[[EngineClient], None]
) -> None:
    session.open()
    settle(session)
    assert "starts again" not in session.view().sentence
    session.set_option("strength", 0.3)
    session.poll()
    kill_engine(client)
    settle(session)
    assert brightness(session) == 30
    assert "starts again" in session.view().sentence
    session.set_option("strength", 0.5)
    settle(session)
    assert "starts again" not in session.view().sentence


def test_an_engine_that_always_dies_is_told_and_the_next_edit_works(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    session.set_option("strength", 1.4)
    settle(session, State.FAILED)
    view = session.view()
    assert "stopped twice" in view.sentence
    assert "SIGKILL" in view.details
    session.set_option("strength", 1.0)
    apply(session)
    assert len(host.patches) == 1


def test_two_photos_lost_at_once_are_told_once(
    session: EditSession, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit reads both layers; an engine that dies then takes both answers with it."""
    session.open()
    settle(session)

    def lost(request: Request) -> PendingRequest:
        pending = PendingRequest(request, client.cancel)
        pending.finish(None, HostError("engine_crashed", "The engine stopped twice."))
        return pending

    with monkeypatch.context() as patched:
        patched.setattr(client, "submit", lost)
        assert Event.FAILED in apply(session)
    session.set_option("strength", 0.4)
    settle(session)
    assert brightness(session) == 40


def test_a_photo_that_engine_and_client_have_lost_is_read_again(
    session: EditSession,
    client: EngineClient,
    host: FakeHost,
    kill_engine: Callable[[EngineClient], None],
) -> None:
    session.open()
    settle(session)
    view = session.view()
    assert view.pose.layer is not None
    for role in (POSE, EXPRESSION):
        photo = session._pair[role]
        assert photo is not None
        client.forget(photo.name)
    kill_engine(client)
    before = len(host.reads)
    session.set_option("strength", 0.6)
    settle(session)
    assert brightness(session) == 60
    assert len(host.reads) == before + 2


def test_an_image_that_is_closed_blocks_and_another_one_works(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    session.apply()
    host.image, host.selected = [], []
    assert wait_until(lambda: Event.FAILED in session.poll())
    session.refresh()
    session.poll()
    assert session.view().state is State.BLOCKED
    assert session.view().sentence == "Open an image to begin."
    host.image = [layer("one"), layer("another")]
    session.refresh()
    settle(session)
    apply(session)


def test_two_dialogs_share_an_engine(host: FakeHost, client: EngineClient) -> None:
    other_host = FakeHost([layer("left"), layer("right")], selected=["right"])
    first = EditSession(host, client, preview_size=64)
    second = EditSession(other_host, client, preview_size=64)
    first.open()
    second.open()
    settle(first)
    settle(second)
    first.set_option("strength", 0.2)
    second.set_option("strength", 0.4)
    settle(first)
    settle(second)
    assert (brightness(first), brightness(second)) == (20, 40)
    first.close()
    second.close()


def test_closing_in_the_middle_leaves_nothing_open(host: FakeHost, client: EngineClient) -> None:
    for polls in range(6):
        session = EditSession(host, client)
        session.open()
        for _ in range(polls):
            session.poll()
        session.close()
        assert host.open_readers == 0
    assert host.patches == []
