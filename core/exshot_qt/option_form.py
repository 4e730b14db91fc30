"""Sliders, check boxes and lists for the table of options."""

from __future__ import annotations

from exshot_contract import options
from exshot_contract.options import Options, OptionSpec
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_qt.qt import QtCore, QtWidgets


class OptionForm(QtWidgets.QWidget):
    """All options; the advanced ones are folded away.

    Signals:
        changed: key and new value.
    """

    changed = QtCore.pyqtSignal(str, object)

    def __init__(self, translate: Translator) -> None:
        super().__init__()
        self._translate = translate
        self.controls = {spec.key: self._control(spec) for spec in options.OPTIONS}
        self.more = QtWidgets.QToolButton()
        self.more.setText(translate(texts.MORE))
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.more.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._folded = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._rows(QtWidgets.QGridLayout(), advanced=False))
        column.addWidget(self.more)
        column.addWidget(self._folded)
        self._rows(QtWidgets.QGridLayout(self._folded), advanced=True)
        self.more.toggled.connect(self._unfold)
        self._unfold(False)

    def show_options(self, chosen: Options) -> None:
        for spec in options.OPTIONS:
            control, value = self.controls[spec.key], options.get_value(chosen, spec.key)
            was = control.blockSignals(True)
            if isinstance(control, NumberControl):
                control.set_value(round(100 * float(value)))
            elif isinstance(control, QtWidgets.QCheckBox):
                control.setChecked(value)
            else:
                control.setCurrentIndex(control.findData(value))
            control.blockSignals(was)

    def _rows(self, grid: QtWidgets.QGridLayout, *, advanced: bool) -> QtWidgets.QGridLayout:
        grid.setContentsMargins(0, 0, 0, 0)
        for spec in options.OPTIONS:
            if spec.advanced == advanced:
                row, control = grid.rowCount(), self.controls[spec.key]
                if spec.kind == "switch":
                    grid.addWidget(control, row, 1)
                    continue
                label = QtWidgets.QLabel(self._translate(spec.label))
                label.setBuddy(control)
                grid.addWidget(label, row, 0)
                grid.addWidget(control, row, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _control(self, spec: OptionSpec) -> QtWidgets.QWidget:
        if spec.kind == "number":
            control = NumberControl(spec, self._translate(spec.label))
            control.changed.connect(lambda value: self.changed.emit(spec.key, value / 100))
        elif spec.kind == "switch":
            control = QtWidgets.QCheckBox(self._translate(spec.label))
            control.toggled.connect(lambda on: self.changed.emit(spec.key, on))
        else:
            control = QtWidgets.QComboBox()
            for choice in spec.choices:
                control.addItem(self._translate(choice.label), choice.value)
            control.activated.connect(
                lambda index: self.changed.emit(spec.key, control.itemData(index))
            )
        control.setObjectName(spec.key)
        control.setAccessibleName(self._translate(spec.label))
        control.setToolTip(self._translate(spec.help))
        return control

    def _unfold(self, on: bool) -> None:
        arrow = QtCore.Qt.ArrowType
        self.more.setArrowType(arrow.DownArrow if on else arrow.RightArrow)
        self._folded.setVisible(on)


class NumberControl(QtWidgets.QWidget):
    """A slider and a box with the same percentage.

    Signals:
        changed: the percentage.
    """

    changed = QtCore.pyqtSignal(int)

    def __init__(self, spec: OptionSpec, label: str) -> None:
        super().__init__()
        self.slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self.box = QtWidgets.QSpinBox()
        self.box.setSuffix(" %")
        for part in (self.slider, self.box):
            part.setRange(round(100 * spec.low), round(100 * spec.high))
            part.setSingleStep(max(1, round(100 * spec.step)))
            part.valueChanged.connect(self._follow)
            part.setAccessibleName(label)
        self.slider.setMinimumWidth(60)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        self.setFocusProxy(self.slider)

    def set_value(self, percent: int) -> None:
        for part in (self.slider, self.box):
            was = part.blockSignals(True)
            part.setValue(percent)
            part.blockSignals(was)

    def _follow(self, percent: int) -> None:
        self.set_value(percent)
        self.changed.emit(percent)
