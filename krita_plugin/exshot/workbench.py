"""A document without a window, in which layers are built before they go into the image."""

from __future__ import annotations

from krita import Document, Krita

Space = tuple  # of (str, str, str): color model, depth and profile, as Krita names them
_SIZE = 16  # pixels a side; Krita fills the background, and layers may reach out of it
_MOST, _TOO_MUCH = 128 << 20, 512 << 20  # bytes


class Workbench:
    """Lends one scratch document. Making one takes Krita a tenth of a second and closing it as
    much, so it is made before it is needed and kept for the next layer.

    Its undo history keeps what was built in it, and the image's layers share these pixels. Where
    that is much, it is `full` and should be closed when there is time; where it is `overfull`, now.
    """

    def __init__(self) -> None:
        self._document: Document | None = None
        self._space: Space = ()
        self._kept = 0

    def document(self, space: Space) -> Document:
        """The document, in this color space; a new one where there is none."""
        if self._document is None or self._space != space or not is_open(self._document):
            self.close()
            self._document, self._space = scratch_document(space), space
        return self._document

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
        document, self._document, self._kept = self._document, None, 0
        if document is not None:
            discard(document)


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


def is_open(document: Document) -> bool:
    """Whether a document is open still; touching one that something else closed would take Krita
    down."""
    return document in Krita.instance().documents()
