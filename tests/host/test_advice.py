"""Suggest and Best of Sequence, as a plug-in's user meets them; the engine's advice is made up."""

from __future__ import annotations

import threading

import pytest
from engine.engines import wait_until
from host.fake_host import FakeHost
from host.sessions import apply, layer, settle

from exshot_contract.messages import (
    Edit,
    FaceSuggestion,
    Request,
    SamePerson,
    Suggest,
    SuggestResult,
)
from exshot_contract.options import Options, with_faces
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.errors import HostError, RequestStoppedError
from exshot_host.session.best import best_of_sequence
from exshot_host.session.edit_session import EditSession
from exshot_host.session.roles import EXPRESSION, POSE
from exshot_host.session.view import Event, State
from exshot_host.texts.catalogues import Translator

SMILES = ("eyes_open", "smiling")


class Adviser:
    """Answers `Suggest` in the engine's place, and keeps what was asked.

    ``better`` has for each face of the base the numbers of a photo among those asked about, and of
    a face in it; ``base`` is the number of the photo to start from where the question names none.
    """

    def __init__(self, client: EngineClient) -> None:
        self.asked: list[Suggest] = []
        self.edits: list[Edit] = []
        self.better: dict[int, tuple[int, int]] = {}
        self.base = 0
        self._client, self._submit = client, client.submit

    def submit(self, request: Request) -> PendingRequest:
        if isinstance(request, Edit) and not request.preview:
            self.edits.append(request)
        if not isinstance(request, Suggest):
            return self._submit(request)
        self.asked.append(request)
        suggestions = [
            FaceSuggestion(face, request.photos[photo], other, 0.9 - face / 10, SMILES)
            for face, (photo, other) in self.better.items()
        ]
        pending = PendingRequest(request, self._client.cancel)
        base = request.base or request.photos[self.base]
        pending.finish(SuggestResult(base, tuple(suggestions)))
        return pending


@pytest.fixture
def adviser(client: EngineClient, monkeypatch: pytest.MonkeyPatch) -> Adviser:
    made = Adviser(client)
    monkeypatch.setattr(client, "submit", made.submit)
    return made


@pytest.fixture
def group(host: FakeHost) -> FakeHost:
    """Three photos of three people each: ``smile`` above, ``pose``, ``below``."""
    host.image[:] = [layer(name, faces=3) for name in ("smile", "pose", "below")]
    return host


def finish(session: EditSession) -> set[Event]:
    """Poll until Best of Sequence is over; what happened."""
    events: set[Event] = set()

    def over() -> bool:
        events.update(session.poll())
        return bool(events & {Event.APPLIED, Event.NOTHING_BETTER, Event.FAILED})

    assert wait_until(over), session.view()
    return events


# --- Suggest --------------------------------------------------------------------------------------


def test_a_suggestion_fills_the_chooser_and_says_why(
    adviser: Adviser, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (2, 0)}
    assert session.suggest()
    assert session.view().state is State.WORKING
    settle(session)
    view = session.view()
    assert len(adviser.asked[0].photos) == 3
    assert view.pose.layer is not None
    assert view.pose.layer.id == "pose"
    assert view.expression.layer is not None
    assert view.expression.layer.id == "below"
    assert view.sentence == "Suggested: the expression of “below” (eyes open, smiling)."


def test_where_nothing_is_better_that_is_said(session: EditSession) -> None:
    session.open()
    settle(session)
    chosen = session.view().expression.layer
    assert session.suggest()
    settle(session)
    assert session.view().sentence == "Every face is at its best in “pose”."
    assert session.view().expression.layer == chosen


