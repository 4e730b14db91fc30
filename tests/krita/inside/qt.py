"""The Qt of the Krita that runs us: PyQt5 in Krita 5, PyQt6 in Krita 6."""

import importlib
import importlib.util

_package = "PyQt6" if importlib.util.find_spec("PyQt6") is not None else "PyQt5"
_names = ("QtCore", "QtGui", "QtNetwork", "QtTest", "QtWidgets")
QtCore, QtGui, QtNetwork, QtTest, QtWidgets = (
    importlib.import_module(f"{_package}.{name}") for name in _names
)
