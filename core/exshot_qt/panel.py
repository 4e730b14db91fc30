"""What the docker shows: choosers, preview, options, one status line and the buttons."""

from __future__ import annotations

import functools
from collections.abc import Callable

from exshot_contract.options import Options
from exshot_host.session.roles import EXPRESSION, POSE
from exshot_host.session.view import State, View
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_qt.choosers import FaceChooser, LayerChooser
from exshot_qt.option_form import OptionForm
from exshot_qt.preview import Preview
from exshot_qt.qt import QtCore, QtGui, QtWidgets

_WIDE = 520  # pixels; from here on the preview stands beside the options


class Panel(QtWidgets.QWidget):
    """Shows a `View`; knows nothing of Krita.

    Signals:
        lists_opened: a list of layers is about to pop up.
        layer_chosen: role and layer id.
        face_chosen: role and index.
        option_changed: key and value.
    """

    lists_opened = QtCore.pyqtSignal()
    layer_chosen = QtCore.pyqtSignal(str, str)
    face_chosen = QtCore.pyqtSignal(str, int)
    option_changed = QtCore.pyqtSignal(str, object)

    def __init__(self, translate: Translator) -> None:
        super().__init__()
        self._translate = translate
        self.preview = Preview(translate(texts.BEFORE))
        self.before = self._button(texts.BEFORE)
        for part in (self.preview, self.before):
            part.setToolTip(translate(texts.HOLD_FOR_BEFORE).format(key=texts.BEFORE_KEY))
        self.before.pressed.connect(lambda: self.preview.show_before(True))
        self.before.released.connect(lambda: self.preview.show_before(False))
        self.zoom = QtWidgets.QComboBox()
        for part, label in texts.SHOWN_PARTS.items():
            self.zoom.addItem(translate(label), part)
        self.zoom.setToolTip(translate(texts.SHOWN_PART))
        self.zoom.setAccessibleName(translate(texts.SHOWN_PART))
        self.zoom.currentIndexChanged.connect(
            lambda index: self.preview.show_part(self.zoom.itemData(index))
        )
        self.swap = self._button(texts.SWAP)
        self.suggest = self._button(texts.SUGGEST, texts.SUGGEST_HELP)
        self.best = self._button(texts.BEST_GROUP, texts.BEST_HELP)
        self.reset = self._button(texts.RESET)
        self.reedit = self._button(texts.REEDIT, texts.REEDIT_HELP)
        self.cancel = self._button(texts.CANCEL)
        self.apply = self._button(texts.APPLY)
        self.layers: dict[str, LayerChooser] = {}
        self.faces: dict[str, FaceChooser] = {}
        self.form = OptionForm(translate)
        self.form.changed.connect(self.option_changed)
        self.status, self.warning = _line(), _line()
        self.progress = QtWidgets.QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        place = self.progress.sizePolicy()
        place.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(place)
        self._wide: bool | None = None
        self._build()

    # --- What is shown ----------------------------------------------------------------------------

    def show_layers(self, view: View, thumbnail: Callable[[str, int], QtGui.QImage | None]) -> None:
        once = functools.cache(thumbnail)  # both lists show the same layers
        for role, chosen in ((POSE, view.pose), (EXPRESSION, view.expression)):
            self.layers[role].fill(view.layers, chosen.layer, once)

    def show_faces(self, view: View) -> None:
        for role, chosen in ((POSE, view.pose), (EXPRESSION, view.expression)):
            self.faces[role].fill(chosen)

    def show_options(self, chosen: Options) -> None:
        self.form.show_options(chosen)

    def show_status(self, view: View, can_reedit: bool) -> None:
        usable, free = view.state is not State.BLOCKED, view.state is not State.APPLYING
        for part in (self._preview_side, self.form):
            part.setEnabled(usable)
        for button in (self.suggest, self.best):
            button.setEnabled(len(view.layers) > 1 and free)
        for chooser in (*self.layers.values(), *self.faces.values()):
            chooser.setEnabled(bool(view.layers) and free)
        self.swap.setEnabled(usable and free)
        self.apply.setEnabled(view.can_apply)
        self.cancel.setEnabled(view.can_cancel)
        self.reedit.setEnabled(can_reedit and free)
        self.reset.setEnabled(usable)
        self.status.setText(" ".join(text for text in (view.sentence, view.hint) if text))
        self.status.setToolTip(view.details)
        self.warning.setText(f"⚠ {view.warning}")
        self.warning.setVisible(bool(view.warning) and view.state is not State.FAILED)
        # Else Qt paints at once, and the whole window with it: 20 ms, up to thirty times a second.
        self.progress.setUpdatesEnabled(False)
        self.progress.setRange(0, 0 if view.share is None and view.can_cancel else 100)
        self.progress.setValue(round(100 * (view.share or 0.0)))
        self.progress.setUpdatesEnabled(True)
        self.progress.setVisible(view.can_cancel)

    def show_nothing(self, reason: str) -> None:
        """There is no image to work on."""
        for chooser in self.layers.values():
            chooser.clear()
        for faces in self.faces.values():
            faces.hide()
        self.preview.show_preview(None)
        self.progress.hide()
        self.warning.hide()
        self.status.setText(reason)
        for part in (self._preview_side, self.form, self.swap, self.suggest, *self.layers.values()):
            part.setEnabled(False)
        for button in (self.best, self.apply, self.cancel, self.reedit, self.reset):
            button.setEnabled(False)

    # --- How it is laid out -----------------------------------------------------------------------

    def _build(self) -> None:
        self._choosers = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(self._choosers)
        grid.setContentsMargins(0, 0, 0, 0)
        for role, text in ((POSE, texts.POSE_LAYER), (EXPRESSION, texts.EXPRESSION_LAYER)):
            label = QtWidgets.QLabel(self._translate(text))
            self.layers[role] = chooser = LayerChooser(label.text())
            self.faces[role] = faces = FaceChooser(self._translate(texts.FACE))
            label.setBuddy(chooser)
            chooser.opened.connect(self.lists_opened)
            chooser.chosen.connect(lambda key, role=role: self.layer_chosen.emit(role, key))
            faces.chosen.connect(lambda index, role=role: self.face_chosen.emit(role, index))
            row = grid.rowCount()
            grid.addWidget(label, row, 0)
            grid.addWidget(chooser, row, 1)
            grid.addWidget(faces, row + 1, 0, 1, 2)
        grid.addLayout(_row(self.suggest, self.best), grid.rowCount(), 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self._preview_side = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(self._preview_side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.preview, 1)
        column.addLayout(_row(self.before, self.zoom, self.swap))
        body = QtWidgets.QWidget()
        self._body = QtWidgets.QGridLayout(body)
        area = QtWidgets.QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        self._area = area
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area, 1)
        foot = QtWidgets.QVBoxLayout()
        foot.setContentsMargins(6, 0, 6, 6)
        for part in (self.warning, self.status, self.progress):
            foot.addWidget(part)
        foot.addLayout(_row(self.reedit, self.reset, self.cancel, self.apply))
        whole.addLayout(foot)
        self._arrange(False)

    def _arrange(self, wide: bool) -> None:
        if wide == self._wide:
            return
        self._wide = wide
        for part in (self._choosers, self._preview_side, self.form):
            self._body.removeWidget(part)
        if wide:
            self._body.addWidget(self._preview_side, 0, 0, 3, 1)
            self._body.addWidget(self._choosers, 0, 1)
            self._body.addWidget(self.form, 1, 1)
        else:
            self._body.addWidget(self._choosers, 0, 0)
            self._body.addWidget(self._preview_side, 1, 0)
            self._body.addWidget(self.form, 2, 0)
        self._body.setColumnStretch(0, 1)
        self._body.setColumnStretch(1, 1 if wide else 0)
        self._body.setRowStretch(1, 0 if wide else 1)
        self._body.setRowStretch(2, 1 if wide else 0)
        bar = self._area.verticalScrollBar().sizeHint().width()
        self._area.setMinimumWidth(self._body.minimumSize().width() + bar)

    def event(self, event) -> bool:
        # Else the editor takes the key for one of its own shortcuts.
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and _is_before_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event) -> None:  # noqa: N802 - Qt's name
        self._on_key(event, True)

    def keyReleaseEvent(self, event) -> None:  # noqa: N802 - Qt's name
        self._on_key(event, False)

    def _on_key(self, event, down: bool) -> None:
        if not _is_before_key(event):
            event.ignore()
        elif not event.isAutoRepeat():
            self.preview.show_before(down)

    def resizeEvent(self, event) -> None:  # noqa: N802 - Qt's name
        self._arrange(self.width() >= _WIDE)

    def _button(self, text: str, tip: str = "") -> QtWidgets.QPushButton:
        button = QtWidgets.QPushButton(self._translate(text))
        button.setToolTip(self._translate(tip))
        button.setMinimumWidth(40)
        return button


def _is_before_key(event) -> bool:
    no_modifier = event.modifiers() == QtCore.Qt.KeyboardModifier.NoModifier
    return event.key() == QtCore.Qt.Key.Key_B and no_modifier


def _line() -> QtWidgets.QLabel:
    label = QtWidgets.QLabel()
    label.setWordWrap(True)
    return label


def _row(*widgets: QtWidgets.QWidget) -> QtWidgets.QHBoxLayout:
    row = QtWidgets.QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row
