"""Where a person is asked for files to open and names to save under."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from srviewer.errors import SrviewerError
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import Settings
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.picture_file import save_view, view_image
from srviewer.pipeline.reading import SUFFIXES
from srviewer.pipeline.recipe_file import load_recipe, to_toml
from srviewer.runs.folders import write_text
from srviewer.runs.placement import require_no_input

_EXCLUSIONS = "Exclusions (*.txt)"


class FileDialogs(QObject):
    """Asks, then opens or saves.

    Signals
    -------
    opened(paths)
        Images and folders that a person chose.
    failed(message), done(message)
        How the saving went, in words for the person.
    """

    opened = Signal(object)
    failed = Signal(str)
    done = Signal(str)

    def __init__(
        self,
        model: Model,
        excluding: Excluding,
        canvas: PairCanvas,
        settings: Settings,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._model = model
        self._excluding = excluding
        self._canvas = canvas
        self._settings = settings

    def _folder(self) -> str:
        return str(self._settings.last_folder or "")

    def _opened(self, paths: list[Path]) -> None:
        if paths:
            self._settings.last_folder = paths[0].parent
            self.opened.emit(paths)

    def open_images(self) -> None:
        """Let a person choose images."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window, "Open images", self._folder(), f"Images ({patterns});;All files (*)"
        )
        self._opened([Path(name) for name in chosen])

    def open_folder(self) -> None:
        """Let a person choose a folder of images."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Open a folder of images", self._folder()
        )
        self._opened([Path(chosen)] if chosen else [])

    def open_recipe(self) -> None:
        """Let a person choose a recipe."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open a recipe", self._folder(), "Recipe (*.toml)"
        )
        if chosen:
            self._try(lambda: self._model.set_recipe(load_recipe(Path(chosen))), chosen)

    def save_recipe(self) -> None:
        """Let a person save the recipe."""
        text = to_toml(self._model.recipe)
        kinds = "Recipe (*.toml)"

        def write(path: Path) -> None:
            write_text(path.parent, path.name, text)

        self._save("Save the recipe", "recipe.toml", kinds, write)

    def open_exclusions(self) -> None:
        """Let a person choose what is excluded by hand."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open exclusions", self._folder(), _EXCLUSIONS
        )
        if chosen:
            self._try(lambda: self._excluding.open(Path(chosen)), chosen)

    def save_exclusions(self) -> None:
        """Let a person save what is excluded by hand."""
        self._save("Save the exclusions", "exclude.txt", _EXCLUSIONS, self._excluding.save)

    def save_view(self) -> None:
        """Let a person save the view as a picture."""
        canvas, recipe = self._canvas, self._model.recipe
        kinds = "Pictures (*.png *.svg)"
        self._save("Save the view", "view.png", kinds, lambda path: save_view(canvas, recipe, path))

    def _save(self, title: str, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        """Ask where to `save`; a file without an ending gets that of `name`."""
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, name, kinds)
        if chosen:
            path = Path(chosen if Path(chosen).suffix else f"{chosen}{Path(name).suffix}")
            self._try(lambda: self._save_apart(path, save), str(path), "saved")

    def _save_apart(self, path: Path, save: Callable[[Path], object]) -> None:
        """Save unless that would replace an image in the list."""
        require_no_input(path, [entry.path for entry in self._model.entries])
        save(path)

    def copy_view(self) -> None:
        """Put the view into the clipboard as a picture."""
        QGuiApplication.clipboard().setImage(view_image(self._canvas, self._model.recipe))
        self.done.emit("the view is in the clipboard")

    def _try(self, what: Callable[[], object], name: str, done: str = "") -> None:
        try:
            what()
        except SrviewerError as error:
            self.failed.emit(str(error))
        except OSError as error:
            self.failed.emit(f"{name}: {error.strerror or error}")
        else:
            if done:
                self.done.emit(f"{done}: {name}")
