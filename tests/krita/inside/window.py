"""Runs inside Krita before a test's own code: small names for what the tests do there."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.append("/exshot/tests/krita/inside")

from documents import burst, krita, photo_layer, sequence
from qt import QtCore, QtTest, QtWidgets

__all__ = ["QtCore", "QtTest", "QtWidgets", "burst", "krita", "os", "photo_layer", "sequence"]


def window():
    return krita.activeWindow().qwindow()


def docker():
    return next(d for d in krita.dockers() if d.objectName() == "exshot_docker")


def panel():
    return docker().panel


def state():
    session = docker().session
    return session.view().state.value if session is not None else "none"


def view():
    return docker().session.view()


def show(document):
    """Give a document a view, in front."""
    document.setBatchmode(True)
    krita.activeWindow().addView(document)
    krita.setActiveDocument(document)
    document.waitForDone()
    return document


def activate(name):
    """Ask for a layer to become the active one; whether it is. Krita follows only when it is back
    in its own event loop, so a test asks again and again."""
    document = krita.activeDocument()
    active = document.activeNode()
    if active is not None and active.name() == name:
        return True
    document.setActiveNode(document.nodeByName(name))
    return False


def names():
    """Layers of the active document from the bottom, with their masks."""
    document = krita.activeDocument()
    document.waitForDone()
    return [[n.name(), *(c.type() for c in n.childNodes())] for n in document.topLevelNodes()]


def tree():
    """The layers of the active document from the top; a group is [name, layers], a layer with a
    mask [name, "transparencymask"]."""
    document = krita.activeDocument()
    document.waitForDone()

    def below(node):
        inside = [below(child) for child in reversed(node.childNodes())]
        if node.type() == "transparencymask":
            return node.type()
        return [node.name(), *([inside] if node.type() == "grouplayer" else inside)]

    return [below(node) for node in reversed(document.topLevelNodes())]


def history():
    """What Krita's History docker lists, and which entry is current."""
    docker = next(d for d in krita.dockers() if d.objectName() == "History")
    lists = docker.findChild(QtWidgets.QListView)
    model = lists.model()
    entries = [model.data(model.index(row, 0)) for row in range(model.rowCount())]
    return [entries, lists.currentIndex().row()]


def trigger(name):
    krita.action(name).trigger()
    krita.activeDocument().waitForDone()


def middle(widget):
    """A widget's middle and size in pixels of the screen; scrolled into view where it must be."""
    for area in panel().findChildren(QtWidgets.QScrollArea):
        if area.widget().isAncestorOf(widget):
            area.ensureWidgetVisible(widget)
            QtTest.QTest.qWait(100)
    point = widget.mapToGlobal(widget.rect().center())
    places = (point.x(), point.y(), widget.width(), widget.height())
    return [round(place * widget.devicePixelRatioF()) for place in places]


def xdotool(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True)


def screenshot(path):
    subprocess.run(["import", "-window", "root", path], check=True)


def memory():
    """Resident memory of Krita in MiB."""
    pages = Path(f"/proc/{os.getpid()}/statm").read_text().split()[1]
    return int(pages) * 4096 / (1 << 20)


def arrange(width=1396, height=868):
    """Krita's window with the Layers docker and ours, so that both have room."""
    window().resize(width, height)
    window().move(0, 20)
    for other in krita.dockers():
        if other.objectName() not in ("KisLayerBox", "ToolBox"):
            other.hide()
    docker().setFloating(False)
    docker().show()
    docker().raise_()


def fresh(**options):
    """Close all documents; a new sequence of the two photos in front, its pose layer active."""
    for document in krita.documents():
        document.setModified(False)
        document.close()
    QtTest.QTest.qWait(200)
    document = show(sequence("/share/pose.png", "/share/expression.png", **options))
    arrange()  # without an image Krita closes its dockers
    return document


def layer_id(name):
    return krita.activeDocument().nodeByName(name).uniqueId().toString()


def choose(role, name):
    """What a choice in the list does."""
    docker().session.set_layer(role, layer_id(name))


def applied():
    session = docker().session
    return session is not None and session.applied_layer


def preview_bytes():
    """A digest of the picture that is shown."""
    return hash(bytes(view().preview.after)) if view().preview is not None else 0
