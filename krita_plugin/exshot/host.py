"""An image in Krita as `exshot_host.adapter.EditorHost`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from krita import Document, Krita, Node, Selection

from exshot_host.adapter import LayerInfo, Patch, SelectionMask
from exshot_host.errors import HostError
from exshot_host.session.layer_memory import NOTE_NAME
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_qt.qt import QtCore

from .messages import tell
from .replaced import ReplacedLayers
from .workbench import Space, Workbench, check_open, discard, is_open

SRGB = "sRGB-elle-V2-srgbtrc.icc"
KINDS = {
    "paintlayer": "pixels",
    "grouplayer": "group",
    "filelayer": "file",
    "clonelayer": "clone",
    "vectorlayer": "vector",
}
_MODELS = ("RGBA", "GRAYA", "LABA")
_SAMPLED_ROWS = 16


class KritaHost:
    """One document. Nodes are looked up by id every time: a handle to a node whose document was
    closed, or whose scratch document was, takes Krita down with it. Where one is kept for longer
    than a turn of the event loop, its document is kept with it and asked first."""

    name = "Krita"

    def __init__(
        self,
        document: Document,
        replaced: ReplacedLayers,
        translate: Translator,
        workbench: Workbench | None = None,
    ) -> None:
        """``workbench``: where layers are built, one for a window; None for one of its own."""
        self.version = Krita.instance().version()
        self.document = document
        self.workbench = workbench or Workbench()
        self._replaced = replaced
        self._translate = translate
        self._prepared: _Prepared | None = None

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

    def get_ready(self) -> None:
        """Make what layers of this image are built in; it takes Krita a tenth of a second."""
        self.workbench.document(self.space())

    def space(self) -> Space:
        """The image's color space.

        Raises:
            ClosedError: there is no image any more. Krita would name the space "", and not survive
                to be asked for a document of that space.
        """
        check_open(self.document)
        return color_space(self.document)

    def prepare_patch(self, patch: Patch) -> Iterator[None]:
        """Build the layer on the workbench and convert it there. Inside the image, its mask would
        be an undo step of its own."""
        self.get_ready()
        yield
        space = self.space()
        scratch = self.workbench.document(space)
        layer = yield from _masked_layer(self.workbench, patch, space)
        self._prepared = _Prepared(patch, layer, space, scratch)

    def write_patch(self, patch: Patch) -> str:
        """Copy the finished layer into the image in one go."""
        old = self._find(patch.replace) if patch.replace else None
        anchor = old or self._node(patch.above)
        layer = self._take_prepared(patch)
        if old is not None:
            layer.setVisible(old.visible())
            layer.setOpacity(old.opacity())
        layer.setInheritAlpha(anchor.inheritAlpha())  # it ends where its pose layer does
        finished = layer.duplicate()
        key = _key(finished)
        self.keep_note(key, patch)
        anchor.parentNode().addChildNode(finished, anchor)
        if old is not None:
            old.remove()
            self._replaced.add(self.document, _key(old), key)
        _soon(self.activate, key)
        return key

    def _take_prepared(self, patch: Patch) -> Node:
        """The layer of a patch, built now where it is not there."""
        ready, self._prepared = self._prepared, None
        if ready is not None and ready.fits(patch, self.space()):
            return ready.layer
        _exhaust(self.prepare_patch(patch))
        ready, self._prepared = self._prepared, None
        assert ready is not None
        return ready.layer

    def drop_prepared(self) -> None:
        """Let go of a layer that is not wanted any more."""
        self._prepared = None

    def clear_workbench(self) -> None:
        """Let go of what was built and of what it was built in; not while a layer is made."""
        self.drop_prepared()
        self.workbench.close()

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

    def activate(self, layer_id: str) -> None:
        """Make a layer the active one, where it is there."""
        node = self._find(layer_id) if is_open(self.document) else None
        if node is not None:
            with self.workbench.in_use():
                self.document.setActiveNode(node)

    def draw(self, inside: Node, scratch: Document) -> None:
        """Have Krita draw a new group, of which it believes that it is empty, while the user works.

        It comes in the same turn as the group: Krita undoes nothing until all is drawn, but a group
        that was undone before it was asked to draw it would be empty when it is redone.

        ``inside``: its largest layer, as ``scratch`` knows it: what is set there is no undo step
        of the image. Where the scratch document was closed meanwhile, the window stops until all
        is drawn.
        """
        if not is_open(self.document):
            return
        with self.workbench.in_use():
            if is_open(scratch):
                inside.setBlendingMode("normal")
            else:
                self.document.refreshProjection()

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


@dataclass(frozen=True)
class _Prepared:
    """The layer of a patch, and the scratch document and its color space that it was built in."""

    patch: Patch
    layer: Node
    space: Space
    scratch: Document

    def fits(self, patch: Patch, space: Space) -> bool:
        """Whether it is this patch's, in this color space, and can be touched still."""
        return self.patch is patch and self.space == space and is_open(self.scratch)


