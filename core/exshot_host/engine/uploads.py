"""Photos by name: a name stands for exactly these pixels, so that the engine needs them once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from exshot_contract import messages
from exshot_contract.messages import Request
from exshot_contract.wire import Buffer
from exshot_host.engine.request import PendingRequest


@dataclass
class Upload:
    """A photo or mask to be named and sent.

    Attributes:
        pending: the request that it becomes.
        width, height, order, depth: as in `messages.PutPhoto`.
        bands: the pixels from the top, in any number of pieces.
    """

    pending: PendingRequest
    width: int
    height: int
    order: str
    depth: int
    bands: Sequence[Buffer]

    def named(self) -> messages.PutPhoto:
        """The message, its photo named by a digest of format and pixels. Takes its time."""
        pixels = self.bands[0] if len(self.bands) == 1 else b"".join(self.bands)
        form = f"{self.width} {self.height} {self.order} {self.depth} "
        digest = hashlib.blake2b(form.encode(), digest_size=16)
        digest.update(pixels)
        name = digest.hexdigest()
        return messages.PutPhoto(name, self.width, self.height, self.order, self.depth, pixels)


def photos_needed(request: Request) -> tuple[str, ...]:
    """Names of the photos and masks that the engine must have to answer."""
    if isinstance(request, messages.Faces):
        return (request.photo,)
    if isinstance(request, messages.Edit):
        return tuple(name for name in (request.pose, request.expression, request.limit) if name)
    if isinstance(request, messages.Suggest):
        return request.photos
    return ()
