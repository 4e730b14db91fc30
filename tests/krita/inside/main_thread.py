"""Lets a thread use objects that belong to Krita's main thread, while Krita's own loop runs.

Krita tells its window of new layers only from its own event loop, not from a loop inside a test's
code. A test that must see the window follow therefore runs in a thread.
"""

import threading

from qt import QtCore


class MainThread(QtCore.QObject):
    """Runs functions in the thread that made it, the main one, for other threads."""

    _asked = QtCore.pyqtSignal(object)

    def __init__(self):
        super().__init__()
        self._asked.connect(self._run, QtCore.Qt.ConnectionType.BlockingQueuedConnection)

    def __call__(self, function, *arguments):
        if threading.current_thread() is threading.main_thread():
            return function(*arguments)
        outcome = {}
        self._asked.emit((function, arguments, outcome))
        if "error" in outcome:
            raise outcome["error"]
        return outcome["value"]

    def _run(self, job):
        function, arguments, outcome = job
        try:
            outcome["value"] = function(*arguments)
        except Exception as error:
            outcome["error"] = error


class Proxy:
    """An object whose attributes are read, and whose methods run, in the main thread."""

    def __init__(self, main, thing, after=None):
        self._main, self._thing, self._after = main, thing, after or {}

    def __getattr__(self, name):
        value = self._main(getattr, self._thing, name)
        if not callable(value):
            return value

        def method(*arguments):
            result = self._main(value, *arguments)
            follow = self._after.get(name)
            return follow(result) if follow is not None else result

        return method
