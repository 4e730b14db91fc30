"""Best of sequence in the real window: three people, of whom one laughs in each photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from group_photos import write_group
from krita.docker_use import click, picture, ready
from krita.remote_krita import RemoteKrita

from exshot import EditOptions, Editor, Photo, flatten

LARGEST = 1.0  # mean difference allowed, in 255ths


@pytest.fixture
def krita(window: RemoteKrita, share: Path) -> RemoteKrita:
    """Krita with a new document of three photos, ``photo 1`` on top."""
    if not (share / "shot0.png").exists():
        write_group(share)
    window("fresh()")
    window("show(burst([f'/share/shot{k}.png' for k in range(3)]))")
    window.wait("docker()._host is not None and docker()._host.document == krita.activeDocument()")
    ready(window)
    return window


def wait_for_group(krita: RemoteKrita, before: object) -> str:
    """The name of the photo that was started from, once the group is there."""
    krita.wait(f"applied() != {before!r} and state() != 'applying'", 120)
    ready(krita)
    (group, layers), *below = krita.ask("tree()")
    assert group == "Best of sequence"
    assert [layer[0] for layer in below] == ["photo 1", "photo 2", "photo 3"]
    *patches, base = layers
    others = {"photo 1", "photo 2", "photo 3"} - {base[0]}
    assert {name for name, _ in patches} == {f"Expression of {other}" for other in others}
    assert [mask for _, mask in patches] == ["transparencymask"] * 2
    return base[0]


@pytest.mark.newer_editors
def test_best_of_sequence_is_one_group_and_one_step(krita: RemoteKrita, share: Path) -> None:
    before, steps = krita.ask("tree()"), len(krita.ask("history()")[0])
    last = krita.ask("applied()")
    click(krita, "panel().best")
    krita.wait("state() == 'applying'")
    assert not krita.ask("panel().best.isEnabled() or panel().suggest.isEnabled()")
    assert krita.ask("panel().cancel.isEnabled() and panel().progress.isVisible()")
    base = wait_for_group(krita, last)
    told = f"A group was added: “{base}” with the best faces of the others (2)."
    assert krita.ask("panel().status.text()") == told
    assert len(krita.ask("history()")[0]) == steps + 1
    assert krita.ask("krita.activeDocument().activeNode().name()") == "Best of sequence"
    krita("QtTest.QTest.qWait(2000)")  # the Layers docker draws its pictures late
    picture(krita, "best")
    assert np.abs(_shown(krita, share) - _wanted(share, base)).mean() < LARGEST
    after = krita.ask("tree()")
    krita("window().activateWindow(); xdotool('key', 'ctrl+z')")
    krita.wait(f"tree() == {before!r}")
    krita("xdotool('key', 'ctrl+shift+z')")
    krita.wait(f"tree() == {after!r}")
    krita("QtTest.QTest.qWait(300)")
    assert np.abs(_shown(krita, share) - _wanted(share, base)).mean() < LARGEST


def _shown(krita: RemoteKrita, share: Path) -> np.ndarray:
    """What the window shows; nothing is computed anew."""
    krita("""
document = krita.activeDocument()
whole = (0, 0, document.width(), document.height())
open('/share/best.bgra', 'wb').write(document.pixelData(*whole))
""")
    height, width = Photo.open(share / "shot0.png").pixels.shape[:2]
    data = np.frombuffer((share / "best.bgra").read_bytes(), np.uint8)
    return data.reshape(height, width, 4)[..., 2::-1].astype(float)


def _wanted(share: Path, base: str) -> np.ndarray:
    """The photo started from with both other people's laughter, made by the library."""
    photos = [Photo.open(share / f"shot{k}.png") for k in range(3)]
    start = int(base.removeprefix("photo ")) - 1
    editor, picture = Editor(), photos[start]

    def face(photo: Photo, who: int) -> int:
        places = [(one.box.x0 + one.box.x1) / 2 for one in editor.faces(photo)]
        return int(np.argmin(np.abs(np.array(places) - photo.width * (who + 0.5) / 3)))

    shown = picture.pixels
    for who in {0, 1, 2} - {start}:
        options = EditOptions(pose_face=face(picture, who), expression_face=face(photos[who], who))
        edit = editor.edit(picture, photos[who], options)
        rows, columns = edit.box.slices
        whole = flatten(picture, edit)
        shown = shown.copy()
        shown[rows, columns] = whole[rows, columns]
    return shown.astype(float)