def test_a_suggestion_can_be_stopped_and_needs_two_photos(
    session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    session.suggest()
    assert session.suggesting
    chosen = session.view().expression.layer
    session.cancel()
    assert not session.suggesting
    settle(session)
    view = session.view()
    assert (view.stale, view.sentence) == (False, "Ready"), "the preview did not go on"
    assert view.expression.layer == chosen
    host.image[:] = [host.find("pose")]
    session.refresh()
    assert not session.suggest()


def test_what_the_user_chooses_during_a_suggestion_stays(
    adviser: Adviser, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (0, 0)}
    assert session.suggest()
    session.set_layer(EXPRESSION, "below")
    assert not session.suggesting
    settle(session)
    chosen = session.view().expression.layer
    assert chosen is not None
    assert chosen.id == "below"


def test_a_deleted_layer_does_not_stop_a_suggestion(
    adviser: Adviser, session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    host.image.remove(host.find("below"))
    assert session.suggest()
    settle(session)
    assert len(adviser.asked[0].photos) == 2


def test_apply_during_a_suggestion_makes_the_layer_of_what_is_chosen(
    adviser: Adviser, session: EditSession, host: FakeHost
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (2, 0)}
    assert session.suggest()
    session.poll()
    apply(session)
    assert [patch.name for patch in host.patches] == ["Expression of smile"]


def test_each_press_is_for_the_next_face(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (0, 1), 2: (2, 2)}
    seen = []
    for _ in range(3):
        session.suggest()
        settle(session)
        seen.append((session.view().pose.face, session.view().expression.face))
    assert seen == [(0, 1), (2, 2), (0, 1)]
    assert "Press Suggest again" in session.view().sentence


def test_the_face_that_the_user_chose_comes_first(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (0, 1), 2: (2, 2)}
    session.set_face(POSE, 2)
    session.suggest()
    settle(session)
    assert (session.view().pose.face, session.view().expression.face) == (2, 2)
    session.suggest()
    settle(session)
    assert session.view().pose.face == 0
    session.set_face(POSE, 2)
    session.suggest()
    settle(session)
    assert session.view().pose.face == 2
    assert not any(question.same for question in adviser.asked), "nobody chose an expression"


def test_a_chosen_face_that_is_at_its_best_is_told_apart_from_all(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {2: (0, 1)}
    session.set_face(POSE, 1)
    session.suggest()
    settle(session)
    sentence = session.view().sentence
    assert sentence == "This face is at its best in “pose”. Press Suggest again for the next face."
    assert session.view().pose.face == 1
    session.suggest()
    settle(session)
    assert session.view().pose.face == 2


def test_a_face_chosen_in_the_expression_layer_corrects_the_match(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {1: (2, 0)}
    session.set_face(POSE, 1)
    session.set_face(EXPRESSION, 2)
    session.suggest()
    settle(session)
    question = adviser.asked[0]
    smile, pose, _ = question.photos
    said = SamePerson(pose, 1, smile, 2)
    assert question.same == (said,)
    session.suggest()
    settle(session)
    assert adviser.asked[1].same == (said,), "what was suggested is nothing that the user said"
    session.set_layer(EXPRESSION, "smile")
    settle(session)
    session.set_face(POSE, 1)
    session.set_face(EXPRESSION, 0)
    session.suggest()
    settle(session)
    assert adviser.asked[2].same == (SamePerson(pose, 1, smile, 0), said), "the newest counts"


# --- Best of Sequence -----------------------------------------------------------------------------


def test_best_makes_one_group_as_one_step(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    before = [item.id for item in group.image]
    adviser.base, adviser.better = 1, {0: (0, 1), 2: (2, 2)}
    assert session.best()
    view = session.view()
    assert (view.state, view.can_cancel, view.can_apply) == (State.APPLYING, True, False)
    assert Event.APPLIED in finish(session)
    assert adviser.asked[0].base == ""
    assert [edit.options for edit in adviser.edits] == [
        with_faces(Options(), 0, 1),
        with_faces(Options(), 2, 2),
    ]
    names = [item.name for item in group.image]
    new = ["Expression of below", "Expression of smile", "pose"]
    assert names == ["Best of sequence", *new, "smile", "pose", "below"]
    assert session.applied_layer == group.image[0].id
    settle(session)
    sentence = "A group was added: “pose” with the best faces of the others (2)."
    assert session.view().sentence == sentence
    group.undo()
    assert [item.id for item in group.image] == before


def test_where_every_face_is_at_its_best_the_user_is_told_and_nothing_is_made(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.base = 2
    session.best()
    events = finish(session)
    assert Event.NOTHING_BETTER in events
    assert Event.FAILED not in events
    assert session.said == "Every face is at its best in “below”."
    settle(session)
    assert session.view().sentence == session.said
    assert len(group.image) == 3


def test_best_uses_what_the_user_said_about_who_is_who(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    session.set_face(EXPRESSION, 2)
    session.best()
    finish(session)
    smile, pose, _ = adviser.asked[0].photos
    assert adviser.asked[0].same == (SamePerson(pose, 0, smile, 2),)


@pytest.mark.parametrize("polls", [0, 1, 3, 6, 10, 20])
def test_best_can_be_cancelled_at_any_moment(
    adviser: Adviser, group: FakeHost, session: EditSession, polls: int
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (1, 1), 2: (2, 2)}
    session.best()
    for _ in range(polls):
        if Event.APPLIED in session.poll():
            pytest.skip("it was quicker")
    session.cancel()
    settle(session)
    assert len(group.image) == 3
    assert group.patches == []
    assert session.best()
    assert Event.APPLIED in finish(session)


def test_best_says_what_went_wrong_and_changes_nothing(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.better = {0: (1, 1)}
    session.best()
    group.image = [item for item in group.image if item.name != "smile"]
    assert Event.FAILED in finish(session)
    assert session.view().state is State.FAILED
    assert len(group.image) == 2


def test_a_base_that_moves_meanwhile_takes_its_patches_along(
    adviser: Adviser, group: FakeHost, session: EditSession
) -> None:
    session.open()
    settle(session)
    adviser.base, adviser.better = 1, {0: (0, 1)}
    session.best()
    assert wait_until(lambda: session.poll() is not None and bool(adviser.edits))
    group.find("pose").x = 100
    finish(session)
    (patch,) = group.patches
    assert (patch.x, patch.y) == (116, 12)


def test_a_script_waits_for_best_and_may_name_the_base(
    adviser: Adviser, group: FakeHost, client: EngineClient
) -> None:
    adviser.better = {1: (0, 0)}
    made = best_of_sequence(group, client, Translator(["C"]), base="below")
    assert made.base.id == "below"
    assert made.faces == 1
    assert made.group == group.image[0].id
    shares = [share for share, _ in group.shown_progress]
    assert shares == sorted(shares)
    with pytest.raises(HostError, match="not in the image"):
        best_of_sequence(group, client, Translator(["C"]), base="gone")


def test_a_script_can_stop_best(adviser: Adviser, group: FakeHost, client: EngineClient) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(RequestStoppedError):
        best_of_sequence(group, client, Translator(["C"]), cancel=stop)
    assert len(group.image) == 3
    assert group.open_readers == 0
