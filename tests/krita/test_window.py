"""The docker in the real window, used with mouse and keyboard."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from krita.docker_use import apply, click, picture, ready
from krita.remote_krita import RemoteKrita


def test_layers_are_chosen_in_lists_with_thumbnails(krita: RemoteKrita) -> None:
    lists = "[panel().layers[role] for role in ('pose', 'expression')]"
    assert krita.ask(f"[each.currentText() for each in {lists}]") == ["pose", "expression"]
    assert krita.ask(f"[each.itemIcon(0).isNull() for each in {lists}]") == [False, False]
    krita("photo_layer(krita.activeDocument(), '/share/expression.png', 'third')")
    click(krita, "panel().layers['expression']")
    krita.wait("panel().layers['expression'].view().isVisible()")
    picture(krita, "layers")
    krita("xdotool('key', 'Home', 'Return')")
    krita.wait("view().expression.layer.name == 'third'")
    ready(krita)


@pytest.mark.newer_editors
def test_one_of_several_faces_is_picked(krita: RemoteKrita, share: Path) -> None:
    for name in ("pose", "expression"):
        picture_of_one = cv2.imread(str(share / f"{name}.png"))
        assert picture_of_one is not None
        cv2.imwrite(str(share / f"two_{name}.png"), np.hstack([picture_of_one, picture_of_one]))
    krita("show(sequence('/share/two_pose.png', '/share/two_expression.png'))")
    krita.wait("docker()._host.document == krita.activeDocument()")
    krita.activate("pose")
    ready(krita)
    width = krita.ask("krita.activeDocument().width()")
    places = []
    for place in (0, 1):  # from left to right, whatever the faces' numbers are
        click(krita, f"panel().faces['pose'].findChildren(QtWidgets.QToolButton)[{place}]")
        at = f"sorted(face.x0 for face in view().pose.faces)[{place}]"
        krita.wait(f"view().pose.faces[view().pose.face or 0].x0 == {at}")
        ready(krita)
        picture(krita, f"face{place}")
        apply(krita)
        made = "krita.activeDocument().nodeByUniqueID(QtCore.QUuid(applied())).bounds()"
        places.append(krita.ask(f"[{made}.left(), {made}.right()]"))
        krita("trigger('edit_undo')")
        krita.wait("len(names()) == 2")
    left, right = places
    assert left[1] <= width / 2 + 1
    assert right[0] >= width / 2 - 1


def test_a_dragged_slider_changes_the_preview(krita: RemoteKrita) -> None:
    before = krita.ask("preview_bytes()")
    slider = "panel().form.controls['strength'].slider"
    x, y, width, _ = krita.ask(f"middle({slider})")
    krita(f"xdotool('mousemove', {x + width // 6}, {y}, 'mousedown', 1)")
    for step in range(8):
        krita(f"xdotool('mousemove', {x + width // 6 - step * width // 16}, {y})")
    krita("xdotool('mouseup', 1)")
    krita.wait("docker().session.options.strength < 1")
    ready(krita)
    assert krita.ask("preview_bytes()") != before
    assert krita.ask("abs(docker().session.options.strength * 100 - " + slider + ".value())") < 0.5


@pytest.mark.newer_editors
def test_apply_is_one_step_to_undo_and_redo(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(100)")
    ready(krita)
    before, steps = krita.ask("names()"), len(krita.ask("history()")[0])
    tool = krita.ask("krita.action('KritaShape/KisToolBrush').isChecked()")
    name = apply(krita)
    assert name == "Expression of expression"
    after = krita.ask("names()")
    assert after == [["pose"], [name, "transparencymask"], ["expression"]]
    assert len(krita.ask("history()")[0]) == steps + 1
    picture(krita, "applied")
    krita("window().activateWindow(); xdotool('key', 'ctrl+z')")
    krita.wait(f"names() == {before!r}")
    krita("xdotool('key', 'ctrl+shift+z')")
    krita.wait(f"names() == {after!r}")
    assert krita.ask("krita.action('KritaShape/KisToolBrush').isChecked()") == tool


@pytest.mark.newer_editors
def test_a_layer_edited_again_is_replaced_in_one_step(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(100)")
    apply(krita)
    first = krita.ask("applied()")
    krita.wait("panel().reedit.isEnabled()")
    click(krita, "panel().reedit")
    krita.wait("view().reedit")
    krita("panel().form.controls['strength'].slider.setValue(50)")
    ready(krita)
    name = apply(krita)
    second = krita.ask("applied()")
    there = "[krita.activeDocument().nodeByUniqueID(QtCore.QUuid(k)) is not None for k in keys]"
    krita(f"keys = [{first!r}, {second!r}]")
    assert krita.ask("names()") == [["pose"], [name, "transparencymask"], ["expression"]]
    assert krita.ask(there) == [False, True]
    krita("trigger('edit_undo'); QtTest.QTest.qWait(300)")
    assert krita.ask(there) == [True, False]
    krita("trigger('edit_redo'); QtTest.QTest.qWait(300)")
    assert krita.ask(there) == [False, True]
    krita("trigger('edit_undo'); QtTest.QTest.qWait(300)")
    krita("trigger('edit_undo'); QtTest.QTest.qWait(300)")
    assert krita.ask("names()") == [["pose"], ["expression"]]


@pytest.mark.newer_editors
def test_a_saved_image_can_be_edited_again(krita: RemoteKrita) -> None:
    apply(krita)
    krita("krita.activeDocument().saveAs('/share/saved.kra')")
    krita("""
