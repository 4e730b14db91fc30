"""Makes replacing a layer one step back and one step forward.

Krita lets a plug-in add a layer and remove a layer, each an undo step; there is no way to tie two
steps together. The only state in which both layers are there lies between these steps: whoever gets
there was on the way back or forward, and is taken on.
"""

from __future__ import annotations

from dataclasses import dataclass

from krita import Document, Krita

from exshot_qt.qt import QtCore

_PERIOD = 60  # ms
_MOST = 32


@dataclass
class _Pair:
    document: Document
    old: str
    new: str
    replaced: bool = True  # the new layer was the one that was there


class ReplacedLayers(QtCore.QObject):
    """Watches the pairs of layers that were replaced while Krita runs."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[_Pair] = []
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._look)

    def add(self, document: Document, old: str, new: str) -> None:
        """The layer ``new`` was added and ``old`` removed, as the last two undo steps."""
        self._pairs = [*self._pairs, _Pair(document, old, new)][-_MOST:]
        self._timer.start()

    def _look(self) -> None:
        self._pairs = [pair for pair in self._pairs if pair.document.rootNode() is not None]
        if not self._pairs:
            self._timer.stop()
        for pair in self._pairs:
            old, new = (
                pair.document.nodeByUniqueID(QtCore.QUuid(key)) for key in (pair.old, pair.new)
            )
            if old is not None and new is not None:
                if Krita.instance().activeDocument() == pair.document:
                    Krita.instance().action("edit_undo" if pair.replaced else "edit_redo").trigger()
            elif old is not None or new is not None:
                pair.replaced = new is not None