def test_a_layer_of_the_group_is_edited_again_in_its_place(krita: RemoteKrita) -> None:
    last = krita.ask("applied()")
    krita("krita.action('exshot_best').trigger()")
    wait_for_group(krita, last)
    krita.activate("Expression of photo 3")
    before, made = krita.ask("tree()"), krita.ask("applied()")
    krita("krita.action('exshot_reedit').trigger()")
    krita.wait("view().reedit")
    ready(krita)
    click(krita, "panel().apply")
    krita.wait(f"applied() != {made!r} and state() != 'applying'", 90)
    assert krita.ask("tree()") == before


def test_the_action_works_while_the_docker_is_closed(krita: RemoteKrita) -> None:
    krita("docker().hide(); QtTest.QTest.qWait(200)")
    assert krita.ask("state()") == "none"
    krita("krita.action('exshot_best').trigger()")
    krita.wait("len(tree()) == 4", 120)
    krita.wait("state() == 'none'")


def test_where_every_face_is_at_its_best_that_is_said_and_nothing_is_made(
    krita: RemoteKrita,
) -> None:
    krita("""
document = krita.activeDocument()
for name in ('photo 2', 'photo 3'):
    document.nodeByName(name).remove()
photo_layer(document, '/share/shot0.png', 'copy')
document.waitForDone()
docker()._refresh()
""")
    ready(krita)
    before = krita.ask("[tree(), history()]")
    click(krita, "panel().best")
    krita.wait("panel().status.text().startswith('Every face is at its best in')")
    assert krita.ask("state()") != "failed"
    picture(krita, "nothing_better")
    krita("docker().hide(); QtTest.QTest.qWait(200)")
    krita("krita.action('exshot_best').trigger()")
    krita.wait("state() != 'none'")
    krita.wait("state() == 'none'")
    picture(krita, "nothing_better_message")
    assert krita.ask("[tree(), history()]") == before


def test_cancelling_best_leaves_the_image_as_it_was(krita: RemoteKrita) -> None:
    before = krita.ask("[tree(), history()]")
    krita("panel().best.click()")
    krita.wait("state() == 'applying' and view().share > 0.5")
    click(krita, "panel().cancel")
    krita.wait("state() != 'applying'")
    ready(krita)
    krita("QtTest.QTest.qWait(1000)")
    assert krita.ask("[tree(), history()]") == before


def test_a_document_closed_in_the_middle_of_best(krita: RemoteKrita) -> None:
    krita("panel().best.click()")
    krita.wait("state() == 'applying' and view().share > 0.5")
    krita("document = krita.activeDocument(); document.setModified(False); document.close()")
    krita.wait("docker()._host is not None and len(tree()) == 2")
    ready(krita)  # on the document that is in front now
    krita("QtTest.QTest.qWait(1500)")
    assert krita.ask("names()") == [["pose"], ["expression"]]


UNDO_AT_ONCE = """
host, undone = docker()._host, []
activate = host.activate
def undo_first(*arguments):
    host.document.waitForDone()  # before that Krita undoes nothing
    krita.action('edit_undo').trigger()
    undone.append(True)
    activate(*arguments)
host.activate = undo_first
"""


