"""The selection, which limits where an edit may change something: sent to the engine once."""

from __future__ import annotations

from exshot_host.adapter import SelectionMask
from exshot_host.engine.client import EngineClient
from exshot_host.session.steps import Steps, Task, reply_to


class SelectionUpload:
    """The selection of the image as a mask of the engine.

    Attributes:
        name: the mask's name for the engine; empty where nothing limits an edit.
        x, y: its top left pixel in the image.
    """

    def __init__(self, client: EngineClient) -> None:
        self.name = ""
        self.x = 0
        self.y = 0
        self._client = client
        self._task: Task[None] = Task()

    @property
    def ready(self) -> bool:
        return not self._task.running

    def take(self, selection: SelectionMask | None) -> None:
        """Begin to send a selection; None where there is none."""
        self.drop()
        if selection is None:
            return
        if selection.width <= 0 or selection.height <= 0:
            # A selection of nothing: a mask of nothing, off the photo.
            selection = SelectionMask(selection.x, selection.y, 1, 1, b"\0")
        self.x, self.y = selection.x, selection.y
        self._task.start(self._send(selection))

    def advance(self) -> bool:
        """Whether it has just become ready. Raises the `HostError` of a failed transfer."""
        was_ready = self.ready
        self._task.advance()
        return self.ready and not was_ready

    def drop(self) -> None:
        """Forget the selection."""
        self._task.stop()
        if self.name:
            self._client.forget(self.name)
            self.name = ""

    def _send(self, selection: SelectionMask) -> Steps[None]:
        size = (selection.width, selection.height)
        pending = self._client.submit_photo(*size, "mask", 8, [selection.mask])
        yield from reply_to(pending)
        self.name = pending.photo_name
