"""The main window: it puts the parts together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from srviewer import __version__
from srviewer.gui.actions import GESTURES, Menus, Slots
from srviewer.gui.comparison import Comparison
from srviewer.gui.data_set.place import DataSetPlace
from srviewer.gui.file_dialogs import FileDialogs
from srviewer.gui.model import Entry, Model
from srviewer.gui.panels.compare_panel import ComparePanel
from srviewer.gui.panels.export_panel import ExportPanel
from srviewer.gui.panels.images_panel import ImagesPanel
from srviewer.gui.panels.inspector import Inspector
from srviewer.gui.panels.recipe_panel import RecipePanel
from srviewer.gui.settings import Settings, ThemeChoice
from srviewer.gui.theme import choose_theme
from srviewer.gui.views.banner import Banner
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.charts import Charts
from srviewer.gui.views.gallery import GalleryView
from srviewer.gui.views.layer_bar import LayerBar
from srviewer.gui.views.layers import Arrangement, Layer
from srviewer.gui.views.log_panel import LogPanel
from srviewer.gui.views.numbers_page import NumbersPage
from srviewer.gui.views.shortcut_sheet import ShortcutSheet
from srviewer.gui.views.stage_bar import StageBar
from srviewer.gui.views.status import Status
from srviewer.gui.views.window_table import WindowTable
from srviewer.pipeline.recipe import PRESETS
from srviewer.runs.inputs import Rooted, images_in

_PATIENCE = 500  # ms that a closing window waits for its threads before it hides
_SMALLEST, _FIRST_SIZE = (900, 560), (1600, 1000)
_TITLE_BAR = 32  # px that a desktop puts above a window
_TAKES_SPACE = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)


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
        self._sample: Entry | None = None
        self._complaint = ""  # of the current image or recipe, until it holds no more
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self._make_parts()
        self._lay_out()
        self._make_menus()
        self._connect()
        self._restore()
        self._show_title()
        self._show_view()
        # Last: it sees every event of the program, those of the making too.
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    # Building

    def _make_parts(self) -> None:
        model = self.model
        self.stage_bar = StageBar(model)
        self.banner = Banner()
        self.layer_bar = LayerBar(model)
        self.canvas = PairCanvas()
        self.images = ImagesPanel(model)
        self.recipe = RecipePanel(model)
        self.inspector = Inspector(model)
        self.export = ExportPanel(model)
        self.comparison = Comparison(model, self)
        self.data_set = DataSetPlace(model, self.images, self.stage_bar, self.export, self)
        self.log = LogPanel()
        self.dialogs = FileDialogs(model, self.canvas, self.settings, self)
        self.status = Status(model)
        self.compare = ComparePanel(model, self.comparison)
        self.table = WindowTable(model)
        self.gallery = GalleryView(model)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("tabs")
        self.tabs.setDocumentMode(True)
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
        picture = _column(self.layer_bar, self.canvas)
        self._middle = _splitter(Qt.Orientation.Vertical, (picture, 1, 200), (self.tabs, 0, 150))
        self.data_set.put_beside(self._middle, self.canvas)
        middle = _column(self.banner, self.data_set.pages)
        right = _column(self.recipe, self.inspector, self.export)
        self._split = _splitter(
            Qt.Orientation.Horizontal, (self.images, 0, 130), (middle, 1, 400),
            (right, 0, 315),
        )  # fmt: skip
        self._middle.setSizes([500, 230])
        self._split.setSizes([155, 805, 320])
        self.setCentralWidget(_column(_row(self.stage_bar, self.data_set.button), self._split))
        self.setStatusBar(self.status)
        self.canvas.setFocus()

    def _make_menus(self) -> None:
        model, canvas, dialogs = self.model, self.canvas, self.dialogs
        slots = Slots(
            open_images=dialogs.open_images,
            open_folder=dialogs.open_folder,
            open_recipe=dialogs.open_recipe,
            save_recipe=dialogs.save_recipe,
            save_view=dialogs.save_view,
            export=self.export.start,
            quit=self.close,
            undo=model.undo,
            redo=model.redo,
            copy_view=dialogs.copy_view,
            copy_details=self.inspector.copy_picture,
            remove_image=self.images.remove_current,
            next_image=self._next_image,
            previous_image=self._previous_image,
            fit=canvas.fit,
            actual_size=canvas.actual_size,
            zoom_in=canvas.zoom_in,
            zoom_out=canvas.zoom_out,
            reset_recipe=self._reset_recipe,
            show_keys=self._show_keys,
            show_numbers=self._show_numbers,
            show_about=self._show_about,
            show_view=self._on_view_action,
            arrange=self._on_arrangement_action,
            use_preset=self._on_preset_action,
            use_theme=self._on_theme_action,
            show_tab=self._on_tab_action,
            show_data_set=self.data_set.toggle,
            survey=self.data_set.survey,
        )
        titles = tuple(self.tabs.tabText(place) for place in range(self.tabs.count()))
        self.menus = Menus(self, slots, titles)
        self.menus.recent.aboutToShow.connect(self._fill_recent)

    def _connect(self) -> None:
        model = self.model
        self.stage_bar.chosen.connect(self._choose_view)
        self.layer_bar.arranged.connect(self.arrange)
        self.canvas.pointed.connect(self.status.show_pointed)
        self.canvas.picked.connect(model.select)
        self.canvas.stepped.connect(model.step_selection)
        self.images.add_images_asked.connect(self.dialogs.open_images)
        self.images.add_folder_asked.connect(self.dialogs.open_folder)
        self.compare.show_on_picture.connect(self._show_compared_windows)
        self.comparison.changed.connect(self._show_comparison)
        model.analysis_changed.connect(self._show_analysis)
        model.current_changed.connect(self._show_current)
        model.view_changed.connect(self._show_view)
        model.selection_changed.connect(self._show_selection)
        model.go_requested.connect(self.canvas.go_to)
        model.recipe_changed.connect(self._show_history)
        model.failed.connect(self._on_image_failed)
        for failed in (self.export.failed, self.dialogs.failed, self.data_set.failed):
            failed.connect(self._on_failed)
        for noted in (model.noted, self.dialogs.done, self.gallery.copied, self.table.copied):
            noted.connect(self._on_noted)
        self.export.done.connect(self._on_exported)
        self.export.image_failed.connect(self._on_export_failure)
        self.data_set.image_failed.connect(self._on_export_failure)
        self.data_set.noted.connect(self._on_noted)
        self.export.incomplete.connect(self.banner.say)
        self.dialogs.opened.connect(self.open_paths)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self._ask_about_nothing)
        self._show_history()

    # What is remembered

    def _restore(self) -> None:
        settings = self.settings
        screen = QGuiApplication.primaryScreen().availableSize()
        room = (screen.width(), screen.height() - _TITLE_BAR)
        width, height = map(min, _FIRST_SIZE, room)
        self.resize(max(width, _SMALLEST[0]), max(height, _SMALLEST[1]))
        if settings.geometry is not None:
            self.restoreGeometry(settings.geometry)
        for name, splitter in (("middle", self._middle), ("split", self._split)):
            state = settings.splitter(name)
            if state is not None:
                splitter.restoreState(state)
        preset = settings.preset or self.model.preset
        self.model.start_from(preset, settings.recipe or PRESETS[preset])
        if settings.stage is not None:
            self.model.show_view(settings.stage)
        self.export.restore(settings.export_folder, settings.export_format)
        self.export.choices.restore(settings.export_options, settings.export_jobs)
        self._use_theme(settings.theme)
        self.data_set.restore(settings)

    def _remember(self) -> None:
        settings = self.settings
        settings.geometry = self.saveGeometry()
        settings.set_splitter("middle", self._middle.saveState())
        settings.set_splitter("split", self._split.saveState())
        settings.preset = self.model.preset
        settings.recipe = self.model.recipe
        settings.stage = self.model.view.name
        settings.export_folder = self.export.folder.text()
        settings.export_format = self.export.format.currentText()
        settings.export_options = self.export.choices.remembered
        settings.export_jobs = self.export.choices.jobs
        self.data_set.remember(settings)
        settings.save()

    def _use_theme(self, name: ThemeChoice) -> None:
        choose_theme(name)
        self.settings.theme = name
        self.menus.themes[name].setChecked(True)

    def _fill_recent(self) -> None:
        menu = self.menus.recent
        menu.clear()
        paths = self.settings.recent()
        for path in paths:
            action = menu.addAction(str(path))
            action.setData(str(path))
            action.triggered.connect(self._on_recent_action)
        if not paths:
            menu.addAction("nothing yet").setEnabled(False)

    # Actions that are made for several values

    def _chosen(self) -> Any:
        action = self.sender()
        assert isinstance(action, QAction)
        return action.data()

    def _on_view_action(self) -> None:
        self._choose_view(self._chosen())

    def _on_arrangement_action(self) -> None:
        self.arrange(self._chosen())

    def _on_preset_action(self) -> None:
        self.model.use_preset(self._chosen())

    def _on_theme_action(self) -> None:
        self._use_theme(self._chosen())

    def _on_tab_action(self) -> None:
        self.data_set.show(False)
        self.tabs.setCurrentIndex(self._chosen())

    def _on_recent_action(self) -> None:
        self.open_paths([Path(self._chosen())])

    # Showing

    def _show_current(self) -> None:
        self.banner.hide()
        self.canvas.clear()
        self._show_title()

    def _show_title(self) -> None:
        current = self.model.current
        self.setWindowTitle(f"{current.path.name} - srviewer" if current else "srviewer")

    def _show_analysis(self) -> None:
        current = self.model.current
        if self._complaint and current is not None and current.error is None:
            self.banner.take_back(self._complaint)
            self._complaint = ""
        analysis, image = self.model.analysis, self.model.image
        if analysis is not None:
            self.canvas.show_analysis(analysis)
        elif image is not None:
            self.canvas.show_image(image)
        problem = current.error if current is not None else None
        if problem and current is not None:
            problem = problem.removeprefix(f"{current.path}: ")  # the title names the file
        self.canvas.set_problem(problem)

    def _show_view(self) -> None:
        self.canvas.set_single(self.model.view.name == "source")
        self.canvas.set_layers(self.model.layers)
        self.comparison.want("picture", Layer.COMPARISON in self.model.layers)

    def arrange(self, arrangement: Arrangement) -> None:
        """Put HR and LR beside each other, on each other, or show their difference."""
        self.layer_bar.show_arrangement(arrangement)
        self.canvas.set_arrangement(arrangement)

    def _show_selection(self) -> None:
        self.canvas.set_selection(self.model.selection)

    def _show_comparison(self) -> None:
        self.canvas.set_other(self.comparison.analysis)

    def _show_compared_windows(self) -> None:
        self.model.show_layers(frozenset({Layer.BOX, Layer.COMPARISON}))

    def _show_history(self) -> None:
        self.menus.undo.setEnabled(self.model.can_undo)
        self.menus.redo.setEnabled(self.model.can_redo)

    def _on_image_failed(self, message: str) -> None:
        self._complaint = message
        self._on_failed(message)

    def _on_failed(self, message: str) -> None:
        self.banner.say(message)
        self.log.add("error", message)

    def _on_noted(self, message: str) -> None:
        self.status.showMessage(message, 8000)
        self.log.add("note", message)

    def _on_exported(self, message: str) -> None:
        self.log.add("done", message)

    def _on_export_failure(self, message: str) -> None:
        self.log.add("error", message)

    def _choose_view(self, name: str) -> None:
        self.data_set.show(False)
        self.model.show_view(name)

    def _next_image(self) -> None:
        self.model.step_image(1)

    def _previous_image(self) -> None:
        self.model.step_image(-1)

    def _reset_recipe(self) -> None:
        self.model.set_recipe(self.model.preset_recipe)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Flip while Space is held, wherever the focus is, unless Space means something there."""
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if event.type() in kinds and isinstance(event, QKeyEvent) and self.isActiveWindow():
            focus = QApplication.focusWidget()
            elsewhere = focus is not self.canvas and not isinstance(focus, _TAKES_SPACE)
            if event.key() == Qt.Key.Key_Space and elsewhere:
                if not event.isAutoRepeat():
                    self.canvas.set_flipped(event.type() == QEvent.Type.KeyPress)
                return True
        return super().eventFilter(watched, event)

    def _ask_about_nothing(self) -> None:
        self.model.select(None)

    # Opening

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Add images, and the images in folders, to the list and look at the first."""
        images: list[Path | Rooted] = []
        empty = []
        for path in paths:
            if not path.is_dir():
                images.append(path)
            elif found := images_in(path):
                images += (Rooted(image, path) for image in found)
            else:
                empty.append(path)
        self.settings.add_recent(paths)
        self.model.add_images(images)
        if images and self._sample is not None:
            self.model.remove(self._sample)  # it has no place among a person's own pictures
            self._sample = None
        if empty:
            self._on_failed("\n".join(f"{path}: no images in this folder" for path in empty))

    def open_sample(self, sample: Path) -> None:
        """Show the sample, with a hint how to get to one's own pictures."""
        self.model.add_images([sample])
        self._sample = self.model.current
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

    # Help

    def _show_keys(self) -> None:
        sheet = ShortcutSheet(self.menus.actions, GESTURES, self)
        sheet.finished.connect(sheet.deleteLater)
        sheet.show()

    def _show_numbers(self) -> None:
        page = NumbersPage(self)
        page.finished.connect(page.deleteLater)
        page.show()
        page.show_stage(self.model.view.name)

    def _show_about(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle("About srviewer")
        box.setText(f"srviewer {__version__}")
        box.setInformativeText(
            "The window on the pipeline that makes super-resolution training pairs."
        )
        box.finished.connect(box.deleteLater)
        box.open()

    # Leaving

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs; a thread that needs longer is waited for behind a hidden window."""
        typing = self.focusWidget()
        if typing is not None:
            typing.clearFocus()  # a number typed last counts now, not when all has been stopped
        if self.isVisible():
            self._remember()
        parts = (
            self.model,
            self.comparison,
            self.images,
            self.export.service,
            self.data_set.data_set,
        )
        stops = [part.stop for part in parts]
        for stop in stops:  # all are asked before any is waited for
            stop(0)
        patience = QDeadlineTimer(_PATIENCE if self.isVisible() else 0)
        if all([stop(patience.remainingTime()) for stop in stops]):  # noqa: C419 - asks them all
            event.accept()
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self.closed.emit()
        else:
            event.ignore()
            self.hide()
            QTimer.singleShot(100, self.close)


def _column(*widgets: QWidget) -> QWidget:
    """Return a widget with `widgets` below each other; pictures and lists take the room."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        grows = isinstance(widget, (PairCanvas, RecipePanel, QSplitter, QStackedWidget))
        column.addWidget(widget, 1 if grows else 0)
    return holder


def _row(bar: QWidget, *widgets: QWidget) -> QWidget:
    """Return a widget with `widgets` beside a `bar` that takes the room."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(1)
    row.addWidget(bar, 1)
    for widget in widgets:
        row.addWidget(widget)
    return holder


def _splitter(orientation: Qt.Orientation, *parts: tuple[QWidget, int, int]) -> QSplitter:
    """Return a splitter of `parts`: each a widget, its stretch and its least size."""
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for place, (part, stretch, least) in enumerate(parts):
        if orientation is Qt.Orientation.Horizontal:
            part.setMinimumWidth(least)
        else:
            part.setMinimumHeight(least)
        splitter.addWidget(part)
        splitter.setStretchFactor(place, stretch)
    return splitter