for document in krita.documents():
    document.setModified(False)
    document.close()
document = show(krita.openDocument('/share/saved.kra'))
""")
    krita.activate("Expression of expression")
    krita("krita.action('exshot_reedit').trigger()")
    krita.wait("view().reedit")
    ready(krita)
    name = apply(krita)
    assert krita.ask("names()") == [["pose"], [name, "transparencymask"], ["expression"]]


def test_a_selection_limits_the_mask(krita: RemoteKrita) -> None:
    krita("""
from krita import Selection
document, selection = krita.activeDocument(), Selection()
selection.select(0, 0, document.width(), document.height() // 2, 255)
document.setSelection(selection)
""")
    apply(krita)
    krita("node = krita.activeDocument().nodeByUniqueID(QtCore.QUuid(applied()))")
    bottom = krita.ask("node.bounds().bottom() + 1")
    assert bottom <= krita.ask("document.height() // 2")
    assert krita.ask("document.selection().height()") == krita.ask("document.height() // 2")
    krita("document.setSelection(None)")


def test_groups_clones_and_files_can_be_photos(krita: RemoteKrita) -> None:
    krita("""
document = krita.activeDocument()
group = document.createGroupLayer('group')
document.rootNode().addChildNode(group, None)
inner = document.nodeByName('expression').duplicate()
inner.setVisible(True)
group.addChildNode(inner, None)
clone = document.createCloneLayer('clone', document.nodeByName('expression'))
document.rootNode().addChildNode(clone, None)
file = document.createFileLayer('file', '/share/expression.png', 'None')
document.rootNode().addChildNode(file, None)
for node in (group, clone, file):
    node.setVisible(False)
document.refreshProjection()
QtTest.QTest.qWait(1500)
docker()._refresh()
""")
    digests = set()
    for name in ("expression", "group", "clone", "file"):
        krita(f"choose('expression', {name!r})")
        ready(krita)
        assert krita.ask("view().expression.layer.name") == name
        digests.add(krita.ask("preview_bytes()"))
    assert len(digests) == 1, "the same photo in another kind of layer gave another picture"


def test_cancel_leaves_the_image_as_it_was(krita: RemoteKrita) -> None:
    before = krita.ask("[names(), history()]")
    krita("panel().form.controls['feather'].slider.setValue(20); panel().apply.click()")
    krita("panel().cancel.click(); QtTest.QTest.qWait(1500)")
    assert krita.ask("[names(), history()]") == before
    krita("panel().form.controls['feather'].slider.setValue(8)")
    ready(krita)


def test_the_shortcut_makes_a_layer_while_the_docker_is_closed(krita: RemoteKrita) -> None:
    krita("docker().hide(); QtTest.QTest.qWait(200)")
    assert krita.ask("state()") == "none"
    assert krita.ask("krita.action('exshot_apply').shortcut().toString()") == "Ctrl+Alt+E"
    krita.activate("pose")
    krita("krita.action('exshot_apply').trigger()")
    krita.wait("len(names()) == 3", 90)
    assert krita.ask("names()")[1] == ["Expression of expression", "transparencymask"]
    krita.wait("state() == 'none'")


@pytest.mark.newer_editors
def test_suggest_finds_the_better_expression_and_says_why(krita: RemoteKrita) -> None:
    krita("panel().suggest.click()")
    krita.wait("panel().status.text().startswith('Suggested:')")
    text = krita.ask("panel().status.text()")
    assert "“expression”" in text
    assert "smiling" in text
    ready(krita)
    picture(krita, "suggested")


def test_disabled_with_a_reason(krita: RemoteKrita) -> None:
    krita("krita.activeDocument().nodeByName('expression').remove()")
    krita.wait("state() == 'blocked' and not panel().apply.isEnabled()")
    krita.wait("'two photo layers' in panel().status.text()")
    krita("document = krita.activeDocument(); document.setModified(False); document.close()")
    krita.wait("state() == 'none'")
    assert krita.ask("panel().status.text()") == "Open an image to begin."
    assert not krita.ask("panel().form.isEnabled() or panel().apply.isEnabled()")


@pytest.mark.newer_editors
def test_every_control_is_reached_with_the_tab_key(krita: RemoteKrita) -> None:
    krita("""
panel().form.more.setChecked(True)
start = panel().layers['pose']
start.setFocus()
reached, widget = [], start
for _ in range(20000):
    widget = widget.nextInFocusChain()
    if widget is start:
        break
    if widget.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus and panel().isAncestorOf(widget):
        reached.append(widget)
wanted = [panel().layers["expression"], panel().before, panel().swap, panel().suggest, panel().best]
wanted += [panel().apply, panel().cancel, panel().reedit, panel().reset, panel().form.more]
for control in panel().form.controls.values():
    wanted.append(getattr(control, 'slider', control))
missing = [w.objectName() or w.text() for w in wanted if w not in reached]
nameless = [type(w).__name__ for w in reached if not (w.accessibleName() or hasattr(w, 'text'))]
""")
    assert krita.ask("missing") == []
    picture(krita, "options")
    krita("panel().form.more.setChecked(False)")


@pytest.mark.newer_editors
def test_narrow_and_wide(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(100)")
    krita("docker().setFloating(True); docker().resize(820, 520); docker().move(120, 160)")
    side = "panel().preview.geometry().right() < panel().form.mapTo(panel(), QtCore.QPoint()).x()"
    krita.wait(side)
    ready(krita)
    picture(krita, "wide")
    krita("docker().setFloating(False); arrange()")
    krita.wait(f"not {side}")
    ready(krita)
    picture(krita, "narrow")


@pytest.mark.newer_editors
def test_the_mouth_is_enlarged_and_a_held_key_shows_the_picture_before(krita: RemoteKrita) -> None:
    krita("panel().form.controls['strength'].slider.setValue(100)")
    ready(krita)
    side = krita.ask("view().preview.size")
    tool = krita.ask("krita.action('KritaShape/KisToolBrush').isChecked()")
    krita("panel().zoom.setCurrentIndex(panel().zoom.findData('mouth'))")
    ready(krita)
    assert krita.ask("view().preview.size") > 2 * side
    assert krita.ask("panel().preview._square_shown.width() < view().preview.size / 2")
    krita("window().activateWindow(); panel().swap.setFocus(); QtTest.QTest.qWait(300)")
    krita("xdotool('keydown', 'b')")
    krita.wait("panel().preview._show_before", 10)
    picture(krita, "mouth_before")
    krita("xdotool('keyup', 'b')")
    krita.wait("not panel().preview._show_before", 10)
    picture(krita, "mouth")
    assert krita.ask("krita.action('KritaShape/KisToolBrush').isChecked()") == tool
    krita("panel().zoom.setCurrentIndex(0)")
    ready(krita)
