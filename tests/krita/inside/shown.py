"""Runs in kritarunner, without a window: edits of layers with masks, opacity, modes and groups.

For each case of `CASES` it leaves BGRA samples of 16 bits in ``/share``: what the image shows of
the pose and of the expression layer by themselves (``.pose``, ``.expression``), of the result
(``.flat``), and, before and after, with what is done to the pose layer from outside (``.before``,
``.adjusted``). What happened is told in ``/share/shown.json``.
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
# A layer style: half of a blue over the layer's colors.
STYLE = """<!DOCTYPE asl>
<asl>
 <node classId="null" type="Descriptor" name="">
  <node key="Nm  " type="Text" value="style"/>
  <node key="Idnt" type="Text" value="{1b1e9ab0-8a0c-4d66-9d35-6b7c7a1b8c11}"/>
 </node>
 <node classId="Styl" type="Descriptor" name="">
  <node classId="documentMode" key="documentMode" type="Descriptor" name=""/>
  <node classId="Lefx" key="Lefx" type="Descriptor" name="">
   <node key="Scl " type="UnitFloat" unit="#Prc" value="100"/>
   <node key="masterFXSwitch" type="Boolean" value="1"/>
   <node classId="SoFi" key="SoFi" type="Descriptor" name="">
    <node key="enab" type="Boolean" value="1"/>
    <node key="Md  " typeId="BlnM" type="Enum" value="Nrml"/>
    <node key="Opct" type="UnitFloat" unit="#Prc" value="50"/>
    <node classId="RGBC" key="Clr " type="Descriptor" name="">
     <node key="Rd  " type="Double" value="0"/>
     <node key="Grn " type="Double" value="0"/>
     <node key="Bl  " type="Double" value="255"/>
    </node>
   </node>
  </node>
 </node>
</asl>"""


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
    """A document with the two photos. ``target`` and ``source`` are the layers that are chosen,
    ``adjust`` turns on and off what is done to the pose layer from outside."""

    def __init__(self):
        from documents import krita, sequence

        self.krita = krita
        self.document = sequence("/share/pose.png", "/share/expression.png")
        self.pose, self.expression = map(self.document.nodeByName, ("pose", "expression"))
        self.target, self.source = self.pose, self.expression
        self.adjust = lambda on: None

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
        self.target, self.source = self.pose, self.expression

    def group_of(self, layer):
        """Put a layer into a group, which is shown as the layer was."""
        group = self.document.createGroupLayer("group")
        self.document.rootNode().addChildNode(group, layer)
        group.setVisible(layer.visible())
        inner = layer.duplicate()
        inner.setVisible(True)
        group.addChildNode(inner, None)
        layer.remove()
        inner = group.childNodes()[0]
        if inner.name() == "pose":
            self.pose = self.target = inner
        else:
            self.expression = self.source = inner
        return group

    def mask(self, layer):
        """A transparency mask that leaves out the image's borders."""
        mask = self.document.createTransparencyMask("mask")
        width, height = self.document.width(), self.document.height()
        mask.setSelection(self.inside(0.05 * width, 0, 0.9 * width, 0.85 * height))
        layer.addChildNode(mask, None)
        return mask

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
    scene.mask(scene.pose)


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


def masked_group_as_pose(scene):
    scene.backdrop()
    scene.target = scene.group_of(scene.pose)
    scene.mask(scene.target)


def open_group_as_pose(scene):
    """What lies in it is mixed with what lies below it, as if there were no group."""
    scene.backdrop()
    scene.target = scene.group_of(scene.pose)
    scene.target.setPassThroughMode(True)


def filtered_group_as_expression(scene):
    scene.source = scene.group_of(scene.expression)
    scene.filter_mask(scene.source)


