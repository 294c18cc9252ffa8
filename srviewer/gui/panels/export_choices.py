"""Which pairs an export takes and how it writes them, out of the way until it is wanted."""

from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractSpinBox, QFrame, QSpinBox, QVBoxLayout, QWidget

from srviewer.errors import OptionError
from srviewer.export.options import (
    FORMATS,
    LABELS,
    OPTIONS,
    SHUFFLED,
    Options,
    of_format,
    refused,
    usual_border,
)
from srviewer.export.profiles import PROFILES
from srviewer.export.settling import STAYS, settled
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.panels.roomy_area import RoomyArea
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import beside, filled, grid, named
from srviewer.gui.widgets.controls import Control, make_control
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.widgets.section import Heading
from srviewer.pipeline.knobs import Knob, Value
from srviewer.pipeline.stages import LAYOUT_KNOBS
from srviewer.runs.tasks import MOST_JOBS

_JOBS = Knob(
    "jobs",
    int,
    None,
    "Work",
    "Processes",
    "that share the images; automatic are as many as cores, fewer where memory is short",
    low=1,
    high=MOST_JOBS,
    none="automatic",
)
_PROFILE = OPTIONS["profile"]
_KNOBS = (
    *sorted(
        (k for k in OPTIONS.values() if k is not _PROFILE), key=lambda knob: bool(knob.formats)
    ),
    _JOBS,
)
"""As they are shown: which pairs, how they are written, and who does it."""


_LINES = 2  # of what is chosen, while its controls are shown