@pytest.mark.newer_editors
def test_a_group_that_is_undone_at_once_is_shown_when_it_is_redone(
    krita: RemoteKrita, share: Path
) -> None:
    before = krita.ask("tree()")
    krita(UNDO_AT_ONCE)
    krita("panel().best.click()")
    krita.wait("undone", 120)
    krita.wait(f"tree() == {before!r}")
    krita("QtTest.QTest.qWait(500)")  # what is put off to a later turn has its turn
    krita("trigger('edit_redo')")
    group, *_ = krita.wait("len(tree()) == 4 and tree()")
    base = group[1][-1][0]
    assert np.abs(_shown(krita, share) - _wanted(share, base)).mean() < LARGEST


BEFORE_DRAWING = """
host, drawn = docker()._host, []
draw = host.draw
def late(*arguments):
{code}
    draw(*arguments)
    drawn.append(True)
host.draw = late
"""
CLOSE_WORKBENCH = "    arguments[1].setModified(False); arguments[1].close()"
CLOSE_DOCUMENT = "    host.document.setModified(False); host.document.close()"
CLOSE_ALL = "    for each in krita.documents(): each.setModified(False); each.close()"


@pytest.mark.newer_editors
def test_a_group_is_drawn_though_what_it_was_built_in_was_closed(
    krita: RemoteKrita, share: Path
) -> None:
    last = krita.ask("applied()")
    krita(BEFORE_DRAWING.format(code=CLOSE_WORKBENCH))
    krita("panel().best.click()")
    base = wait_for_group(krita, last)
    krita.wait("drawn")
    krita("krita.activeDocument().waitForDone()")
    assert np.abs(_shown(krita, share) - _wanted(share, base)).mean() < LARGEST


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    "code", [CLOSE_DOCUMENT, CLOSE_ALL, f"{CLOSE_DOCUMENT}\n{CLOSE_WORKBENCH}"]
)
def test_an_image_closed_before_its_group_was_drawn(krita: RemoteKrita, code: str) -> None:
    krita(BEFORE_DRAWING.format(code=code))
    krita("panel().best.click()")
    krita.wait("drawn", 90)
    krita("QtTest.QTest.qWait(1000)")
    assert krita.ask("host.document.rootNode() is None")


@pytest.mark.newer_editors
@pytest.mark.parametrize("button", ["apply", "best"])
def test_a_script_that_closes_what_layers_are_built_in(krita: RemoteKrita, button: str) -> None:
    before = krita.ask("[tree(), history()]")
    krita("""
host, steps = docker()._host, []
masked_layer = sys.modules['exshot.host']._masked_layer
def closing(workbench, patch, space):
    for step in masked_layer(workbench, patch, space):
        steps.append(step)
        workbench.close()
        yield
sys.modules['exshot.host']._masked_layer = closing
""")
    krita(f"last = applied(); panel().{button}.click()")
    krita.wait("state() == 'failed'", 90)
    krita("sys.modules['exshot.host']._masked_layer = masked_layer")
    assert krita.ask("steps")
    assert "a document that is needed was closed" in krita.ask("view().sentence")
    assert krita.ask("[tree(), history()]") == before
    krita(f"panel().{button}.click()")
    krita.wait("applied() != last", 90)


def test_what_is_closed_in_the_middle_of_a_call_of_krita_lives_on_until_its_end(
    krita: RemoteKrita,
) -> None:
    krita.wait("len(krita.documents()) == 3")  # the fixture makes two images
    counted = krita("""
workbench, answer = docker()._workbench, []
with workbench.in_use():
    workbench.close()
    answer.append(len(krita.documents()))
answer.append(len(krita.documents()))
""")
    assert counted == [3, 2]


def test_krita_runs_its_event_loop_while_a_document_is_made_and_there_is_one_all_the_same(
    krita: RemoteKrita,
) -> None:
    made = krita("""
workbench, space, inside = docker()._workbench, docker()._host.space(), []
workbench.close()
QtCore.QTimer.singleShot(0, lambda: inside.append(workbench.document(space)))
document = workbench.document(space)
QtTest.QTest.qWait(100)
answer = [len(inside), inside[0] == document, len(krita.documents())]
""")
    assert made == [1, True, 3]
