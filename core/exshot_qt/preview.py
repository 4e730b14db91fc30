"""The picture of the face: after the edit, or before it while the mouse button is held."""

from __future__ import annotations

from exshot_contract.messages import FaceInfo, PreviewResult
from exshot_host.widgets import zoom
from exshot_qt.qt import QtCore, QtGui, QtWidgets

_LEAST = 180


class Preview(QtWidgets.QWidget):
    """A square, as large as its place allows.

    Signals:
        resized: the side that the preview should have, in device pixels.
    """

    resized = QtCore.pyqtSignal(int)

    def __init__(self, before_label: str) -> None:
        super().__init__()
        self._before_label = before_label
        self._pictures: tuple[QtGui.QImage, QtGui.QImage] | None = None
        self._part, self._square_shown = zoom.FACE, QtCore.QRect()
        self._preview: PreviewResult | None = None
        self._face: FaceInfo | None = None
        self._show_before = False
        self.setMinimumSize(_LEAST, _LEAST)
        policy = QtWidgets.QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)

    def pixels(self) -> int:
        """The side that the preview should have, in device pixels."""
        side = self._square().width() * self.devicePixelRatioF()
        return round(side * zoom.FACTOR[self._part])

    def show_part(self, part: str) -> None:
        """Show the whole face, or enlarge a part of it; see `exshot_host.widgets.zoom`."""
        self._part = part
        self.resized.emit(self.pixels())
        self._take_part()

    def show_preview(self, preview: PreviewResult | None, face: FaceInfo | None = None) -> None:
        """Show a new preview; ``face``: the pose photo's that it shows."""
        self._preview, self._face = preview, face
        if preview is None:
            self._pictures = None
        else:
            self._pictures = (
                rgb_image(preview.before, preview.size),
                rgb_image(preview.after, preview.size),
            )
        self._take_part()

    def _take_part(self) -> None:
        if self._preview is not None:
            left, top, side = zoom.shown_part(self._preview, self._face, self._part)
            self._square_shown = QtCore.QRect(left, top, side, side)
        self.update()

    def show_before(self, on: bool) -> None:
        self._show_before = on
        self.update()

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(260, 260)

    def _square(self) -> QtCore.QRect:
        side = min(self.width(), self.height())
        return QtCore.QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def paintEvent(self, event) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        square = self._square()
        if self._pictures is None:
            painter.fillRect(square, self.palette().color(QtGui.QPalette.ColorRole.Base))
            return
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        picture = self._pictures[0 if self._show_before else 1]
        painter.drawImage(square, picture, self._square_shown)
        if self._show_before:
            corner = QtCore.QRect(square.left(), square.top(), square.width(), 24)
            painter.fillRect(corner, QtGui.QColor(0, 0, 0, 140))
            painter.setPen(QtGui.QColor(255, 255, 255))
            painter.drawText(corner, QtCore.Qt.AlignmentFlag.AlignCenter, self._before_label)

    def mousePressEvent(self, event) -> None:  # noqa: N802 - Qt's name
        self.show_before(True)

    def mouseReleaseEvent(self, event) -> None:  # noqa: N802 - Qt's name
        self.show_before(False)

    def resizeEvent(self, event) -> None:  # noqa: N802 - Qt's name
        self.resized.emit(self.pixels())


def rgb_image(pixels, size: int) -> QtGui.QImage:
    """A square of 8-bit RGB pixels as an image of its own memory."""
    form = QtGui.QImage.Format.Format_RGB888
    return QtGui.QImage(bytes(pixels), size, size, 3 * size, form).copy()
