"""What tests of `EditSession` share: layers for the fakes, polling as a timer does."""

from __future__ import annotations

from engine.engines import wait_until
from host.fake_host import FakeLayer

from exshot_host.session.edit_session import EditSession
from exshot_host.session.view import Event, State


def layer(name: str, *, faces: int = 1, size: tuple[int, int] = (64, 48), **places) -> FakeLayer:  # type: ignore[no-untyped-def]
    """A layer whose colour tells the fake editor how many faces it shows; unlike all others."""
    color = bytes([faces, len(name), sum(name.encode()) % 256, 255])
    x, y = places.pop("at", (0, 0))
    return FakeLayer(name, name, x, y, *size, color * (size[0] * size[1]), **places)


def settle(session: EditSession, state: State = State.READY) -> list[Event]:
    """Poll, as a timer does, until the session is in the state."""
    events: list[Event] = []

    def there() -> bool:
        events.extend(session.poll())
        return session.view().state is state

    assert wait_until(there), session.view()
    return events


def apply(session: EditSession) -> list[Event]:
    assert session.apply()
    events: list[Event] = []

    def over() -> bool:
        events.extend(session.poll())
        return Event.APPLIED in events or Event.FAILED in events

    assert wait_until(over), session.view()
    return events


def brightness(session: EditSession) -> int:
    preview = session.view().preview
    assert preview is not None
    return preview.after[0]
