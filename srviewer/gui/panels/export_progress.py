"""What an export will do, how far it is, and what came of it, in one place that never moves."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from srviewer.export.options import LABELS
from srviewer.export.plan import Plan
from srviewer.gui.jobs.images_run import ImagesRun
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.widgets.building import filled, named, push_button
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.widgets.run_buttons import RunButtons

_LINES = 4  # of text, whatever it is about
_ROUND_TEXT, _APART = 8, 4  # px, of buttons


class ExportProgress(QWidget):
    """Shows the plan of an export, then how the export goes that `run` does, then its outcome.

    A plan or an outcome that is longer than the room is scrolled, so that all of it can be read.
    """

    def __init__(self, run: ImagesRun) -> None:
        super().__init__()
        self._run = run
        self._work: tuple[str, int, int] | None = None  # on the one image, or the packing of all
        self.plan = named(LinesLabel(None), "export_plan", "What the export will do")
        self.summary = named(LinesLabel(_LINES), "export_summary", "What came of the export")
        self.failures = named(LinesLabel(1, warns=True), "export_failures", "Failed images")
        self.bar = named(QProgressBar(), "export_progress", "Progress of the export")
        tip = "show the data set in the file manager"
        self.open_folder = push_button("Open folder", "open_folder", tip)
        buttons = RunButtons(run, "export", self)
        line = self.plan.fontMetrics().lineSpacing()
        self.bar.setFixedHeight(line)  # in the place of one
        for button in (buttons.pause, buttons.cancel, self.open_folder):
            button.setFixedHeight(line + _ROUND_TEXT)
        self._running = QWidget()
        filled(QVBoxLayout(self._running), buttons.pause, buttons.cancel, spacing=_APART)
        texts = _scrolled(self.plan, self.summary, self.failures, self.bar)
        beside_them = filled(QVBoxLayout(), self._running, self.open_folder)
        beside_them.addStretch(1)
        row = filled(QHBoxLayout(self), texts, beside_them, grows=texts, spacing=8)
        row.setAlignment(texts, Qt.AlignmentFlag.AlignTop)
        height = max(_LINES * line, 2 * (line + _ROUND_TEXT) + _APART)
        self.setFixedHeight(height)
        texts.setFixedHeight(height // line * line)  # no line is shown in half
        self.clear()
        run.state_changed.connect(self._show)
        run.progressed.connect(self._on_progress)

    @property
    def has_outcome(self) -> bool:
        """Whether it shows what came of an export that has ended."""
        return not self._run.busy and self.plan.isHidden()

    def show_plan(self, plan: Plan | None, problem: str = "") -> None:
        """Show what an export would do, in the place of nothing else."""
        text = problem or (plan.worded(LABELS) if plan is not None else "")
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
        self.bar.setVisible(beside is self._running)
        self._share_lines()

    def _share_lines(self) -> None:
        """Leave to the summary the lines that nothing else takes; what ended has all it needs."""
        taken = sum(not one.isHidden() for one in (self.failures, self.bar))
        runs = not self.bar.isHidden()
        self.summary.set_lines(_LINES - taken if runs else None)
        self.failures.set_lines(1 if runs else None)

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
