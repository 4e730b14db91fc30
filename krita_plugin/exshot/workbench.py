"""A document without a window, in which layers are built before they go into the image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from krita import Document, Krita

Space = tuple  # of (str, str, str): color model, depth and profile, as Krita names them
_SIZE = 16  # pixels a side; Krita fills the background, and layers may reach out of it
_MOST, _TOO_MUCH = 128 << 20, 512 << 20  # bytes


class ClosedError(RuntimeError):
    """Something else closed the image or a scratch document: a user, a script."""

    def __init__(self) -> None:
        super().__init__("a document that is needed was closed")


class Workbench:
    """Lends one scratch document. Making one takes Krita a tenth of a second and closing it as
    much, so it is made before it is needed and kept for the next layer.

    Its undo history keeps what was built in it, and the image's layers share these pixels. Where
    that is much, it is `full` and should be closed when there is time; where it is `overfull`, now.

    Krita runs its event loop in the middle of many calls, and a document that is closed in there
    takes Krita down when the call goes on: what is `close`d within `in_use` lives on until its end.
    """

    def __init__(self) -> None:
        self._document: Document | None = None
        self._space: Space = ()
        self._kept = 0
        self._users = 0
        self._to_discard: list[Document] = []

    @property
    def used(self) -> bool:
        """Somewhere above in the stack something is done with the document."""
        return self._users > 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """What happens inside may use the document and what is built in it."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            while self._to_discard and not self.used:
                discard(self._to_discard.pop())

    def document(self, space: Space) -> Document:
        """The document, in this color space; a new one where there is none."""
        if not self._has(space):
            self.close()
            with self.in_use():
                made = scratch_document(space)
                if self._has(space):  # Krita's event loop ran, and somebody else was quicker
                    self._to_discard.append(made)
                else:
                    self.close()
                    self._document, self._space = made, space
        assert self._document is not None
        return self._document

    def _has(self, space: Space) -> bool:
        document = self._document
        return document is not None and self._space == space and is_open(document)

    def keeps(self, size: int) -> None:
        """So many bytes more were built in it."""
        self._kept += size
        self.settle()

    def settle(self) -> None:
        """Call it now and then: a document that counts as changed Krita would save by itself."""
        document = self._document
        if document is not None and is_open(document) and document.modified():
            document.setModified(False)

    @property
    def full(self) -> bool:
        return self._kept > _MOST

    @property
    def overfull(self) -> bool:
        return self._kept > _TOO_MUCH

    def close(self) -> None:
        """Close the document; handles to what was built in it must be gone."""
        with self.in_use():
            if self._document is not None:
                self._to_discard.append(self._document)
            self._document, self._kept = None, 0


def scratch_document(space: Space) -> Document:
    """A new one, as small as can be."""
    document = Krita.instance().createDocument(_SIZE, _SIZE, "ExShot", *space, 72.0)
    document.setBatchmode(True)
    return document


def discard(scratch: Document) -> None:
    """Close a scratch document without a question."""
    if is_open(scratch):
        scratch.waitForDone()
        scratch.setModified(False)  # or closing it asks whether to save
        scratch.close()


def check_open(document: Document) -> None:
    """Call it before a node that was made of this document in an earlier turn of the event loop is
    asked for anything, and before another document is made like it.

    Raises:
        ClosedError: the document is gone, and going on would take Krita down.
    """
    if not is_open(document):
        raise ClosedError


def is_open(document: Document) -> bool:
    """Whether a document is open still; touching one that something else closed would take Krita
    down."""
    return document in Krita.instance().documents()
