"""What the plug-in says outside of its docker."""

from __future__ import annotations

from krita import Krita

from exshot_qt.qt import QtCore, QtWidgets

_SHOWN = 6000  # ms


def tell(sentence: str, hint: str = "") -> None:
    """Tell the user over the image; where none is open, in a box of its own. Does not wait."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window is not None else None
    if view is not None and view.visible():
        kinds = QtWidgets.QStyle.StandardPixmap
        kind = kinds.SP_MessageBoxWarning if hint else kinds.SP_MessageBoxInformation
        icon = QtWidgets.QApplication.style().standardIcon(kind)
        view.showFloatingMessage(f"{sentence}\n{hint}", icon, _SHOWN, 1)
    elif window is not None:
        box = QtWidgets.QMessageBox(window.qwindow())
        box.setWindowTitle("ExShot")
        box.setText(f"{sentence} {hint}".strip())
        box.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
