"""The scene of ``tests/host/contract.py`` in a Krita with a window."""

import sys
from importlib.util import module_from_spec, spec_from_file_location

from documents import SPACES, add_layer, empty_document, krita, on_image, pixels_of
from krita import Selection
from PyQt5 import QtTest

sys.path.append("/exshot/tests")
_spec = spec_from_file_location("contract", "/exshot/tests/host/contract.py")
contract = module_from_spec(_spec)
_spec.loader.exec_module(contract)


def bgra(rgba):
    data = bytearray(rgba)
    data[0::4], data[2::4] = data[2::4], data[0::4]
    return bytes(data)


class KritaScene:
    """A fresh document in front, and the plug-in's adapter on it."""

    can_undo = True

    def __init__(self, space, replaced):
        self.tolerance = 0 if space == SPACES["rgb8"] else 1
        self.document = empty_document(*contract.IMAGE_SIZE, space)
        pose = add_layer(self.document, bgra(contract.pattern(64, 48, 0)), (64, 48), "pose")
        x0, y0, x1, y1 = contract.EXPRESSION_BOX
        expression = bgra(contract.pattern(40, 36, 1))
        size = (x1 - x0, y1 - y0)
        above = add_layer(self.document, expression, size, "expression", pose, (x0, y0))
        krita.activeWindow().addView(self.document)
        krita.setActiveDocument(self.document)
        self.pose, self.expression = (node.uniqueId().toString() for node in (pose, above))
        for _ in range(20):  # a new view chooses a layer of its own a little later
            settle()
            active = self.document.activeNode()
            if active is not None and active.uniqueId() == pose.uniqueId():
                break
            self.document.setActiveNode(pose)
        self.host = settled_host(self.document, replaced)

    def select(self, x0, y0, x1, y1):
        selection = Selection()
        selection.select(x0, y0, x1 - x0, y1 - y0, 255)
        self.document.setSelection(selection)
        settle()

    def undo(self):
        krita.action("edit_undo").trigger()
        settle()

    def delete(self, layer_id):
        for node in self.document.topLevelNodes():
            if node.uniqueId().toString() == layer_id:
                node.remove()
        settle()

    def flattened(self):
        whole = (0, 0, *contract.IMAGE_SIZE)
        document = self.document
        space = (document.colorModel(), document.colorDepth(), document.colorProfile())
        samples = pixels_of(on_image(document), whole, space)
        return bgra(
            bytes((low + 256 * high + 128) // 257 for low, high in zip(samples[::2], samples[1::2]))
        )

    def close(self):
        self.document.setModified(False)
        self.document.close()
        settle()


def settled_host(document, replaced):
    """The adapter; Krita's window is given the moment that it takes to follow a new layer."""
    from exshot.host import KritaHost

    class SettledHost(KritaHost):
        def write_patch(self, patch):
            key = super().write_patch(patch)
            settle()
            return key

    return SettledHost(document, replaced)


def settle():
    QtTest.QTest.qWait(150)


def run(space_name, replaced):
    """Names of the checks with what went wrong in each."""
    scenes = []

    def make():
        for scene in scenes:
            scene.close()
        scenes[:] = [KritaScene(SPACES[space_name], replaced)]
        return scenes[0]

    found = contract.run_contract(make)
    scenes[0].close()
    return found
