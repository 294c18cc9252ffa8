"""A control for each knob, made from what the knob says of itself."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from srviewer.gui.widgets.building import Combo, IgnoresWheel, named
from srviewer.pipeline.recipe import Knob, Value

_MOST_IN_A_SPIN_BOX = 2**31 - 1


class Spin(IgnoresWheel, QSpinBox):
    """A spin box for whole numbers that leaves the wheel to the panel."""


class DoubleSpin(IgnoresWheel, QDoubleSpinBox):
    """A spin box for numbers that leaves the wheel to the panel."""


class _Slider(IgnoresWheel, QSlider):
    pass


def offer(box: QComboBox, row: int, why_not: str | None, tip: str = "") -> None:
    """Let a person choose the item in `row`, which says `tip`; or show it grey, with `why_not`."""
    items = box.model()
    assert isinstance(items, QStandardItemModel)
    items.item(row).setEnabled(not why_not)
    items.item(row).setToolTip(why_not or tip)


def offer_texts(box: QComboBox, texts: Sequence[str]) -> None:
    """Let a person choose from `texts`; where `box` has these, nothing changes."""
    if [*texts] != [box.itemText(row) for row in range(box.count())]:
        box.clear()
        box.addItems(texts)


class Control(QObject):
    """The widget of one knob with its label, and a slider where it has one.

    `changed` tells a value that a person set.
    """

    changed = Signal(str, object)

    def __init__(self, knob: Knob, parent: QWidget) -> None:
        super().__init__(parent)
        self.knob = knob
        self.label = named(QLabel(knob.label), "")
        self.widget: QWidget
        self.slider: QSlider | None = None

    def value(self) -> Value | None:
        """Return what is shown."""
        raise NotImplementedError

    def show_value(self, value: Value | None) -> None:
        """Show `value` without telling of it; None where the knob may have none."""
        raise NotImplementedError

    def set_choices(self, usable: tuple[str, ...], why: str) -> None:
        """Let a person choose only `usable`; the others are shown grey and say `why`."""

    def set_step(self, step: float) -> None:
        """Change what one step of the control changes."""

    def _tell(self) -> None:
        self.changed.emit(self.knob.name, self.value())


class _Switch(Control):
    def __init__(self, knob: Knob, parent: QWidget) -> None:
        super().__init__(knob, parent)
        self._box = QCheckBox(parent)
        self._box.toggled.connect(self._tell)
        self.widget = self._box

    def value(self) -> Value:
        return self._box.isChecked()

    def show_value(self, value: Value | None) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


class _Choice(Control):
    def __init__(self, knob: Knob, parent: QWidget) -> None:
        super().__init__(knob, parent)
        self._combo = Combo(parent)
        if knob.optional:
            self._combo.addItem(knob.none, None)
        for choice, shown in knob.shown_choices.items():
            self._combo.addItem(shown, choice)
        self._combo.activated.connect(self._tell)
        self.widget = self._combo

    def value(self) -> Value | None:
        data = self._combo.currentData()
        return None if data is None else str(data)

    def show_value(self, value: Value | None) -> None:
        with QSignalBlocker(self._combo):
            self._combo.setCurrentIndex(0 if value is None else self._combo.findData(value))

    def set_choices(self, usable: tuple[str, ...], why: str) -> None:
        for row in range(self._combo.count()):
            offer(self._combo, row, None if self._combo.itemData(row) in usable else why)


class _Number(Control):
    """A spin box, with a slider below it where the knob has one."""

    def __init__(self, knob: Knob, parent: QWidget) -> None:
        super().__init__(knob, parent)
        self._shown = 100 if knob.percent else 1
        self._spin = self._make_spin(parent)
        self._spin.setKeyboardTracking(False)
        self._spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        if knob.slider:
            slider = _Slider(Qt.Orientation.Horizontal, parent)
            self.slider = named(slider, f"{knob.name}_slider", knob.label)
            self.slider.setRange(self._steps(knob.low), self._steps(knob.usual))
            self.slider.setPageStep(5)
            self.slider.valueChanged.connect(self._on_slider)
        self.widget = self._spin

    def _make_spin(self, parent: QWidget) -> QSpinBox | QDoubleSpinBox:
        knob, shown = self.knob, self._shown
        spin: QSpinBox | QDoubleSpinBox
        if knob.kind is int and knob.high <= _MOST_IN_A_SPIN_BOX:
            spin = Spin(parent)
            spin.setRange(int(knob.low) - knob.optional, int(knob.high))
            spin.setSingleStep(int(knob.step) or 1)
        else:
            spin = DoubleSpin(parent)
            decimals = 0 if knob.kind is int else 3 if knob.step < 0.1 and not knob.percent else 1
            spin.setDecimals(decimals)
            # Down to what the box can show: just below 100 % is 99.9 %.
            most = math.floor(knob.high * shown * 10**decimals) / 10**decimals
            spin.setRange(knob.low * shown, most)
            spin.setSingleStep(knob.step * shown)
        if not knob.step:
            spin.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
            spin.setGroupSeparatorShown(True)
        spin.setSpecialValueText(knob.none)
        spin.setValue(int(knob.instead or spin.minimum()))
        unit = "%" if knob.percent else "" if knob.unit in ("keypoints", "matches") else knob.unit
        spin.setSuffix(f" {unit}" if unit else "")
        spin.valueChanged.connect(self._tell)
        spin.setMinimumWidth(86)
        return spin

    def _steps(self, value: float) -> int:
        return round(value / self.knob.step)

    def _on_slider(self, steps: int) -> None:
        value = steps * self.knob.step
        number = int(value) if self.knob.kind is int else round(value, 10)
        self.changed.emit(self.knob.name, number)

    def value(self) -> Value | None:
        number = self._spin.value()
        if self.knob.optional and number == self._spin.minimum():
            return None
        return int(number) if self.knob.kind is int else round(number / self._shown, 10)

    def set_step(self, step: float) -> None:
        if isinstance(self._spin, QSpinBox):
            self._spin.setSingleStep(int(step))

    def show_value(self, value: Value | None) -> None:
        typed = self._spin.lineEdit().isModified()
        if typed or self.value() != value:  # Qt paints a box that is given its own value, too
            number = self._spin.minimum() if value is None else float(value) * self._shown
            with QSignalBlocker(self._spin):
                self._spin.setValue(int(number) if self.knob.kind is int else number)  # type: ignore[arg-type]
        if self.slider is not None and value is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._steps(float(value)))


def make_control(knob: Knob, parent: QWidget) -> Control:
    """Return the control that fits `knob`."""
    kinds: dict[type, type[Control]] = {bool: _Switch, str: _Choice}
    control = kinds.get(knob.kind, _Number)(knob, parent)
    named(control.widget, knob.name, knob.label)
    control.widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    control.label.setBuddy(control.widget)
    return control
