"""Where a person is asked for files to open and names to save under."""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.opening import Opening
from srviewer.gui.state.settings import RECIPES, Settings
from srviewer.gui.views.picture_file import Drawn, save_view, view_image
from srviewer.gui.widgets.asking import Asking
from srviewer.pipeline.reading import SUFFIXES
from srviewer.pipeline.recipe_file import load_recipe, to_toml
from srviewer.runs.folders import write_text
from srviewer.runs.inputs import GivenLR
from srviewer.runs.placement import require_no_input

_EXCLUSIONS, _RECIPES = "Exclusions (*.txt)", "Recipe (*.toml)"


class FileDialogs(Asking):
    """Asks, then opens or saves.

    Parameters
    ----------
    model : Model
    opening : Opening
    shown : callable
        Returns what shows the image now.
    settings : Settings
    parent : QWidget
    """

    def __init__(
        self,
        model: Model,
        opening: Opening,
        excluding: Excluding,
        shown: Callable[[], Drawn],
        settings: Settings,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._model, self._opening = model, opening
        self._excluding = excluding
        self._shown = shown
        self._settings = settings

    def _folder(self) -> str:
        return str(self._settings.last_folder or "")

    def open_images(self) -> None:
        """Let a person choose images, in the place of the list."""
        self._open(self._chosen_images("Open images"), replace=True)

    def open_folder(self) -> None:
        """Let a person choose a folder of images, in the place of the list."""
        self._open(self._chosen_folder("Open a folder of images"), replace=True)

    def open_pair(self) -> None:
        """Let a person choose an HR, then its LR."""
        titles = "Open a pair: the HR", "Open a pair: the LR of {}"
        self._ask_for_pair(lambda title: self._chosen_images(title)[:1], *titles)

    def open_pair_of_folders(self) -> None:
        """Let a person choose a folder of HR, then that of their LR."""
        titles = "Open pairs: the folder of HR", "Open pairs: the folder of LR for {}"
        self._ask_for_pair(self._chosen_folder, *titles)

    def _ask_for_pair(self, choose: Callable[[str], list[Path]], first: str, second: str) -> None:
        hr = choose(first)
        if hr:
            self._settings.last_folder = hr[0].parent
        lr = choose(second.format(hr[0].name)) if hr else []
        if lr:
            self._opening.open_pairs(hr, GivenLR(lr[0]), replace=True)

    def add_images(self) -> None:
        """Let a person choose images for the list."""
        self._open(self._chosen_images("Add images"), replace=False)

    def add_folder(self) -> None:
        """Let a person choose a folder of images for the list."""
        self._open(self._chosen_folder("Add a folder of images"), replace=False)

    def _open(self, paths: list[Path], *, replace: bool) -> None:
        if paths:
            self._settings.last_folder = paths[0].parent
            self._opening.open(paths, replace=replace)

    def _chosen_images(self, title: str) -> list[Path]:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window, title, self._folder(), f"Images ({patterns});;All files (*)"
        )
        return [Path(name) for name in chosen]

    def _chosen_folder(self, title: str) -> list[Path]:
        chosen = QFileDialog.getExistingDirectory(self._window, title, self._folder())
        return [Path(chosen)] if chosen else []

    def ask_to_open(self, title: str, kinds: str) -> Path | None:
        """Let a person choose a file."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), kinds)
        return Path(chosen) if chosen else None

    def open_recipe(self) -> None:
        """Let a person choose a recipe."""
        chosen = self.ask_to_open("Open a recipe", _RECIPES)
        if chosen is not None:
            self.use_recipe(chosen)

    def use_recipe(self, path: Path) -> None:
        """Take the recipe in a file."""

        def take() -> None:
            self._model.set_recipe(load_recipe(path))
            self._settings.add_recent([path], RECIPES)

        if self.attempt(take, str(path)):
            self._model.noted.emit(f"recipe taken: {path}")

    def save_recipe(self) -> None:
        """Let a person save the recipe."""
        text = to_toml(self._model.recipe)

        def write(path: Path) -> None:
            write_text(path.parent, path.name, text)
            self._settings.add_recent([path], RECIPES)

        self.ask_to_save("Save the recipe", "recipe.toml", _RECIPES, write)

    def open_exclusions(self) -> None:
        """Let a person choose what is excluded by hand."""
        chosen = self.ask_to_open("Open exclusions", _EXCLUSIONS)
        if chosen is not None:
            self.attempt(lambda: self._excluding.open(chosen), str(chosen))

    def save_exclusions(self) -> None:
        """Let a person save what is excluded by hand."""
        self.ask_to_save("Save the exclusions", "exclude.txt", _EXCLUSIONS, self._excluding.save)

    def save_view(self) -> None:
        """Let a person save the view as a picture."""
        shown, recipe = self._shown(), self._model.recipe
        kinds = "Pictures (*.png *.svg)"
        self.ask_to_save(
            "Save the view", "view.png", kinds, lambda path: save_view(shown, recipe, path)
        )

    def ask_to_save(
        self, title: str, name: str, kinds: str, save: Callable[[Path], object]
    ) -> None:
        """Ask where to `save`; a file with none of the endings in `kinds` gets that of `name`.

        What is dropped or named on the command line is known by its ending.
        """
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, name, kinds)
        if not chosen:
            return
        path, ending = Path(chosen), Path(chosen).suffix.lower()
        if not ending or (kinds.count("*.") == 1 and f"*{ending})" not in kinds):
            path = Path(f"{chosen}{Path(name).suffix}")
        # The dialog asked about the name that was typed.
        is_meant = path == Path(chosen) or not os.path.lexists(path)
        if not (is_meant or self._may_replace(title, path)):
            return
        if self.attempt(lambda: self._save_apart(path, save), str(path)):
            self._model.noted.emit(f"saved: {path}")

    def _may_replace(self, title: str, path: Path) -> bool:
        text = f"{path.name} already exists. Do you want to replace it?"
        return QMessageBox.question(self._window, title, text) is QMessageBox.StandardButton.Yes

    def _save_apart(self, path: Path, save: Callable[[Path], object]) -> None:
        """Save unless that would replace an image in the list."""
        require_no_input(path, [entry.path for entry in self._model.entries])
        save(path)

    def copy_view(self) -> None:
        """Put the view into the clipboard as a picture."""
        QGuiApplication.clipboard().setImage(view_image(self._shown(), self._model.recipe))
        self._model.noted.emit("the view is in the clipboard")
