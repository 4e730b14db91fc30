"""An image in Krita as `exshot_host.adapter.EditorHost`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from krita import Document, Krita, Node, Selection

from exshot_host.adapter import LayerInfo, Patch, SelectionMask
from exshot_host.errors import HostError
from exshot_host.session.layer_memory import NOTE_NAME
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_qt.qt import QtCore

from .messages import tell
from .replaced import ReplacedLayers

SRGB = "sRGB-elle-V2-srgbtrc.icc"
KINDS = {
    "paintlayer": "pixels",
    "grouplayer": "group",
    "filelayer": "file",
    "clonelayer": "clone",
    "vectorlayer": "vector",
}
_MODELS = ("RGBA", "GRAYA", "LABA")
_SCRATCH_BYTES = 32 << 20
_CLOSE_LATER = 400  # ms
_SAMPLED_ROWS = 16


class KritaHost:
    """One document. Nodes are looked up by id every time: a handle to a node whose document was
    closed, or whose scratch document was, takes Krita down with it."""

    name = "Krita"

    def __init__(self, document: Document, replaced: ReplacedLayers, translate: Translator) -> None:
        self.version = Krita.instance().version()
        self.document = document
        self._replaced = replaced
        self._translate = translate
        self._prepared: tuple[Patch, Document, Node] | None = None

    def layers(self) -> Sequence[LayerInfo]:
        root = self.document.rootNode()
        if root is None:
            return ()
        return tuple(self._below(root, True, set(self.document.annotationTypes())))

    def selected_layers(self) -> Sequence[str]:
        active = self.document.activeNode()
        if active is None:
            return ()
        window = Krita.instance().activeWindow()
        view = window.activeView() if window is not None else None
        shown = view is not None and view.document() == self.document
        nodes = [active, *(view.selectedNodes() if shown else ())]
        return list(dict.fromkeys(_key(_layer_of(node)) for node in nodes))

    def open_layer(self, layer_id: str) -> _Reader:
        node = self._node(layer_id)
        if node.colorModel() not in _MODELS:
            model, say = node.colorModel().rstrip("A"), self._translate
            sentence = say(texts.COLOR_MODEL).format(model=model, layer=node.name())
            raise HostError("unsupported_mode", sentence, say(texts.COLOR_MODEL_HINT))
        return _Reader(self, node)

    def selection(self) -> SelectionMask | None:
        selection, box = self.document.selection(), self.selection_box()
        return None if box is None else SelectionMask(*box, bytes(selection.pixelData(*box)))

    def selection_box(self) -> tuple[int, int, int, int] | None:
        """``x, y, width, height`` of the selection; None where nothing is selected."""
        selection = self.document.selection()
        if selection is None or selection.width() <= 0 or selection.height() <= 0:
            return None
        return (selection.x(), selection.y(), selection.width(), selection.height())

    def prepare_patch(self, patch: Patch) -> None:
        """Build the layer in a scratch document and convert it there. Inside the image, its mask
        would be an undo step of its own."""
        self.drop_prepared()
        wanted = _color_space(self.document)
        scratch = _scratch_document(wanted)
        self._prepared = (patch, scratch, _masked_layer(scratch, patch, wanted))
        scratch.setModified(False)

    def write_patch(self, patch: Patch) -> str:
        """Copy the finished layer into the image in one go."""
        old = self._find(patch.replace) if patch.replace else None
        anchor = old or self._node(patch.above)
        if self._prepared is None or self._prepared[0] is not patch:
            self.prepare_patch(patch)
        assert self._prepared is not None
        try:
            layer = self._prepared[2]
            if old is not None:
                layer.setVisible(old.visible())
                layer.setOpacity(old.opacity())
            layer.setInheritAlpha(anchor.inheritAlpha())  # it ends where its pose layer does
            finished = layer.duplicate()
            key = _key(finished)
            self.keep_note(key, patch)
            anchor.parentNode().addChildNode(finished, anchor)
            del layer, finished
        finally:
            # Closing takes long, and Krita has to draw first.
            QtCore.QTimer.singleShot(_CLOSE_LATER, self.drop_prepared)
        if old is not None:
            old.remove()
            self._replaced.add(self.document, _key(old), key)
        self.document.setActiveNode(self._node(key))
        return key

    def drop_prepared(self) -> None:
        """Close the scratch document of a patch that was written or is not wanted any more."""
        if self._prepared is not None:
            _patch, scratch, layer = self._prepared
            self._prepared = None
            del layer, _patch
            _discard(scratch)

    def begin_group(self, base: str, name: str) -> _GroupWriter:
        return _GroupWriter(self, self._node(base), name)

    def keep_note(self, layer_id: str, patch: Patch) -> None:
        """Keep a patch's note with the image; that is no undo step."""
        self.document.setAnnotation(_note_name(layer_id), "ExShot edit", patch.note.encode())

    def read_note(self, layer_id: str) -> str | None:
        data = bytes(self.document.annotation(_note_name(layer_id)))
        return data.decode("utf-8", "replace") or None

    def load_settings(self) -> str | None:
        return None

    def save_settings(self, text: str) -> bool:
        return False

    def progress(self, share: float, text: str) -> None:
        """The docker shows it."""

    def message(self, sentence: str, hint: str) -> None:
        tell(sentence, hint)

    def thumbnail(self, layer_id: str, size: int):
        """A ``QImage`` of the layer, at most ``size`` pixels a side; None where it is gone."""
        node = self._find(layer_id)
        return node.thumbnail(size, size) if node is not None else None

    def pixels(self, layer_id: str, box: tuple[int, int, int, int]) -> bytes:
        """What the layer shows in ``x, y, width, height``, in its own color space."""
        return bytes(self._node(layer_id).projectionPixelData(*box))

    def box(self, node: Node) -> tuple[int, int, int, int]:
        """``x, y, width, height`` of what a layer shows."""
        box = node.bounds()
        # Krita tells the layer's own box, and a transform mask shows it anywhere in the image.
        if not box.isEmpty() and _is_moved(node):
            box = box.united(self.document.bounds())
        return (box.x(), box.y(), box.width(), box.height())

    def _below(self, parent: Node, shown: bool, notes: set[str]) -> Iterator[LayerInfo]:
        for node in reversed(parent.childNodes()):
            kind, visible = KINDS.get(node.type()), shown and node.visible()
            place = self.box(node)
            if kind is not None and place[2] > 0 and place[3] > 0:
                key = _key(node)
                yield LayerInfo(
                    key,
                    node.name(),
                    *place,
                    visible,
                    kind,
                    made_by_exshot=_note_name(key) in notes,
                    mixed=_mixed(node),
                )
            if kind == "group":
                yield from self._below(node, visible, notes)

    def _find(self, layer_id: str) -> Node | None:
        if self.document.rootNode() is None:
            return None
        return self.document.nodeByUniqueID(QtCore.QUuid(layer_id))

    def _node(self, layer_id: str) -> Node:
        node = self._find(layer_id)
        if node is None:
            say = self._translate
            raise HostError("bad_option", say(texts.LAYER_GONE), say(texts.CHOOSE_LAYER_HINT))
        return node


