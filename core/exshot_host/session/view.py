"""What a dialog or docker shows at one moment, and what has just happened."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from exshot_contract.messages import FaceInfo, FacesResult, PreviewResult
from exshot_contract.wire import Buffer
from exshot_host.adapter import LayerInfo


class State(enum.Enum):
    """Where a session is."""

    BLOCKED = "blocked"  # the user has to open or choose something; `View.sentence` says what
    WORKING = "working"  # reading, finding faces, making a preview: `View.step`
    READY = "ready"  # the preview shows the current choices
    APPLYING = "applying"  # the layer is being made
    FAILED = "failed"  # `View.sentence` says why; any change of a choice tries again


class Event(enum.Enum):
    """What `EditSession.poll` reports; redraw what it touches."""

    STATUS = "status"  # state, texts, share, or what is enabled
    LAYERS = "layers"  # the list of layers, or which are chosen
    FACES = "faces"  # faces, thumbnails or which are chosen
    PREVIEW = "preview"  # a new preview
    APPLIED = "applied"  # layer or group is in the image: `EditSession.applied_layer`
    NOTHING_BETTER = "nothing better"  # `EditSession.best` had nothing to make: `View.sentence`
    FAILED = "failed"  # something went wrong: `View.sentence`, `View.hint`


@dataclass(frozen=True)
class RoleView:
    """One of the two photos.

    Attributes:
        layer: the chosen layer, None where there is none.
        faces: its faces, the largest first; None while they are not known.
        face: index of the chosen face, None while unknown.
        thumbnail: side of `face_picture`'s squares.
    """

    layer: LayerInfo | None
    faces: tuple[FaceInfo, ...] | None
    face: int | None
    thumbnail: int
    result: FacesResult | None

    @property
    def chosen_face(self) -> FaceInfo | None:
        """The face that is meant, once it is known."""
        known = self.faces is not None and self.face is not None and self.face < len(self.faces)
        return self.faces[self.face] if known else None  # type: ignore[index]

    def face_picture(self, index: int) -> Buffer:
        """``thumbnail * thumbnail * 3`` RGB bytes of a face; empty where there are none."""
        return self.result.thumbnail_of(index) if self.result is not None else b""


@dataclass(frozen=True)
class View:
    """Everything a dialog shows; all texts are in the user's language.

    Attributes:
        state: see `State`.
        sentence, hint: the status line; for `State.FAILED` and `State.BLOCKED` why and what to do.
        details: for a bug report; empty unless something failed.
        warning: one line on the quality of the result; empty where there is none.
        share: how far the current step is, in [0, 1]; None where that is unknown or nothing runs.
        layers: candidates for both choosers, topmost first.
        pose, expression: the two photos.
        preview: the newest preview; kept while the next one is made.
        stale: the preview does not show the current choices yet.
        can_apply, can_cancel: whether these buttons are enabled.
        reedit: a layer is being edited again, not made.
    """

    state: State
    sentence: str
    hint: str
    details: str
    warning: str
    share: float | None
    layers: tuple[LayerInfo, ...]
    pose: RoleView
    expression: RoleView
    preview: PreviewResult | None
    stale: bool
    can_apply: bool
    can_cancel: bool
    reedit: bool
