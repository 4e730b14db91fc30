"""What becomes of the image when a user makes a layer, or makes one again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from engine.engines import wait_until
from host.fake_host import FakeHost
from host.sessions import apply, settle

from exshot_contract.messages import Edit, Request
from exshot_host.adapter import Patch, SelectionMask
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.errors import HostError
from exshot_host.session.edit_session import EditSession
from exshot_host.session.roles import EXPRESSION, POSE
from exshot_host.session.view import Event, State

# --- Applying -------------------------------------------------------------------------------------


def test_applying_makes_one_layer_above_the_pose(session: EditSession, host: FakeHost) -> None:
    session.open()
    settle(session)
    events = apply(session)
    assert Event.APPLIED in events
    patch = host.patches[0]
    assert [item.name for item in host.image][:3] == ["smile", patch.name, "pose"]
    assert "smile" in patch.name
    assert (patch.x, patch.y, patch.width, patch.height) == (16, 12, 32, 24)
    settle(session)
    assert patch.name in session.view().sentence


def test_applying_before_the_preview_is_there_works(session: EditSession, host: FakeHost) -> None:
    session.open()
    apply(session)
    assert len(host.patches) == 1


def test_a_patch_is_placed_with_the_pose_layers_offset(
    session: EditSession, host: FakeHost
) -> None:
    host.selected = ["smile"]
    session.open()
    apply(session)
    assert (host.patches[0].x, host.patches[0].y) == (5 + 16, 3 + 12)


def test_a_layer_moved_while_the_engine_worked_is_followed(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    session.apply()
    host.find("pose").x = 100
    assert wait_until(lambda: Event.APPLIED in session.poll())
    assert host.patches[0].x == 100 + 16


@pytest.mark.parametrize(
    "choose",
    [
        EditSession.swap,
        lambda session: session.set_layer(POSE, "below"),
        lambda session: session.set_layer(EXPRESSION, "below"),
        lambda session: session.set_face(POSE, 0),
    ],
)
def test_photos_are_not_exchanged_under_an_edit(
    session: EditSession, host: FakeHost, choose: Callable[[EditSession], None]
) -> None:
    session.open()
    settle(session)
    assert session.apply()
    choose(session)
    assert wait_until(lambda: Event.APPLIED in session.poll())
    patch = host.patches[0]
    assert (patch.x, patch.y) == (16, 12)
    names = [item.name for item in host.image]
    assert names.index(patch.name) == names.index("pose") - 1
    assert "smile" in patch.name


def test_a_layer_that_grows_during_the_edit_is_read_again(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    assert session.apply()
    pose = host.find("pose")
    pose.x, pose.width, pose.pixels = -20, 84, pose.pixels[:4] * (84 * 48)
    assert wait_until(lambda: Event.APPLIED in session.poll())
    (patch,) = host.patches
    assert patch.x == -20 + 84 // 4


def test_an_older_layer_is_not_replaced_by_an_edit_that_had_begun(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    apply(session)
    older = host.patches[0].name
    settle(session)
    assert session.apply()
    made = next(item.id for item in host.image if item.name == older)
    assert not session.open_again(made)
    assert wait_until(lambda: Event.APPLIED in session.poll())
    assert host.patches[1].replace is None
    assert made in [item.id for item in host.image]


def test_the_face_of_another_pose_replaces_no_older_layer(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    apply(session)
    made = next(item.id for item in host.image if item.name == host.patches[0].name)
    assert session.open_again(made)
    session.set_layer(POSE, "below")
    assert not session.view().reedit
    apply(session)
    assert host.patches[1].replace is None
    assert made in [item.id for item in host.image]


def test_a_layer_painted_on_is_read_again(session: EditSession, host: FakeHost) -> None:
    session.open()
    settle(session)
    host.paint("pose", bytes([1, 200, 200, 255]) * (64 * 48))
    apply(session)
    assert bytes(host.patches[0].pixels[:4]) == bytes([254, 55, 55, 255])


def test_a_layer_known_to_be_unchanged_is_not_read_again(
    session: EditSession, host: FakeHost
) -> None:
    for item in host.image:
        item.revision = "1"
    session.open()
    settle(session)
    before = len(host.reads)
    apply(session)
    assert len(host.reads) == before


def test_a_selection_limits_the_mask(session: EditSession, host: FakeHost) -> None:
    host.selected_box = SelectionMask(20, 0, 10, 48, b"\x80" * 480)
    session.open()
    settle(session)
    apply(session)
    patch = host.patches[0]
    assert (patch.x, patch.y, patch.width, patch.height) == (20, 12, 10, 24)
    assert set(bytes(patch.mask)) == {0x80}


def test_a_selection_beside_the_face_is_explained(session: EditSession, host: FakeHost) -> None:
    host.selected_box = SelectionMask(0, 0, 4, 4, b"\xff" * 16)
    session.open()
    settle(session)
    assert Event.FAILED in apply(session)
    assert "nothing in the picture would change" in session.view().sentence
    assert host.patches == []


def test_an_option_changed_meanwhile_is_not_what_the_layer_was_made_with(
    session: EditSession, host: FakeHost, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.open()
    session.set_option("strength", 0.5)
    settle(session)
    submit = client.submit

    def changed_meanwhile(request: Request) -> PendingRequest:
        pending = submit(request)
        if isinstance(request, Edit) and request.preview == 0:
            session.set_option("strength", 0.9)
        return pending

    monkeypatch.setattr(client, "submit", changed_meanwhile)
    apply(session)
    made = next(item.id for item in host.image if item.name == host.patches[0].name)
    again = EditSession(host, client, preview_size=64)
    assert again.open_again(made)
    assert again.options.strength == 0.5
    again.close()


def test_an_edit_whose_photo_the_engine_has_lost_is_made_all_the_same(
    session: EditSession, host: FakeHost, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.open()
    settle(session)
    submit, lost = client.submit, [HostError("photo_unknown", "The photo is not known.")]

    def lost_once(request: Request) -> PendingRequest:
        if not (lost and isinstance(request, Edit)):
            return submit(request)
        pending = PendingRequest(request, client.cancel)
        pending.finish(None, lost.pop())
        return pending

    monkeypatch.setattr(client, "submit", lost_once)
    assert Event.APPLIED in apply(session)
    assert len(host.patches) == 1


@pytest.mark.parametrize("moment", ["prepare_patch", "write_patch"])
def test_an_editor_that_handles_its_timer_while_a_layer_is_made_gets_one_layer(
    session: EditSession, host: FakeHost, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    session.open()
    settle(session)
    make = getattr(host, moment)

    def with_events(patch: Patch) -> object:
        session.poll()
        return make(patch)

    monkeypatch.setattr(host, moment, with_events)
    assert Event.APPLIED in apply(session)
    assert len(host.patches) == 1


@pytest.mark.parametrize("moment", ["prepare_patch", "open_layer"])
def test_a_dialog_that_is_closed_while_the_editor_works_for_it_stops_there(
    host: FakeHost, client: EngineClient, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    session = EditSession(host, client, preview_size=64)
    session.open()
    settle(session)
    work = getattr(host, moment)

    def while_it_closes(thing: object) -> object:
        done = work(thing)
        session.close()
        return done

    monkeypatch.setattr(host, moment, while_it_closes)
    session.apply()
    for _ in range(100):
        session.poll()
        time.sleep(0.005)
    assert host.patches == []
    assert host.open_readers == 0


def test_cancelling_an_edit_changes_nothing(session: EditSession, host: FakeHost) -> None:
    session.open()
    settle(session)
    session.set_option("strength", 1.5)
    assert session.apply()
    assert wait_until(lambda: (session.poll(), session.view().share or 0)[1] > 0.5)
    session.cancel()
    assert session.view().state is not State.APPLYING
    session.poll()
    assert host.patches == []
    session.set_option("strength", 1.0)
    apply(session)
    assert len(host.patches) == 1


def test_a_layer_deleted_during_an_edit_is_explained(session: EditSession, host: FakeHost) -> None:
    session.open()
    settle(session)
    session.apply()
    host.image = [item for item in host.image if item.name != "pose"]
    assert wait_until(lambda: Event.FAILED in session.poll())
    assert host.patches == []
    assert session.view().sentence


def test_a_batch_returns_the_layer(session: EditSession, host: FakeHost) -> None:
    session.open()
    made = session.run()
    assert host.find(made).note is not None
    assert host.shown_progress


# --- Different people -----------------------------------------------------------------------------

STRANGERS = 1.1  # the strength at which the fake engine takes the faces for two people's


def test_apply_asks_once_whether_both_faces_are_one_persons(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    session.set_option("strength", STRANGERS)
    settle(session)
    assert session.view().warning == "They may be two people."
    before = len(host.image)
    assert not session.apply()
    settle(session)
    assert "press Apply once more" in session.view().sentence
    assert len(host.image) == before
    assert Event.APPLIED in apply(session)
    assert len(host.image) == before + 1


def test_apply_asks_also_when_the_user_did_not_wait_for_the_preview(session: EditSession) -> None:
    session.open()
    settle(session)
    session.set_option("strength", STRANGERS)
    assert session.apply()
    events = settle(session)
    assert Event.APPLIED not in events
    assert "press Apply once more" in session.view().sentence
    assert Event.APPLIED in apply(session)


def test_apply_asks_again_for_other_layers(session: EditSession) -> None:
    session.open()
    session.set_option("strength", STRANGERS)
    settle(session)
    assert not session.apply()
    session.set_layer(EXPRESSION, "below")
    settle(session)
    assert not session.apply()


def test_a_script_is_not_asked(session: EditSession, host: FakeHost) -> None:
    session.open()
    session.set_option("strength", STRANGERS)
    assert session.run(timeout=20) in {made.id for made in host.layers()}


# --- Editing again --------------------------------------------------------------------------------


def test_an_exshot_layer_can_be_edited_again(host: FakeHost, client: EngineClient) -> None:
    first = EditSession(host, client, preview_size=64)
    first.open()
    first.set_option("strength", 0.5)
    made = first.run()
    first.close()
    host.settings = None
    host.selected = [made]
    again = EditSession(host, client, preview_size=64)
    assert again.open_again(made)
    assert again.view().reedit
    assert again.options.strength == 0.5
    again.set_option("strength", 0.8)
    new = again.run()
    again.close()
    names = [item.id for item in host.image]
    assert names == ["smile", new, "pose", "below"]


def test_a_layer_of_someone_else_cannot_be_edited_again(session: EditSession) -> None:
    assert not session.open_again("pose")
    assert session.view().state is State.FAILED
    assert "not made by ExShot" in session.view().sentence


def test_editing_again_finds_the_layers_of_a_reopened_file_by_name(
    host: FakeHost, client: EngineClient
) -> None:
    first = EditSession(host, client)
    first.open()
    made = first.run()
    first.close()
    for number, item in enumerate(host.image):
        item.id = f"new{number}"
    again = EditSession(host, client)
    assert again.open_again("new1"), made
    chosen = again.view().pose.layer
    assert chosen is not None
    assert chosen.name == "pose"
    again.close()
