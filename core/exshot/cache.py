"""Values that are kept: of many keys in a cache, or one with the object that it belongs to."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class kept_property(Generic[Value]):  # noqa: N801 - a decorator, named like `property`
    """A property that is computed when it is first read, and kept with its object.

    Before Python 3.12 `functools.cached_property` holds one lock for all objects of a class while
    it computes: two photos could not be hashed, nor two tiles drawn, at the same time. Here two
    threads that read one object's property at once may both compute it, to the same value.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> kept_property[Value]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Value: ...
    def __get__(
        self, instance: object | None, owner: type[Any] | None = None
    ) -> kept_property[Value] | Value:
        if instance is None:
            return self
        # Python looks into the object first from now on.
        value = instance.__dict__[self._make.__name__] = self._make(instance)
        return value


class LruCache(Generic[Value]):
    """Keeps at most ``capacity`` values; each key is computed once, even by several threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of ``key``, made by ``make`` where it is not there yet."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._values:  # another thread was quicker
                    return self._values[key]
            try:
                value = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._values[key] = value
                while len(self._values) > self._capacity:
                    self._values.popitem(last=False)
            return value
