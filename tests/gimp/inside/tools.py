"""What the tests' code finds inside GIMP: short names for the PDB."""

from pathlib import Path

from gi.repository import Gegl, Gimp, Gio, GLib

NONINTERACTIVE = Gimp.RunMode.NONINTERACTIVE
SHARE = Path("/share")
KEPT = {}  # images by name, from one request to the next


def load(*names):
    """An image with a layer for each picture of the share, the first on top, named by file."""
    image = Gimp.file_load(NONINTERACTIVE, Gio.File.new_for_path(str(SHARE / names[0])))
    image.get_layers()[0].set_name(Path(names[0]).stem)
    for name in names[1:]:
        layer = Gimp.file_load_layer(
            NONINTERACTIVE, image, Gio.File.new_for_path(str(SHARE / name))
        )
        layer.set_name(Path(name).stem)
        image.insert_layer(layer, None, len(image.get_layers()))
    return image


def layer_of(image, name):
    """The layer with that name, also inside groups."""

    def search(layers):
        for layer in layers:
            if layer.get_name() == name:
                return layer
            found = search(layer.get_children()) if layer.is_group() else None
            if found is not None:
                return found
        return None

    return search(image.get_layers())


def names(image):
    """The layer tree: names, groups as [name, children]."""

    def tree(layers):
        return [
            [x.get_name(), tree(x.get_children())] if x.is_group() else x.get_name() for x in layers
        ]

    return tree(image.get_layers())


def call(procedure, image=None, drawables=None, mode=NONINTERACTIVE, **arguments):
    """Run a procedure: status nick, error message, further return values."""
    found = Gimp.get_pdb().lookup_procedure(procedure)
    config = found.create_config()
    if found.find_argument("run-mode") is not None:
        config.set_property("run-mode", mode)
    if image is not None:
        config.set_property("image", image)
        config.set_core_object_array("drawables", drawables or image.get_selected_layers())
    for name, value in arguments.items():
        config.set_property(name.replace("_", "-"), value)
    values = found.run(config)
    status = values.index(0)
    message = Gimp.get_pdb().get_last_error() if status != Gimp.PDBStatusType.SUCCESS else ""
    return status.value_nick, message, [values.index(i) for i in range(1, values.length())]


def dump(drawable, layout, name):
    """Write a drawable's pixels to the share as raw bytes; its box in the image."""
    width, height = drawable.get_width(), drawable.get_height()
    rect = Gegl.Rectangle.new(0, 0, width, height)
    data = drawable.get_buffer().get(rect, 1.0, layout, Gegl.AbyssPolicy.NONE)
    (SHARE / name).write_bytes(bytes(data))
    return [*drawable.get_offsets()[1:], width, height]


def flat(image, layout, name):
    """The picture as seen, as raw bytes; ``[0, 0, width, height]``."""
    copy = image.duplicate()
    merged = copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
    box = dump(merged, layout, name)
    copy.delete()
    return box


def paint(drawable, layout, name):
    """Replace a drawable's pixels by raw bytes of the share."""
    width, height = drawable.get_width(), drawable.get_height()
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), layout, (SHARE / name).read_bytes())
    buffer.flush()
    drawable.update(0, 0, width, height)


def save(image, name):
    """Save to the share, format by suffix."""
    return Gimp.file_save(NONINTERACTIVE, image, Gio.File.new_for_path(str(SHARE / name)), None)


__all__ = ["KEPT", "GLib", "Gegl", "Gimp", "Gio"]