class _Reader:
    """Reads what a layer shows, band by band, and has Krita convert each band to sRGB."""

    order = "bgra"

    def __init__(self, host: KritaHost, node: Node) -> None:
        self._left, self._top, self.width, self.height = host.box(node)
        self.depth = 8 if node.colorDepth() == "U8" else 16
        self._host, self._key = host, _key(node)
        self._wanted = ("RGBA", "U8" if self.depth == 8 else "U16", SRGB)
        self._space = _color_space(node)
        self._scratch: Document | None = None
        self._room = 0
        # Krita 6 does not draw a hidden layer with a transform mask.
        undrawn = _is_moved(node) and not node.visible() and _is_blank(node, host.box(node))
        self._drawn = _drawn_apart(host.document, node) if undrawn else None

    def rows(self, y0: int, y1: int) -> bytes:
        box = (self._left, self._top + y0, self.width, y1 - y0)
        if self._drawn is not None:
            pixels = bytes(self._drawn.topLevelNodes()[-1].projectionPixelData(*box))
        else:
            pixels = self._host.pixels(self._key, box)
        if self._space == self._wanted:
            return pixels
        place = (0, 0, self.width, y1 - y0)
        band = self._converter(len(pixels)).createNode("band", "paintlayer")
        band.setPixelData(pixels, *place)
        band.setColorSpace(*self._wanted)
        return bytes(band.pixelData(*place))

    def close(self) -> None:
        self._close_converter()
        if self._drawn is not None:
            _discard(self._drawn)
            self._drawn = None

    def _close_converter(self) -> None:
        if self._scratch is not None:
            _discard(self._scratch)
            self._scratch = None

    def _converter(self, size: int) -> Document:
        """A scratch document to convert ``size`` bytes in. It keeps all in its undo history, so
        every now and then it is a new one."""
        self._room -= size
        if self._scratch is None or self._room < 0:
            self._close_converter()
            self._room = _SCRATCH_BYTES
            self._scratch = _scratch_document(self._space)
        return self._scratch


