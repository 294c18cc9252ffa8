"""The buttons along the top: what each stage found and where it all was lost, and the data set."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.layers import VIEWS, View
from srviewer.gui.state.model import Model
from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import filled, named, restyle
from srviewer.gui.widgets.focus import paint_ring
from srviewer.gui.widgets.labels import fitting
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import mean_quality
from srviewer.wording import counted, part_texts, percent, size_texts, time_text


class TitledButton(QToolButton):
    """A title, and below it what there is to say; checked while what it leads to is shown.

    With the property ``aside`` it is not marked, though it is checked.
    """

    _least = 110  # px: room for the size of an image

    def __init__(self, number: int, title: str, name: str) -> None:
        super().__init__()
        named(self, name, title, stage=True)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._title = f"{number}  {title}"
        self._counts: tuple[str, ...] = ("",)
        self._time, self._warns = "", False

    def say(self, *counts: str, time: str = "", warns: bool = False) -> None:
        """Say the first of `counts` that has room below the title, and `time` beside it.

        After a ! where it `warns`.
        """
        if (counts, time, warns) != (self._counts, self._time, self._warns):
            self._counts, self._time, self._warns = counts, time, warns
            self.setAccessibleDescription(counts[0])
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for two lines."""
        return QSize(self._least, 2 * self.fontMetrics().lineSpacing() + 16)

    def minimumSizeHint(self) -> QSize:
        """Return room for the title."""
        return QSize(self._least, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the texts over what the style draws."""
        super().paintEvent(event)
        theme, painter = current_theme(), QPainter(self)
        line = self.fontMetrics().lineSpacing()
        area = self.rect().adjusted(10, 5, -6, -5)
        font = painter.font()
        font.setBold(self.isChecked() and not self.property("aside"))
        title_width = QFontMetrics(font).horizontalAdvance(self._title)
        if title_width + self.fontMetrics().horizontalAdvance(self._time) + 12 <= area.width():
            painter.setPen(theme.muted)
            right_top = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(area, right_top, self._time)
        painter.setPen(theme.warning if self._warns else theme.muted)
        texts = (f"! {one}" if self._warns else one for one in self._counts)
        middle = Qt.TextElideMode.ElideMiddle  # a name has its start and its end
        elided = fitting(self.fontMetrics(), area.width(), *texts, cut=middle)
        left_top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(area.adjusted(0, line + 1, 0, 0), left_top, elided)
        painter.setFont(font)
        painter.setPen(theme.text)
        painter.drawText(area, left_top, self._title)
        if self.hasFocus():
            paint_ring(painter, self.rect(), theme.accent)
        painter.end()


def stage_result(view: View, a: Analysis) -> tuple[tuple[str, ...], bool]:
    """Return in words, then in fewer, what the stage behind `view` found, and if anything is left.

    All its stages have run.
    """
    if view.name == "source":
        return size_texts(a.image.size), True
    if view.name == "pair":
        made = "LR given" if a.pair.given else a.recipe.resizing
        return (f"x{a.recipe.scale} {made}",), True
    if view.name == "box":
        return (size_texts(a.box.hr.size), True) if a.box.hr else (("none",), False)
    if view.name == "matches":
        left, of = len(a.matches), len(a.keypoints.hr)
    elif view.name == "consistent":
        left, of = int(a.consistent.kept.sum()), len(a.matches)
    else:
        left, of = int(a.patches.kept.sum()), int(a.patches.candidates.sum())
    if view.name != "pairs":
        return part_texts(left, of), left > 0
    psnr, _ = mean_quality(a)
    count = f"{left:,}"
    return ((f"{count}, {psnr:.1f} dB", count) if psnr is not None else (count,)), left > 0


class StageBar(QWidget):
    """Seven buttons from source to pairs; `chosen` tells the stage that a person wants to see."""

    chosen = Signal(str)

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._running = ""
        self._share = 0.0
        row = filled(QHBoxLayout(self), spacing=1)
        self._buttons = QButtonGroup(self)
        for number, view in enumerate(VIEWS):
            button = TitledButton(number + 1, view.title, f"stage_{view.name}")
            self._buttons.addButton(button, number)
            row.addWidget(button)
        self._buttons.idClicked.connect(self._on_click)
        for changed in (model.analysis_changed, model.view_changed, model.page_changed):
            changed.connect(self._show)
        model.running_changed.connect(self._on_running)
        self._show()

    def _on_click(self, number: int) -> None:
        self.chosen.emit(VIEWS[number].name)

    def _on_running(self, stage: str, done: int, total: int) -> None:
        share = done / total if total > 1 else 0.0
        if stage != self._running or round(share * 100) != round(self._share * 100):
            self._running, self._share = stage, share
            self._show()

    def _show(self) -> None:
        a, image = self._model.analysis, self._model.image
        for button, view in zip(self._buttons.buttons(), VIEWS, strict=True):
            assert isinstance(button, TitledButton)
            button.setChecked(view is self._model.view)
            restyle(button, "aside", self._model.data_set_shown)
            if a is not None and all(map(a.has, view.stages)):
                self._show_result(button, view, a)
                continue
            texts: tuple[str, ...] = (self._waiting_words(view),)
            if a is None and view.name == "source" and image is not None:
                texts = size_texts(image.size)
            button.say(*texts)
            button.setToolTip(view.help)

    def _waiting_words(self, view: View) -> str:
        """Return what a stage without a result says: running, waiting, or nothing at all."""
        if not self._running:
            return ""
        if self._running in view.stages or _RUNS_FOR.get(self._running) == view.name:
            return f"running {percent(self._share)}" if self._share else "running"
        return "waiting"

    def _show_result(self, button: TitledButton, view: View, a: Analysis) -> None:
        texts, some_left = stage_result(view, a)
        tooltip, time = [view.help, texts[0]], ""
        if view.stages:
            time = time_text(sum(a.seconds.get(stage, 0.0) for stage in view.stages))
            tooltip.append(f"took {time}")
        if view.name == "box" and a.box.reason:
            tooltip.append(a.box.reason)
        button.say(*texts, time=time, warns=not some_left)
        button.setToolTip("\n".join(tooltip))


# Views that other stages of them wait for.
_RUNS_FOR = {"read": "source", "pair_alignment": "patches", "alignment": "patches"}
_DATA_SET_HELP = "all images as one set: survey them, and tune over all of them (8)"


class DataSetButton(TitledButton):
    """A button like those of the stages; it is pressed while the data set is shown."""

    _least = 120

    def __init__(self, model: Model, data_set: DataSet) -> None:
        super().__init__(len(VIEWS) + 1, "Data set", "show_data_set")
        self._model, self._data_set = model, data_set
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(model.show_data_set)
        for changed in (data_set.changed, data_set.survey.state_changed, model.page_changed):
            changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.setChecked(self._model.data_set_shown)
        texts = _set_texts(self._data_set)
        self.say(*texts)
        self.setToolTip(f"{_DATA_SET_HELP}\n{texts[0]}".strip())

    def sizeHint(self) -> QSize:
        """Return the height of the stages' buttons, and room for large numbers."""
        width = self.fontMetrics().horizontalAdvance("900 images, 88,000 pairs") + 18
        return QSize(width, super().sizeHint().height())


def _set_texts(data_set: DataSet) -> tuple[str, ...]:
    """Return in a few words how the data set stands, and in fewer: the pairs alone."""
    count, state = data_set.count, data_set.survey.state
    if data_set.survey.busy:
        what = "paused" if data_set.survey.paused else "surveying"
        if state is None:
            return (what,)
        done = part_texts(state.done, state.images)
        return (*(f"{what} {one}" for one in done[:2]), what)
    images = counted(count, "image")
    if data_set.is_current and data_set.overview is not None:
        pairs = counted(data_set.overview.answer.totals.pairs, "pair")
        return f"{images}, {pairs}", pairs
    return (images if count else "",)
