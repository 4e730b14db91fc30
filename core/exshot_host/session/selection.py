"""The selection as a limit on the mask: read from the editor, sent to the engine once."""

from __future__ import annotations

from exshot_host.adapter import SelectionMask
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest


class SelectionUpload:
    """The selection of the image.

    Attributes:
        photo: name of the mask for the engine; empty where nothing limits.
        x, y: its top left pixel in the image.
    """

    def __init__(self, client: EngineClient) -> None:
        self.photo = ""
        self.x = 0
        self.y = 0
        self._client = client
        self._ticket: PendingRequest | None = None

    @property
    def ready(self) -> bool:
        return self._ticket is None

    def take(self, selection: SelectionMask | None) -> None:
        """Begin to send a selection; None where there is none."""
        self.drop()
        if selection is None:
            return
        width, height, mask = selection.width, selection.height, selection.mask
        if width <= 0 or height <= 0:  # a selection of nothing: a mask of nothing, off the photo
            width, height, mask = 1, 1, b"\0"
        self.x, self.y = selection.x, selection.y
        self._ticket = self._client.submit_photo(width, height, "mask", 8, [mask])

    def advance(self) -> bool:
        """Whether it has just become ready. Raises the `HostError` of a failed transfer."""
        if self._ticket is None or not self._ticket.done:
            return False
        ticket, self._ticket = self._ticket, None
        ticket.result()
        self.photo = ticket.photo
        return True

    def drop(self) -> None:
        """Forget the selection."""
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None
        if self.photo:
            self._client.forget(self.photo)
            self.photo = ""
