"""The data set view: survey, distributions, totals and the table of images on one page."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QTabWidget, QWidget

from srviewer.gui.state.chart_choices import ChartChoices
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import Settings
from srviewer.gui.state.shared import Shared
from srviewer.gui.views.cards import Cards
from srviewer.gui.views.chart import AROUND
from srviewer.gui.views.charts import SetCharts
from srviewer.gui.views.image_table import ImagesTable
from srviewer.gui.views.set_gallery import SetGallery
from srviewer.gui.widgets.building import (
    EDGE,
    column,
    divide,
    even_heights,
    filled,
    heading,
    label,
    named,
    progress_bar,
    push_button,
    restyle,
    splitter,
    stacked,
)
from srviewer.gui.widgets.labels import ElidedLabel
from srviewer.gui.widgets.run_buttons import RunButtons
from srviewer.pipeline.window_filter import Show as WindowsShown
from srviewer.survey import messages
from srviewer.survey.listing import NAMES, Show
from srviewer.wording import counted

_NOTHING_YET = (
    "Press F5, or Survey above, to begin.\n\n"
    "A survey runs the costly stages once for each image and keeps what they find in a file.\n"
    "Then every threshold answers for all images at once: how many pairs, how good, how large, "
    "and which images drop out.\nOf given pairs it tells what is wrong with each: LR that is "
    "shifted, scaled, mirrored, of other content, ...\n\n"
    "It runs behind while you go on looking at images; what is done stays."
)
_FIRST_COMES = "What the first images give is shown here as soon as they are surveyed."
_NUMBERS = 395  # px of charts and boxes at first
_LEAST = 186  # px of either: some rows of the lists
_NO_IMAGES = (
    "Here all images of a folder are tuned together.\nOpen one with Ctrl+Shift+O, or drop it."
)


_KEPT = (
    "What was surveyed is kept: it is back at once where the recipe is (Ctrl+Z), and surveys of "
    "several recipes stand side by side in the file."
)


_TRY_AGAIN = "Once that is mended, Survey makes it anew or goes on with it."


class SurveyBar(QFrame):
    """Says how far the survey is; starts it, lets it wait, stops it."""

    def __init__(self, data_set: DataSet) -> None:
        super().__init__()
        self.setProperty("panel", True)
        self._data_set = data_set
        self.status = named(ElidedLabel(), "survey_status")
        self.problem = named(ElidedLabel(warns=True), "survey_problem")
        self.bar = progress_bar("survey_progress", "Progress of the survey")
        self.bar.setFixedWidth(100)
        tip = "run the costly stages once an image and keep what they find (F5)"
        self.button = push_button("Survey", "survey", tip, primary=True)
        self.button.clicked.connect(data_set.start_survey)
        self._run = RunButtons(data_set.survey, "survey", self)
        self.pause, self.cancel = self._run.pause, self._run.cancel
        self._lay_out()

    def _lay_out(self) -> None:
        words = column(self.status, self.problem)
        controls = (self.bar, self.button, self.pause, self.cancel)
        parts = (heading("Data set"), words, *controls)
        filled(QHBoxLayout(self), *parts, grows=words, margins=(EDGE, 6, EDGE, 6), spacing=8)
        even_heights(*controls)

    def show_state(self) -> None:
        """Show how far the survey is."""
        survey = self._data_set.survey
        running, state = survey.busy, survey.state
        for widget in (self.bar, self.pause, self.cancel):
            widget.setVisible(running)
        self.button.setVisible(not running)
        failures = messages.failed_so_far(state) if state is not None and running else ""
        self.problem.say(" ".join(failures.split()), failures)
        if not running:
            self._show_rest()
            return
        done, images = (state.done, state.images) if state is not None else (0, 0)
        self.bar.setRange(0, images)
        self.bar.setValue(done)
        words = messages.running(state, paused=survey.paused)
        self.status.say("Cancelling" if survey.cancelled else words)

    def _show_rest(self) -> None:
        data_set = self._data_set
        count, pending, whole = data_set.count, data_set.pending, data_set.whole
        other = data_set.other_recipe
        # It stands out for as long as there is something to survey.
        restyle(self.button, "primary", pending != 0)
        failed = len(whole.failures) if whole is not None else 0
        self.button.setEnabled(count > 0)
        what = counted(pending or count, "image")
        self.button.setText(f"Survey {what}" if count else "Survey")
        if not count:
            self.status.say("No images yet")
        elif data_set.problem:
            self.status.say("The survey cannot be used.")
        elif other and pending == count:
            self.status.say(messages.needs_survey(other))
        elif pending is None:
            self.status.say("Looking into the survey")
        elif pending:
            self.status.say(messages.not_surveyed(pending, count))
        else:
            text = f"{count - failed:,} of {counted(count, 'image')} surveyed"
            text += f", {failed:,} failed" if failed else ""
            if data_set.overview is not None and not data_set.is_current:
                text += "; computing for this recipe ..."
            self.status.say(text)
            self.button.setText(f"Try {failed:,} failed again" if failed else "All surveyed")
            self.button.setEnabled(failed > 0)


class DataSetView(QWidget):
    """Shows the data set and asks it, and the model, for changes.

    Signals
    -------
    opened(path)
        A person wants to look at this image.
    """

    opened = Signal(object)

    def __init__(
        self,
        model: Model,
        data_set: DataSet,
        excluding: Excluding,
        choices: Shared[ChartChoices],
    ) -> None:
        super().__init__()
        self.setObjectName("data_set_view")
        self._data_set = data_set
        self.bar = SurveyBar(data_set)
        self.charts = SetCharts(model, choices)
        self.cards = Cards()
        self.table = ImagesTable(data_set, excluding)
        self.gallery = SetGallery(data_set, excluding)
        self.intro = label("set_intro", muted=True, wraps=True)
        self.intro.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.intro.setContentsMargins(40, 12, 40, 12)
        self._lay_out()
        self.cards.wish.used.connect(model.change)
        self.cards.step.opened.connect(self.opened)
        self.table.opened.connect(self.opened)
        self.charts.windows_asked.connect(self._list_windows)
        self.gallery.conditions.textChanged.connect(self.charts.follow_conditions)
        data_set.changed.connect(self._show)
        data_set.survey.state_changed.connect(self._show_survey)
        data_set.how.changed.connect(self._show_options)
        self._show_options()

    def _lay_out(self) -> None:
        self.top, self.splitter = QStackedWidget(), splitter(Qt.Orientation.Vertical)
        stacked(self, self.bar, self.splitter, spacing=1)
        self.top.addWidget(self.intro)
        numbers = QScrollArea(widgetResizable=True)  # a low window scrolls along the cards
        numbers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        figures = column(self.charts, self.cards, grows=self.charts)
        figures.setContentsMargins(EDGE - AROUND, 0, 0, 0)
        numbers.setWidget(figures)
        self.top.addWidget(numbers)
        self.lists = named(QTabWidget(documentMode=True), "set_lists", "Lists of the data set")
        self.lists.tabBar().setDrawBase(False)
        self.lists.addTab(self.table, "Images")
        self.lists.addTab(self.gallery, "Windows")
        beside_tabs = column(self.gallery.conditions)
        beside_tabs.setContentsMargins(0, 0, EDGE, 0)
        self.lists.setCornerWidget(beside_tabs)
        self.lists.currentChanged.connect(self._show_conditions)
        self._show_conditions()
        divide(self.splitter, (self.top, 1, _LEAST), (self.lists, 1, _LEAST))
        self.splitter.setSizes([_NUMBERS, 300])

    def _show_conditions(self) -> None:
        self.gallery.conditions.setVisible(self.lists.currentWidget() is self.gallery)

    def restore(self, settings: Settings) -> None:
        """Go on as it was left."""
        sort = settings.data_set_sort
        name, descending = sort if sort is not None and sort[0] in NAMES else (NAMES[0], False)
        show = next((one for one in Show if one.value == settings.data_set_show), Show.ALL)
        self.table.restore((name, descending), show)
        if settings.data_set_windows is not None:
            self.gallery.bar.restore(settings.data_set_windows)
        self.lists.setCurrentIndex(int(settings.data_set_list == "windows"))
        self.splitter.restoreState(settings.data_set_split)
        if settings.wanted_pairs is not None:
            self.cards.wish.wanted.setValue(settings.wanted_pairs)

    def remember(self, settings: Settings) -> None:
        """Keep how it is left."""
        settings.data_set_sort = list(self.table.sorted_by)
        settings.data_set_show = self.table.show_only.value
        settings.data_set_windows = self.gallery.bar.choice
        settings.data_set_list = ("images", "windows")[self.lists.currentIndex()]
        settings.wanted_pairs = self.cards.wish.wish
        settings.data_set_split = self.splitter.saveState()

    def _list_windows(self, conditions: str, show: WindowsShown) -> None:
        """List the windows of a bar; the keyboard stays in the chart, for the next bar."""
        self.gallery.show_only(conditions, show)
        self.lists.setCurrentWidget(self.gallery)

    def show_windows(self) -> None:
        """List the windows, with the keyboard in them."""
        self.lists.setCurrentWidget(self.gallery)
        self.gallery.gallery.setFocus()

    @property
    def shown_list(self) -> QWidget:
        """The list that has the keys: of images, or of windows."""
        windows = self.lists.currentWidget() is self.gallery
        return self.gallery.gallery if windows else self.table.view

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to follow images and recipe."""
        super().showEvent(event)
        self._data_set.set_active(True)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Do nothing while nobody looks."""
        super().hideEvent(event)
        self._data_set.set_active(False)

    def _show(self) -> None:
        if not self.isVisible():
            return
        data_set = self._data_set
        self._show_survey()
        self.table.show_set()
        found = data_set.overview
        self.top.setCurrentIndex(0 if found is None else 1)
        if found is None:
            self.intro.setText(self._words())
        else:
            self.charts.show_overview(found)
            self.cards.show_overview(found)

    def _words(self) -> str:
        data_set = self._data_set
        if not data_set.count:
            return _NO_IMAGES
        if data_set.problem:
            return f"{data_set.problem}\n{_TRY_AGAIN}"
        if data_set.whole is None or data_set.answers.busy:
            return "Looking into the survey ..."
        if data_set.other_recipe:
            return f"{messages.needs_survey(data_set.other_recipe)}\n{_KEPT}"
        if data_set.whole.failures and not data_set.whole.images:
            return "No image of the set could be surveyed; the table below says why."
        return _FIRST_COMES if data_set.survey.busy else _NOTHING_YET

    def _show_survey(self) -> None:
        if self.isVisible():
            self.bar.show_state()
            if self._data_set.overview is None:
                self.intro.setText(self._words())
            self.cards.totals.set_growing(self._data_set.survey.busy)

    def _show_options(self) -> None:
        self.table.show_options()
        self.cards.sizes.use(self._data_set.how.value)
