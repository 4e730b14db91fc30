"""The open image of GIMP 3, as `exshot_host.adapter.EditorHost` wants it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from gi.repository import Gegl, Gimp

from exshot_contract import options
from exshot_contract.wire import Buffer
from exshot_host.adapter import LayerInfo, Patch, SelectionMask
from exshot_host.errors import HostError
from exshot_host.session.layer_memory import NOTE_NAME
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator

# babl names sRGB-encoded samples with a prime; GEGL converts from any precision and profile.
FORMATS = {
    ("rgb", 8): "R'G'B' u8",
    ("rgba", 8): "R'G'B'A u8",
    ("rgb", 16): "R'G'B' u16",
    ("rgba", 16): "R'G'B'A u16",
}
MASK_FORMAT = "Y u8"  # masks are numbers, not light: "Y' u8" would bend them
EIGHT_BIT = (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U8_LINEAR, Gimp.Precision.U8_PERCEPTUAL)


OPTIONS = {spec.argument: spec for spec in options.OPTIONS}
"""The options by the names that they have as arguments of a procedure."""


PLAIN_MODES = (Gimp.LayerMode.NORMAL, Gimp.LayerMode.NORMAL_LEGACY, Gimp.LayerMode.PASS_THROUGH)


class GimpLayerReader:
    """Reads what a layer shows through its GEGL buffer."""

    def __init__(self, layer: Gimp.Layer, depth: int) -> None:
        # The layer's own buffer knows nothing of its filters and its mask.
        self._rendered = _rendered(layer) if _has_effects(layer) else None
        if self._rendered is not None:
            layer = self._rendered.get_layers()[0]
        self.width = layer.get_width()
        self.height = layer.get_height()
        self.order = "rgba" if layer.has_alpha() else "rgb"
        self.depth = depth
        self._buffer = layer.get_buffer()

    def rows(self, y0: int, y1: int) -> Buffer:
        rect = Gegl.Rectangle.new(0, y0, self.width, y1 - y0)
        return self._buffer.get(rect, 1.0, FORMATS[self.order, self.depth], Gegl.AbyssPolicy.NONE)

    def close(self) -> None:
        self._buffer = None
        if self._rendered is not None:
            self._rendered.delete()
            self._rendered = None


class GimpHost:
    """One image, the drawables that a procedure was called with, and its arguments."""

    name = "GIMP"

    def __init__(
        self,
        image: Gimp.Image,
        drawables: Sequence[Gimp.Drawable],
        config: Gimp.ProcedureConfig | None,
        translate: Translator,
    ) -> None:
        self.version = Gimp.version()
        self._image = image
        self._selected = list(drawables)
        self._config = config
        self._translate = translate
        self._settings: str | None = None
        self._shown = (-1.0, "")

    def layers(self) -> Sequence[LayerInfo]:
        return [_describe(layer, shown) for layer, shown in _walk(self._image.get_layers(), True)]

    def selected_layers(self) -> Sequence[str]:
        layers = (Gimp.Layer.from_mask(x) if x.is_layer_mask() else x for x in self._selected)
        return [str(layer.get_id()) for layer in layers]

    def open_layer(self, layer_id: str) -> GimpLayerReader:
        layer = self._layer(layer_id)
        if self._image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            raise self._error("unsupported_mode", texts.INDEXED, texts.INDEXED_HINT)
        return GimpLayerReader(layer, 8 if self._image.get_precision() in EIGHT_BIT else 16)

    def selection(self) -> SelectionMask | None:
        _, some, x1, y1, x2, y2 = Gimp.Selection.bounds(self._image)
        if not some:
            return None
        rect = Gegl.Rectangle.new(x1, y1, x2 - x1, y2 - y1)
        buffer = self._image.get_selection().get_buffer()
        mask = buffer.get(rect, 1.0, MASK_FORMAT, Gegl.AbyssPolicy.NONE)
        return SelectionMask(x1, y1, x2 - x1, y2 - y1, mask)

    def prepare_patch(self, patch: Patch) -> Iterator[None]:
        """Nothing: GIMP draws while the plug-in works."""
        yield from ()

    def write_patch(self, patch: Patch) -> str:
        if self._image.get_floating_sel() is not None:
            raise self._error("bad_option", texts.FLOATING, texts.FLOATING_HINT)
        old = self._find(patch.replace) if patch.replace else None
        beside = old or self._layer(patch.above)
        layer = self.new_layer(patch)
        clipped = Gimp.LayerCompositeMode.CLIP_TO_BACKDROP
        if beside.get_composite_mode() == clipped:  # the patch ends where its pose layer does
            layer.set_composite_mode(clipped)
        self._image.undo_group_start()
        try:
            place = self._image.get_item_position(beside)
            self._image.insert_layer(layer, beside.get_parent(), place)
            if old is not None:
                layer.set_visible(old.get_visible())
                layer.set_opacity(old.get_opacity())
                self._image.remove_layer(old)
                layer.set_name(patch.name)  # free again
            self._image.set_selected_layers([layer])
            self._selected = [layer]
        finally:
            self._image.undo_group_end()
        Gimp.displays_flush()
        return str(layer.get_id())

    def begin_group(self, base: str, name: str) -> _GroupWriter:
        if self._image.get_floating_sel() is not None:
            raise self._error("bad_option", texts.FLOATING, texts.FLOATING_HINT)
        return _GroupWriter(self, self._layer(base), name)

    def write_group(self, name: str, layers: Sequence[Gimp.Layer]) -> str:
        """Put new layers, the lowest first, into a new group on top; its id."""
        self._image.undo_group_start()
        try:
            group = Gimp.GroupLayer.new(self._image, name)
            self._image.insert_layer(group, None, 0)
            for layer in layers:
                self._image.insert_layer(layer, group, 0)
            self._image.set_selected_layers([group])
            self._selected = [group]
        finally:
            self._image.undo_group_end()
        Gimp.displays_flush()
        return str(group.get_id())

    def read_note(self, layer_id: str) -> str | None:
        parasite = self._layer(layer_id).get_parasite(NOTE_NAME)
        if parasite is None:
            return None
        return bytes(value & 255 for value in parasite.get_data()).decode("utf-8", "replace")

    def load_settings(self) -> str | None:
        """The arguments: GIMP itself remembers those of the last use; without any, the defaults."""
        if self._settings is None:
            if self._config is None:
                return "{}"
            values = {spec.key: self._config.get_property(name) for name, spec in OPTIONS.items()}
            self._settings = json.dumps({"options": values})
        return self._settings

    def save_settings(self, text: str) -> bool:
        self._settings = text
        return True

    def progress(self, share: float, text: str) -> None:
        if self._shown[1] != text:
            Gimp.progress_init(text)
        if self._shown != (share, text):
            Gimp.progress_update(share)
        self._shown = (share, text)

    def message(self, sentence: str, hint: str) -> None:
        Gimp.message(f"{sentence} {hint}".strip())

    def new_layer(self, patch: Patch) -> Gimp.Layer:
        """A patch as a layer that is complete but not in the image yet."""
        grey = self._image.get_base_type() == Gimp.ImageBaseType.GRAY
        layer = Gimp.Layer.new(
            self._image,
            patch.name,
            patch.width,
            patch.height,
            Gimp.ImageType.GRAYA_IMAGE if grey else Gimp.ImageType.RGBA_IMAGE,
            100.0,
            Gimp.LayerMode.NORMAL,
        )
        # GIMP 3 would mix with the mask in linear light; the preview mixes encoded values.
        layer.set_composite_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)
        layer.set_offsets(patch.x, patch.y)
        _write(layer, patch, patch.pixels, FORMATS[patch.order, patch.depth])
        mask = layer.create_mask(Gimp.AddMaskType.BLACK)
        layer.add_mask(mask)
        _write(mask, patch, patch.mask, MASK_FORMAT)
        layer.set_edit_mask(False)
        note = memoryview(patch.note.encode("utf-8")).cast("b").tolist()  # C's char is signed
        layer.attach_parasite(Gimp.Parasite.new(NOTE_NAME, Gimp.PARASITE_PERSISTENT, note))
        return layer

    def _find(self, layer_id: str) -> Gimp.Layer | None:
        layer = Gimp.Item.get_by_id(int(layer_id))
        there = layer is not None and layer.is_layer() and layer.get_image() == self._image
        return layer if there else None

    def _layer(self, layer_id: str) -> Gimp.Layer:
        layer = self._find(layer_id)
        if layer is None:
            sentence = self._translate(texts.NO_SUCH_LAYER).format(layer=layer_id)
            raise HostError("bad_option", sentence, self._translate(texts.CHOOSE_LAYER_HINT))
        return layer

    def _error(self, code: str, sentence: str, hint: str) -> HostError:
        return HostError(code, self._translate(sentence), self._translate(hint))


class _GroupWriter:
    """Collects the layers of a group; they are complete before the image changes at all."""

    def __init__(self, host: GimpHost, base: Gimp.Layer, name: str) -> None:
        self._host, self._name = host, name
        below = base.copy()
        below.set_name(base.get_name())
        below.set_visible(True)
        below.set_opacity(100.0)
        below.set_mode(Gimp.LayerMode.NORMAL)
        below.set_composite_mode(Gimp.LayerCompositeMode.AUTO)
        self._layers = [below]

    def add(self, patch: Patch) -> Iterator[None]:
        yield from ()
        self._layers.append(self._host.new_layer(patch))

    def finish(self) -> str:
        layers, self._layers = self._layers, []
        return self._host.write_group(self._name, layers)

    def close(self) -> None:
        for layer in self._layers:
            layer.delete()
        self._layers = []


def _walk(layers: Iterable[Gimp.Layer], shown: bool) -> Iterator[tuple[Gimp.Layer, bool]]:
    for layer in layers:
        if layer.is_floating_sel():
            continue
        visible = shown and layer.get_visible()
        yield layer, visible
        if layer.is_group():
            yield from _walk(layer.get_children(), visible)


def _describe(layer: Gimp.Layer, visible: bool) -> LayerInfo:
    _, x, y = layer.get_offsets()
    return LayerInfo(
        id=str(layer.get_id()),
        name=layer.get_name(),
        x=x,
        y=y,
        width=layer.get_width(),
        height=layer.get_height(),
        visible=visible,
        kind="group" if layer.is_group() else "pixels",
        made_by_exshot=layer.get_parasite(NOTE_NAME) is not None,
        mixed=layer.get_opacity() < 100.0 or layer.get_mode() not in PLAIN_MODES,
    )


def _has_effects(layer: Gimp.Layer) -> bool:
    masked = layer.get_mask() is not None and layer.get_apply_mask()
    return masked or any(effect.get_visible() for effect in layer.get_filters())


def _rendered(layer: Gimp.Layer) -> Gimp.Image:
    """A new image whose only layer has the pixels that a layer shows, whatever it is mixed with."""
    source = layer.get_image()
    size = (layer.get_width(), layer.get_height())
    picture = Gimp.Image.new_with_precision(*size, source.get_base_type(), source.get_precision())
    picture.undo_disable()
    profile = source.get_color_profile()
    if profile is not None:
        picture.set_color_profile(profile)
    copy = Gimp.Layer.new_from_drawable(layer, picture)
    picture.insert_layer(copy, None, 0)
    copy.set_offsets(0, 0)
    copy.set_visible(True)
    copy.set_opacity(100.0)
    copy.set_mode(Gimp.LayerMode.NORMAL)
    copy.set_composite_mode(Gimp.LayerCompositeMode.AUTO)
    picture.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
    return picture


def _write(drawable: Gimp.Drawable, patch: Patch, pixels: Buffer, layout: str) -> None:
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, patch.width, patch.height), layout, bytes(pixels))
    buffer.flush()
    drawable.update(0, 0, patch.width, patch.height)
