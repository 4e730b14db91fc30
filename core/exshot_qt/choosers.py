"""Choosing a layer, and a face in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from exshot_host.adapter import LayerInfo
from exshot_host.session.view import RoleView
from exshot_host.widgets.outlines import in_places
from exshot_qt.preview import rgb_image
from exshot_qt.qt import QtCore, QtGui, QtWidgets

_ICON = 32
_FACE = 44


class LayerChooser(QtWidgets.QComboBox):
    """A list of layers with thumbnails.

    Signals:
        opened: the list is about to pop up.
        chosen: id of the layer that the user chose.
    """

    opened = QtCore.pyqtSignal()
    chosen = QtCore.pyqtSignal(str)

    def __init__(self, label: str) -> None:
        super().__init__()
        self.setAccessibleName(label)
        self.setIconSize(QtCore.QSize(_ICON, _ICON))
        self.setMinimumContentsLength(4)
        self.setMinimumWidth(80)
        self.setSizeAdjustPolicy(
            QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))
        policy = QtWidgets.QSizePolicy.Policy
        self.setSizePolicy(policy.Ignored, policy.Fixed)

    def fill(
        self,
        layers: Sequence[LayerInfo],
        current: LayerInfo | None,
        thumbnail: Callable[[str, int], QtGui.QImage | None],
    ) -> None:
        self.clear()
        for layer in layers:
            picture = thumbnail(layer.id, round(_ICON * self.devicePixelRatioF()))
            icon = QtGui.QIcon(QtGui.QPixmap.fromImage(picture)) if picture else QtGui.QIcon()
            self.addItem(icon, layer.name, layer.id)
        self.setCurrentIndex(self.findData(current.id) if current is not None else -1)

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        self.opened.emit()
        super().showPopup()


class FaceChooser(QtWidgets.QWidget):
    """The faces of a layer as buttons, from left to right; hidden where there is no choice.

    Signals:
        chosen: index of the face.
    """

    chosen = QtCore.pyqtSignal(int)

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label
        self._row = QtWidgets.QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._group = QtWidgets.QButtonGroup(self)
        self.hide()

    def fill(self, role: RoleView) -> None:
        while self._row.count():
            item = self._row.takeAt(0)
            if item.widget() is not None:
                self._group.removeButton(item.widget())
                item.widget().deleteLater()
        faces = role.faces or ()
        for place, index in enumerate(in_places(faces) if len(faces) > 1 else ()):
            self._row.addWidget(self._button(role, place, index))
        self._row.addStretch(1)
        self.setVisible(len(faces) > 1)

    def _button(self, role: RoleView, place: int, index: int) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton()
        button.setCheckable(True)
        # Some themes hardly show what is checked.
        button.setStyleSheet("QToolButton:checked { border: 2px solid palette(highlight); }")
        button.setChecked(index == role.face)
        button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(f"{self._label} {place + 1}")
        picture = rgb_image(role.face_picture(index), role.thumbnail)
        button.setIcon(QtGui.QIcon(QtGui.QPixmap.fromImage(picture)))
        button.setIconSize(QtCore.QSize(_FACE, _FACE))
        button.clicked.connect(lambda *_: self.chosen.emit(index))
        self._group.addButton(button)
        return button
