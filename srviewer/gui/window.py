"""The main window: it puts the parts together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer import __version__
from srviewer.errors import RecipeError, SrviewerError
from srviewer.export.inputs import images_in
from srviewer.export.manifest import write_text
from srviewer.gui.comparison import Comparison
from srviewer.gui.model import Model
from srviewer.gui.panels.compare_panel import ComparePanel
from srviewer.gui.panels.export_panel import ExportPanel
from srviewer.gui.panels.images_panel import ImagesPanel
from srviewer.gui.panels.inspector import Inspector
from srviewer.gui.panels.recipe_panel import RecipePanel
from srviewer.gui.picture_file import save_view, view_image
from srviewer.gui.views.banner import Banner
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.layers import LAYER_GROUPS, VIEWS, Arrangement, Layer
from srviewer.gui.views.stage_bar import StageBar
from srviewer.gui.views.status import Status
from srviewer.pipeline.reading import SUFFIXES
from srviewer.pipeline.recipe import PRESETS
from srviewer.pipeline.recipe_file import load_recipe, to_toml


class MainWindow(QMainWindow):
    """The window. `closed` tells that it is gone and no thread of it is left."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self)
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.setMinimumSize(900, 560)
        self._build()
        self._make_menus()
        self._connect()
        self._show_title()
        self._show_view()

    # Building

    def _build(self) -> None:
        self.stage_bar = StageBar(self.model)
        self.banner = Banner()
        self.canvas = PairCanvas()
        self.images = ImagesPanel(self.model)
        self.recipe = RecipePanel(self.model)
        self.inspector = Inspector(self.model)
        self.export = ExportPanel(self.model)
        self.comparison = Comparison(self.model, self)
        self.compare = ComparePanel(self.model, self.comparison)
        self.setStatusBar(Status(self.model))
        picture = _column(self.banner, self._layer_bar(), self.canvas)
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.setHandleWidth(1)
        middle.setChildrenCollapsible(False)
        middle.addWidget(picture)
        middle.addWidget(self._make_tabs())
        middle.setStretchFactor(0, 1)
        middle.setSizes([520, 210])
        right = _column(self.recipe, self.inspector, self.export)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        for part, stretch, narrowest in ((self.images, 0, 130), (middle, 1, 400), (right, 0, 315)):
            part.setMinimumWidth(narrowest)
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, stretch)
        split.setSizes([150, 810, 320])
        self.setCentralWidget(_column(self.stage_bar, split))
        self.canvas.setFocus()

    def _make_tabs(self) -> QTabWidget:
        self.tabs = QTabWidget()
        self.tabs.setObjectName("tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.setMinimumHeight(150)
        self.tabs.addTab(self.compare, "Compare A/B")
        return self.tabs

    def _layer_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(4)
        self._layer_buttons: dict[Layer, QToolButton] = {}
        for group, layers in LAYER_GROUPS:
            if group:
                label = QLabel(group)
                label.setProperty("muted", True)
                row.addWidget(label)
            for layer, text in layers:
                button = QToolButton()
                button.setText(text)
                button.setCheckable(True)
                button.setProperty("layer", True)
                button.setObjectName(f"layer_{layer.name.lower()}")
                button.setAccessibleName(layer.value)
                button.setToolTip(f"draw {layer.value[0].lower()}{layer.value[1:]} or not")
                button.clicked.connect(self._on_layer)
                self._layer_buttons[layer] = button
                row.addWidget(button)
            row.addSpacing(6)
        row.addStretch(1)
        self.arrangement = QComboBox()
        self.arrangement.setObjectName("arrangement")
        self.arrangement.setAccessibleName("Arrangement of HR and LR")
        self.arrangement.setToolTip("hold Space to see LR enlarged in the place of HR")
        self.arrangement.addItems([one.value for one in Arrangement])
        self.arrangement.textActivated.connect(self._arrange)
        row.addWidget(self.arrangement)
        return bar

    def _make_menus(self) -> None:
        file = self.menuBar().addMenu("&File")
        self._act(file, "&Open images...", self.ask_images, QKeySequence.StandardKey.Open)
        self._act(file, "Open &folder...", self.ask_folder, "Ctrl+Shift+O")
        file.addSeparator()
        self._act(file, "Open &recipe...", self.ask_recipe, "Ctrl+R")
        self._act(file, "&Save recipe...", self.save_recipe, QKeySequence.StandardKey.Save)
        file.addSeparator()
        self._act(file, "Save &view as a picture...", self.ask_view, "Ctrl+Shift+S")
        self._act(file, "&Export pairs", self.export.start, "Ctrl+E")
        self._act(file, "&Quit", self.close, "Ctrl+Q")
        edit = self.menuBar().addMenu("&Edit")
        self._act(edit, "&Copy view", self.copy_view, "Ctrl+Shift+C")
        self._act(edit, "Copy &details of the selection", self.inspector.copy_picture, "Ctrl+Alt+C")
        edit.addSeparator()
        self._undo = self._act(edit, "&Undo", self.model.undo, QKeySequence.StandardKey.Undo)
        self._redo = self._act(edit, "&Redo", self.model.redo, QKeySequence.StandardKey.Redo)
        view = self.menuBar().addMenu("&View")
        for number, one in enumerate(VIEWS, start=1):
            action = self._act(view, one.title, self._on_view_action, str(number))
            action.setData(one.name)
        view.addSeparator()
        for arrangement, keys in zip(Arrangement, ("S", "W", "D"), strict=True):
            action = self._act(view, arrangement.value, self._on_arrangement_action, keys)
            action.setData(arrangement.value)
        view.addSeparator()
        self._act(view, "&Fit", self.canvas.fit, "Ctrl+0")
        self._act(view, "&Actual size, 1:1", self.canvas.actual_size, "Ctrl+1")
        self._act(view, "Zoom &in", self.canvas.zoom_in, QKeySequence.StandardKey.ZoomIn)
        self._act(view, "Zoom &out", self.canvas.zoom_out, QKeySequence.StandardKey.ZoomOut)
        view.addSeparator()
        self._act(view, "&Next image", self._next_image, "PgDown")
        self._act(view, "&Previous image", self._previous_image, "PgUp")
        recipe = self.menuBar().addMenu("&Recipe")
        for name in PRESETS:
            action = self._act(recipe, f"Preset {name}", self._on_preset_action)
            action.setData(name)
        about = self.menuBar().addMenu("&Help")
        self._act(about, "&About srviewer", self._about)

    def _act(
        self,
        menu: QMenu,
        text: str,
        what: Callable[[], object],
        keys: QKeySequence.StandardKey | str | None = None,
    ) -> QAction:
        action = QAction(text, self)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(what)
        menu.addAction(action)
        return action

    def _connect(self) -> None:
        model = self.model
        status = self.statusBar()
        assert isinstance(status, Status)
        self.stage_bar.chosen.connect(model.show_view)
        self.canvas.pointed.connect(status.show_pointed)
        model.analysis_changed.connect(self._show_analysis)
        model.current_changed.connect(self._show_current)
        model.view_changed.connect(self._show_view)
        model.selection_changed.connect(self._show_selection)
        model.go_requested.connect(self.canvas.go_to)
        model.noted.connect(self._note)
        self.canvas.picked.connect(model.select)
        self.canvas.stepped.connect(model.step_selection)
        self.comparison.changed.connect(self._show_comparison)
        self.compare.show_on_picture.connect(self._show_compared_windows)
        model.recipe_changed.connect(self._show_history)
        model.failed.connect(self.banner.say)
        self.export.failed.connect(self.banner.say)
        self._show_history()

    # Showing

    def _show_current(self) -> None:
        self.banner.hide()
        self.canvas.clear()
        self._show_title()

    def _show_title(self) -> None:
        current = self.model.current
        self.setWindowTitle(f"{current.path.name} - srviewer" if current else "srviewer")

    def _show_analysis(self) -> None:
        analysis, image = self.model.analysis, self.model.image
        if analysis is not None:
            self.canvas.show_analysis(analysis)
        elif image is not None:
            self.canvas.show_image(image)

    def _show_view(self) -> None:
        self.canvas.set_single(self.model.view.name == "source")
        self.canvas.set_layers(self.model.layers)
        for layer, button in self._layer_buttons.items():
            button.setChecked(layer in self.model.layers)

    def _show_selection(self) -> None:
        self.canvas.set_selection(self.model.selection)

    def _show_comparison(self) -> None:
        self.canvas.set_other(self.comparison.analysis)

    def _show_compared_windows(self) -> None:
        self.model.show_layers(frozenset({Layer.BOX, Layer.COMPARISON}))

    def _note(self, message: str) -> None:
        self.statusBar().showMessage(message, 8000)

    def _on_arrangement_action(self) -> None:
        self._arrange(self._data_of_sender())

    def _arrange(self, name: str) -> None:
        self.arrangement.setCurrentText(name)
        self.canvas.set_arrangement(Arrangement(name))

    def _show_history(self) -> None:
        self._undo.setEnabled(self.model.can_undo)
        self._redo.setEnabled(self.model.can_redo)

    def _on_layer(self) -> None:
        for layer, button in self._layer_buttons.items():
            if button is self.sender():
                self.model.show_layer(layer, button.isChecked())

    def _on_view_action(self) -> None:
        self.model.show_view(self._data_of_sender())

    def _on_preset_action(self) -> None:
        self.model.use_preset(self._data_of_sender())

    def _data_of_sender(self) -> str:
        action = self.sender()
        assert isinstance(action, QAction)
        return str(action.data())

    def _next_image(self) -> None:
        self.model.step_image(1)

    def _previous_image(self) -> None:
        self.model.step_image(-1)

    # Opening and saving

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Add images, and the images in folders, to the list and look at the first."""
        images: list[Path] = []
        empty = []
        for path in paths:
            found = images_in(path) if path.is_dir() else [path]
            images += found
            if not found:
                empty.append(path)
        self.model.add_images(images)
        if empty:
            self.banner.say("\n".join(f"{path}: no images in this folder" for path in empty))

    def open_sample(self, sample: Path) -> None:
        """Show the sample, with a hint how to get to one's own pictures."""
        self.model.add_images([sample])
        self.banner.say(
            "This is a painted sample. Open your own pictures with Ctrl+O, or drop them here."
        )

    def ask_images(self) -> None:
        """Let a person choose images."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileNames(
            self, "Open images", "", f"Images ({patterns});;All files (*)"
        )
        self.open_paths([Path(name) for name in chosen])

    def ask_folder(self) -> None:
        """Let a person choose a folder of images."""
        chosen = QFileDialog.getExistingDirectory(self, "Open a folder of images")
        if chosen:
            self.open_paths([Path(chosen)])

    def ask_recipe(self) -> None:
        """Let a person choose a recipe."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Open a recipe", "", "Recipe (*.toml)")
        if chosen:
            try:
                self.model.set_recipe(load_recipe(Path(chosen)))
            except RecipeError as error:
                self.banner.say(str(error))

    def save_recipe(self) -> None:
        """Let a person save the recipe."""
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the recipe", "recipe.toml", "Recipe (*.toml)"
        )
        if chosen:
            try:
                write_text(Path(chosen), to_toml(self.model.recipe))
            except OSError as error:
                self.banner.say(f"{chosen}: {error.strerror or error}")

    def ask_view(self) -> None:
        """Let a person save the view."""
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the view", "view.png", "Pictures (*.png *.svg)"
        )
        if chosen:
            try:
                save_view(self.canvas, self.model.recipe, Path(chosen))
            except SrviewerError as error:
                self.banner.say(str(error))

    def copy_view(self) -> None:
        """Put the view into the clipboard as a picture."""
        QGuiApplication.clipboard().setImage(view_image(self.canvas, self.model.recipe))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files and folders that were dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.open_paths(paths)
        event.acceptProposedAction()

    def _about(self) -> None:
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
        stops = (self.model.stop, self.comparison.stop, self.export.service.stop)
        stopped = [stop() for stop in stops]  # each is asked before any is judged
        if all(stopped):
            event.accept()
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
        grows = isinstance(widget, (PairCanvas, RecipePanel, QSplitter))
        column.addWidget(widget, 1 if grows else 0)
    return holder
