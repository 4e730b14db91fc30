"""The Qt of the editor that runs us: PyQt5 in Krita 5, PyQt6 in Krita 6.

An editor has loaded one of them before it loads plug-ins; a second Qt in one process crashes.
"""

import importlib
import importlib.util
import sys
from typing import Any


def _package() -> str:
    if "PyQt5" in sys.modules:
        return "PyQt5"
    return "PyQt6" if importlib.util.find_spec("PyQt6") is not None else "PyQt5"


# Any: the linters' environment has neither.
QtCore: Any = importlib.import_module(f"{_package()}.QtCore")
QtGui: Any = importlib.import_module(f"{_package()}.QtGui")
QtWidgets: Any = importlib.import_module(f"{_package()}.QtWidgets")
