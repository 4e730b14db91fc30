"""The scene of `tests/host/contract.py` in the real GIMP, and a run of the contract."""

import sys
from pathlib import Path

from gi.repository import Gegl, Gimp

sys.path[:0] = [str(next(Path.home().glob(".config/GIMP/*/plug-ins/exshot"))), "/exshot/tests/host"]

import contract
from gimp_host import GimpHost

from exshot_host.adapter import EditorHost
from exshot_host.texts.catalogues import Translator


class GimpScene:
    """See `contract.Scene`. Without a window GIMP offers no undo; a window's test does."""

    can_undo = False

    def __init__(self, precision, tolerance):
        self.tolerance = tolerance
        kind = Gimp.ImageBaseType.RGB
        self.image = Gimp.Image.new_with_precision(*contract.IMAGE_SIZE, kind, precision)
        pose = self._add("pose", contract.POSE_BOX, 0)
        expression = self._add("expression", contract.EXPRESSION_BOX, 1)
        self.image.set_selected_layers([pose])
        self.pose, self.expression = str(pose.get_id()), str(expression.get_id())
        selected = self.image.get_selected_layers()
        self.host: EditorHost = GimpHost(self.image, selected, None, Translator())

    def select(self, x0, y0, x1, y1):
        operation = Gimp.ChannelOps.REPLACE
        self.image.select_rectangle(operation, x0, y0, x1 - x0, y1 - y0)

    def undo(self):
        raise NotImplementedError

    def delete(self, layer_id):
        self.image.remove_layer(Gimp.Item.get_by_id(int(layer_id)))

    def flattened(self):
        copy = self.image.duplicate()
        layer = copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        rect = Gegl.Rectangle.new(0, 0, *contract.IMAGE_SIZE)
        data = layer.get_buffer().get(rect, 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.NONE)
        copy.delete()
        return bytes(data)

    def _add(self, name, box, kind):
        width, height = box[2] - box[0], box[3] - box[1]
        form, mode = Gimp.ImageType.RGBA_IMAGE, Gimp.LayerMode.NORMAL
        layer = Gimp.Layer.new(self.image, name, width, height, form, 100, mode)
        self.image.insert_layer(layer, None, 0)
        layer.set_offsets(box[0], box[1])
        buffer = layer.get_buffer()
        rect = Gegl.Rectangle.new(0, 0, width, height)
        buffer.set(rect, "R'G'B'A u8", contract.pattern(width, height, kind))
        buffer.flush()
        layer.update(0, 0, width, height)
        return layer


def run(precision, tolerance):
    """Names and problems of all checks."""
    named = getattr(Gimp.Precision, precision)
    return contract.run_contract(lambda: GimpScene(named, tolerance))
