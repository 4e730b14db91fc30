"""What a dialog shows, from how a session stands."""

from __future__ import annotations

from collections.abc import Sequence

from exshot_host.adapter import LayerInfo
from exshot_host.session import first_choice
from exshot_host.session.outcome import Outcome
from exshot_host.session.photo_pair import PhotoPair
from exshot_host.session.preview import PreviewLoop
from exshot_host.session.roles import EXPRESSION, POSE
from exshot_host.session.scheduling import Scheduler
from exshot_host.session.view import State, View
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator


def new_view(
    say: Translator,
    layers: Sequence[LayerInfo],
    pair: PhotoPair,
    previews: PreviewLoop,
    scheduler: Scheduler,
    outcome: Outcome,
    *,
    reedit: bool,
) -> View:
    """The view of this moment; ``layers``: all of the image, ``reedit`` as in `View`."""
    state, sentence, hint = _status(say, layers, pair, scheduler, outcome)
    failure, preview = outcome.failure, previews.preview
    notices = preview.report.warnings if preview is not None else ()
    may_retry = failure is not None and failure.code != "no_face" and pair.complete
    return View(
        state=state,
        sentence=sentence,
        hint=hint,
        details=failure.details if failure is not None else "",
        warning=" ".join(say.notice(notice.code, notice.sentence) for notice in notices),
        share=scheduler.share(state),
        layers=first_choice.candidates(layers),
        pose=pair.view(POSE),
        expression=pair.view(EXPRESSION),
        preview=preview,
        stale=previews.stale,
        can_apply=state in (State.READY, State.WORKING) or may_retry,
        can_cancel=state in (State.WORKING, State.APPLYING),
        reedit=reedit,
    )


def _status(
    say: Translator,
    layers: Sequence[LayerInfo],
    pair: PhotoPair,
    scheduler: Scheduler,
    outcome: Outcome,
) -> tuple[State, str, str]:
    """State, sentence and hint."""
    if outcome.failure is not None:
        return State.FAILED, outcome.failure.sentence, outcome.failure.hint
    if not pair.complete:
        if not layers:
            return State.BLOCKED, say(texts.NO_IMAGE), ""
        return State.BLOCKED, say(texts.ONE_LAYER), say(texts.ONE_LAYER_HINT)
    if scheduler.making:
        return State.APPLYING, say(scheduler.step), ""
    if outcome.paused:
        return State.READY, "", ""
    if scheduler.step:
        return State.WORKING, say(scheduler.step), ""
    if outcome.said:
        return State.READY, outcome.said, ""
    if pair.undecided and not pair.picked:
        return State.READY, "", say(texts.SEVERAL_FACES_HINT)
    small_faces = _small_faces(say, pair)
    return State.READY, "" if small_faces else say(texts.READY), small_faces


def _small_faces(say: Translator, pair: PhotoPair) -> str:
    """That faces much smaller than the largest were not looked for; empty where all were."""
    widths = [photo.faces.left_out_below for _, photo in pair.chosen if photo.faces is not None]
    width = max(widths, default=0.0)
    return say(texts.SMALL_FACES_HINT).format(width=round(width)) if width else ""
