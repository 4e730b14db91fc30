"""Filters ▸ ExShot ▸ Open Photo Sequence…"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gi.repository import Gimp, Gio

from exshot_host import sequence
from exshot_host.errors import HostError
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator


def open_photos(files: Sequence[str], say: Translator) -> Gimp.Image:
    """A new image with a layer for each photo, the first taken on top and selected."""
    if len(files or ()) < 2:
        raise HostError("bad_option", say(texts.TWO_PHOTOS), say(texts.TWO_PHOTOS_HINT))
    opened: dict[sequence.SequencePhoto, Gimp.Image] = {}
    try:
        for number, path in enumerate(map(Path, dict.fromkeys(files))):
            Gimp.progress_init(say(texts.OPENING).format(name=path.name))
            Gimp.progress_update(number / len(files))
            photo, image = _load(path, say)
            opened[photo] = image
        return _stack(opened)
    finally:
        for image in opened.values():
            image.delete()
        Gimp.progress_end()


def _load(path: Path, say: Translator) -> tuple[sequence.SequencePhoto, Gimp.Image]:
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(path)))
    if image is None:
        reason = Gimp.get_pdb().get_last_error().rstrip(".")
        sentence = say(texts.UNREADABLE_PHOTO).format(name=path.name, reason=reason)
        raise HostError("unreadable_image", sentence)
    metadata = image.get_metadata()
    text = metadata.serialize() if metadata is not None else ""
    taken = sequence.time_taken(path, text)
    degrees, mirrored = sequence.turn_upright(text)  # GIMP does so only when it can ask
    if degrees:
        image.rotate(getattr(Gimp.RotationType, f"DEGREES{degrees}"))
    if mirrored:
        image.flip(Gimp.OrientationType.HORIZONTAL)
    size = (image.get_width(), image.get_height())
    return sequence.SequencePhoto(path, taken, *size), image


def _stack(opened: dict[sequence.SequencePhoto, Gimp.Image]) -> Gimp.Image:
    photos = sequence.in_order(list(opened))
    canvas = max(
        ((photo.width, photo.height) for photo in photos), key=lambda size: size[0] * size[1]
    )
    first = opened[photos[0]]
    image = Gimp.Image.new_with_precision(*canvas, Gimp.ImageBaseType.RGB, first.get_precision())
    image.undo_disable()
    profile = first.get_color_profile()
    if profile is not None and first.get_base_type() == Gimp.ImageBaseType.RGB:
        image.set_color_profile(profile)
    for photo, name in zip(photos, sequence.layer_names(photos)):
        source = opened[photo].merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        layer = Gimp.Layer.new_from_drawable(source, image)
        layer.set_name(name)
        image.insert_layer(layer, None, len(image.get_layers()))
        width, height = sequence.common_size(photo, canvas)
        if (width, height) != (photo.width, photo.height):
            layer.scale(width, height, False)
        layer.set_offsets((canvas[0] - width) // 2, (canvas[1] - height) // 2)
    image.set_selected_layers([image.get_layers()[0]])
    image.undo_enable()
    return image