class _GroupWriter:
    """Builds the group in a scratch document; a copy of the finished one goes into the image."""

    def __init__(self, host: KritaHost, base: Node, name: str) -> None:
        self._host = host
        self._space = _color_space(host.document)
        self._patches: list[Patch] = []
        self._scratch = _scratch_document(self._space)
        self._group: Node = self._scratch.createGroupLayer(name)
        self._scratch.rootNode().addChildNode(self._group, None)
        self._put(_copy_of(self._scratch, base, host.box(base)))
        # Only now: before, it would be an undo step of the image that the copy is from.
        copy = self._group.childNodes()[0]
        copy.setName(base.name())
        copy.setVisible(True)
        copy.setOpacity(255)
        copy.setBlendingMode("normal")
        copy.setInheritAlpha(False)

    def add(self, patch: Patch) -> None:
        self._put(_masked_layer(self._scratch, patch, self._space))
        self._patches.append(patch)

    def finish(self) -> str:
        document = self._host.document
        self._scratch.waitForDone()
        finished = self._group.duplicate()
        key = _key(finished)
        for node, patch in zip(finished.childNodes()[1:], self._patches):
            self._host.keep_note(_key(node), patch)
        root = document.rootNode()
        root.addChildNode(finished, None)
        del finished, root
        document.refreshProjection()  # Krita takes the copied group for empty
        document.setActiveNode(document.nodeByUniqueID(QtCore.QUuid(key)))
        return key

    def close(self) -> None:
        scratch = self._scratch
        del self._group, self._scratch
        QtCore.QTimer.singleShot(_CLOSE_LATER, lambda: _discard(scratch))

    def _put(self, layer: Node) -> None:
        self._group.addChildNode(layer, None)


def _copy_of(scratch: Document, base: Node, place: tuple[int, int, int, int]) -> Node:
    """What a layer shows, as a paint layer for the scratch document."""
    if base.type() == "paintlayer":  # quick: Krita shares the pixels
        return base.duplicate()
    layer = scratch.createNode(base.name(), "paintlayer")
    layer.setColorSpace(*_color_space(base))
    layer.setPixelData(bytes(base.projectionPixelData(*place)), *place)
    return layer


def _masked_layer(scratch: Document, patch: Patch, space: tuple[str, str, str]) -> Node:
    """A patch as a layer in the color space, not yet in the scratch document's tree."""
    box = (patch.x, patch.y, patch.width, patch.height)
    layer = scratch.createNode(patch.name, "paintlayer")
    given = ("RGBA", "U8" if patch.depth == 8 else "U16", SRGB)
    if space != given:
        layer.setColorSpace(*given)
    layer.setPixelData(bytes(patch.pixels), *box)
    if space != given:
        layer.setColorSpace(*space)
    shape = Selection()
    shape.setPixelData(bytes(patch.mask), *box)
    mask = scratch.createTransparencyMask(patch.name)
    mask.setSelection(shape)
    layer.addChildNode(mask, None)
    scratch.waitForDone()
    return layer


def _is_moved(node: Node) -> bool:
    """Whether the layer has a transform mask."""
    return any(child.type() == "transformmask" for child in node.childNodes())


def _is_blank(node: Node, box: tuple[int, int, int, int]) -> bool:
    """Whether some rows of what a layer shows are all transparent."""
    x, y, width, height = box
    rows = range(y, y + height, max(1, height // _SAMPLED_ROWS))
    return not any(any(bytes(node.projectionPixelData(x, row, width, 1))) for row in rows)


def _drawn_apart(document: Document, node: Node) -> Document:
    """A scratch document in which a copy of a hidden layer is shown, above its background."""
    size, space = (document.width(), document.height()), _color_space(document)
    scratch = Krita.instance().createDocument(*size, "ExShot", *space, 72.0)
    scratch.setBatchmode(True)
    copy = node.duplicate()
    scratch.rootNode().addChildNode(copy, None)
    copy.setVisible(True)
    scratch.refreshProjection()
    scratch.waitForDone()
    return scratch


def _scratch_document(space: tuple[str, str, str]) -> Document:
    """As small as can be, for Krita fills its background; layers may reach out of it."""
    document = Krita.instance().createDocument(16, 16, "ExShot", *space, 72.0)
    document.setBatchmode(True)
    return document


def _discard(scratch: Document) -> None:
    if scratch not in Krita.instance().documents():
        return  # something else has closed it; touching it would take Krita down
    scratch.waitForDone()
    scratch.setModified(False)  # or closing it asks whether to save
    scratch.close()


def _mixed(node: Node) -> bool:
    """Whether what a layer shows depends on what lies below it; see `LayerInfo.mixed`."""
    plain = node.opacity() == 255 and node.blendingMode() == "normal"
    return not plain or bool(node.layerStyleToAsl())


def _color_space(thing: Document | Node) -> tuple[str, str, str]:
    return (thing.colorModel(), thing.colorDepth(), thing.colorProfile())


def _layer_of(node: Node) -> Node:
    """The node itself, or the layer that a mask belongs to."""
    return node if node.type() in KINDS or node.parentNode() is None else node.parentNode()


def _key(node: Node) -> str:
    return node.uniqueId().toString()


def _note_name(key: str) -> str:
    return f"{NOTE_NAME}-{key.strip('{}')}"
