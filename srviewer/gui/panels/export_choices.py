"""Which pairs an export takes and how it writes them, out of the way until it is wanted."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractSpinBox, QFrame, QSpinBox, QVBoxLayout, QWidget

from srviewer.export import messages
from srviewer.export.options import OPTIONS, Options
from srviewer.gui.panels.roomy_area import RoomyArea
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.widgets.building import beside, filled, grid, named
from srviewer.gui.widgets.controls import Control, make_control
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.widgets.section import Heading
from srviewer.pipeline.knobs import Knob
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
_OTHERS = [knob for knob in OPTIONS.values() if knob is not _PROFILE]
_KNOBS = (*sorted(_OTHERS, key=lambda knob: bool(knob.formats)), _JOBS)
"""As they are shown: which pairs, how they are written, and who does it."""


_LINES = 2  # of what is chosen, while its controls are shown


class ExportChoices(QWidget):
    """For whom pairs are, and a row that says what is chosen and opens on what chooses.

    It shows the settings, and tells them what a person sets.
    """

    def __init__(self, settings: ExportSettings) -> None:
        super().__init__()
        self._settings = settings
        self._resolved: Options | None = None
        self._shown: object = None  # format and values of the controls
        self._controls: dict[str, Control] = {}
        self._build()
        settings.changed.connect(self._show)
        self._show()

    # Building

    def _build(self) -> None:
        profile = self._control(_PROFILE, self)  # first, as Tab goes by the order they come in
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
        whom = beside(profile.label, profile.widget, grows=profile.widget, spacing=8)
        column.insertLayout(0, whom)
        column.addWidget(self._area)
        self._open(False)

    def _form(self) -> QWidget:
        form = named(QFrame(), "", panel=True)
        lines = grid(form, spacing=(8, 5), grows=1, margins=(0, 5, 4, 5))
        for line, knob in enumerate(_KNOBS):
            control = self._control(knob, form)
            for column, part in enumerate((control.label, control.widget)):
                lines.addWidget(part, line, column)
        return form

    def _control(self, knob: Knob, parent: QWidget) -> Control:
        control = self._controls[knob.name] = make_control(knob, parent)
        widget = named(control.widget, f"export_{knob.name}")
        if isinstance(widget, QAbstractSpinBox):
            widget.setKeyboardTracking(True)
            widget.installEventFilter(_SelectsAll(widget))
        control.changed.connect(self._settings.use)
        return control

    # Showing

    def _open(self, wanted: bool) -> None:
        self._area.setVisible(wanted)
        # What is chosen then says what the controls do: nothing moves under the mouse for it.
        self.chosen.set_lines(_LINES if wanted else None)

    def _show(self) -> None:
        settings = self._settings
        if settings.resolved is self._resolved:
            return  # folder or images are other ones
        self._resolved = settings.resolved
        shown = settings.format, dict(settings.values)
        if shown != self._shown:  # else the recipe alone, which may be pulled
            self._shown = shown
            self._show_controls()
        border = self._controls["label_border"].widget
        assert isinstance(border, QSpinBox)
        border.setSpecialValueText(f"as SRCNN, {settings.usual_border} px")
        self.chosen.say(messages.chosen(settings.resolved, settings.jobs))
        self.button.setAccessibleDescription(self.chosen.text())

    def _show_controls(self) -> None:
        settings, why_not = self._settings, self._settings.why_not()
        for knob in (_PROFILE, *_KNOBS):
            control, reason = self._controls[knob.name], why_not.get(knob.name, "")
            value = settings.values[knob.name]
            if control.value() != value:  # what is being typed stays as it is typed
                control.show_value(value)
            tip = f"{knob.label}: {knob.help}." + (f" Not now: {reason}." if reason else "")
            for widget in (control.label, control.widget):
                widget.setVisible(settings.offers(knob))
                widget.setEnabled(not reason)
                widget.setToolTip(f"<p>{tip}</p>")
        self._area.updateGeometry()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the room that the column of panels has."""
        super().showEvent(event)
        # On one line with the button, whose height is the style's.
        above = (self.button.sizeHint().height() - self.chosen.fontMetrics().height() + 1) // 2
        self._words.setContentsMargins(0, max(above, 0), 0, 0)
        self._area.follow()


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
