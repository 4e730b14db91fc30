"""A layer on its way to the engine: read in bands, sent, its faces found."""

from __future__ import annotations

import time

from exshot_contract.messages import CHANNELS, Faces, FacesResult
from exshot_contract.wire import Buffer
from exshot_host.adapter import EditorHost, LayerInfo, LayerReader
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.errors import HostError

_BAND_BYTES = 4 << 20


class LayerUpload:
    """One layer as a photo of the engine. `advance` does a few milliseconds of work at a time.

    Attributes:
        layer: which layer, as it was when reading began.
        order, depth: of its pixels, known once it is read.
        photo: its name for the engine; empty until it is sent.
        faces: its faces; None until they are found.
        step: ``"read"``, ``"send"``, ``"faces"``, ``"ready"`` or ``"failed"``.
        error: why it failed.
    """

    def __init__(self, host: EditorHost, client: EngineClient, layer: LayerInfo) -> None:
        self.layer = layer
        self.order = ""
        self.depth = 0
        self.photo = ""
        self.faces: FacesResult | None = None
        self.step = "read"
        self.error: HostError | None = None
        self._host = host
        self._client = client
        self._reader: LayerReader | None = None
        self._bands: list[Buffer] = []
        self._row = 0
        self._ticket: PendingRequest | None = None

    @property
    def ready(self) -> bool:
        return self.step == "ready"

    @property
    def failed(self) -> bool:
        """It went wrong, be it that `advance` has not looked yet."""
        lost = self._ticket is not None and self._ticket.done and self._ticket.error is not None
        return lost or self.step == "failed"

    @property
    def share(self) -> float:
        """How much of it is done, roughly, in [0, 1]."""
        if self.step == "read":
            return 0.4 * self._row / max(self.layer.height, 1)
        return {"send": 0.4, "faces": 0.6}.get(self.step, 1.0)

    def advance(self, budget: float, thumbnail: int) -> bool:
        """Work for about ``budget`` seconds; whether ``step`` changed.

        Raises:
            Exception: whatever the editor's adapter raised while it read the layer.
        """
        before = self.step
        if self.step == "read":
            self._read(budget)
        elif self._ticket is not None and self._ticket.done:
            self._settle(self._ticket, thumbnail)
        return self.step != before

    def reread(self, layer: LayerInfo) -> None:
        """Read the pixels again; faces that are known stay until the new ones are found."""
        self.drop()
        self.layer, self.step, self.error = layer, "read", None

    def drop(self, *, release: bool = False) -> None:
        """Stop what is under way and let go of the client's copy; with ``release`` of the engine's.

        A layer that is only not chosen any more stays with the engine: it may be chosen again.
        """
        self._close_reader()
        self._bands = []
        self._row = 0
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None
        if self.photo:
            self._client.forget(self.photo, engine=release)

    def _settle(self, ticket: PendingRequest, thumbnail: int) -> None:
        """Go from a ticket that is done to the next step."""
        self._ticket = None
        self.error = ticket.error
        if self.error is not None:
            self.step = "failed"
        elif self.step == "send":
            self.photo = ticket.photo
            self.step = "faces"
            self._ticket = self._client.submit(Faces(self.photo, thumbnail))
        else:
            reply = ticket.result()
            assert isinstance(reply, FacesResult)
            self.faces, self.step = reply, "ready"

    def _read(self, budget: float) -> None:
        end = time.monotonic() + budget
        try:
            if self._reader is None:
                self._reader = self._host.open_layer(self.layer.id)
            reader = self._reader
            stride = reader.width * CHANNELS[reader.order] * (reader.depth // 8)
            rows = max(1, _BAND_BYTES // max(stride, 1))
            while self._row < reader.height:
                last = min(reader.height, self._row + rows)
                self._bands.append(reader.rows(self._row, last))
                self._row = last
                if time.monotonic() > end:
                    break
            if self._row < reader.height:
                return
        except BaseException:
            self.step = "failed"
            self._close_reader()
            raise
        self.order, self.depth = reader.order, reader.depth
        self._ticket = self._client.submit_photo(
            reader.width, reader.height, reader.order, reader.depth, self._bands
        )
        self._bands = []
        self._close_reader()
        self.step = "send"

    def _close_reader(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            reader.close()
