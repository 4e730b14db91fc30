"""Photos and masks that editors have sent, kept under a memory limit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from exshot.errors import ErrorCode, ExshotError
from exshot_contract.messages import PutPhoto

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exshot.photo import Photo

_ALWAYS_KEPT = 3  # two photos and a selection: what one edit needs
_MAX_PIXELS = 120_000_000


class PhotoShelf:
    """Least recently used photos go first, never the last three. Safe to share between threads.

    What arrives is kept as it came; it becomes a `Photo` when it is first needed, on the thread
    that needs it, so that receiving never waits.
    """

    def __init__(self, limit: int) -> None:
        """``limit``: bytes of pixels to keep."""
        self.limit = limit
        self._items: OrderedDict[str, _Item] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, photo: PutPhoto) -> None:
        """Keep a photo or mask. Raises `ExshotError` (IMAGE_TOO_LARGE)."""
        if photo.width * photo.height > _MAX_PIXELS:
            raise ExshotError(
                ErrorCode.IMAGE_TOO_LARGE,
                f"The layer has {photo.width * photo.height / 1e6:.0f} megapixels; "
                f"at most {_MAX_PIXELS / 1e6:.0f} can be edited.",
                "Scale the image down, or crop the layer to the person.",
            )
        with self._lock:
            if photo.photo not in self._items:
                self._items[photo.photo] = _Item(photo)
            self._items.move_to_end(photo.photo)
            self._shrink()

    def photo(self, name: str) -> Photo:
        """The photo of that name. Raises `ExshotError` (PHOTO_UNKNOWN)."""
        return self._find(name).photo()

    def mask(self, name: str) -> NDArray[np.uint8]:
        """The ``(h, w)`` uint8 mask of that name. Raises `ExshotError` (PHOTO_UNKNOWN)."""
        return self._find(name).mask()

    def drop(self, names: tuple[str, ...]) -> None:
        """Forget these; unknown ones are fine."""
        with self._lock:
            for name in names:
                self._items.pop(name, None)

    @property
    def bytes(self) -> int:
        """Bytes of pixels now kept."""
        with self._lock:
            return sum(item.bytes for item in self._items.values())

    def _find(self, name: str) -> _Item:
        with self._lock:
            item = self._items.get(name)
            if item is not None:
                self._items.move_to_end(name)
                return item
        raise ExshotError(
            ErrorCode.PHOTO_UNKNOWN,
            "The engine does not have this photo (any more).",
            "Send it again.",
        )

    def _shrink(self) -> None:
        total = sum(item.bytes for item in self._items.values())
        while total > self.limit and len(self._items) > _ALWAYS_KEPT:
            _, item = self._items.popitem(last=False)
            total -= item.bytes


class _Item:
    """One photo or mask, as it came or made ready."""

    def __init__(self, message: PutPhoto) -> None:
        self.bytes = len(message.pixels)
        self._message: PutPhoto | None = message
        self._ready: Any = None
        self._is_mask = message.order == "mask"
        self._lock = threading.Lock()

    def photo(self) -> Photo:
        if self._is_mask:
            raise ExshotError(
                ErrorCode.PROTOCOL, "A mask was given where a photo is needed.", "Send a photo."
            )
        from exshot.engine.pixels import to_photo

        return self._made(to_photo)

    def mask(self) -> NDArray[np.uint8]:
        if not self._is_mask:
            raise ExshotError(
                ErrorCode.PROTOCOL, "A photo was given where a mask is needed.", "Send a mask."
            )
        from exshot.engine.pixels import to_mask

        return self._made(to_mask)

    def _made(self, make: Any) -> Any:
        with self._lock:
            if self._message is not None:
                self._ready = make(self._message)
                self._message = None  # the received bytes are no longer needed
            return self._ready
