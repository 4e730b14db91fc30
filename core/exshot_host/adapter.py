"""What an editor must offer: the whole of an adapter. A third editor costs one such file.

All calls come from the thread that calls `EditSession.poll`, the editor's main thread. An adapter
converts pixels to and from sRGB-encoded, not premultiplied RGB with alpha, and raises `HostError`
(sentence, hint) for what the user can mend; anything else that it raises is shown as a failure of
the editor. Layer ids are strings that stay the same while the layer lives.

`tests/host/contract.py` holds the tests that every adapter must pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from exshot_contract.wire import Buffer


@dataclass(frozen=True)
class LayerInfo:
    """A layer that can be a photo (has pixels or a projection; not a mask, not the empty group).

    Attributes:
        id: what the adapter finds the layer by.
        name: as the user sees it.
        x, y: where the layer's top left pixel lies in the image; may be negative.
        width, height: size of the layer (not of the image).
        visible: shown, together with all groups that it is in.
        kind: ``"pixels"`` for a plain layer, else a word such as ``"group"`` or ``"file"``.
        revision: changes whenever the pixels do; None where the editor cannot tell, and then the
            session reads the layer again before it applies.
        made_by_exshot: has a note (see `EditorHost.read_note`).
        mixed: an opacity below 100 %, a blend mode or a style makes it look other than its pixels;
            it cannot be the pose layer then, for what lies above it would not fit what is seen.
    """

    id: str
    name: str
    x: int
    y: int
    width: int
    height: int
    visible: bool = True
    kind: str = "pixels"
    revision: str | None = None
    made_by_exshot: bool = False
    mixed: bool = False


class LayerReader(Protocol):
    """Pixels of one layer, read in bands so that the editor's window stays alive.

    They are those that the layer shows: with its filters, and its mask in its alpha. Opacity and
    blend mode do not count (see `LayerInfo.mixed`), nor what the groups around it do: a new layer
    lies in the same group, and all that is done to the one is done to the other.

    Attributes:
        width, height: as in `LayerInfo`.
        order: ``"rgb"``, ``"rgba"`` or ``"bgra"``, what costs the editor least; with alpha where
            the layer has any.
        depth: 8, or 16 for images of higher precision (samples little-endian).
    """

    width: int
    height: int
    order: str
    depth: int

    def rows(self, y0: int, y1: int) -> Buffer:
        """Rows ``y0 … y1 - 1`` of the layer, full width, tightly packed."""
        ...

    def close(self) -> None:
        """Free what was made for reading. Called once, also after a failure."""
        ...


@dataclass
class WholeLayer:
    """A `LayerReader` over pixels that were read in one go."""

    width: int
    height: int
    order: str
    depth: int
    pixels: Buffer

    def rows(self, y0: int, y1: int) -> Buffer:
        stride = len(self.pixels) // self.height
        return memoryview(self.pixels)[y0 * stride : y1 * stride]

    def close(self) -> None:
        self.pixels = b""


@dataclass(frozen=True)
class SelectionMask:
    """The selection inside its bounding box: ``width * height`` bytes, 255 fully selected.

    ``x, y``: the box's top left pixel in the image. Outside the box nothing is selected.
    """

    x: int
    y: int
    width: int
    height: int
    mask: Buffer


@dataclass(frozen=True)
class Patch:
    """A layer to make, with a mask.

    Attributes:
        above: id of the layer that it goes right above, in the same group: the pose layer, or what
            was made of it before.
        replace: id of the layer that it replaces (position, visibility), or None. Where that layer
            is gone, the patch goes above ``above``.
        name: for the new layer.
        x, y, width, height: box in the image.
        order, depth: of the pixels: those of the pose layer's reader.
        pixels: opaque where there is alpha.
        mask: ``width * height`` bytes, 255 where the layer covers; becomes a layer mask that can be
            painted on. It must blend as ``layer * m + below * (1 - m)`` on sRGB-encoded values.
        note: text to keep with the layer (a parasite, an annotation), also in the saved file.
    """

    above: str
    replace: str | None
    name: str
    x: int
    y: int
    width: int
    height: int
    order: str
    depth: int
    pixels: Buffer
    mask: Buffer
    note: str


class GroupWriter(Protocol):
    """A group of patches that is being made; the image stays as it is until `finish`."""

    def add(self, patch: Patch) -> Iterator[None]:
        """Put a patch above those before, in steps. Its ``above`` and ``replace`` play no part."""
        ...

    def finish(self) -> str:
        """Put the group on top of the image, as **one** undo step; its id. The group becomes the
        active layer; the selection and all other layers stay as they were."""
        ...

    def close(self) -> None:
        """Free what was made for it. Called once, also after a failure or without `finish`."""
        ...


class EditorHost(Protocol):
    """The open image of an editor. See the module's text for threads and errors.

    Attributes:
        name: the editor, as in messages: ``"GIMP"``.
        version: its version.
    """

    name: str
    version: str

    def layers(self) -> Sequence[LayerInfo]:
        """Layers that can be photos, topmost first, those inside groups after their group.

        Empty where there is no image. Quick: called whenever a list is refreshed.
        """
        ...

    def selected_layers(self) -> Sequence[str]:
        """Ids of the selected layers, the active one first."""
        ...

    def open_layer(self, layer_id: str) -> LayerReader:
        """Begin to read a layer. Raises `HostError` (``unsupported_mode``) where it cannot be a
        photo, e.g. in an indexed image."""
        ...

    def selection(self) -> SelectionMask | None:
        """The selection, or None where everything is selected or there is none."""
        ...

    def prepare_patch(self, patch: Patch) -> Iterator[None]:
        """Do what can be done ahead while the image stays as it is; nothing, in most editors.

        Each step may take some ten milliseconds; the editor's event loop runs between two. After
        the last one `write_patch` of the same patch follows, if at all.
        """
        ...

    def write_patch(self, patch: Patch) -> str:
        """Make the layer as **one** undo step; the id of the new layer.

        The selection, the other layers and, where the editor allows, the active tool stay as they
        were. The new layer becomes the active one.
        """
        ...

    def begin_group(self, base: str, name: str) -> GroupWriter:
        """Begin a group with a copy of the layer ``base`` at its bottom, which is shown and opaque
        whatever the layer is: so the group is seen as the whole picture. ``name``: the group's."""
        ...

    def read_note(self, layer_id: str) -> str | None:
        """The `Patch.note` of a layer, or None."""
        ...

    def load_settings(self) -> str | None:
        """The text last given to `save_settings`; None for the session's own file."""
        ...

    def save_settings(self, text: str) -> bool:
        """Keep a text for the next time; False to have it kept in the session's own file."""
        ...

    def progress(self, share: float, text: str) -> None:
        """Show how far a long step is (blocking use only; dialogs read `View.share`)."""
        ...

    def message(self, sentence: str, hint: str) -> None:
        """Tell the user (blocking use only; dialogs read `View.sentence`)."""
        ...
