"""Runs inside Krita before a test's own code: small names for what the tests do there."""

import os
import subprocess
import sys

from PyQt5 import QtWidgets

sys.path.append("/exshot/tests/krita/inside")

from documents import krita


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
    document = krita.activeDocument()
    document.setActiveNode(document.nodeByName(name))


def names():
    """Layers of the active document from the bottom, with their masks."""
    document = krita.activeDocument()
    document.waitForDone()
    return [[n.name(), *(c.type() for c in n.childNodes())] for n in document.topLevelNodes()]


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
    """Global pixels of a widget's middle, and its size."""
    point = widget.mapToGlobal(widget.rect().center())
    return [point.x(), point.y(), widget.width(), widget.height()]


def xdotool(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True)


def screenshot(path):
    subprocess.run(["import", "-window", "root", path], check=True)


def memory():
    """Resident memory of Krita in MiB."""
    with open(f"/proc/{os.getpid()}/statm") as file:
        return int(file.read().split()[1]) * 4096 / (1 << 20)
