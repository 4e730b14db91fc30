"""Properties that are computed once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from exshot.cache import kept_property


class Slow:
    """Two of them can only be looked at together."""

    def __init__(self, together: threading.Barrier) -> None:
        self.together = together
        self.made = 0

    @kept_property
    def value(self) -> int:
        """What takes long."""
        self.together.wait(timeout=10)
        self.made += 1
        return self.made


def test_two_objects_are_computed_at_the_same_time_and_each_once() -> None:
    objects = [Slow(threading.Barrier(2))]
    objects.append(Slow(objects[0].together))
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda one: one.value, objects)) == [1, 1]
    assert [one.value for one in objects] == [1, 1]


def test_it_is_documented_like_any_property() -> None:
    assert isinstance(Slow.value, kept_property)
    assert Slow.value.__doc__ == "What takes long."
