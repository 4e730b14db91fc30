"""Runs in kritarunner, without a window: edits of layers with masks, opacity, modes and groups.

For each case of `CASES` it leaves in ``/share`` what the image shows of the pose layer, of the
expression layer and, after the edit, of the result, as BGRA samples of 16 bits, and tells what
happened in ``/share/shown.json``.
"""

import json
import re
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, "/exshot/tests/krita/inside")
sys.path.insert(0, "/tmp/home/.local/share/krita/pykrita")

SHARE = Path("/share")
PLACE = '<transformedCenter type="pointf" x="{}" y="{}"/>'
SETTLING = 1.5  # s, in which Krita 5.2 takes note of a transform


def main(arguments=None):
    report = {}
    try:
        import exshot  # noqa: F401 - makes exshot_host importable, as in Krita

        for name, prepare in CASES.items():
            report[name] = edit_in(name, prepare)
    except BaseException:
        report["failure"] = traceback.format_exc()
    (SHARE / "shown.json").write_text(json.dumps(report, indent=1))


class Scene:
    """A document with the two photos; ``adjusting`` is hidden while photos are looked at."""

    def __init__(self):
        from documents import krita, sequence

        self.krita = krita
        self.document = sequence("/share/pose.png", "/share/expression.png")
        self.pose, self.expression = map(self.document.nodeByName, ("pose", "expression"))
        self.target = self.pose
        self.adjusting = []

    def everywhere(self):
        return self.inside(0, 0, self.document.width(), self.document.height())

    def inside(self, x, y, width, height):
        from krita import Selection

        selection = Selection()
        selection.select(round(x), round(y), round(width), round(height), 255)
        return selection

    def filter(self, name="invert"):
        return self.krita.filter(name)

    def filter_mask(self, layer, name="invert"):
        mask = self.document.createFilterMask("filter", self.filter(name), self.everywhere())
        layer.addChildNode(mask, None)
        return mask

    def move(self, layer, x, y):
        """Show a layer elsewhere by a transform mask."""
        from qt import QtWidgets

        mask = self.document.createTransformMask("moved")
        layer.addChildNode(mask, None)
        mask.fromXML(re.sub("<transformedCenter [^>]*/>", PLACE.format(x, y), mask.toXML()))
        end = time.monotonic() + SETTLING
        while time.monotonic() < end:
            QtWidgets.QApplication.processEvents()
            time.sleep(0.05)

    def backdrop(self, height=1.0):
        """A plain layer below both photos, over a share of the image's height."""
        from documents import add_layer

        size = (self.document.width(), round(height * self.document.height()))
        pixels = bytes((200, 120, 40, 255)) * (size[0] * size[1])
        layer = add_layer(self.document, pixels, size, "backdrop")
        duplicate = layer.duplicate()
        layer.remove()
        self.document.rootNode().setChildNodes([duplicate, *self.document.topLevelNodes()])
        self.pose, self.expression = map(self.document.nodeByName, ("pose", "expression"))
        self.target = self.pose

    def group_of(self, layer):
        group = self.document.createGroupLayer("group")
        self.document.rootNode().addChildNode(group, None)
        inner = layer.duplicate()
        group.addChildNode(inner, None)
        layer.remove()
        self.pose = group.childNodes()[0]
        return group

    def shown(self):
        """What the image shows, as BGRA samples of 16 bits."""
        from documents import color_space, on_image, pixels_of

        whole = (0, 0, self.document.width(), self.document.height())
        return pixels_of(on_image(self.document), whole, color_space(self.document))


def filtered_pose(scene):
    scene.filter_mask(scene.pose, "desaturate")


def filtered_expression(scene):
    scene.filter_mask(scene.expression)


def masked_pose(scene):
    scene.backdrop()
    mask = scene.document.createTransparencyMask("mask")
    width, height = scene.document.width(), scene.document.height()
    mask.setSelection(scene.inside(0.05 * width, 0, 0.9 * width, 0.85 * height))
    scene.pose.addChildNode(mask, None)


def moved_expression(scene):
    scene.move(scene.expression, scene.document.width() // 6, 30)


def moved_pose(scene):
    scene.backdrop()
    scene.move(scene.pose, 60, -20)


def clipped_pose(scene):
    scene.backdrop(0.7)
    scene.pose.setInheritAlpha(True)


def faint_expression(scene):
    scene.expression.setOpacity(100)
    scene.expression.setBlendingMode("multiply")


def filtered_group_as_pose(scene):
    scene.target = scene.group_of(scene.pose)
    scene.filter_mask(scene.target, "desaturate")


def pose_in_a_filtered_group(scene):
    group = scene.group_of(scene.pose)
    scene.target = scene.pose
    scene.adjusting = [scene.filter_mask(group)]


def adjustment_above(scene):
    layer = scene.document.createFilterLayer("adjust", scene.filter(), scene.everywhere())
    scene.document.rootNode().addChildNode(layer, None)
    scene.adjusting = [layer]


def faint_pose(scene):
    scene.backdrop()
    scene.pose.setOpacity(150)


def multiplied_pose(scene):
    scene.backdrop()
    scene.pose.setBlendingMode("multiply")


CASES = {
    case.__name__: case
    for case in (
        filtered_pose,
        filtered_expression,
        masked_pose,
        moved_expression,
        moved_pose,
        clipped_pose,
        faint_expression,
        filtered_group_as_pose,
        pose_in_a_filtered_group,
        adjustment_above,
        faint_pose,
        multiplied_pose,
    )
}


def edit_in(name, prepare):
    from exshot.host import KritaHost
    from spaces import NothingReplaced

    from exshot_host.engine.client import EngineClient
    from exshot_host.errors import HostError
    from exshot_host.session.edit_session import EditSession
    from exshot_host.texts.catalogues import Translator

    scene = Scene()
    document = scene.document
    prepare(scene)
    for node in scene.adjusting:
        node.setVisible(False)
    (SHARE / f"{name}.pose").write_bytes(scene.shown())
    _expression_alone(scene, name)
    host = KritaHost(document, NothingReplaced(), Translator(["en"]))
    answer = {"size": [document.height(), document.width()]}
    try:
        with EngineClient(name="kritarunner") as client:
            session = EditSession(host, client)
            session.open()
            session.set_layer("pose", scene.target.uniqueId().toString())
            session.set_layer("expression", scene.expression.uniqueId().toString())
            session.run(timeout=120)
            session.close()
    except HostError as error:
        answer.update(error=error.code, sentence=error.sentence, hint=error.hint)
    (SHARE / f"{name}.flat").write_bytes(scene.shown())
    for node in scene.adjusting:
        node.setVisible(True)
    (SHARE / f"{name}.adjusted").write_bytes(scene.shown())
    document.setModified(False)
    document.close()
    return answer


def _expression_alone(scene, name):
    """Save what the expression layer shows by itself: in place of all others, fully opaque."""
    nodes = scene.document.topLevelNodes()
    seen = [node.visible() for node in nodes]
    for node in nodes:
        node.setVisible(node == scene.expression)
    opacity, mode = scene.expression.opacity(), scene.expression.blendingMode()
    scene.expression.setOpacity(255)
    scene.expression.setBlendingMode("normal")
    (SHARE / f"{name}.expression").write_bytes(scene.shown())
    scene.expression.setOpacity(opacity)
    scene.expression.setBlendingMode(mode)
    for node, was in zip(nodes, seen):
        node.setVisible(was)
    scene.shown()
