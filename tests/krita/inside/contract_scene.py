"""The scene of ``tests/host/contract.py`` in a Krita with a window."""

import sys
import threading
import time

from documents import SPACES, add_layer, color_space, empty_document, krita, on_image, pixels_of
from krita import Selection
from main_thread import MainThread, Proxy

sys.path.append("/exshot/tests/host")

import contract

_MOMENT = 0.3  # s, in which Krita's window follows what was done
_PATIENCE = 20  # moments


def bgra(rgba):
    data = bytearray(rgba)
    data[0::4], data[2::4] = data[2::4], data[0::4]
    return bytes(data)


class KritaScene:
    """A fresh document in front, and the plug-in's adapter on it; used from a thread."""

    can_undo = True

    def __init__(self, main, space, replaced):
        from exshot.host import KritaHost

        from exshot_host.texts.catalogues import Translator

        self._main = main
        self.tolerance = 0 if space == SPACES["rgb8"] else 1
        self.document, self.pose, self.expression = main(self._make, space)
        for _ in range(20):
            time.sleep(_MOMENT)
            if main(self._activate):
                break
        # Nodes are of the main thread: used in another, Krita 6 loses hold of them.
        follow = {"add": lambda steps: main(list, steps), "finish": self._shown}
        after = {
            "open_layer": lambda reader: Proxy(main, reader),
            "begin_group": lambda writer: Proxy(main, writer, follow),
            "write_patch": self._shown,
        }
        self.host = Proxy(main, main(KritaHost, self.document, replaced, Translator()), after)

    def _make(self, space):
        document = empty_document(*contract.IMAGE_SIZE, space)
        pose = add_layer(document, bgra(contract.pattern(64, 48, 0)), (64, 48), "pose")
        x0, y0, x1, y1 = contract.EXPRESSION_BOX
        expression = bgra(contract.pattern(40, 36, 1))
        above = add_layer(document, expression, (x1 - x0, y1 - y0), "expression", pose, (x0, y0))
        krita.activeWindow().addView(document)
        krita.setActiveDocument(document)
        return document, *(node.uniqueId().toString() for node in (pose, above))

    def _activate(self):
        active = self.document.activeNode()
        if active is not None and active.uniqueId().toString() == self.pose:
            return True
        self.document.setActiveNode(self.document.nodeByName("pose"))
        return False

    def select(self, x0, y0, x1, y1):
        def do():
            selection = Selection()
            selection.select(x0, y0, x1 - x0, y1 - y0, 255)
            self.document.setSelection(selection)

        _settled(self._main(do))

    def undo(self):
        before = self._main(self._layers)
        self._main(krita.action("edit_undo").trigger)
        for _ in range(_PATIENCE):  # a busy machine takes longer than a moment
            time.sleep(_MOMENT)
            if self._main(self._layers) != before:
                break

    def _layers(self):
        return [node.uniqueId().toString() for node in self.document.topLevelNodes()]

    def delete(self, layer_id):
        def do():
            for node in self.document.topLevelNodes():
                if node.uniqueId().toString() == layer_id:
                    node.remove()

        _settled(self._main(do))

    def flattened(self):
        samples = self._main(self._drawn)
        for _ in range(_PATIENCE):  # Krita may be drawing it still
            time.sleep(_MOMENT)
            before, samples = samples, self._main(self._drawn)
            if samples == before:
                break
        pairs = zip(samples[::2], samples[1::2])
        return bgra(bytes((low + 256 * high + 128) // 257 for low, high in pairs))

    def _shown(self, value):
        """Once Krita has drawn what was written: it does that when it finds time."""
        _settled(value)
        self.flattened()
        return value

    def _drawn(self):
        whole = (0, 0, *contract.IMAGE_SIZE)
        return pixels_of(on_image(self.document), whole, color_space(self.document))

    def close(self):
        def do():
            self.document.setModified(False)
            self.document.close()

        _settled(self._main(do))


def _settled(value):
    time.sleep(_MOMENT)
    return value


class ContractRun:
    """Runs the contract in a thread; ``results`` is None until all checks are through."""

    def __init__(self, space_name, replaced):
        self.results = None
        self._main = MainThread()
        self._scenes = []
        self._space, self._replaced = SPACES[space_name], replaced
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        results = contract.run_contract(self._make)
        self._close()
        self.results = results

    def _make(self):
        self._close()
        self._scenes = [KritaScene(self._main, self._space, self._replaced)]
        return self._scenes[0]

    def _close(self):
        for scene in self._scenes:
            scene.close()
        self._scenes = []
