"""Which pairs an export takes and how it writes them, out of the way until it is wanted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from PySide6.QtCore import QMetaObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.errors import OptionError
from srviewer.export.options import BOUNDS, FORMATS, Options, Value, resolve
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.panels.roomy_area import RoomyArea
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import MOST_JOBS
from srviewer.gui.widgets.building import beside, filled, named, restyle
from srviewer.gui.widgets.controls import Combo, DoubleSpin, LeavesUndo, Spin
from srviewer.gui.widgets.labels import WrappedLabel
from srviewer.pipeline.recipe import Recipe, adapted
from srviewer.pipeline.stages import LAYOUT_KNOBS


@dataclass(frozen=True)
class _Row:
    """How a choice is shown: its label, what it is for, and what its lowest value is called."""

    label: str
    help: str
    lowest: str = ""
    unit: str = ""


_ROWS = {
    "max_per_image": _Row(
        "Pairs an image, at most", "of each image those with the most keypoints", "all"
    ),
    "max_pairs": _Row(
        "Pairs in all, at most", "of all images those with the most keypoints", "all"
    ),
    "validation_share": _Row(
        "For validation",
        "the share of the images whose pairs are for validation and not for training",
        "none",
        " %",
    ),
    "seed": _Row("Seed", "decides which images are for validation"),
    "channels": _Row("Channels", "the brightness Y alone, as SRCNN takes it, or the colours RGB"),
    "label_border": _Row(
        "Label border",
        "cut from each side of a label: what convolutions without padding do not reach",
        unit=" px",
    ),
    "shard_size": _Row("Pairs a shard", "in each of the tar files"),
    "jobs": _Row(
        "Processes",
        "that share the images; automatic are as many as cores, fewer where memory is short",
        "automatic",
    ),
}
_OF_A_FORMAT = ("channels", "label_border", "shard_size")
_NOT_CHOSEN = {"max_per_image": 0, "max_pairs": 0, "label_border": -1, "jobs": 0}
"""What a spin box holds where its option is None."""
_BOUNDS = {**BOUNDS, "validation_share": (0.0, 99.9), "jobs": (1, MOST_JOBS)}
_CHANNEL_NAMES = {"y": "Y", "rgb": "RGB"}


def _options_of(format: str) -> tuple[str, ...]:
    """Return the options that only some formats have and that `format` is one of."""
    with_defaults = resolve(format, Options(), Recipe())
    return tuple(key for key in _OF_A_FORMAT if getattr(with_defaults, key) is not None)


class ExportChoices(QWidget):
    """A row that says what is chosen, and opens on the controls that choose.

    `changed` tells that something else is chosen, or that it is now allowed or no longer.

    Attributes
    ----------
    problem : str
        Why what is chosen cannot be done, empty where it can.
    """

    changed = Signal()

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self._model = model
        self._format = FORMATS[0]
        self._labels: dict[str, QLabel] = {}
        self._controls: dict[str, QSpinBox | QDoubleSpinBox | QComboBox] = {}
        self._build()
        model.recipe_changed.connect(self._follow_recipe)
        self._show()

    # Building

    def _build(self) -> None:
        tip = "which pairs are exported, and how they are written"
        self.button = named(QToolButton(), "export_choices", tip=tip, opens=True)
        self.button.setText("Choices")
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._open)
        self.chosen = named(WrappedLabel(), "export_chosen", muted=True)
        self.chosen.setContentsMargins(0, 3, 0, 0)  # on one line with the button
        head = beside(self.button, self.chosen, grows=self.chosen, spacing=8)
        for widget in (self.button, self.chosen):
            head.setAlignment(widget, Qt.AlignmentFlag.AlignTop)
        self._area = RoomyArea(self._form(), self)
        filled(QVBoxLayout(self), head, self._area, spacing=4)
        self._open(False)

    def _form(self) -> QWidget:
        form = named(QFrame(), "", panel=True)
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for line, (key, row) in enumerate(_ROWS.items()):
            control = named(self._make(key), f"export_{key}", row.label)
            control.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            label = QLabel(row.label)
            label.setBuddy(control)
            for widget in (control, label):
                widget.setToolTip(_help(key))
            grid.addWidget(label, line, 0)
            grid.addWidget(control, line, 1)
            self._labels[key], self._controls[key] = label, control
        return form

    def _make(self, key: str) -> QSpinBox | QDoubleSpinBox | QComboBox:
        if key == "channels":
            combo = Combo()
            for name, text in _CHANNEL_NAMES.items():
                combo.addItem(text, name)
            combo.currentIndexChanged.connect(self._show)
            return combo
        spin: _Spin | _DoubleSpin
        row, (low, high) = _ROWS[key], _BOUNDS[key]
        if key in ("validation_share", "seed"):
            spin = _DoubleSpin()
            spin.setDecimals(1 if key == "validation_share" else 0)
            spin.setRange(low, high)
        else:
            spin = _Spin()
            spin.setRange(int(_NOT_CHOSEN.get(key, low)), int(high))
            spin.setValue(spin.minimum())
            if key == "shard_size":
                spin.setValue(resolve("webdataset", Options(), Recipe()).shard_size or 1)
            if high >= 1_000_000:
                spin.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
                spin.setGroupSeparatorShown(True)
        spin.setSpecialValueText(row.lowest)
        spin.setSuffix(row.unit)
        spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        spin.setMinimumWidth(86)
        spin.lineEdit().installEventFilter(LeavesUndo(spin))
        spin.valueChanged.connect(self._show)
        return spin

    # What is chosen

    @property
    def jobs(self) -> int | None:
        """The number of processes; None for as many as there are cores."""
        value = self._value("jobs")
        return value if isinstance(value, int) else None

    @property
    def options(self) -> Options:
        """What is chosen for the format in use."""
        return self._options(_options_of(self._format))

    @property
    def remembered(self) -> Options:
        """What is chosen for this format and the others."""
        return self._options(_OF_A_FORMAT)

    def _options(self, of_a_format: tuple[str, ...]) -> Options:
        keys = {field.name for field in fields(Options)} - set(_OF_A_FORMAT) | set(of_a_format)
        values = {key: self._value(key) for key in keys}
        return Options(**values)  # type: ignore[arg-type]

    def _value(self, key: str) -> Value | None:
        control = self._controls[key]
        if isinstance(control, QComboBox):
            return str(control.currentData())
        if key == "validation_share":
            return round(control.value() / 100, 10)
        value = int(control.value())
        return None if key in _NOT_CHOSEN and value == _NOT_CHOSEN[key] else value

    def restore(self, options: Options, jobs: int | None) -> None:
        """Go on with the choices of the last time."""
        for key, value in (asdict(options) | {"jobs": jobs}).items():
            control = self._controls[key]
            with QSignalBlocker(control):
                if isinstance(control, QComboBox):
                    control.setCurrentIndex(max(control.findData(value), 0))
                elif value is not None:
                    control.setValue(100 * value if key == "validation_share" else value)
        self._show()

    def show_format(self, format: str) -> None:
        """Offer what `format` has."""
        self._format = format
        self._show()

    # Showing

    def _open(self, wanted: bool) -> None:
        self._area.setVisible(wanted)
        self.button.setArrowType(Qt.ArrowType.DownArrow if wanted else Qt.ArrowType.RightArrow)

    def _follow_recipe(self) -> None:
        """Show anew what the recipe has a part in: of thresholds that are dragged nothing is."""
        if self._recipe_read() != self._shown_for:
            self._show()

    def _recipe_read(self) -> tuple[object, ...]:
        return tuple(getattr(self._model.recipe, name) for name in LAYOUT_KNOBS)

    def _show(self) -> None:
        self._shown_for = self._recipe_read()
        of_this = _options_of(self._format)
        for key in _OF_A_FORMAT:
            for widget in (self._labels[key], self._controls[key]):
                widget.setVisible(key in of_this)
        border, seed = self._controls["label_border"], self._controls["seed"]
        assert isinstance(border, QSpinBox)
        border.setSpecialValueText(f"as SRCNN, {self._usual_border()} px")
        for widget in (self._labels["seed"], seed):
            widget.setEnabled(bool(self._value("validation_share")))
        try:
            resolved = resolve(self._format, self.options, self._model.recipe)
        except OptionError as error:
            self.problem = str(error)
            self.chosen.setText(self.problem)
        else:
            self.problem = ""
            self.chosen.setText(messages.chosen(resolved, self.jobs))
        restyle(self.chosen, "warns", bool(self.problem))
        self.button.setAccessibleDescription(self.chosen.text())
        self._area.updateGeometry()
        self.changed.emit()

    def _usual_border(self) -> int:
        recipe = adapted(Recipe(), "lr_layout", self._model.recipe.lr_layout)  # of a usual patch
        return resolve("srcnn-hdf5", Options(), recipe).label_border or 0

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the room that the column of panels has."""
        super().showEvent(event)
        self._area.follow()


class _SelectsAll:
    """A number that is typed replaces the word for none, however the field was entered."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)  # type: ignore[misc]
        # Later: a click that brings the focus puts the cursor somewhere first.
        QMetaObject.invokeMethod(self, "selectAll", Qt.ConnectionType.QueuedConnection)  # type: ignore[call-overload]


class _Spin(_SelectsAll, Spin):
    pass


class _DoubleSpin(_SelectsAll, DoubleSpin):
    pass


def _help(key: str) -> str:
    row = _ROWS[key]
    return f"<p>{row.label}: {row.help}.</p>"