class ExportChoices(QWidget):
    """For whom pairs are, and a row that says what is chosen and opens on what chooses.

    `changed` tells that something else is chosen, or that it is now allowed or no longer.

    Attributes
    ----------
    problem : str
        Why what is chosen cannot be done, empty where it can.
    profile : Control
        Chooses for which trainer pairs are written.
    """

    changed = Signal()

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.problem = ""
        self._by_hand: set[str] = set()  # the keys that a person has chosen
        self._there: Options | None = None  # how the pairs in the folder are written
        self._model = model
        self._format = FORMATS[0]
        self.profile = make_control(_PROFILE, self)
        self._controls: dict[str, Control] = {_PROFILE.name: self.profile}
        self._build()
        self.profile.changed.connect(self._on_hand)
        model.recipe_changed.connect(self._follow_recipe)
        self._show()

    # Building

    def _build(self) -> None:
        tip = "which pairs are exported, and how they are written"
        self.button = Heading("export_choices", "Choices", tip)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.toggled.connect(self._open)
        self.chosen = named(LinesLabel(None, muted=True), "export_chosen", "What is chosen")
        self._words = filled(QVBoxLayout(), self.chosen)
        self._words.addStretch(1)
        head = beside(self.button, self._words, grows=self._words, spacing=4)
        head.setAlignment(self.button, Qt.AlignmentFlag.AlignTop)
        column = filled(QVBoxLayout(self), head, spacing=4)
        self._area = RoomyArea(self._form(), self)
        profile = self.profile
        named(profile.widget, "export_profile")
        profile.widget.setToolTip(f"<p>{_PROFILE.label}: {_PROFILE.help}.</p>")
        whom = beside(profile.label, profile.widget, grows=profile.widget, spacing=8)
        column.insertLayout(0, whom)
        column.addWidget(self._area)
        self._open(False)

    def _form(self) -> QWidget:
        form = named(QFrame(), "", panel=True)
        lines = grid(form, spacing=(8, 5), grows=1, margins=(0, 5, 4, 5))
        for line, knob in enumerate(_KNOBS):
            control = make_control(knob, form)
            widget = named(control.widget, f"export_{knob.name}")
            if isinstance(widget, QAbstractSpinBox):
                widget.setKeyboardTracking(True)
                widget.installEventFilter(_SelectsAll(widget))
            control.changed.connect(self._on_hand)
            for column, part in enumerate((control.label, widget)):
                lines.addWidget(part, line, column)
            self._controls[knob.name] = control
        return form

    # What is chosen

    @property
    def jobs(self) -> int | None:
        """The number of processes; None for as many as there are cores."""
        value = self._controls["jobs"].value()
        return value if isinstance(value, int) else None

    @property
    def options(self) -> Options:
        """What is chosen for the format in use."""
        return _chosen(self._format, self.profile.value(), tuple(self._values().items()))

    @property
    def _settled_by_profile(self) -> tuple[str, ...]:
        """The options that the profile sets, whatever their controls show."""
        return _settled_by(self.profile.value())

    @property
    def remembered(self) -> Options:
        """What is chosen for this format and the others, but for what the folder has settled."""
        values = self._values()
        return Options(**values | {key: _usual(key) for key in OPTIONS if key not in self._by_hand})

    def _values(self) -> dict[str, Any]:
        return {key: self._controls[key].value() for key in OPTIONS}

    def follow_folder(self, there: Options | None) -> None:
        """Go on with the options of what the folder holds, where a person has chosen none.

        A folder that holds nothing has the usual ones again.
        """
        if there == self._there:
            return
        self._there = there
        for key in OPTIONS:
            if key not in self._by_hand and key not in STAYS:
                self._show_value(key, getattr(there or Options(), key))
        self._show()

    def restore(self, options: Options, jobs: int | None) -> None:
        """Go on with the choices of the last time."""
        for key, value in (asdict(options) | {"jobs": jobs}).items():
            self._show_value(key, value)
        values = asdict(options)
        self._by_hand = {key for key in OPTIONS if values[key] not in (None, _usual(key))}
        self._there = None  # what the folder holds is taken anew
        self._show()

    def _show_value(self, key: str, value: Value | None) -> None:
        control = self._controls[key]
        control.show_value(control.knob.instead if value is None else value)

    def _on_hand(self, key: str, value: Value | None) -> None:
        """Take what a person has set, whatever the folder holds."""
        self._by_hand.add(key)
        self._show()

    def use(self, key: str, value: Value) -> None:
        """Choose `value` for an option, as a person does with its control."""
        self._controls[key].show_value(value)
        self._on_hand(key, value)

    def show_format(self, format: str) -> None:
        """Offer what `format` has."""
        self._format = format
        self._show()

    # Showing

    def _open(self, wanted: bool) -> None:
        self._area.setVisible(wanted)
        # What is chosen then says what the controls do: nothing moves under the mouse for it.
        self.chosen.set_lines(_LINES if wanted else None)

    def _follow_recipe(self) -> None:
        """Show anew what the recipe has a part in: of thresholds that are dragged nothing is."""
        if self._recipe_read() != self._shown_for:
            self._show_chosen()

    def _recipe_read(self) -> tuple[object, ...]:
        return tuple(getattr(self._model.recipe, name) for name in LAYOUT_KNOBS)

    def _show(self) -> None:
        why_not = self._why_not()
        for knob in _KNOBS:
            control, reason = self._controls[knob.name], why_not.get(knob.name, "")
            tip = f"{knob.label}: {knob.help}." + (f" Not now: {reason}." if reason else "")
            for widget in (control.label, control.widget):
                has = not knob.formats or self._format in knob.formats
                widget.setVisible(has and knob.name not in self._settled_by_profile)
                widget.setEnabled(not reason)
                widget.setToolTip(f"<p>{tip}</p>")
        self._area.updateGeometry()
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Say what is chosen, and whether it can be done under this recipe."""
        self._shown_for = self._recipe_read()
        border = self._controls["label_border"].widget
        assert isinstance(border, QSpinBox)
        border.setSpecialValueText(f"as SRCNN, {usual_border(self._model.recipe)} px")
        shown, self.problem = self.options, ""
        try:
            shown = settled(self._format, shown, self._model.recipe).options
        except OptionError as error:
            self.problem = error.told(LABELS)
        self.chosen.say(messages.chosen(shown, self.jobs))
        self.button.setAccessibleDescription(self.chosen.text())
        self.changed.emit()

    def _why_not(self) -> dict[str, str]:
        """Return which controls are of no use for now, each with the reason."""
        found = refused(self._format, self.options)
        if not self._controls["validation_share"].value() and self._format not in SHUFFLED:
            found["seed"] = "no image is held back for validation"
        return found

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the room that the column of panels has."""
        super().showEvent(event)
        # On one line with the button, whose height is the style's.
        above = (self.button.sizeHint().height() - self.chosen.fontMetrics().height() + 1) // 2
        self._words.setContentsMargins(0, max(above, 0), 0, 0)
        self._area.follow()


def _usual(key: str) -> Any:
    """Return what the control of an option holds until a person or a folder says otherwise."""
    knob = OPTIONS[key]
    return knob.default if knob.instead is None else knob.instead


class _SelectsAll(QObject):
    """A number that is typed replaces the word for none, however the field was entered."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Select what is in a spin box that gets the focus."""
        if event.type() == QEvent.Type.FocusIn:
            # Later: a click that brings the focus puts the cursor somewhere first.
            QTimer.singleShot(0, self, self._select_all)
        return super().eventFilter(watched, event)

    def _select_all(self) -> None:
        spin = self.parent()
        assert isinstance(spin, QAbstractSpinBox)
        if spin.hasFocus():  # it may have been passed on at once
            spin.selectAll()


@lru_cache(1)  # a pulled threshold asks again and again, and each option is checked
def _chosen(format_: str, profile: Value | None, values: tuple[tuple[str, Any], ...]) -> Options:
    mine = of_format(format_, Options(**dict(values)))
    usual: dict[str, Any] = {key: OPTIONS[key].default for key in _settled_by(profile)}
    return replace(mine, **usual)


def _settled_by(profile: Value | None) -> tuple[str, ...]:
    return tuple(PROFILES[str(profile)].options) if profile is not None else ()
