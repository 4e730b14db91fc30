"""The Qt of the editor that runs us: PyQt5 in Krita 5, PyQt6 in Krita 6.

An editor has loaded one of them before it loads plug-ins; a second Qt in one process crashes.
"""

import sys

if "PyQt5.QtCore" in sys.modules or "PyQt5" in sys.modules:
    from PyQt5 import QtCore, QtGui, QtWidgets
else:
    try:
        from PyQt6 import QtCore, QtGui, QtWidgets
    except ImportError:
        from PyQt5 import QtCore, QtGui, QtWidgets

__all__ = ["QtCore", "QtGui", "QtWidgets"]
