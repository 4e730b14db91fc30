"""Photos by name: a name stands for exactly these pixels, so that the engine needs them once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from exshot_contract import messages
from exshot_contract.messages import Request
from exshot_contract.wire import Buffer


def named_photo(
    width: int, height: int, order: str, depth: int, bands: Sequence[Buffer]
) -> messages.PutPhoto:
    """The message with a photo, named by a digest of format and pixels."""
    pixels = bands[0] if len(bands) == 1 else b"".join(bands)
    form = f"{width} {height} {order} {depth} "
    digest = hashlib.blake2b(form.encode(), digest_size=16)
    digest.update(pixels)
    return messages.PutPhoto(digest.hexdigest(), width, height, order, depth, pixels)


def photos_needed(request: Request) -> tuple[str, ...]:
    """Names of the photos and masks that the engine must have to answer."""
    if isinstance(request, messages.Faces):
        return (request.photo,)
    if isinstance(request, messages.Edit):
        return tuple(name for name in (request.pose, request.expression, request.limit) if name)
    if isinstance(request, messages.Suggest):
        return request.photos
    return ()
