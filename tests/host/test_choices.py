"""Layers, faces and options as a user chooses them: an editor in memory, a real engine process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from engine.engines import wait_until
from host.fake_host import FakeHost
from host.sessions import apply, brightness, layer, settle

from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError
from exshot_host.session.edit_session import EditSession
from exshot_host.session.roles import EXPRESSION, POSE
from exshot_host.session.view import Event, State
from exshot_host.texts.catalogues import Translator

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


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Faces under about 48 pixels"), ("de", "Gesichter unter etwa 48 Pixel"), ("es", "48")],
)
def test_small_faces_that_were_not_looked_for_are_mentioned(
    client: EngineClient, host: FakeHost, language: str, sentence: str
) -> None:
    host.image = [layer("smile"), layer("pose", size=(640, 48))]
    host.selected = ["pose"]
    session = EditSession(host, client, translate=Translator([language]), preview_size=64)
    session.open()
    settle(session)
    assert sentence in session.view().hint
    session.close()
