"""What a dialog shows, from how a session stands."""

from __future__ import annotations

from collections.abc import Sequence

from exshot_host import matching, texts
from exshot_host.host import LayerInfo
from exshot_host.outcome import Outcome
from exshot_host.photo_pair import EXPRESSION, POSE, PhotoPair
from exshot_host.preview_loop import PreviewLoop
from exshot_host.texts import Translator
from exshot_host.view import State, View
from exshot_host.work import Work


def new_view(
    say: Translator,
    layers: Sequence[LayerInfo],
    pair: PhotoPair,
    previews: PreviewLoop,
    work: Work,
    outcome: Outcome,
    *,
    reedit: bool,
) -> View:
    """The view of this moment; ``layers``: all of the image, ``reedit`` as in `View`."""
    state, sentence, hint = _status(say, layers, pair, work, outcome)
    failure, preview = outcome.failure, previews.preview
    notices = preview.report.warnings if preview is not None else ()
    may_retry = failure is not None and failure.code != "no_face" and pair.complete
    return View(
        state=state,
        sentence=sentence,
        hint=hint,
        details=failure.details if failure is not None else "",
        warning=" ".join(say.notice(notice.code, notice.sentence) for notice in notices),
        share=work.share(state),
        layers=matching.candidates(layers),
        pose=pair.view(POSE),
        expression=pair.view(EXPRESSION),
        preview=preview,
        stale=previews.stale,
        can_apply=state in (State.READY, State.WORKING) or may_retry,
        can_cancel=state in (State.WORKING, State.APPLYING),
        reedit=reedit,
    )


def _status(
    say: Translator, layers: Sequence[LayerInfo], pair: PhotoPair, work: Work, outcome: Outcome
) -> tuple[State, str, str]:
    """State, sentence and hint."""
    if outcome.failure is not None:
        return State.FAILED, outcome.failure.sentence, outcome.failure.hint
    if not pair.complete:
        if not layers:
            return State.BLOCKED, say(texts.NO_IMAGE), ""
        return State.BLOCKED, say(texts.ONE_LAYER), say(texts.ONE_LAYER_HINT)
    if work.making:
        return State.APPLYING, say(work.step), ""
    if outcome.paused:
        return State.READY, "", ""
    if work.step:
        return State.WORKING, say(work.step), ""
    if outcome.said:
        return State.READY, outcome.said, ""
    if pair.undecided and not pair.picked:
        return State.READY, "", say(texts.SEVERAL_FACES_HINT)
    return State.READY, say(texts.READY), ""
