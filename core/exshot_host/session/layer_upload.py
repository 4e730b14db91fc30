"""A layer on its way to the engine: read in bands, sent, its faces found."""

from __future__ import annotations

import time
from collections.abc import Sequence

from exshot_contract.messages import CHANNELS, Faces, FacesResult
from exshot_contract.wire import Buffer
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.engine.request import PendingRequest
from exshot_host.session.steps import Progress, Steps, Task, reply_to

_BAND_BYTES = 4 << 20
_READ_BUDGET = 0.025  # seconds in a row for reading


class LayerUpload:
    """One layer as a photo of the engine.

    Attributes:
        layer: which layer, as it was when reading began.
        order, depth: of its pixels, known once it is read.
        name: the photo's name for the engine; empty until it is sent.
        faces: its faces; None until they are found.
        step: ``"read"``, ``"send"``, ``"faces"``, ``"ready"`` or ``"failed"``.
    """

    def __init__(
        self, host: EditorHost, client: EngineClient, layer: LayerInfo, *, thumbnail: int = 0
    ) -> None:
        """``thumbnail``: pixels a side of a picture of each face, 0 for none."""
        self.layer = layer
        self.order = ""
        self.depth = 0
        self.name = ""
        self.faces: FacesResult | None = None
        self.step = "read"
        self._host = host
        self._client = client
        self._thumbnail = thumbnail
        self._rows_read = 0
        self._pending: PendingRequest | None = None
        self._task: Task[None] = Task()
        self._task.start(self._upload())

    @property
    def ready(self) -> bool:
        return self.step == "ready"

    @property
    def failed(self) -> bool:
        """It went wrong, be it that `advance` has not looked yet."""
        lost = self._pending is not None and self._pending.error is not None
        return lost or self.step == "failed"

    @property
    def share(self) -> float:
        """How much of it is done, roughly, in [0, 1]."""
        if self.step == "read":
            return 0.4 * self._rows_read / max(self.layer.height, 1)
        return {"send": 0.4, "faces": 0.6}.get(self.step, 1.0)

    def advance(self) -> bool:
        """Work for some 25 ms; whether ``step`` changed.

        Raises:
            HostError: the engine could not take the photo or look at it.
            Exception: whatever the editor's adapter raised while it read the layer.
        """
        before = self.step
        try:
            self._task.advance()
        except BaseException:
            self.step = "failed"
            raise
        return self.step != before

    def reread(self, layer: LayerInfo) -> None:
        """Read the pixels again; faces that are known stay until the new ones are found."""
        self.drop()
        self.layer, self.step = layer, "read"
        self._task.start(self._upload())

    def drop(self, *, release: bool = False) -> None:
        """Stop what is under way and let go of the client's copy; with ``release`` of the engine's.

        A layer that is only not chosen any more stays with the engine: it may be chosen again.
        """
        self._task.stop()
        self._pending = None
        self._rows_read = 0
        if self.name:
            self._client.forget(self.name, engine=release)

    def _upload(self) -> Steps[None]:
        self._pending = yield from self._read()
        self.step = "send"
        yield from reply_to(self._pending)
        self.name = self._pending.photo_name
        self._pending = self._client.submit(Faces(self.name, self._thumbnail))
        self.step = "faces"
        found = yield from reply_to(self._pending)
        assert isinstance(found, FacesResult)
        self.faces, self.step = found, "ready"

    def _read(self) -> Steps[PendingRequest]:
        """Read all pixels and hand them to the client."""
        bands: list[Buffer] = []
        end = time.monotonic() + _READ_BUDGET
        reader = self._host.open_layer(self.layer.id)
        try:
            stride = reader.width * CHANNELS[reader.order] * (reader.depth // 8)
            rows = max(1, _BAND_BYTES // max(stride, 1))
            while self._rows_read < reader.height:
                if time.monotonic() > end:
                    yield
                    end = time.monotonic() + _READ_BUDGET
                last = min(reader.height, self._rows_read + rows)
                bands.append(reader.rows(self._rows_read, last))
                self._rows_read = last
            self.order, self.depth = reader.order, reader.depth
            return self._client.submit_photo(
                reader.width, reader.height, reader.order, reader.depth, bands
            )
        finally:
            reader.close()


def upload_all(uploads: Sequence[LayerUpload], progress: Progress, end: float) -> Steps[None]:
    """Read and send every layer; one is read while the engine looks at those before.

    ``progress`` goes from 0 to ``end``. Raises what `LayerUpload.advance` raises.
    """
    while not all(upload.ready for upload in uploads):
        for upload in uploads:
            reading = upload.step == "read"
            upload.advance()
            if reading:
                break
        progress.share = end * sum(upload.share for upload in uploads) / len(uploads)
        yield