def clone_as_pose(scene):
    """It shows a layer that is filtered, and is filtered itself."""
    scene.filter_mask(scene.pose, "desaturate")
    clone = scene.document.createCloneLayer("clone", scene.pose)
    scene.document.rootNode().addChildNode(clone, scene.pose)
    scene.target = scene.document.nodeByName("clone")
    scene.filter_mask(scene.target)


def file_as_expression(scene):
    layer = scene.document.createFileLayer("file", "/share/expression.png", "None")
    scene.document.rootNode().addChildNode(layer, None)
    scene.document.waitForDone()
    scene.expression = scene.source = scene.document.nodeByName("file")
    scene.source.setVisible(False)
    scene.filter_mask(scene.source)


def pose_in_a_filtered_group(scene):
    scene.adjust = scene.filter_mask(scene.group_of(scene.pose)).setVisible


def pose_in_a_masked_group(scene):
    scene.backdrop()
    scene.adjust = scene.mask(scene.group_of(scene.pose)).setVisible


def pose_in_a_faint_group(scene):
    scene.backdrop()
    group = scene.group_of(scene.pose)
    scene.adjust = lambda on: group.setOpacity(153 if on else 255)


def pose_in_a_multiplied_group(scene):
    scene.backdrop()
    group = scene.group_of(scene.pose)
    scene.adjust = lambda on: group.setBlendingMode("multiply" if on else "normal")


def pose_in_an_open_group(scene):
    scene.group_of(scene.pose).setPassThroughMode(True)


def adjustment_above(scene):
    layer = scene.document.createFilterLayer("adjust", scene.filter(), scene.everywhere())
    scene.document.rootNode().addChildNode(layer, None)
    scene.adjust = layer.setVisible


def faint_pose(scene):
    scene.backdrop()
    scene.pose.setOpacity(150)


def multiplied_pose(scene):
    scene.backdrop()
    scene.pose.setBlendingMode("multiply")


def styled_pose(scene):
    scene.pose.setLayerStyleFromAsl(STYLE)


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
        masked_group_as_pose,
        open_group_as_pose,
        filtered_group_as_expression,
        clone_as_pose,
        file_as_expression,
        pose_in_a_filtered_group,
        pose_in_a_masked_group,
        pose_in_a_faint_group,
        pose_in_a_multiplied_group,
        pose_in_an_open_group,
        adjustment_above,
        faint_pose,
        multiplied_pose,
        styled_pose,
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
    scene.adjust(True)
    _save(name, "before", scene.shown())
    scene.adjust(False)
    _save(name, "pose", scene.shown())
    _expression_alone(scene, name)
    host = KritaHost(document, NothingReplaced(), Translator(["en"]))
    answer = {"size": [document.height(), document.width()]}
    try:
        with EngineClient(name="kritarunner") as client:
            session = EditSession(host, client)
            session.open()
            session.set_layer("pose", scene.target.uniqueId().toString())
            session.set_layer("expression", scene.source.uniqueId().toString())
            session.run(timeout=120)
            session.close()
    except HostError as error:
        answer.update(error=error.code, sentence=error.sentence, hint=error.hint)
    _save(name, "flat", scene.shown())
    scene.adjust(True)
    _save(name, "adjusted", scene.shown())
    document.setModified(False)
    document.close()
    return answer


def _save(name, part, samples):
    (SHARE / f"{name}.{part}").write_bytes(samples)


def _expression_alone(scene, name):
    """Save what the expression layer shows by itself: in place of all others, fully opaque."""
    nodes = scene.document.topLevelNodes()
    seen = [node.visible() for node in nodes]
    for node in nodes:
        node.setVisible(node == scene.source)
    opacity, mode = scene.source.opacity(), scene.source.blendingMode()
    scene.source.setOpacity(255)
    scene.source.setBlendingMode("normal")
    _save(name, "expression", scene.shown())
    scene.source.setOpacity(opacity)
    scene.source.setBlendingMode(mode)
    for node, was in zip(nodes, seen):
        node.setVisible(was)
    scene.shown()
