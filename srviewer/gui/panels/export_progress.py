"""What an export will do, how far it is, and what came of it, in one place that never moves."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from srviewer.export import messages
from srviewer.export.options import LABELS
from srviewer.export.plan import Plan
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.widgets.building import filled, named, progress_bar, push_button, restyle
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.widgets.run_buttons import RunButtons

# Lines of text, whatever it is about: as many as a window of that height has to spare.
_FEWEST, _MOST = 3, 8
_A_LINE_EVERY, _ABOVE = 80, 560  # px of the window's height
_ROUND_TEXT, _APART = 8, 4  # px, of buttons


class ExportProgress(QWidget):
    """Shows the plan of an export, then how the export goes that `run` does, then its outcome.

    A plan or an outcome that is longer than the room is scrolled, so that all of it can be read.
    """

    def __init__(self, run: ImagesRun) -> None:
        super().__init__()
        self._run = run
        self._suits = False  # whether the recipe can be made one for the trainer
        self._work: tuple[str, int, int] | None = None  # on the one image, or the packing of all
        self.plan = named(LinesLabel(None), "export_plan", "What the export will do")
        self.summary = named(LinesLabel(_FEWEST), "export_summary", "What came of the export")
        self.failures = named(LinesLabel(1, warns=True), "export_failures", "Failed images")
        self.bar = progress_bar("export_progress", "Progress of the export")
        tip = "show the data set in the file manager"
        self.open_folder = push_button("Open folder", "open_folder", tip)
        self.suit = push_button("", "export_suit", "")
        buttons = RunButtons(run, "export", self)
        line = self.plan.fontMetrics().lineSpacing()
        self.bar.setFixedHeight(line)  # in the place of one
        for button in (buttons.pause, buttons.cancel, self.open_folder, self.suit):
            button.setFixedHeight(line + _ROUND_TEXT)
            restyle(button, "low", True)
        self._running = QWidget()
        filled(QVBoxLayout(self._running), buttons.pause, buttons.cancel, spacing=_APART)
        self._texts = _scrolled(self.plan, self.summary, self.failures, self.bar)
        self._texts.verticalScrollBar().setSingleStep(line)  # no line is cut
        beside_them = filled(QVBoxLayout(), self._running, self.open_folder, self.suit)
        beside_them.addStretch(1)
        around = filled(QHBoxLayout(self), self._texts, beside_them, grows=self._texts, spacing=8)
        around.setAlignment(self._texts, Qt.AlignmentFlag.AlignTop)
        self._have(_FEWEST)
        self.clear()
        run.state_changed.connect(self._show)
        run.progressed.connect(self._on_progress)

    def _have(self, lines: int) -> None:
        """Have room for so many lines, whatever is said in them."""
        self._lines = lines
        line = self.plan.fontMetrics().lineSpacing()
        self._texts.setFixedHeight(lines * line)
        self.setFixedHeight(max(lines * line, 2 * (line + _ROUND_TEXT) + _APART))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the room that the window has, now and later."""
        super().showEvent(event)
        self.window().installEventFilter(self)  # again is no harm
        self._follow_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the room anew when the window changes."""
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self._follow_room()
        return super().eventFilter(watched, event)

    def _follow_room(self) -> None:
        lines = (self.window().height() - _ABOVE) // _A_LINE_EVERY
        self._have(min(max(lines, _FEWEST), _MOST))
        self._share_lines()

    def show_plan(
        self, plan: Plan | None, problem: str = "", more: str = "", suits: Sequence[str] = ()
    ) -> None:
        """Show what an export would do, in the place of nothing else, and `more` of it.

        `suits` are the changes, in words, that would make the recipe one for the trainer.
        """
        text = problem or (plan.worded(LABELS, more) if plan is not None else "")
        self.suit.setText(("Set it", "Set both")[len(suits) > 1])
        changes = escape("; ".join(suits))
        self.suit.setToolTip(f"<p>{changes} (one step for Ctrl+Z)</p>")
        self.suit.setAccessibleDescription(changes)
        self._suits = bool(suits)
        self.suit.setVisible(self._suits and not self.plan.isHidden())
        self.plan.say(text, warns=bool(problem) or (plan is not None and plan.warns))
        self.plan.setAccessibleDescription(text)

    def clear(self) -> None:
        """Show the plan: what came of an export is no longer about what is chosen."""
        self._turn_to(self.plan)

    def begin(self) -> None:
        """Show that an export starts."""
        self._work = None
        self._turn_to(self.summary, beside=self._running)
        self.bar.setRange(0, 0)
        self._say("starting")

    def stop(self, text: str, *, folder: bool = False, warns: bool = False) -> None:
        """Show how it ended; `folder` offers to open the data set."""
        self._turn_to(self.summary, beside=self.open_folder if folder else None)
        self._show_failures()
        self._say(text, warns=warns)

    def _turn_to(self, label: QWidget, beside: QWidget | None = None) -> None:
        """Show the plan or the summary, without failures, and the buttons that go with it."""
        self.failures.hide()
        for other in (self.plan, self.summary, self._running, self.open_folder):
            other.setVisible(other in (label, beside))
        self.suit.setVisible(label is self.plan and self._suits)
        self.bar.setVisible(beside is self._running)
        self._share_lines()

    def _share_lines(self) -> None:
        """Leave to the summary the lines that nothing else takes; what ended has all it needs."""
        runs, fails = not self.bar.isHidden(), not self.failures.isHidden()
        for_failures = max((self._lines - 1) // 2, 1)
        left = self._lines - runs - fails * for_failures
        self.summary.set_lines(left if runs else None)
        self.failures.set_lines(for_failures if runs else None)

    def _say(self, text: str, *, warns: bool = False) -> None:
        self.summary.say(text, warns=warns)

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        self._work = (stage, done, total)
        self._show()

    def _show(self) -> None:
        if not self._run.busy:
            return  # what came of it is shown
        self._show_failures()
        state, work, paused = self._run.state, self._work, self._run.paused
        several = state is not None and state.images > 1
        if self._run.cancelled:
            self._say("cancelling")
        elif work is not None and (work[0] == "pack" or not several):
            text = messages.work(*work)
            self._set_bar(*work[1:])
            self._say(f"paused: {text}" if paused else text)
        elif several:
            self._set_bar(state.done, state.images)
            self._say(
                f"paused: {messages.done_so_far(state)}; no other image is begun"
                if paused
                else messages.running(state)
            )
        else:
            self._say("paused" if paused else "starting")

    def _show_failures(self) -> None:
        state = self._run.state
        if state is not None and state.failures:
            last = state.failures[-1]
            more = f"{last.image}: {last.cause}\nAll failures are in the log."
            self.failures.say(messages.last_failure(state.failures), more)
            self.failures.show()
            self._share_lines()

    def _set_bar(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)


def _scrolled(*texts: QWidget) -> QScrollArea:
    """Return `texts` below each other, as high as there is room for."""
    column = QWidget()
    filled(QVBoxLayout(column), *texts).addStretch(1)
    area = named(_Scrolled(), "export_words", "What is said of the export")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(column)
    return area


class _Scrolled(QScrollArea):
    """An area that keys reach as long as there is something to scroll to."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.verticalScrollBar().rangeChanged.connect(self._follow)
        self.setProperty("scrolls", True)
        self._follow(0, 0)

    def _follow(self, _: int, last: int) -> None:
        policy = Qt.FocusPolicy.TabFocus if last else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)
