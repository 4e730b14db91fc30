"""An editor in memory: layers with pixels, masks, notes, a selection and undo. Stdlib only."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from exshot_host.adapter import LayerInfo, LayerReader, Patch, SelectionMask, WholeLayer
from exshot_host.errors import HostError


@dataclass
class FakeLayer:
    """RGBA 8-bit pixels at a place of the image."""

    id: str
    name: str
    x: int
    y: int
    width: int
    height: int
    pixels: bytes
    mask: bytes | None = None
    note: str | None = None
    kind: str = "pixels"
    revision: str | None = None
    visible: bool = True
    mixed: bool = False


@dataclass
class FakeHost:
    """An `EditorHost`; topmost layer first. ``fail_reading`` makes `open_layer` raise."""

    image: list[FakeLayer] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    name: str = "FakeEdit"
    version: str = "1.0"
    selected_box: SelectionMask | None = None
    settings: str | None = None
    keeps_settings: bool = True
    fail_reading: Exception | None = None
    reads: list[str] = field(default_factory=list)
    open_readers: int = 0
    open_groups: int = 0
    shown_progress: list[tuple[float, str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    _undo: list[tuple[list[FakeLayer], list[str]]] = field(default_factory=list)
    _made: int = 0

    def layers(self) -> Sequence[LayerInfo]:
        return [
            LayerInfo(
                *(layer.id, layer.name, layer.x, layer.y, layer.width, layer.height),
                visible=layer.visible,
                mixed=layer.mixed,
                kind=layer.kind,
                revision=layer.revision,
                made_by_exshot=layer.note is not None,
            )
            for layer in self.image
        ]

    def selected_layers(self) -> Sequence[str]:
        return list(self.selected)

    def open_layer(self, layer_id: str) -> LayerReader:
        if self.fail_reading is not None:
            raise self.fail_reading
        layer = self.find(layer_id)
        self.reads.append(layer_id)
        self.open_readers += 1
        return _CountedReader(self, layer)

    def selection(self) -> SelectionMask | None:
        return self.selected_box

    def prepare_patch(self, patch: Patch) -> Iterator[None]:
        """Nothing: all is quick here."""
        yield from ()

    def write_patch(self, patch: Patch) -> str:
        self.begin_step()
        new = self.made(patch)
        ids = [layer.id for layer in self.image]
        if patch.replace in ids:
            self.image[ids.index(patch.replace)] = new
        else:
            self.image.insert(ids.index(patch.above), new)
        self.selected = [new.id]
        self.patches.append(patch)
        return new.id

    def begin_group(self, base: str, name: str) -> FakeGroupWriter:
        return FakeGroupWriter(self, self.find(base), name)

    def read_note(self, layer_id: str) -> str | None:
        return self.find(layer_id).note

    def load_settings(self) -> str | None:
        return self.settings

    def save_settings(self, text: str) -> bool:
        if self.keeps_settings:
            self.settings = text
        return self.keeps_settings

    def progress(self, share: float, text: str) -> None:
        self.shown_progress.append((share, text))

    def message(self, sentence: str, hint: str) -> None:
        self.messages.append(f"{sentence} {hint}")

    # --- What only tests use ----------------------------------------------------------------------

    def find(self, layer_id: str) -> FakeLayer:
        for layer in self.image:
            if layer.id == layer_id:
                return layer
        raise HostError("bad_option", "The layer is gone.", "Choose another one.")

    def begin_step(self) -> None:
        """What follows can be undone with `undo`."""
        self._undo.append((copy.copy(self.image), list(self.selected)))

    def made(self, patch: Patch) -> FakeLayer:
        """The layer of a patch, not in the image yet."""
        return FakeLayer(
            *(self.new_id(), patch.name, patch.x, patch.y, patch.width, patch.height),
            pixels=_as_rgba(patch),
            mask=bytes(patch.mask),
            note=patch.note,
        )

    def new_id(self) -> str:
        self._made += 1
        return f"made{self._made}"

    def undo(self) -> None:
        self.image, self.selected = self._undo.pop()

    def paint(self, layer_id: str, pixels: bytes) -> None:
        """Change a layer's pixels, as a brush would."""
        index = [layer.id for layer in self.image].index(layer_id)
        self.image[index] = replace(self.image[index], pixels=pixels)


class FakeGroupWriter:
    """A group is a layer, too, with its base's pixels; what is in it follows."""

    def __init__(self, host: FakeHost, base: FakeLayer, name: str) -> None:
        self._host = host
        self._group = replace(base, id=host.new_id(), name=name, kind="group")
        self._inside = [replace(base, id=host.new_id())]
        self._patches: list[Patch] = []
        host.open_groups += 1

    def add(self, patch: Patch) -> Iterator[None]:
        yield
        self._inside.insert(0, self._host.made(patch))
        self._patches.append(patch)

    def finish(self) -> str:
        self._host.begin_step()
        self._host.image[:0] = [self._group, *self._inside]
        self._host.selected = [self._group.id]
        self._host.patches += self._patches
        return self._group.id

    def close(self) -> None:
        self._host.open_groups -= 1


class _CountedReader(WholeLayer):
    """Tells the host when it is closed."""

    def __init__(self, host: FakeHost, layer: FakeLayer) -> None:
        super().__init__(layer.width, layer.height, "rgba", 8, layer.pixels)
        self._host = host

    def close(self) -> None:
        super().close()
        self._host.open_readers -= 1


def _as_rgba(patch: Patch) -> bytes:
    assert (patch.order, patch.depth) == ("rgba", 8)
    return bytes(patch.pixels)
