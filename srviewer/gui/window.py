"""The main window: it puts the parts together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QTabWidget

from srviewer.gui.actions import Menus
from srviewer.gui.file_dialogs import FileDialogs
from srviewer.gui.help import Help
from srviewer.gui.jobs.runner import stop_runners
from srviewer.gui.messages import Messages
from srviewer.gui.panels.export_panel import ExportPanel
from srviewer.gui.panels.images_panel import ImagesPanel
from srviewer.gui.panels.recipe_panel import RecipePanel
from srviewer.gui.state.comparison import Comparison
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.model import Model
from srviewer.gui.state.opening import Opening
from srviewer.gui.state.settings import Settings, ThemeChoice
from srviewer.gui.theme import choose_theme
from srviewer.gui.views.banner import Banner
from srviewer.gui.views.charts import Charts
from srviewer.gui.views.compare_panel import ComparePanel
from srviewer.gui.views.data_set_page import DataSetView
from srviewer.gui.views.gallery import GalleryView
from srviewer.gui.views.inspector import Inspector
from srviewer.gui.views.log_panel import LogPanel
from srviewer.gui.views.pair_view import PairView
from srviewer.gui.views.stage_bar import DataSetButton, StageBar
from srviewer.gui.views.status import Status
from srviewer.gui.views.window_table import WindowTable
from srviewer.gui.widgets.building import column, named, row, splitter
from srviewer.gui.widgets.held_space import HeldSpace
from srviewer.pipeline.recipe import PRESETS
from srviewer.streams import tell

_PATIENCE = 500  # ms that a closing window waits for its threads before it hides
_SMALLEST, _FIRST_SIZE = (900, 560), (1600, 1000)
_TITLE_BAR = 32  # px that a desktop puts above a window


class MainWindow(QMainWindow):
    """The window. `closed` tells that it is gone and no thread of it is left.

    Parameters
    ----------
    settings : Settings, optional
        What it was left with the last time; nothing is remembered where it is not given.
    """

    closed = Signal()

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings.none()
        self.model = Model(self)
        self.comparison = Comparison(self.model, self)
        self.data_set = DataSet(self.model, self)
        self.opening = Opening(self.model, self)
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self._make_parts()
        self._lay_out()
        self._make_menus()
        self._connect()
        self._restore()
        self._show_title()
        self._space = HeldSpace(self)  # last: it sees the events of the making too
        self._space.changed.connect(self.canvas.set_flipped)

    # Building

    def _make_parts(self) -> None:
        model = self.model
        self.stage_bar = StageBar(model)
        self.data_set_button = DataSetButton(model, self.data_set)
        self.banner = Banner()
        self.pair = PairView(model, self.comparison)
        self.canvas = self.pair.canvas
        self.images = ImagesPanel(model, self.data_set)
        self.recipe = RecipePanel(model)
        self.inspector = Inspector(model)
        self.export = ExportPanel(model)
        self.log = LogPanel()
        self.dialogs = FileDialogs(model, self.canvas, self.settings, self)
        self.status = Status(model)
        self.messages = Messages(model, self.banner, self.status, self.log, self)
        self.compare = ComparePanel(model, self.comparison)
        self.table = WindowTable(model)
        self.gallery = GalleryView(model)
        self.tabs = named(QTabWidget(documentMode=True), "tabs")
        self.tabs.setMinimumHeight(150)
        for title, part in (
            ("Distributions", Charts(model)),
            ("Gallery", self.gallery),
            ("Table", self.table),
            ("Compare A/B", self.compare),
            ("Log", self.log),
        ):
            self.tabs.addTab(part, title)

    def _lay_out(self) -> None:
        self._middle = splitter(Qt.Orientation.Vertical, (self.pair, 1, 200), (self.tabs, 0, 150))
        self.pages = QStackedWidget()
        self.pages.addWidget(self._middle)
        middle = column(self.banner, self.pages, grows=self.pages)
        right = column(self.recipe, self.inspector, self.export, grows=self.recipe)
        self._split = splitter(
            Qt.Orientation.Horizontal, (self.images, 0, 130), (middle, 1, 400), (right, 0, 315)
        )
        self._middle.setSizes([500, 230])
        self._split.setSizes([155, 805, 320])
        top = row(self.stage_bar, self.data_set_button, grows=self.stage_bar)
        self.setCentralWidget(column(top, self._split, grows=self._split))
        self.setStatusBar(self.status)
        self.canvas.setFocus()

    def _make_menus(self) -> None:
        titles = tuple(self.tabs.tabText(index) for index in range(self.tabs.count()))
        self.menus = Menus(self, titles)
        self.menus.recent.aboutToShow.connect(self._show_recent)
        self.help = Help(self.model, self.menus, self)

    def _connect(self) -> None:
        model, data_set, messages = self.model, self.data_set, self.messages
        self.stage_bar.chosen.connect(self.choose_view)
        self.canvas.pointed.connect(self.status.show_pointed)
        self.images.add_images_asked.connect(self.dialogs.open_images)
        self.images.add_folder_asked.connect(self.dialogs.open_folder)
        self.dialogs.opened.connect(self.open_paths)
        self.export.chosen.connect(data_set.use_options)
        model.page_changed.connect(self._show_page)
        model.current_changed.connect(self._show_title)
        model.recipe_changed.connect(self._show_history)
        for failed in (self.export.failed, self.dialogs.failed, self.opening.failed):
            failed.connect(messages.fail)
        for run in (self.export.run, data_set.survey):
            run.image_failed.connect(messages.log_failure)
        done, copied = self.dialogs.done, (self.gallery.copied, self.table.copied)
        for noted in (done, *copied, self.opening.noted):
            noted.connect(messages.note)
        data_set.failed.connect(messages.fail_of_set)
        data_set.survey.done.connect(messages.note_survey)
        self.export.run.done.connect(messages.note_export)
        QShortcut("Esc", self).activated.connect(self._on_escape)
        self._show_history()

    # What is remembered

    def _restore(self) -> None:
        settings = self.settings
        room = QGuiApplication.primaryScreen().availableSize() - QSize(0, _TITLE_BAR)
        self.resize(QSize(*_FIRST_SIZE).boundedTo(room))
        self.restoreGeometry(settings.geometry)
        self._middle.restoreState(settings.middle)
        self._split.restoreState(settings.columns)
        preset = settings.preset or self.model.preset
        self.model.start_from(preset, settings.recipe or PRESETS[preset])
        if settings.stage is not None:
            self.model.show_view(settings.stage)
        self.export.restore(settings.export_folder, settings.export_format)
        self.export.choices.restore(settings.export_options, settings.export_jobs)
        self.use_theme(settings.theme)
        self.model.data_set_wanted = settings.data_set_shown
        for line in settings.dropped():
            self.log.add("note", line)

    def _remember(self) -> None:
        settings = self.settings
        settings.geometry = self.saveGeometry()
        settings.middle = self._middle.saveState()
        settings.columns = self._split.saveState()
        settings.preset = self.model.preset
        settings.recipe = self.model.recipe
        settings.stage = self.model.view.name
        settings.export_folder = self.export.folder.text()
        settings.export_format = self.export.format.currentText()
        settings.export_options = self.export.choices.remembered
        settings.export_jobs = self.export.choices.jobs
        settings.data_set_shown = self.model.data_set_wanted or self.model.data_set_shown
        if self.pages.count() > 1:  # the data set's page was made
            self.data_set_view.remember(settings)
        refused = settings.save()
        if refused:  # the window is being closed: its log is not seen any more
            tell(f"srviewer: {refused}")

    def use_theme(self, name: ThemeChoice) -> None:
        """Be dark or light, or as the system is, and remember it."""
        choose_theme(name)
        self.settings.theme = name
        self.menus.themes[name].setChecked(True)

    def _show_recent(self) -> None:
        self.menus.show_recent(self.settings.recent())

    # Showing

    @cached_property
    def data_set_view(self) -> DataSetView:
        """The data set's page, made when it is first asked for, so that the window opens sooner."""
        view = DataSetView(self.model, self.data_set)
        view.restore(self.settings)
        view.opened.connect(self.data_set.look_at)
        view.table.copied.connect(self.messages.note)
        self.pages.addWidget(view)
        return view

    def _show_page(self) -> None:
        """Show the picture with all that belongs to it, or the data set."""
        shown = self.model.data_set_shown
        page = self.data_set_view if shown else self._middle
        if page is not self.pages.currentWidget():
            self.pages.setCurrentWidget(page)
            (self.data_set_view.table.view if shown else self.canvas).setFocus()

    def _show_title(self) -> None:
        current = self.model.current
        self.setWindowTitle(f"{current.path.name} - srviewer" if current else "srviewer")

    def _show_history(self) -> None:
        self.menus.undo.setEnabled(self.model.history.can_undo)
        self.menus.redo.setEnabled(self.model.history.can_redo)

    def choose_view(self, name: str) -> None:
        """Show the picture at the stage `name`."""
        self.model.show_data_set(False)
        self.model.show_view(name)

    def show_tab(self, index: int) -> None:
        """Show the picture, with this tab below it."""
        self.model.show_data_set(False)
        self.tabs.setCurrentIndex(index)

    def _on_escape(self) -> None:
        self.model.select(None)
        self.opening.cancel()

    # Opening

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Add images, and the images in folders, to the list and look at the first."""
        self.settings.add_recent(paths)
        self.opening.open(paths)

    def open_sample(self, sample: Path) -> None:
        """Show the sample, with a hint how to get to one's own pictures."""
        self.opening.open_sample(sample)
        self.banner.say(
            "This is a painted sample. Open your own pictures with Ctrl+O, or drop them here. "
            "Press ? for all keys."
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files and folders that were dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.open_paths(paths)
        event.acceptProposedAction()

    # Leaving

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs; a thread that needs longer is waited for behind a hidden window."""
        typing = self.focusWidget()
        if typing is not None:
            typing.clearFocus()  # a number typed last counts now, not when all has been stopped
        if self.isVisible():
            self._remember()
        if stop_runners(self, _PATIENCE if self.isVisible() else 0):
            event.accept()
            self._space.end()
            self.closed.emit()
        else:
            event.ignore()
            self.hide()
            QTimer.singleShot(100, self.close)