class _Reader:
    """Reads what a layer shows, band by band, and has Krita convert each band to sRGB."""

    order = "bgra"

    def __init__(self, host: KritaHost, node: Node) -> None:
        self._left, self._top, self.width, self.height = host.box(node)
        self.depth = 8 if node.colorDepth() == "U8" else 16
        self._host, self._key = host, _key(node)
        self._wanted = ("RGBA", "U8" if self.depth == 8 else "U16", SRGB)
        self._space = color_space(node)
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
        return self._converted(pixels, y1 - y0)

    def close(self) -> None:
        if self._drawn is not None:
            discard(self._drawn)
            self._drawn = None

    def _converted(self, pixels: bytes, height: int) -> bytes:
        host, place = self._host, (0, 0, self.width, height)
        if host.workbench.overfull:
            host.clear_workbench()
        scratch = host.workbench.document(host.space())
        band = scratch.createNode("band", "paintlayer")
        if color_space(band) != self._space:
            band.setColorSpace(*self._space)
        band.setPixelData(pixels, *place)
        band.setColorSpace(*self._wanted)
        host.workbench.keeps(2 * len(pixels))  # before and after
        return bytes(band.pixelData(*place))


class _GroupWriter:
    """Builds the group on the workbench; a copy of the finished one goes into the image."""

    def __init__(self, host: KritaHost, base: Node, name: str) -> None:
        self._host = host
        self._space = host.space()
        self._patches: list[Patch] = []
        self._scratch = host.workbench.document(self._space)
        self._group: Node = self._scratch.createGroupLayer(name)
        self._put(_copy_of(self._scratch, base, host.box(base)))
        # Only now: before, it would be an undo step of the image that the copy is from.
        copy = self._group.childNodes()[0]
        copy.setName(base.name())
        copy.setVisible(True)
        copy.setOpacity(255)
        copy.setBlendingMode("normal")
        copy.setInheritAlpha(False)

    def add(self, patch: Patch) -> Iterator[None]:
        layer = yield from _masked_layer(self._host.workbench, patch, self._space)
        yield
        self._put(layer)
        self._patches.append(patch)

    def finish(self) -> str:
        check_open(self._scratch)
        finished = self._group.duplicate()
        key = _key(finished)
        for node, patch in zip(finished.childNodes()[1:], self._patches):
            self._host.keep_note(_key(node), patch)
        self._host.document.rootNode().addChildNode(finished, None)
        self._host.draw(finished.childNodes()[0], self._scratch)
        _soon(self._host.activate, key)
        return key

    def close(self) -> None:
        del self._group

    def _put(self, layer: Node) -> None:
        check_open(self._scratch)
        self._group.addChildNode(layer, None)


def _soon(function: Callable[..., None], *arguments: object) -> None:
    """Call it when Krita has handled what waits: each of these calls takes its time."""
    QtCore.QTimer.singleShot(0, partial(function, *arguments))


def _copy_of(scratch: Document, base: Node, place: tuple[int, int, int, int]) -> Node:
    """What a layer shows, as a paint layer for the scratch document."""
    if base.type() == "paintlayer":  # quick: Krita shares the pixels
        return base.duplicate()
    layer = scratch.createNode(base.name(), "paintlayer")
    layer.setColorSpace(*color_space(base))
    layer.setPixelData(bytes(base.projectionPixelData(*place)), *place)
    return layer


def _masked_layer(workbench: Workbench, patch: Patch, space: Space) -> Generator[None, None, Node]:
    """A patch as a layer in the color space, not yet in any tree."""
    scratch = workbench.document(space)
    box = (patch.x, patch.y, patch.width, patch.height)
    layer = scratch.createNode(patch.name, "paintlayer")
    given = ("RGBA", "U8" if patch.depth == 8 else "U16", SRGB)
    if space != given:
        layer.setColorSpace(*given)
    layer.setPixelData(bytes(patch.pixels), *box)
    yield
    check_open(scratch)
    if space != given:
        layer.setColorSpace(*space)
        yield
        check_open(scratch)
    shape = Selection()
    shape.setPixelData(bytes(patch.mask), *box)
    mask = scratch.createTransparencyMask(patch.name)
    mask.setSelection(shape)
    layer.addChildNode(mask, None)
    scratch.waitForDone()
    workbench.keeps(len(patch.pixels) + len(patch.mask))
    return layer


def _exhaust(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


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
    size, space = (document.width(), document.height()), color_space(document)
    scratch = Krita.instance().createDocument(*size, "ExShot", *space, 72.0)
    scratch.setBatchmode(True)
    copy = node.duplicate()
    scratch.rootNode().addChildNode(copy, None)
    copy.setVisible(True)
    scratch.refreshProjection()
    scratch.waitForDone()
    return scratch


def _mixed(node: Node) -> bool:
    """Whether what a layer shows depends on what lies below it; see `LayerInfo.mixed`."""
    plain = node.opacity() == 255 and node.blendingMode() == "normal"
    return not plain or bool(node.layerStyleToAsl())


def color_space(thing: Document | Node) -> Space:
    """Color model, depth and profile, as Krita names them."""
    return (thing.colorModel(), thing.colorDepth(), thing.colorProfile())


def _layer_of(node: Node) -> Node:
    """The node itself, or the layer that a mask belongs to."""
    return node if node.type() in KINDS or node.parentNode() is None else node.parentNode()


def _key(node: Node) -> str:
    return node.uniqueId().toString()


def _note_name(key: str) -> str:
    return f"{NOTE_NAME}-{key.strip('{}')}"
