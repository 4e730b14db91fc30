"""What a plug-in's user sees and does, against an editor in memory and a real engine process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.engines import wait_until
from host.fake_host import FakeHost
from host.sessions import apply, brightness, layer, settle

from exshot_host.client import EngineClient
from exshot_host.errors import HostError
from exshot_host.host import SelectionMask
from exshot_host.protocol import Request
from exshot_host.session import EXPRESSION, POSE, EditSession
from exshot_host.ticket import Ticket
from exshot_host.view import Event, State

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


# --- Choosing layers ------------------------------------------------------------------------------


def test_opening_takes_the_active_layer_and_the_one_above(session: EditSession) -> None:
    session.open()
    events = settle(session)
    view = session.view()
    assert view.pose.layer is not None
    assert view.expression.layer is not None
    assert (view.pose.layer.name, view.expression.layer.name) == ("pose", "smile")
    assert view.preview is not None
    assert view.can_apply
    assert {Event.LAYERS, Event.FACES, Event.PREVIEW, Event.STATUS} <= set(events)


def test_a_second_selected_layer_is_the_expression(session: EditSession, host: FakeHost) -> None:
    host.selected = ["pose", "below"]
    session.open()
    chosen = session.view().expression.layer
    assert chosen is not None
    assert chosen.name == "below"


def test_the_topmost_layer_takes_the_one_below(session: EditSession, host: FakeHost) -> None:
    host.selected = ["smile"]
    session.open()
    chosen = session.view().expression.layer
    assert chosen is not None
    assert chosen.name == "pose"


@pytest.mark.parametrize(
    ("names", "sentence"), [([], "Open an image"), (["pose"], "two photo layers")]
)
def test_too_few_layers_are_explained(
    session: EditSession, host: FakeHost, names: list[str], sentence: str
) -> None:
    host.image = [layer(name) for name in names]
    host.selected = names
    session.open()
    session.poll()
    view = session.view()
    assert view.state is State.BLOCKED
    assert sentence in view.sentence
    assert not view.can_apply
    assert not session.apply()


def test_a_layer_added_later_unblocks(session: EditSession, host: FakeHost) -> None:
    host.image = [layer("pose")]
    session.open()
    session.poll()
    host.image.insert(0, layer("smile"))
    session.refresh()
    settle(session)


def test_choosing_the_other_roles_layer_swaps(session: EditSession) -> None:
    session.open()
    settle(session)
    session.set_layer(POSE, "smile")
    view = session.view()
    assert view.pose.layer is not None
    assert view.expression.layer is not None
    assert (view.pose.layer.name, view.expression.layer.name) == ("smile", "pose")
    settle(session)


def test_swapping_reads_nothing_again(session: EditSession, host: FakeHost) -> None:
    session.open()
    settle(session)
    before = len(host.reads)
    session.swap()
    settle(session)
    assert len(host.reads) == before


def test_layers_made_by_exshot_are_no_candidates(session: EditSession) -> None:
    session.open()
    settle(session)
    apply(session)
    assert [info.name for info in session.view().layers] == ["smile", "pose", "below"]


def test_a_deleted_layer_is_replaced_by_another(session: EditSession, host: FakeHost) -> None:
    session.open()
    settle(session)
    host.image = [item for item in host.image if item.name != "smile"]
    session.refresh()
    settle(session)
    chosen = session.view().expression.layer
    assert chosen is not None
    assert chosen.name == "below"


# --- Faces ----------------------------------------------------------------------------------------


def test_a_layer_without_a_face_is_named(session: EditSession, host: FakeHost) -> None:
    host.image[0] = layer("smile", faces=0)
    session.open()
    events = settle(session, State.FAILED)
    assert Event.FAILED in events
    assert "no face in the layer “smile”" in session.view().sentence
    assert session.view().hint


def test_another_layer_after_one_without_a_face_works(session: EditSession, host: FakeHost) -> None:
    host.image[0] = layer("smile", faces=0)
    session.open()
    settle(session, State.FAILED)
    session.set_layer(EXPRESSION, "below")
    settle(session)


def test_several_faces_can_be_picked(session: EditSession, host: FakeHost) -> None:
    host.image[0] = layer("smile", faces=3)
    session.open()
    settle(session)
    view = session.view()
    assert view.expression.faces is not None
    assert len(view.expression.faces) == 3
    assert view.expression.face == 0
    assert len(view.expression.face_picture(1)) == view.expression.thumbnail**2 * 3
    assert "Click the face" in view.hint
    session.set_face(EXPRESSION, 2)
    settle(session)
    preview = session.view().preview
    assert preview is not None
    assert preview.report.expression_face == 2


def test_a_batch_refuses_to_guess_among_several_faces(session: EditSession, host: FakeHost) -> None:
    host.image[0] = layer("smile", faces=2)
    session.open()
    with pytest.raises(HostError) as caught:
        session.run()
    assert caught.value.code == "several_faces"
    assert host.patches == []


def test_a_batch_takes_the_faces_it_is_told(session: EditSession, host: FakeHost) -> None:
    host.image[0] = layer("smile", faces=2)
    session.open()
    session.set_face(EXPRESSION, 1)  # before anything is known about the faces
    session.run()
    assert json.loads(host.patches[0].note)["expression_face"] == 1


# --- Options and previews -------------------------------------------------------------------------


def test_a_slider_changes_the_preview(session: EditSession) -> None:
    session.open()
    settle(session)
    session.set_option("strength", 0.5)
    assert session.view().stale
    settle(session)
    assert brightness(session) == 50


def test_a_slider_that_moves_all_the_time_still_shows_pictures(session: EditSession) -> None:
    session.open()
    settle(session)
    seen = set()
    strength = iter(range(10_000))

    def moving() -> bool:
        session.set_option("strength", (next(strength) % 100) / 100)
        for _ in range(20):
            if Event.PREVIEW in session.poll():
                seen.add(brightness(session))
        return len(seen) > 3

    assert wait_until(moving)
    session.set_option("strength", 0.77)
    settle(session)
    assert brightness(session) == 77


def test_values_out_of_range_are_ignored(session: EditSession) -> None:
    session.open()
    session.set_option("strength", 7.0)
    session.set_option("gaze", "nowhere")
    session.set_option("color_match", 1.0)
    assert session.options == type(session.options)()


def test_options_are_remembered(host: FakeHost, client: EngineClient) -> None:
    first = EditSession(host, client)
    first.open()
    first.set_option("regions.mouth", 0.25)
    first.close()
    second = EditSession(host, client)
    second.open()
    assert second.options.regions.mouth == 0.25
    second.reset_options()
    assert second.options.regions.mouth == 1.0
    second.close()


def test_looking_at_an_old_layer_does_not_change_what_is_remembered(
    host: FakeHost, client: EngineClient
) -> None:
    first = EditSession(host, client)
    first.open()
    first.set_option("strength", 0.5)
    made = first.run()
    first.reset_options()
    first.close()
    again = EditSession(host, client)
    assert again.open_again(made)
    again.close()
    EditSession(host, client).close()
    last = EditSession(host, client)
    last.open()
    assert last.options.strength == 1.0
    last.close()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"options": {"strength": "x", "feather": 9}}'])
def test_damaged_settings_are_defaults(host: FakeHost, client: EngineClient, text: str) -> None:
    host.settings = text
    session = EditSession(host, client)
    session.open()
    assert session.options == type(session.options)()
    session.close()


def test_settings_go_to_a_file_where_the_editor_keeps_none(
    host: FakeHost, client: EngineClient, tmp_path: Path
) -> None:
    host.keeps_settings = False
    session = EditSession(host, client)
    session.open()
    session.set_option("feather", 0.2)
    session.close()
    stored = json.loads((tmp_path / "exshot" / "settings.json").read_text(encoding="utf-8"))
    assert stored["options"]["feather"] == 0.2


def test_warnings_are_one_line(session: EditSession) -> None:
    session.open()
    settle(session)
    assert session.view().warning == "The light differs."


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


# --- When something goes wrong --------------------------------------------------------------------


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

    def lost(request: Request) -> Ticket:
        ticket = Ticket(request, client.cancel)
        ticket.finish(None, HostError("engine_crashed", "The engine stopped twice."))
        return ticket

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
        client.forget(photo.photo)
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
