"""All resizers on the image that is looked at: how far they are apart, and what each leads to."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QHeaderView,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from srviewer.errors import SrviewerError
from srviewer.export.options import LABELS
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.model import Model
from srviewer.gui.views.resizer_matrix import MEASURES, ResizerMatrix, told
from srviewer.gui.views.two_outputs import TwoOutputs
from srviewer.gui.widgets.building import (
    beside,
    column,
    combo_box,
    divide,
    filled,
    keep_room,
    label,
    named,
    progress_bar,
    push_button,
    rows_table,
    splitter,
)
from srviewer.gui.widgets.controls import Spin
from srviewer.gui.widgets.dialogs import Dialog
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.resizers_compared import Effect, ResizersCompared, compare_resizers
from srviewer.wording import counted

_EFFECTS = ("Resizer", "Keypoints", "Matches", "Consistent", "Pairs kept")
_LARGEST = 20_000  # px of a side, as the command takes
_SIZE, _LARGEST_SIZE, _OF_PARENT = (1000, 620), (1700, 1000), 0.94
_PICTURES, _EFFECTS_HEIGHT = 320, 140  # px at least


class ResizersDialog(Dialog):
    """Compares all resizers, shows any two of them, and takes one into the recipe.

    Which two is the current cell of `matrix`, and nothing else: the list of effects follows it.

    Attributes
    ----------
    found : ResizersCompared or None
        None until it is known.
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__("resizers_dialog", "Resizers compared", parent)
        self.found: ResizersCompared | None = None
        self._model = model
        self._runner = Runner("resizers_compared", Queue.REPLACE, self)
        self._runner.done.connect(self._on_done)
        self._runner.failed.connect(self._on_failed)
        self._runner.progressed.connect(self._on_progressed)
        self._build()
        self._take_room()
        self._propose_size(model.image)
        self._show_running(False)
        self.begin()

    def _build(self) -> None:
        self.width_box = _size_box("resizers_width", "Width to resize to")
        self.height_box = _size_box("resizers_height", "Height to resize to")
        for box in (self.width_box, self.height_box):
            box.lineEdit().returnPressed.connect(self.begin)
        about = "resize the image to this size with every resizer"
        self.start = push_button("Compare", "resizers_start", about, clicked=self.begin)
        self.stop = push_button("Cancel", "resizers_cancel", "stop comparing", clicked=self._cancel)
        self.bar = progress_bar("resizers_progress", "Progress: comparing resizers")
        self.status = label("resizers_status", wraps=True)
        self.matrix = ResizerMatrix()
        self.matrix.chosen.connect(self._show_two)
        self.measure = combo_box("resizers_measure", "Figure", "what the cells say", MEASURES)
        self.measure.activated.connect(self._show_measure)
        legend = label("", "the brighter, the nearer; = identical", muted=True)
        self.effects = self._effects_table()
        self.two = TwoOutputs(self)
        self.use = push_button("Use in the recipe", "resizers_use", "", clicked=self._use)
        self.use.setEnabled(False)
        close = push_button("Close", "resizers_close", "", clicked=self.accept)
        for button in (self.start, self.stop, self.use, close):
            button.setAutoDefault(False)  # Enter in a table is no wish to compare anew
        keep_room(self.bar)
        sizes = (label("", "Size"), self.width_box, label("", "x"), self.height_box)
        top = beside(*sizes, self.start, self.stop, self.bar, grows=self.bar)
        above = beside(self.measure, legend, grows=legend)
        matrix = QWidget()
        filled(QVBoxLayout(matrix), above, self.matrix, grows=self.matrix, spacing=6)
        effects = column(label("", "What the choice does", muted=True), self.effects,
                         grows=self.effects)  # fmt: skip
        self._numbers = numbers = splitter(Qt.Orientation.Vertical)
        divide(numbers, (matrix, 3, 160), (effects, 1, 110))
        self._both = both = splitter(Qt.Orientation.Horizontal)
        divide(both, (numbers, 2, 360), (self.two, 1, _PICTURES))
        both.setHandleWidth(8)
        numbers.setHandleWidth(8)
        last = beside(self.status, self.use, close, grows=self.status)
        filled(QVBoxLayout(self), top, both, last, grows=both, margins=(14, 12, 14, 12), spacing=8)

    def _effects_table(self) -> QTableWidget:
        table = rows_table("resizer_effects", "What the choice does", _EFFECTS)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        table.verticalHeader().setMinimumSectionSize(8)
        table.currentCellChanged.connect(self._on_effect)
        return table

    def _take_room(self) -> None:
        """Be nearly as large as the window behind it, but no larger than there is to show."""
        parent = self.parentWidget()
        behind = parent.window().size() * _OF_PARENT if parent is not None else QSize(*_SIZE)
        self.resize(behind.boundedTo(QSize(*_LARGEST_SIZE)))

    # What is compared

    def _propose_size(self, image: SourceImage | None) -> None:
        if image is None:
            return
        scale = self._model.recipe.scale
        size = tuple(max(side // scale, 1) for side in image.size)
        width, height = image.lr.size if image.lr is not None else size
        self.width_box.setValue(width)
        self.height_box.setValue(height)

    def begin(self) -> None:
        """Compare at the size that is typed."""
        image, recipe = self._model.image, self._model.recipe
        if image is None:
            self.status.setText("No image yet: open one to compare the resizers on it.")
            self.start.setEnabled(False)
            return
        size = self.width_box.value(), self.height_box.value()

        def work(progress: Progress, tell: Tell) -> ResizersCompared:
            return compare_resizers(image, size, recipe, progress)

        self.status.setText(f"comparing at {size[0]} x {size[1]} px")
        self._show_running(True)
        self._runner.start(Job(work, path=image.path))

    def _cancel(self) -> None:
        self._runner.drop()
        self._show_running(False)
        self.status.setText("Stopped. Compare begins again.")

    def _show_running(self, running: bool) -> None:
        self.start.setEnabled(not running)
        self.stop.setEnabled(running)
        self.bar.setRange(0, 0 if running else 1)
        self.bar.setValue(0)
        self.bar.setTextVisible(False)
        self.bar.setVisible(running)  # an empty one looks like a field

    def _on_progressed(self, stage: str, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.status.setText(f"comparing, {done} of {total} {stage}")

    def _on_failed(self, error: SrviewerError) -> None:
        self._show_running(False)
        self.status.setText(error.worded(LABELS))

    # What was found

    def _on_done(self, found: ResizersCompared) -> None:
        self._show_running(False)
        self.found = found
        count = counted(len(found.resizers), "resizer")
        made = f"{count}, to {found.size[0]} x {found.size[1]} px"
        if found.scale is None:
            made += ": no whole number of times smaller, so no pairs are made"
        else:
            made += f", {found.scale} times smaller"
        self.status.setText(f"{made}.")
        self._list_effects(found.effects)
        self.matrix.setCurrentCell(-1, -1)
        self._show_measure()
        self._share_room()
        recipe = self._model.recipe
        own = (recipe.resizer, recipe.filter)
        row = found.resizers.index(own) if own in found.resizers else 0
        self.matrix.setCurrentCell(row, int(found.psnr[row].argmin()))
        self.matrix.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_measure(self) -> None:
        if self.found is not None:
            self.matrix.show_measure(self.found, self.measure.currentData())

    def _share_room(self) -> None:
        """Show the whole matrix, and the pictures as large as the rest of the room is."""
        needed, above = self.matrix.sizeHint(), self.matrix.y()
        for split, wanted, least in (
            (self._both, needed.width(), _PICTURES),
            (self._numbers, needed.height() + above, _EFFECTS_HEIGHT),
        ):
            room = sum(split.sizes())
            first = min(wanted, room - least)
            split.setSizes([first, room - first])

    def _list_effects(self, effects: tuple[Effect, ...]) -> None:
        assert self.found is not None
        with QSignalBlocker(self.effects):
            self.effects.setRowCount(len(effects))
            for row, one in enumerate(effects):
                name = f"{row + 1}  {' '.join(self.found.resizers[row])}"
                self.effects.setItem(row, 0, QTableWidgetItem(name))
                counts = (one.keypoints, one.matches, one.consistent, one.kept)
                for place, value in enumerate(counts, start=1):
                    item = QTableWidgetItem("-" if value is None else f"{value:,}")
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                    self.effects.setItem(row, place, item)

    def _on_effect(self, row: int, *rest: int) -> None:
        if row >= 0:
            self.matrix.setCurrentCell(row, max(self.matrix.currentColumn(), 0))

    def _show_two(self, row: int, column: int) -> None:
        assert self.found is not None
        with QSignalBlocker(self.effects):
            self.effects.setCurrentCell(row, 0)
        names = [" ".join(self.found.resizers[one]) for one in (row, column)]
        outputs = self.found.outputs
        self.two.show_two(outputs[row], outputs[column], names[0], names[1])
        self.two.say(told(self.found, row, column))
        recipe = self._model.recipe
        own = self.found.resizers[row] == (recipe.resizer, recipe.filter)
        self.use.setText(f"Use {names[0]}")
        self.use.setToolTip("the recipe has it" if own else "take it into the recipe")
        self.use.setEnabled(not own)

    def _use(self) -> None:
        row = self.matrix.currentRow()
        if self.found is not None and row >= 0:
            library, name = self.found.resizers[row]
            self._model.set_recipe(self._model.recipe.replace(resizer=library, filter=name))
            self.accept()

    def done(self, result: int) -> None:
        """End what runs, then close."""
        self.two.end()
        self._runner.close()
        self._runner.stop()
        super().done(result)


def _size_box(name: str, says: str) -> QSpinBox:
    box = named(Spin(), name, says, tip="in pixels")
    box.setRange(1, _LARGEST)
    box.setSuffix(" px")
    box.setKeyboardTracking(False)
    return box
