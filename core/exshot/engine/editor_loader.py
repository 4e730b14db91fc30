"""Loads the Editor and its libraries behind the server's back."""

from __future__ import annotations

import logging
import threading
from importlib import import_module
from typing import TYPE_CHECKING

from exshot.address_space import check_least

if TYPE_CHECKING:
    from exshot.editor import Editor

log = logging.getLogger("exshot.engine")


class EditorLoader:
    """Makes one Editor, in the background where there is time. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._editor: Editor | None = None
        self._started = False

    def begin(self) -> None:
        """Start to load; returns at once. A failure shows at `get`."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._warm_up, name="loader", daemon=True).start()

    def get(self) -> Editor:
        """The Editor; waits until it is loaded. A failed load is tried again at every call.

        Raises:
            ExshotError: a model is missing or damaged, or there is too little memory for them.
        """
        with self._lock:
            if self._editor is None:
                check_least()
                from exshot.editor import Editor

                self._editor = Editor()
            return self._editor

    def _warm_up(self) -> None:
        """Load libraries and models, so that the first photo does not have to wait for them."""
        try:
            check_least()
            import numpy as np

            from exshot.photo import Photo

            import_module("exshot.engine.answers")
            self.get().faces(Photo.from_array(np.zeros((64, 64, 3), np.uint8)))
        except Exception as error:
            log.warning("loading failed, to be tried again: %s", error)
