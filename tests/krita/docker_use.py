"""What tests do with the docker in Krita's window."""

from __future__ import annotations

from krita.remote_krita import RemoteKrita


def ready(krita: RemoteKrita) -> None:
    # In one question: a moment later the docker may have noticed something and be at work again.
    ended = "state() in ('ready', 'failed') and not view().stale"
    said = krita.wait(f"{ended} and [state(), view().sentence, view().details]", 90)
    assert said[0] == "ready", said


def apply(krita: RemoteKrita) -> str:
    """Press Apply as a user does; the name of the new layer."""
    before = krita.ask("applied()")
    click(krita, "panel().apply")
    krita.wait(f"applied() != {before!r} and state() != 'applying'", 90)
    return krita.ask("krita.activeDocument().nodeByUniqueID(QtCore.QUuid(applied())).name()")


def click(krita: RemoteKrita, widget: str) -> None:
    x, y, _, _ = krita.ask(f"middle({widget})")
    krita(f"xdotool('mousemove', {x}, {y}, 'click', 1)")


def picture(krita: RemoteKrita, name: str) -> None:
    """Keep a screenshot for the documentation."""
    krita("QtTest.QTest.qWait(300)")
    krita(f"screenshot('/share/{name}.png')")
